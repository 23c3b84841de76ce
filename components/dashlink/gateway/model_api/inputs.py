"""Settings of a Model API as inputs of its resource. Pure.

Values that only the deployment knows, ids and secrets, are passed in as they are: Pulumi outputs or
plain text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dashlink.cloud.words import spelled
from dashlink.gateway.model_api.plan import auth_of, protocol_of, routing_mode_of
from dashlink.gateway.model_api.settings import Cache, Choice, Limit, ModelApiSettings
from dashlink.gateway.translation import SecretReader, common_fields, plain_value
from dashlink.resources.models.model_api import CacheInputs, ModelApiInputs, TokenLimitInputs

_Spellings = Mapping[str, str]


def model_api_inputs(
    api: ModelApiSettings,
    service_ids: Mapping[str, Any],
    spellings: _Spellings,
    read_secret: SecretReader | None = None,
) -> dict[str, Any]:
    """Inputs of the `ModelApi` resource, without name, gateway, environment and domains.

    Args:
        api: The Model API.
        service_ids: Id of each AI service by its name in the settings.
        spellings: Spellings of the settings.
        read_secret: Returns the secret for a reference; None leaves references as they are.
    """
    inputs = common_fields(api, ModelApiInputs, but=("name", "protocol", "fallbacks", "cache"))
    inputs["category"] = None
    if api.routes != "llm":
        inputs["category"] = spelled(f"scene.{api.scene}", spellings)
    inputs["protocol"] = spelled(f"protocol.{protocol_of(api)}", spellings)
    inputs["builtin_routes"] = None if isinstance(api.routes, str) else list(api.routes)
    inputs["routing"] = spelled(f"routing.{routing_mode_of(api)}", spellings)
    inputs["targets"] = _targets(api, service_ids)
    inputs["fallbacks"] = [_target(choice, service_ids) for choice in api.fallbacks]
    auth = auth_of(api)
    inputs["auth_type"] = spelled(f"auth.{auth}", spellings) if auth is not None else None
    inputs["token_limits"] = _limits(api.limits, spellings)
    observe = api.observe
    inputs["statistics"] = observe.metrics or observe.logging or bool(observe.fields)
    inputs["log_bodies"] = observe.logging
    inputs["fields"] = [field.model_dump() for field in observe.fields]
    inputs["cache"] = None
    if api.cache is not None:
        inputs["cache"] = _cache(api.cache, service_ids, spellings, read_secret)
    return inputs


def terms_of(api: ModelApiSettings) -> frozenset[str]:
    """Terms whose spellings are sent for an API, keys of `WORDS`."""
    terms = {f"protocol.{protocol_of(api)}", f"routing.{routing_mode_of(api)}"}
    for limit in api.limits:
        terms |= {f"limit.{limit.by}", limit_mode_of(limit)}
    auth = auth_of(api)
    if auth is not None:
        terms |= {f"auth.{auth}", "authorization.model-api"}
    if api.cache is not None:
        terms |= {f"cache.{api.cache.mode}", "cache-key.last-question"}
        if api.cache.mode == "semantic":
            terms |= {f"embedding.{api.cache.embedding_type}", "vector.dashvector"}
    return frozenset(terms)


def limit_mode_of(limit: Limit) -> str:
    """Term of what a limit counts, and in which period."""
    if limit.concurrent is not None:
        return "limit.concurrent"
    period = limit.per or "minute"
    return f"limit.requests-per-{period}" if limit.tokens is None else f"limit.per-{period}"


def _targets(api: ModelApiSettings, service_ids: Mapping[str, Any]) -> list[dict[str, Any]]:
    """First choices; the default of routing by model is the pattern that matches all, last."""
    if api.service is not None:
        return [_target(Choice(service=api.service, model=api.model), service_ids)]
    targets = []
    for weighted in api.by_weight:
        targets.append({**_target(weighted, service_ids), "weight": weighted.weight})
    for named in api.by_model:
        targets.append({**_target(named, service_ids), "pattern": named.match})
    if isinstance(api.default, Choice):
        targets.append({**_target(api.default, service_ids), "pattern": "*"})
    return targets


def _target(choice: Choice, service_ids: Mapping[str, Any]) -> dict[str, Any]:
    return {"service_id": service_ids[choice.service], "model": choice.model}


def _limits(limits: Sequence[Limit], spellings: _Spellings) -> list[dict[str, Any]]:
    """Limits, the global ones last: the order in which the API returns them."""
    inputs = []
    for limit in sorted(limits, key=lambda limit: limit.by == "global"):
        fields = common_fields(limit, TokenLimitInputs)
        fields["tokens"] = limit.tokens or limit.requests or limit.concurrent
        fields["limit_type"] = spelled(f"limit.{limit.by}", spellings)
        fields["limit_mode"] = spelled(limit_mode_of(limit), spellings)
        fields["for_all"] = limit.by == "global"
        inputs.append(fields)
    return inputs


def _cache(
    cache: Cache,
    service_ids: Mapping[str, Any],
    spellings: _Spellings,
    read_secret: SecretReader | None,
) -> dict[str, Any]:
    inputs = common_fields(
        cache, CacheInputs, read_secret, but=("mode", "threshold", "embedding_type")
    )
    inputs["mode"] = spelled(f"cache.{cache.mode}", spellings)
    inputs["key_strategy"] = spelled("cache-key.last-question", spellings)
    if cache.mode == "semantic":
        inputs["threshold"] = cache.threshold
        inputs["embedding_type"] = spelled(f"embedding.{cache.embedding_type}", spellings)
        inputs["vector_type"] = spelled("vector.dashvector", spellings)
    if cache.embedding_service:
        inputs["embedding_service_id"] = service_ids[cache.embedding_service]
    if cache.redis is not None:
        for name, value in plain_value(cache.redis, read_secret).items():
            inputs[f"redis_{name}"] = value
    return inputs
