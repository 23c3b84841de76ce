"""A Model API with every field, and its payload."""

from __future__ import annotations

from support.gateway_inputs import ENVIRONMENT, GATEWAY, GROUP

from dashlink.provider.gateway.log_fields import path_configs
from dashlink.provider.gateway.model_api_payload import model_api_update
from dashlink.resources.blocks import ContentSecurity, LogField
from dashlink.resources.models.model_api import (
    CacheInputs,
    ModelApiInputs,
    TargetInputs,
    TokenLimitInputs,
)

API = ModelApiInputs(
    name="chat",
    gateway_id=GATEWAY,
    environment_id=ENVIRONMENT,
    category="Text",
    protocol="OpenAI/v1",
    base_path="/chat",
    remove_base_path=False,
    domain_ids=("d-2", "d-1"),
    routing="MultiServiceByModelName",
    targets=(
        TargetInputs(service_id="svc-1", pattern="qwen-max*"),
        TargetInputs(service_id="svc-2", pattern="*", model="qwen-plus"),
    ),
    fallbacks=(
        TargetInputs(service_id="svc-2", model="qwen-flash"),
        TargetInputs(service_id="svc-1"),
    ),
    fallback_only_on_upstream_codes=True,
    builtin_routes=("create-chat-completion",),
    auth_type="Apikey",
    first_byte_timeout_seconds=30,
    token_limits=(
        TokenLimitInputs(
            limit_type="Global", limit_mode="TokenPerMinute", tokens=1000, for_all=True
        ),
        TokenLimitInputs(
            limit_type="Header",
            limit_mode="TokenPerDay",
            tokens=9,
            key="x-team",
            value="search",
        ),
    ),
    content_security=ContentSecurity(
        service_address="green",
        requests=True,
        answers=False,
        risk_level="high",
        buffer_kilobytes=500,
    ),
    cache=CacheInputs(
        mode="semantic",
        ttl_seconds=60,
        redis_host="redis",
        redis_port=6379,
        redis_username="default",
        redis_password="redis-password",
        embedding_service_id="svc-1",
        embedding_model="text-embedding-v4",
        embedding_type="dashscope",
        vector_host="vectors",
        vector_type="dashvector",
        vector_collection="answers",
        vector_key="vector-key",
        threshold=0.8,
    ),
    log_bodies=True,
    fields=(LogField(key="text", source="response_streaming_body", path="delta", rule="append"),),
    description="For the search team",
    resource_group_id=GROUP,
)
BASIC_FIELDS = [{"fieldKey": "question", "source": "request_body", "jsonPath": "messages"}]
PRODUCT_FIELDS = [
    {"path": "/v1/chat/completions", "fieldPaths": {"basic": BASIC_FIELDS, "custom": []}}
]
"""Log fields of an API that nobody has changed."""
LOG_FIELDS = [
    {
        "path": "/v1/chat/completions",
        "fieldPaths": {
            "basic": BASIC_FIELDS,
            "custom": [
                {
                    "fieldKey": "text",
                    "source": "response_streaming_body",
                    "jsonPath": "delta",
                    "rule": "append",
                    "recordEnabled": True,
                },
                {
                    "fieldKey": "request_body",
                    "source": "request_body",
                    "jsonPath": "@this",
                    "recordEnabled": True,
                },
                {
                    "fieldKey": "response_body",
                    "source": "response_body",
                    "jsonPath": "@this",
                    "recordEnabled": True,
                },
                {
                    "fieldKey": "response_stream",
                    "source": "response_streaming_body",
                    "jsonPath": "@this",
                    "rule": "append",
                    "recordEnabled": True,
                },
            ],
        },
    }
]
"""The API's log fields, beside the product's own."""


def update_body(inputs, current=PRODUCT_FIELDS):
    """Return the body of UpdateHttpApi, for an API with `current` log fields."""
    return model_api_update(inputs, path_configs(inputs, current, ()))


API_ON_THE_WIRE = {
    "basePath": "/chat",
    "removeBasePathOnForward": False,
    "protocols": ["HTTP", "HTTPS"],
    "aiProtocols": ["OpenAI/v1"],
    "enableAuth": True,
    "authConfig": {"authType": "Apikey", "authMode": "Custom"},
    "firstByteTimeout": 30,
    "description": "For the search team",
    "deployConfigs": [
        {
            "gatewayId": GATEWAY,
            "environmentId": ENVIRONMENT,
            "gatewayType": "AI",
            "autoDeploy": True,
            "envDomainIds": [],
            "backendScene": "MultiServiceByModelName",
            "customDomainIds": ["d-1", "d-2"],
            "builtinRouteNames": ["create-chat-completion"],
            "serviceConfigs": [
                {"serviceId": "svc-1", "modelNamePattern": "qwen-max*"},
                {"serviceId": "svc-2", "modelNamePattern": "*", "modelName": "qwen-plus"},
            ],
            "policyConfigs": [
                {
                    "type": "AiFallback",
                    "enable": True,
                    "aiFallbackConfig": {
                        "serviceConfigs": [
                            {
                                "serviceId": "svc-2",
                                "targetModelName": "qwen-flash",
                                "passThroughModelName": False,
                            },
                            {"serviceId": "svc-1", "passThroughModelName": True},
                        ],
                        "onlyRedirectUpstreamCode": True,
                    },
                },
                {
                    "type": "AiTokenRateLimit",
                    "enable": True,
                    "aiTokenRateLimitConfig": {
                        "rules": [
                            {
                                "limitType": "Header",
                                "limitMode": "TokenPerDay",
                                "limitValue": 9,
                                "matchKey": "x-team",
                                "matchType": "Exact",
                                "matchValue": "search",
                            }
                        ],
                        "enableGlobalRules": True,
                        "globalRules": [
                            {
                                "limitType": "Global",
                                "limitMode": "TokenPerMinute",
                                "limitValue": 1000,
                                "matchType": "All",
                            }
                        ],
                    },
                },
                {
                    "type": "AiStatistics",
                    "enable": True,
                    "aiStatisticsConfig": {
                        "logRequestContent": False,
                        "logResponseContent": False,
                        "pathFieldConfigs": LOG_FIELDS,
                    },
                },
                {
                    "type": "AiSecurityGuard",
                    "enable": True,
                    "aiSecurityGuardConfig": {
                        "serviceAddress": "green",
                        "checkRequest": True,
                        "checkResponse": False,
                        "riskAlertLevel": "high",
                        "bufferLimit": 500,
                    },
                },
                {
                    "type": "AiCache",
                    "enable": True,
                    "aiCacheConfig": {
                        "cacheMode": "semantic",
                        "cacheKeyStrategy": "lastQuestion",
                        "cacheTTL": 60,
                        "redisConfig": {
                            "host": "redis",
                            "port": 6379,
                            "username": "default",
                            "password": "redis-password",
                        },
                        "embeddingConfig": {
                            "serviceId": "svc-1",
                            "modelName": "text-embedding-v4",
                            "type": "dashscope",
                        },
                        "vectorConfig": {
                            "type": "dashvector",
                            "serviceHost": "vectors",
                            "collectionId": "answers",
                            "apiKey": "vector-key",
                            "threshold": 0.8,
                        },
                    },
                },
            ],
        }
    ],
}
