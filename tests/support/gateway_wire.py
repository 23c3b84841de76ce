"""A Model API with every field, and its payload."""

from __future__ import annotations

from support.gateway_inputs import ENVIRONMENT, GATEWAY, GROUP

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
            limit_type="LimitByGlobal", limit_mode="TokenPerMinute", tokens=1000, for_all=True
        ),
        TokenLimitInputs(
            limit_type="LimitByHeader",
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
        mode="SEMANTIC",
        ttl_seconds=60,
        redis_host="redis",
        redis_port=6379,
        redis_username="default",
        redis_password="redis-password",
        embedding_service_id="svc-1",
        embedding_model="text-embedding-v4",
        vector_host="vectors",
        vector_collection="answers",
        vector_key="vector-key",
        threshold=0.8,
    ),
    log_bodies=True,
    fields=(LogField(key="text", source="response_streaming_body", path="delta", rule="append"),),
    description="For the search team",
    resource_group_id=GROUP,
)
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
                                "limitType": "LimitByHeader",
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
                                "limitType": "LimitByGlobal",
                                "limitMode": "TokenPerMinute",
                                "limitValue": 1000,
                            }
                        ],
                    },
                },
                {
                    "type": "AiStatistics",
                    "enable": True,
                    "aiStatisticsConfig": {
                        "logRequestContent": True,
                        "logResponseContent": True,
                        "pathFieldConfigs": [
                            {
                                "path": "/*",
                                "fieldPaths": {
                                    "basic": [],
                                    "custom": [
                                        {
                                            "fieldKey": "text",
                                            "source": "response_streaming_body",
                                            "jsonPath": "delta",
                                            "rule": "append",
                                            "recordEnabled": True,
                                        }
                                    ],
                                },
                            }
                        ],
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
                        "cacheMode": "SEMANTIC",
                        "cacheKeyStrategy": "lastQuestion",
                        "cacheTTL": 60,
                        "redisConfig": {
                            "host": "redis",
                            "port": 6379,
                            "username": "default",
                            "password": "redis-password",
                        },
                        "embeddingConfig": {"serviceId": "svc-1", "modelName": "text-embedding-v4"},
                        "vectorConfig": {
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
