"""Model APIs as the API's JSON, and back (names as in SDK 11.6.0). Pure.

The API does not return the removal of the base path and the first-byte timeout. They are read from
the last known inputs; after an import they are unknown.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dashlink.cloud.words import (
    AUTH_MODE,
    CACHE,
    FALLBACK,
    GATEWAY_TYPE,
    LIMITS,
    MATCH_ALL,
    MATCH_EXACT,
    MODEL_API_TYPE,
    SCHEMES,
    SECURITY_GUARD,
    STATISTICS,
    WORDS,
    term_of,
)
from dashlink.provider.codec import Json, from_api, to_api
from dashlink.provider.gateway.log_fields import read_fields
from dashlink.provider.gateway.spelling import MODEL_API, spelled_as
from dashlink.resources.blocks import ContentSecurity
from dashlink.resources.models.model_api import (
    CacheInputs,
    ModelApiInputs,
    TargetInputs,
    TokenLimitInputs,
)

_LEGACY_CATEGORY = WORDS["scene.text"].value
_CREATE_ONLY = ("name", "category", "resource_group_id")
# The cloud sets the key of a limit by these (doc-detail/3022012, 2026-02-13).
_WITHOUT_KEY = ("limit.global", "limit.consumer", "limit.ip", "limit.model")


def model_api_update(inputs: ModelApiInputs, log_fields: Sequence[Json] = ()) -> dict[str, Any]:
    """Return the body of UpdateHttpApi: everything that can change.

    CreateHttpApi takes it too, together with `model_api_create_only`.

    Args:
        inputs: The API.
        log_fields: Its log fields (`log_fields.path_configs`); empty: they stay as they are.
    """
    body = to_api(inputs, but=_CREATE_ONLY)
    body["protocols"] = list(SCHEMES)
    body["description"] = inputs.description or ""
    body["enableAuth"] = inputs.auth_type is not None
    if inputs.auth_type is not None:
        body["authConfig"]["authMode"] = AUTH_MODE
    (deploy_config,) = body["deployConfigs"]
    deploy_config["gatewayType"] = GATEWAY_TYPE
    deploy_config["autoDeploy"] = True
    # Without it the API also answers on the environment's own domain names (SDK 11.6.0).
    deploy_config["envDomainIds"] = []
    deploy_config["policyConfigs"] = _policies(inputs, log_fields)
    return body


def model_api_create_only(inputs: ModelApiInputs) -> dict[str, Any]:
    """Return what only CreateHttpApi takes."""
    fixed = {"type": MODEL_API_TYPE, "belongGatewayId": inputs.gateway_id}
    return {**fixed, **to_api(inputs, *_CREATE_ONLY)}


def read_model_api(
    data: Json, known: ModelApiInputs | None, log_fields: Sequence[Json] | None = None
) -> ModelApiInputs:
    """Return a Model API of the API's JSON.

    Args:
        data: Data of GetHttpApi.
        known: Last known inputs, with what the API does not return, and its words; None for an
            import.
        log_fields: `pathConfigs` of GetApiPathFieldConfig; None: those of GetHttpApi.
    """
    config: Json = (data.get("deployConfigs") or [{}])[0]
    policies = _read_policies(config)
    fallback = policies.get("aiFallbackConfig", {})
    statistics = policies.get("aiStatisticsConfig")
    routes = config.get("builtinRouteNames")
    security = policies.get("aiSecurityGuardConfig")
    cache = policies.get("aiCacheConfig")
    if log_fields is None:
        log_fields = (statistics or {}).get("pathFieldConfigs") or ()
    fields, bodies = read_fields(log_fields)
    values = {
        "domain_ids": tuple(sorted(config.get("customDomainIds") or ())),
        "builtin_routes": None if routes is None else tuple(routes),
        "fallbacks": _read_fallbacks(fallback),
        "fallback_only_on_upstream_codes": bool(fallback.get("onlyRedirectUpstreamCode")),
        "token_limits": _read_limits(policies.get("aiTokenRateLimitConfig", {})),
        "content_security": from_api(ContentSecurity, security) if security else None,
        "cache": from_api(CacheInputs, cache, getattr(known, "cache", None)) if cache else None,
        "statistics": statistics is not None,
        "log_bodies": bodies or bool((statistics or {}).get("logRequestContent")),
        "fields": fields,
    }
    values["category"] = _read_category(data, known)
    if data.get("gatewayId"):
        values["gateway_id"] = data["gatewayId"]
    if not data.get("enableAuth"):
        values["auth_type"] = None
    return spelled_as(MODEL_API, from_api(ModelApiInputs, data, known, **values), known)


def _read_category(data: Json, known: ModelApiInputs | None) -> str | None:
    """Return the scene of an API.

    The older LLM API is sent without one; whether it is read without one, or as Text, is unverified
    (SDK 11.6.0: `modelCategory` is optional).
    """
    category = data.get("modelCategory") or None
    if known is not None and is_category(known.category, category):
        return known.category
    return category


def is_category(expected: str | None, returned: str | None) -> bool:
    """Return whether an API of the expected scene may be read with the returned one."""
    return (returned or None) == expected or {returned, expected} <= {None, "", _LEGACY_CATEGORY}


def _policies(inputs: ModelApiInputs, log_fields: Sequence[Json]) -> list[dict[str, Any]]:
    policies = []
    if inputs.fallbacks:
        policies.append(_policy(FALLBACK, _fallback(inputs)))
    if inputs.token_limits:
        policies.append(_policy(LIMITS, _limits(inputs.token_limits)))
    if inputs.statistics:
        policies.append(_policy(STATISTICS, _statistics(log_fields)))
    if inputs.content_security is not None:
        policies.append(_policy(SECURITY_GUARD, to_api(inputs.content_security)))
    if inputs.cache is not None:
        policies.append(_policy(CACHE, _cache(inputs.cache)))
    return policies


def _policy(policy_type: str, config: dict[str, Any]) -> dict[str, Any]:
    return {"type": policy_type, "enable": True, _config_key(policy_type): config}


def _config_key(policy_type: str) -> str:
    """Return the key of a policy's configuration: `aiCacheConfig` for `AiCache`."""
    return f"ai{policy_type.removeprefix('Ai')}Config"


def _read_policies(deploy_config: Json) -> dict[str, Json]:
    """Return the configurations of the enabled policies, by the key of the configuration."""
    policies = {}
    for row in deploy_config.get("policyConfigs") or ():
        if row.get("enable", True):
            key = _config_key(row["type"])
            policies[key] = row.get(key) or {}
    return policies


def _fallback(inputs: ModelApiInputs) -> dict[str, Any]:
    services = []
    for target in inputs.fallbacks:
        service = to_api(target, "service_id")
        if target.model is not None:
            service["targetModelName"] = target.model
        service["passThroughModelName"] = target.model is None
        services.append(service)
    return {
        "serviceConfigs": services,
        "onlyRedirectUpstreamCode": inputs.fallback_only_on_upstream_codes,
    }


def _read_fallbacks(config: Json) -> tuple[TargetInputs, ...]:
    targets = []
    for row in config.get("serviceConfigs") or ():
        model = None
        if not row.get("passThroughModelName"):
            model = row.get("targetModelName") or None
        targets.append(TargetInputs(service_id=row.get("serviceId", ""), model=model))
    return tuple(targets)


def _limits(limits: tuple[TokenLimitInputs, ...]) -> dict[str, Any]:
    rules = []
    global_rules = []
    for limit in limits:
        rule = to_api(limit)
        rule["matchType"] = MATCH_ALL if limit.value is None else MATCH_EXACT
        if limit.for_all:
            global_rules.append(rule)
        else:
            rules.append(rule)
    return {"rules": rules, "enableGlobalRules": bool(global_rules), "globalRules": global_rules}


def _read_limits(config: Json) -> tuple[TokenLimitInputs, ...]:
    limits = []
    for row in config.get("rules") or ():
        limits.append(_read_limit(row, for_all=False))
    for row in config.get("globalRules") or ():
        limits.append(_read_limit(row, for_all=True))
    return tuple(limits)


def _read_limit(row: Json, *, for_all: bool) -> TokenLimitInputs:
    limit = from_api(TokenLimitInputs, row, for_all=for_all)
    if term_of("limit", limit.limit_type) in _WITHOUT_KEY:
        return limit.model_copy(update={"key": None})
    return limit


def _statistics(log_fields: Sequence[Json]) -> dict[str, Any]:
    """Return the configuration of statistics; older flags that log bodies are turned off."""
    config: dict[str, Any] = {"logRequestContent": False, "logResponseContent": False}
    if log_fields:
        config["pathFieldConfigs"] = list(log_fields)
    return config


def _cache(cache: CacheInputs) -> dict[str, Any]:
    config = to_api(cache)
    if cache.embedding_service_id is None:
        del config["embeddingConfig"]
    if cache.vector_host is None:
        del config["vectorConfig"]
    return config
