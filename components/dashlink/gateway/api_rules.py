"""The rules of one Model API: protocol of its scene, one way to choose, nothing that cannot happen. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from dashlink.errors import Fault, shown
from dashlink.gateway.catalog import (
    LEGACY_ROUTES,
    MODEL_STUDIO,
    OPENAI,
    ROUTES,
    protocols_of,
)
from dashlink.gateway.part import GatewayPart, fits, protocol_of, protocols_spoken, vendor_of
from dashlink.gateway.patterns import is_dead
from dashlink.gateway.plan import all_first_choices, explain
from dashlink.gateway.settings import Cache, Choice, ModelApiSettings
from dashlink.words import likeliest_of

_WHOLE = 100
_WAYS = ("service", "by_model", "by_weight")


def find_api_faults(where: str, api: ModelApiSettings, part: GatewayPart) -> Iterator[Fault]:
    """Every fault of one Model API."""
    yield from _protocol_faults(where, api)
    yield from _way_faults(where, api)
    yield from _model_faults(where, api)
    yield from _weight_faults(where, api)
    yield from _service_faults(where, api, part)
    yield from _fallback_faults(where, api)
    yield from _place_faults(where, api, part)
    yield from _caller_faults(where, api, part)
    yield from _policy_faults(where, api, part)


def _protocol_faults(where: str, api: ModelApiSettings) -> Iterator[Fault]:
    known = protocols_of(api.scene)
    protocol = protocol_of(api)
    if protocol not in known:
        yield Fault(
            f"{where}.protocol", f"not a protocol of scene {api.scene}", f"It has {', '.join(known)}.", protocol
        )
        return
    if api.routes == "llm" and (api.scene, protocol) != ("text", OPENAI):
        yield Fault(
            f"{where}.routes", "the older LLM API is of scene text and OpenAI/v1", "Write `routes: scene`.", "llm"
        )
    if isinstance(api.routes, str):
        return
    names = [route.name for route in (*ROUTES[api.scene][protocol], *LEGACY_ROUTES)]
    for name in api.routes:
        if name not in names:
            yield Fault(f"{where}.routes", f"no built-in route of {protocol}", likeliest_of(name, names), shown(name))
    if not api.routes:
        yield Fault(f"{where}.routes", "no route at all", "Name some, or write `routes: scene`.")


def _way_faults(where: str, api: ModelApiSettings) -> Iterator[Fault]:
    ways = [key for key in _WAYS if getattr(api, key)]
    if len(ways) != 1:
        problem = f"{', '.join(ways)} together" if ways else "no service"
        yield Fault(where, problem, "Write one of service, by_model, by_weight.")
    if api.model is not None and api.service is None:
        yield Fault(f"{where}.model", "only beside `service`", "Write the model beside each service.", api.model)
    if api.default is not None and not api.by_model:
        yield Fault(f"{where}.default", "only beside `by_model`", "Remove it.")


def _model_faults(where: str, api: ModelApiSettings) -> Iterator[Fault]:
    """Patterns that can never fit, and names that nothing takes."""
    patterns = [choice.match for choice in api.by_model]
    for index, pattern in enumerate(patterns):
        if is_dead(pattern, patterns[:index]):
            culprit = next((one for one in patterns[:index] if is_dead(pattern, [one])), None)
            taken = f"{culprit} before it takes" if culprit else "those before it take"
            advice = "Put the narrower pattern first, or remove it."
            yield Fault(f"{where}.by_model.{index}.match", f"never reached: {taken} every such name", advice, pattern)
    if not patterns:
        return
    takes_all = is_dead("*", patterns)
    if takes_all and api.default is not None:
        yield Fault(f"{where}.default", "never reached: a pattern takes every name", "Remove it, or the pattern.")
    if not takes_all and api.default is None:
        refused = next(name for name in ("other-model", "model", "") if not explain(api, name).branches)
        yield Fault(
            f"{where}.default",
            f"missing: a request for {refused or 'no model'} would be refused",
            "Write `default: {service: …}`, or `default: none` if that is meant.",
        )


def _weight_faults(where: str, api: ModelApiSettings) -> Iterator[Fault]:
    total = sum(choice.weight for choice in api.by_weight)
    if api.by_weight and total != _WHOLE:
        named = " + ".join(str(choice.weight) for choice in api.by_weight)
        yield Fault(f"{where}.by_weight", f"the weights sum to {total}, not to 100", "Change them.", named)


def _service_faults(where: str, api: ModelApiSettings, part: GatewayPart) -> Iterator[Fault]:
    """Services that are missing, or that cannot answer this API."""
    protocol = protocol_of(api)
    for path, choice in _choices(api):
        place = f"{where}.{path}"
        service = part.ai_services.get(choice.service)
        if service is None:
            advice = likeliest_of(choice.service, list(part.ai_services)) if part.ai_services else "Write it there."
            yield Fault(place, "no such service in `ai_services`", advice, shown(choice.service))
        elif protocol in protocols_of(api.scene) and not fits(service, api.scene, protocol):
            spoken = ", ".join(protocols_spoken(service)) or "no known protocol"
            can = "" if service.scenes is None else f" for {', '.join(service.scenes)}"
            advice = f"{choice.service} speaks {spoken}{can}: use another service, or correct what it says of itself."
            yield Fault(place, f"cannot answer scene {api.scene} in {protocol}", advice, choice.service)


def _choices(api: ModelApiSettings) -> Iterator[tuple[str, Choice]]:
    if api.service is not None:
        yield "service", Choice(service=api.service, model=api.model)
    for key in ("by_model", "by_weight", "fallbacks"):
        for index, choice in enumerate(getattr(api, key)):
            yield f"{key}.{index}.service", choice
    if isinstance(api.default, Choice):
        yield "default.service", api.default


def _fallback_faults(where: str, api: ModelApiSettings) -> Iterator[Fault]:
    """A fallback that asks the same service for the same model once more."""
    before = {(choice.service, choice.model) for choice in all_first_choices(api)}
    for index, fallback in enumerate(api.fallbacks):
        place = f"{where}.fallbacks.{index}"
        target = (fallback.service, fallback.model)
        if before == {target} or target in {(one.service, one.model) for one in api.fallbacks[:index]}:
            advice = "Give it another `model`, or name another service."
            yield Fault(place, "the same service as before it, with nothing changed", advice, fallback.service)
    if api.fallback_only_on_upstream_codes and not api.fallbacks:
        yield Fault(f"{where}.fallback_only_on_upstream_codes", "without fallbacks", "Remove it.")


def _place_faults(where: str, api: ModelApiSettings, part: GatewayPart) -> Iterator[Fault]:
    for domain in api.domains:
        if domain not in part.domains:
            advice = likeliest_of(domain, list(part.domains)) if part.domains else "Write it there."
            yield Fault(f"{where}.domains", "no such domain in `domains`", advice, shown(domain))
    if "//" in api.base_path or (api.base_path != "/" and api.base_path.endswith("/")):
        yield Fault(f"{where}.base_path", "an empty step in the path", "Write it as /chat.", api.base_path)
    if api.remove_base_path or api.base_path == "/":
        return
    for choice in all_first_choices(api):
        service = part.ai_services.get(choice.service)
        if service is not None and vendor_of(service) == MODEL_STUDIO:
            advice = "Remove `remove_base_path: false`, or write `base_path: /`."
            yield Fault(f"{where}.remove_base_path", f"{choice.service} has no path {api.base_path}", advice, "false")
            return


def _caller_faults(where: str, api: ModelApiSettings, part: GatewayPart) -> Iterator[Fault]:
    for name in api.consumers:
        if name not in part.consumers:
            advice = likeliest_of(name, list(part.consumers)) if part.consumers else "Write it there."
            yield Fault(f"{where}.consumers", "no such consumer in `consumers`", advice, shown(name))
    if api.auth is not None and not api.consumers:
        yield Fault(f"{where}.consumers", "nobody may call it", "Name the consumers, or remove `auth`.")
    kind = api.auth.by if api.auth is not None else "api-key"
    key = {"api-key": "api_keys", "jwt": "jwt", "ak-sk": "ak_sk"}[kind]
    for name in api.consumers:
        consumer = part.consumers.get(name)
        if consumer is not None and not getattr(consumer, key):
            yield Fault(f"{where}.consumers", f"has no credential for {kind}", f"Give it `{key}`.", name)


def _policy_faults(where: str, api: ModelApiSettings, part: GatewayPart) -> Iterator[Fault]:
    for index, limit in enumerate(api.limits):
        place = f"{where}.limits.{index}"
        if (limit.by in ("header", "query")) != (limit.key is not None):
            yield Fault(f"{place}.key", "the name of a header or query parameter", "Write it for these two only.")
        if limit.by == "consumer" and not api.consumers:
            yield Fault(f"{place}.by", "counts consumers, but nobody is asked who they are", "Write `consumers`.")
        if limit.by == "global" and limit.value is not None:
            yield Fault(f"{place}.value", "a global limit has no value", "Remove it.", limit.value)
    if api.cache is not None:
        yield from _cache_faults(f"{where}.cache", api.cache, part)
    gateway = part.gateway
    if api.observe.logging and gateway is not None and gateway.id is None and not gateway.access_log:
        yield Fault(f"{where}.observe.logging", "the gateway delivers no log", "Write `gateway.access_log: true`.")


def _cache_faults(where: str, cache: Cache, part: GatewayPart) -> Iterator[Fault]:
    semantic = ("embedding_service", "embedding_model", "vector_host", "vector_collection", "vector_key")
    for key in semantic:
        if (cache.mode == "semantic") != (getattr(cache, key) is not None):
            problem = "missing for a semantic cache" if cache.mode == "semantic" else "only for a semantic cache"
            yield Fault(f"{where}.{key}", problem, "Write it." if cache.mode == "semantic" else "Remove it.")
    named = cache.embedding_service
    if named is not None and named not in part.ai_services:
        yield Fault(f"{where}.embedding_service", "no such service in `ai_services`", "Write it there.", shown(named))
