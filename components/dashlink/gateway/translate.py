"""Settings of a gateway's part as the inputs of its resources: our words into the API's. Pure.

Values that only the deployment knows (ids, addresses, keys) are handed in as they are, outputs or texts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dashlink.gateway.catalog import CATEGORIES, LEGACY_ROUTES, ROUTES, BuiltinRoute, spelled
from dashlink.gateway.config import protocol_of, protocols_spoken, vendor_of
from dashlink.gateway.policies import Cache, TokenLimit
from dashlink.gateway.settings import (
    AiServiceSettings,
    Choice,
    HealthCheck,
    ModelApiSettings,
    OutlierDetection,
)

_Words = Mapping[str, str]


def routes_of(api: ModelApiSettings) -> tuple[BuiltinRoute, ...]:
    """The built-in routes that an API keeps."""
    if api.routes == "llm":
        return LEGACY_ROUTES
    found = ROUTES[api.scene][protocol_of(api)]
    if isinstance(api.routes, str):
        return found
    return tuple(route for route in found if route.name in api.routes)


def service_properties(service: AiServiceSettings, words: _Words) -> dict[str, Any]:
    """What of an AI service is plain: without gateway, name, address and keys."""
    check = HealthCheck() if service.health_check is True else service.health_check or None
    outlier = (
        OutlierDetection()
        if service.outlier_detection is True
        else service.outlier_detection or None
    )
    eas = service.eas
    return {
        "vendor": vendor_of(service),
        "protocols": [
            spelled(f"protocol.{protocol}", words) for protocol in protocols_spoken(service)
        ],
        "default_model": service.default_model,
        "eas": eas
        and {
            "workspace_id": eas.workspace_id,
            "service_id": eas.service_id,
            "service_name": eas.service_name,
            "endpoint_type": spelled(f"eas.{eas.access}", words),
        },
        "health_check": check and check.model_dump(),
        "outlier_detection": outlier and outlier.model_dump(),
        "verify": service.verify,
    }


def api_properties(
    api: ModelApiSettings, service_ids: Mapping[str, Any], words: _Words
) -> dict[str, Any]:
    """What of a Model API its settings say, its services by id: without name, gateway, domains and secrets."""
    guard = api.content_security
    auth = api.auth.by if api.auth is not None else ("api-key" if api.consumers else None)
    return {
        "category": None if api.routes == "llm" else CATEGORIES[api.scene],
        "protocol": spelled(f"protocol.{protocol_of(api)}", words),
        "base_path": api.base_path,
        "remove_base_path": api.remove_base_path,
        "builtin_routes": list(api.routes) if not isinstance(api.routes, str) else None,
        "routing": spelled(f"routing.{_way(api)}", words),
        "targets": _targets(api, service_ids),
        "fallbacks": [_target(fallback, service_ids) for fallback in api.fallbacks],
        "fallback_only_on_upstream_codes": api.fallback_only_on_upstream_codes,
        "auth_type": auth and spelled(f"auth.{auth}", words),
        "first_byte_timeout_seconds": api.first_byte_timeout_seconds,
        "token_limits": _limits(api.limits, words),
        "content_security": guard and guard.model_dump(),
        "statistics": api.observe.metrics or api.observe.logging or bool(api.observe.fields),
        "log_bodies": api.observe.logging,
        "fields": [field.model_dump() for field in api.observe.fields],
        "resource_group_id": api.resource_group_id,
    }


def cache_properties(cache: Cache, service_ids: Mapping[str, Any], words: _Words) -> dict[str, Any]:
    """A cache without its secrets (`redis_password`, `vector_key`)."""
    redis = cache.redis
    semantic = cache.mode == "semantic"
    return {
        "mode": spelled(f"cache.{cache.mode}", words),
        "ttl_seconds": cache.ttl_seconds,
        "redis_host": redis and redis.host,
        "redis_port": redis and redis.port,
        "redis_username": redis and redis.username,
        "embedding_service_id": service_ids[cache.embedding_service]
        if cache.embedding_service
        else None,
        "embedding_model": cache.embedding_model,
        "vector_host": cache.vector_host,
        "vector_collection": cache.vector_collection,
        "threshold": cache.threshold if semantic else None,
    }


def words_used(api: ModelApiSettings) -> frozenset[str]:
    """The words of an API whose spelling goes over the wire: for what is to be said of their doubts."""
    auth = api.auth.by if api.auth is not None else ("api-key" if api.consumers else None)
    limits = {
        word for limit in api.limits for word in (f"limit.{limit.by}", f"limit.per-{limit.per}")
    }
    words = {f"protocol.{protocol_of(api)}", f"routing.{_way(api)}", *limits}
    words |= {f"auth.{auth}", "authorization.model-api"} if auth else set()
    return frozenset(words | ({f"cache.{api.cache.mode}"} if api.cache is not None else set()))


def _way(api: ModelApiSettings) -> str:
    if api.by_model:
        return "by-model"
    return "by-weight" if api.by_weight else "single"


def _targets(api: ModelApiSettings, ids: Mapping[str, Any]) -> list[dict[str, Any]]:
    """First choices; the default of names is the pattern that takes all, last."""
    if api.service is not None:
        return [_target(Choice(service=api.service, model=api.model), ids)]
    if api.by_weight:
        return [{**_target(choice, ids), "weight": choice.weight} for choice in api.by_weight]
    named = [{**_target(choice, ids), "pattern": choice.match} for choice in api.by_model]
    default = (
        [{**_target(api.default, ids), "pattern": "*"}] if isinstance(api.default, Choice) else []
    )
    return named + default


def _target(choice: Choice, ids: Mapping[str, Any]) -> dict[str, Any]:
    return {"service_id": ids[choice.service], "model": choice.model}


def _limits(limits: Sequence[TokenLimit], words: _Words) -> list[dict[str, Any]]:
    """Global limits last: so the API gives them back."""
    ordered = sorted(limits, key=lambda limit: limit.by == "global")
    return [
        {
            "limit_type": spelled(f"limit.{limit.by}", words),
            "limit_mode": spelled(f"limit.per-{limit.per}", words),
            "tokens": limit.tokens,
            "key": limit.key,
            "value": limit.value,
            "for_all": limit.by == "global",
        }
        for limit in ordered
    ]
