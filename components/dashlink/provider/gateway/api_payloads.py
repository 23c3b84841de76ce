"""Inputs of Model APIs as the API's JSON, and back. Pure; names as in SDK 11.6.0.

What the API never tells (a base path's removal, the first-byte time-out) is taken from the inputs that are known;
without any, as in an import, it is what the API does by default.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dashlink.cloud.apig import without_none
from dashlink.resources.gateway_models import (
    CacheInputs,
    ContentSecurityInputs,
    FieldInputs,
    ModelApiInputs,
    TargetInputs,
    TokenLimitInputs,
)

_JSON = Mapping[str, Any]


def model_api_update(inputs: ModelApiInputs) -> dict[str, Any]:
    """The body of UpdateHttpApi: all that can change. CreateHttpApi takes it too, with `model_api_birth`."""
    auth = inputs.auth_type
    return without_none(
        {
            "basePath": inputs.base_path,
            "removeBasePathOnForward": inputs.remove_base_path,
            "protocols": ["HTTP", "HTTPS"],
            "aiProtocols": [inputs.protocol],
            "enableAuth": auth is not None,
            "authConfig": {"authType": auth, "authMode": "Consumer"} if auth else None,
            "firstByteTimeout": inputs.first_byte_timeout_seconds,
            "description": inputs.description or "",
            "deployConfigs": [_deploy_config(inputs)],
        }
    )


def model_api_birth(inputs: ModelApiInputs) -> dict[str, Any]:
    """What only CreateHttpApi takes."""
    return without_none(
        {
            "name": inputs.name,
            "type": "LLM",
            "modelCategory": inputs.category,
            "belongGatewayId": inputs.gateway_id,
            "resourceGroupId": inputs.resource_group_id,
        }
    )


def _deploy_config(inputs: ModelApiInputs) -> dict[str, Any]:
    return without_none(
        {
            "gatewayId": inputs.gateway_id,
            "environmentId": inputs.environment_id,
            "gatewayType": "AI",
            "autoDeploy": True,
            "backendScene": inputs.routing,
            "customDomainIds": list(inputs.domain_ids),
            "builtinRouteNames": None
            if inputs.builtin_routes is None
            else list(inputs.builtin_routes),
            "serviceConfigs": [
                without_none(
                    {
                        "serviceId": target.service_id,
                        "modelName": target.model,
                        "modelNamePattern": target.pattern,
                        "weight": target.weight,
                    }
                )
                for target in inputs.targets
            ],
            "policyConfigs": list(_policies(inputs)),
        }
    )


def _policies(inputs: ModelApiInputs) -> Iterable[dict[str, Any]]:
    if inputs.fallbacks:
        yield _policy("AiFallback", "aiFallbackConfig", _fallback(inputs))
    if inputs.token_limits:
        yield _policy("AiTokenRateLimit", "aiTokenRateLimitConfig", _limits(inputs.token_limits))
    if inputs.statistics:
        yield _policy("AiStatistics", "aiStatisticsConfig", _statistics(inputs))
    if inputs.content_security is not None:
        guard = inputs.content_security
        config = {
            "serviceAddress": guard.service_address,
            "checkRequest": guard.requests,
            "checkResponse": guard.answers,
            "riskAlertLevel": guard.risk_level,
            "bufferLimit": guard.buffer_kilobytes,
        }
        yield _policy("AiSecurityGuard", "aiSecurityGuardConfig", config)
    if inputs.cache is not None:
        yield _policy("AiCache", "aiCacheConfig", _cache(inputs.cache))


def _policy(kind: str, name: str, config: dict[str, Any]) -> dict[str, Any]:
    return {"type": kind, "enable": True, name: config}


def _fallback(inputs: ModelApiInputs) -> dict[str, Any]:
    services = [
        without_none(
            {
                "serviceId": one.service_id,
                "targetModelName": one.model,
                "passThroughModelName": one.model is None,
            }
        )
        for one in inputs.fallbacks
    ]
    return {
        "serviceConfigs": services,
        "onlyRedirectUpstreamCode": inputs.fallback_only_on_upstream_codes,
    }


def _limits(limits: Sequence[TokenLimitInputs]) -> dict[str, Any]:
    def rule(limit: TokenLimitInputs) -> dict[str, Any]:
        return without_none(
            {
                "limitType": limit.limit_type,
                "limitMode": limit.limit_mode,
                "limitValue": limit.tokens,
                "matchKey": limit.key,
                "matchType": "Exact" if limit.value is not None else None,
                "matchValue": limit.value,
            }
        )

    apart = [rule(limit) for limit in limits if not limit.for_all]
    together = [rule(limit) for limit in limits if limit.for_all]
    return {"rules": apart, "enableGlobalRules": bool(together), "globalRules": together}


def _statistics(inputs: ModelApiInputs) -> dict[str, Any]:
    config: dict[str, Any] = {
        "logRequestContent": inputs.log_bodies,
        "logResponseContent": inputs.log_bodies,
    }
    if inputs.fields:
        custom = [_field(one) for one in inputs.fields]
        config["pathFieldConfigs"] = [{"path": "/*", "fieldPaths": {"basic": [], "custom": custom}}]
    return config


def _field(one: FieldInputs) -> dict[str, Any]:
    return without_none(
        {
            "fieldKey": one.key,
            "source": one.source,
            "jsonPath": one.path,
            "rule": one.rule,
            "recordEnabled": True,
        }
    )


def _cache(cache: CacheInputs) -> dict[str, Any]:
    redis = without_none(
        {
            "host": cache.redis_host,
            "port": cache.redis_port,
            "username": cache.redis_username,
            "password": cache.redis_password,
        }
    )
    embedding = without_none(
        {"serviceId": cache.embedding_service_id, "modelName": cache.embedding_model}
    )
    vector = without_none(
        {
            "serviceHost": cache.vector_host,
            "collectionId": cache.vector_collection,
            "apiKey": cache.vector_key,
            "threshold": cache.threshold,
        }
    )
    return without_none(
        {
            "cacheMode": cache.mode,
            "cacheKeyStrategy": "lastQuestion",
            "cacheTTL": cache.ttl_seconds,
            "redisConfig": redis or None,
            "embeddingConfig": embedding or None,
            "vectorConfig": vector if cache.vector_host is not None else None,
        }
    )


def read_model_api(data: _JSON, known: ModelApiInputs | None) -> ModelApiInputs:
    """A Model API as the API tells it."""
    config: _JSON = (data.get("deployConfigs") or [{}])[0]
    policies = {
        row["type"]: row for row in config.get("policyConfigs") or () if row.get("enable", True)
    }
    fallback = (policies.get("AiFallback") or {}).get("aiFallbackConfig") or {}
    statistics = policies.get("AiStatistics")
    told_statistics = (statistics or {}).get("aiStatisticsConfig") or {}
    routes = config.get("builtinRouteNames")
    auth = (data.get("authConfig") or {}).get("authType")
    return ModelApiInputs(
        name=data.get("name", ""),
        gateway_id=data.get("gatewayId") or config.get("gatewayId", ""),
        environment_id=config.get("environmentId", ""),
        category=data.get("modelCategory") or None,
        protocol=(data.get("aiProtocols") or [""])[0],
        base_path=data.get("basePath") or "/",
        remove_base_path=known.remove_base_path if known is not None else True,
        domain_ids=tuple(sorted(config.get("customDomainIds") or ())),
        routing=config.get("backendScene", ""),
        targets=tuple(_read_target(row) for row in config.get("serviceConfigs") or ()),
        fallbacks=tuple(_read_fallback(row) for row in fallback.get("serviceConfigs") or ()),
        fallback_only_on_upstream_codes=bool(fallback.get("onlyRedirectUpstreamCode")),
        builtin_routes=None if routes is None else tuple(routes),
        auth_type=auth if data.get("enableAuth") else None,
        first_byte_timeout_seconds=known.first_byte_timeout_seconds if known is not None else None,
        token_limits=_read_limits(
            (policies.get("AiTokenRateLimit") or {}).get("aiTokenRateLimitConfig") or {}
        ),
        content_security=_read_guard(
            (policies.get("AiSecurityGuard") or {}).get("aiSecurityGuardConfig")
        ),
        cache=_read_cache(
            (policies.get("AiCache") or {}).get("aiCacheConfig"), known.cache if known else None
        ),
        statistics=statistics is not None,
        log_bodies=bool(told_statistics.get("logRequestContent")),
        fields=_read_fields(told_statistics),
        description=data.get("description") or None,
        resource_group_id=data.get("resourceGroupId") or None,
    )


def _read_target(row: _JSON) -> TargetInputs:
    return TargetInputs(
        service_id=row.get("serviceId", ""),
        model=row.get("modelName") or None,
        pattern=row.get("modelNamePattern") or None,
        weight=row.get("weight") or None,
    )


def _read_fallback(row: _JSON) -> TargetInputs:
    passed_through = row.get("passThroughModelName")
    return TargetInputs(
        service_id=row.get("serviceId", ""),
        model=None if passed_through else row.get("targetModelName") or None,
    )


def _read_limits(config: _JSON) -> tuple[TokenLimitInputs, ...]:
    return tuple(
        TokenLimitInputs(
            limit_type=row.get("limitType", ""),
            limit_mode=row.get("limitMode", ""),
            tokens=row.get("limitValue") or 0,
            key=row.get("matchKey") or None,
            value=row.get("matchValue") or None,
            for_all=for_all,
        )
        for name, for_all in (("rules", False), ("globalRules", True))
        for row in config.get(name) or ()
    )


def _read_guard(config: _JSON | None) -> ContentSecurityInputs | None:
    if not config:
        return None
    return ContentSecurityInputs(
        service_address=config.get("serviceAddress", ""),
        requests=bool(config.get("checkRequest")),
        answers=bool(config.get("checkResponse")),
        risk_level=config.get("riskAlertLevel") or "",
        buffer_kilobytes=config.get("bufferLimit") or 0,
    )


def _read_cache(config: _JSON | None, known: CacheInputs | None) -> CacheInputs | None:
    """Password and key come masked, or not at all: those that are known stand."""
    if not config:
        return None
    redis, vector = config.get("redisConfig") or {}, config.get("vectorConfig") or {}
    embedding = config.get("embeddingConfig") or {}
    return CacheInputs(
        mode=config.get("cacheMode") or "",
        ttl_seconds=config.get("cacheTTL") or 0,
        redis_host=redis.get("host"),
        redis_port=redis.get("port"),
        redis_username=redis.get("username"),
        redis_password=known.redis_password if known is not None else None,
        embedding_service_id=embedding.get("serviceId"),
        embedding_model=embedding.get("modelName"),
        vector_host=vector.get("serviceHost"),
        vector_collection=vector.get("collectionId"),
        vector_key=known.vector_key if known is not None else None,
        threshold=vector.get("threshold"),
    )


def _read_fields(config: _JSON) -> tuple[FieldInputs, ...]:
    return tuple(
        FieldInputs(
            key=row.get("fieldKey", ""),
            source=row.get("source", ""),
            path=row.get("jsonPath", ""),
            rule=row.get("rule") or None,
        )
        for path in config.get("pathFieldConfigs") or ()
        for row in (path.get("fieldPaths") or {}).get("custom") or ()
    )
