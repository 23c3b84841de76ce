"""The rules of one Model API: protocol of its scene, one way to choose, nothing that cannot happen. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dashlink.errors import Fault, shown
from dashlink.gateway.catalog import MODEL_STUDIO, OPENAI, ROUTES, VENDORS, Scene, protocols_of
from dashlink.gateway.config import protocol_of, protocols_spoken, vendor_of
from dashlink.gateway.patterns import is_dead
from dashlink.gateway.plan import all_first_choices, explain
from dashlink.gateway.policies import Cache, TokenLimit
from dashlink.gateway.reading import PartRead
from dashlink.gateway.settings import (
    AiServiceSettings,
    Choice,
    ConsumerSettings,
    ModelApiSettings,
    ModelChoice,
)
from dashlink.validation import likeliest_of

PROTOCOLS = sorted({protocol for protocols in ROUTES.values() for protocol in protocols})
_WHOLE = 100
_WAYS = ("service", "by_model", "by_weight")
_KINDS = ("endpoint", "eas", "base_url", "bedrock", "vertex")
_CREDENTIALS = {"api-key": "api_keys", "jwt": "jwt", "ak-sk": "ak_sk"}
_SEMANTIC = (
    "embedding_service",
    "embedding_model",
    "vector_host",
    "vector_collection",
    "vector_key",
)


def find_api_faults(where: str, api: ModelApiSettings, part: PartRead) -> Iterator[Fault]:
    """Every fault of one Model API; ``part`` is without what is broken in itself."""
    yield from _protocol_faults(where, api)
    yield from _way_faults(where, api)
    yield from _model_faults(where, api)
    yield from _weight_faults(where, api)
    yield from _service_faults(where, api, part)
    yield from _fallback_faults(where, api)
    yield from _place_faults(where, api, part)
    yield from _kept_path_faults(where, api, part)
    yield from _caller_faults(where, api, part)
    yield from _policy_faults(where, api, part)


def kinds_of(service: AiServiceSettings) -> list[str]:
    """The keys of a service that say what it is; there should be one."""
    return [key for key in _KINDS if getattr(service, key) is not None]


def _unknown(where: str, what: str, key: str, name: str, part: PartRead) -> Iterator[Fault]:
    """A fault where nothing under ``key`` is called ``name``; what is there, but broken, is not missed."""
    known = part.names(key)
    if name not in known and not part.is_broken(key):
        advice = likeliest_of(name, known) if known else f"Write it in `{key}`."
        yield Fault(where, f"no such {what} in `{key}`", advice, shown(name))


def _named_twice(where: str, names: Sequence[str]) -> Iterator[Fault]:
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield Fault(where, "named twice", "Name it once.", name)


def _protocol_faults(where: str, api: ModelApiSettings) -> Iterator[Fault]:
    known = protocols_of(api.scene)
    protocol = protocol_of(api)
    if protocol not in known:
        yield Fault(
            f"{where}.protocol",
            f"not a protocol of scene {api.scene}",
            likeliest_of(protocol, known),
            shown(protocol),
        )
        return
    if api.routes == "llm" and (api.scene, protocol) != ("text", OPENAI):
        yield Fault(
            f"{where}.routes",
            f"the older LLM API is of scene text and {OPENAI}",
            "Write `routes: scene`.",
            "llm",
        )
    if isinstance(api.routes, str):
        return
    names = [route.name for route in ROUTES[api.scene][protocol]]
    for name in api.routes:
        if name not in names:
            problem = f"no built-in route of scene {api.scene} in {protocol}"
            yield Fault(f"{where}.routes", problem, likeliest_of(name, names), shown(name))
    if not api.routes:
        yield Fault(f"{where}.routes", "no route at all", "Name some, or write `routes: scene`.")


def _way_faults(where: str, api: ModelApiSettings) -> Iterator[Fault]:
    ways = [key for key in _WAYS if getattr(api, key)]
    if len(ways) != 1:
        problem = f"{', '.join(ways)} together" if ways else "no service"
        yield Fault(where, problem, "Write one of service, by_model, by_weight.")
    if api.model is not None and api.service is None:
        yield Fault(
            f"{where}.model",
            "only beside `service`",
            "Write the model beside each service.",
            shown(api.model),
        )
    if api.default is not None and not api.by_model:
        yield Fault(f"{where}.default", "only beside `by_model`", "Remove it.")


def _model_faults(where: str, api: ModelApiSettings) -> Iterator[Fault]:
    """Patterns that can never fit, and names that nothing takes."""
    patterns = [choice.match for choice in api.by_model]
    for index, pattern in enumerate(patterns):
        if is_dead(pattern, patterns[:index]):
            place = f"{where}.by_model.{index}.match"
            yield _dead_pattern_fault(place, pattern, patterns[:index])
    if not patterns:
        return
    # A request that names no model is taken by `*` alone: so all are taken by one pattern, or not all are.
    takes_all = next((pattern for pattern in patterns if is_dead("*", [pattern])), None)
    if takes_all is not None and api.default is not None:
        yield Fault(
            f"{where}.default",
            f"never reached: {takes_all} takes every name",
            "Remove it, or the pattern.",
        )
    if takes_all is None and api.default is None:
        refused = next(
            name for name in ("other-model", "model", "") if not explain(api, name).branches
        )
        yield Fault(
            f"{where}.default",
            f"missing: a request {f'for {refused}' if refused else 'that names no model'} would be refused",
            "Write `default: {service: …}`, or `default: none` if that is meant.",
        )


def _dead_pattern_fault(place: str, pattern: str, earlier: Sequence[str]) -> Fault:
    """Names the fewest earlier patterns that take every name of ``pattern``."""
    alone = next((one for one in earlier if is_dead(pattern, [one])), None)
    culprits = [alone] if alone is not None else list(earlier)
    for one in earlier if alone is None else ():
        rest = [other for other in culprits if other != one]
        culprits = rest if is_dead(pattern, rest) else culprits
    takes = (
        f"{culprits[0]} before it takes"
        if len(culprits) == 1
        else f"{', '.join(culprits)} before it together take"
    )
    return Fault(
        place,
        f"never reached: {takes} every such name",
        "Put the narrower pattern first, or remove it.",
        pattern,
    )


def _weight_faults(where: str, api: ModelApiSettings) -> Iterator[Fault]:
    total = sum(choice.weight for choice in api.by_weight)
    if api.by_weight and total != _WHOLE:
        named = " + ".join(str(choice.weight) for choice in api.by_weight)
        advice = "Change them: each is a share in percent."
        yield Fault(
            f"{where}.by_weight", f"the weights sum to {total}, not to {_WHOLE}", advice, named
        )


def _service_faults(where: str, api: ModelApiSettings, part: PartRead) -> Iterator[Fault]:
    """Services that are missing, or that cannot answer this API."""
    for path, choice in _choices(api):
        place = f"{where}.{path}"
        yield from _unknown(place, "service", "ai_services", choice.service, part)
        yield from _fit_faults(place, choice.service, api.scene, protocol_of(api), part)


def _choices(api: ModelApiSettings) -> Iterator[tuple[str, Choice]]:
    if api.service is not None:
        yield "service", Choice(service=api.service, model=api.model)
    for key in ("by_model", "by_weight", "fallbacks"):
        for index, choice in enumerate(getattr(api, key)):
            yield f"{key}.{index}.service", choice
    if isinstance(api.default, Choice):
        yield "default.service", api.default


def _fit_faults(
    place: str, name: str, scene: Scene, protocol: str, part: PartRead
) -> Iterator[Fault]:
    """A service of another protocol or scene; nothing is said where what the service speaks is a fault of its own."""
    service = part.ai_services.get(name)
    if service is None or protocol not in protocols_of(scene) or not _is_clear(service):
        return
    spoken = protocols_spoken(service)
    if protocol not in spoken:
        advice = f"It speaks {', '.join(spoken) or 'nothing'}: name another, or correct `ai_services.{name}.protocols`."
        yield Fault(place, f"this service does not speak {protocol}", advice, name)
    if service.scenes is not None and scene not in service.scenes:
        meant = ", ".join(service.scenes) or "nothing"
        advice = f"It is for {meant}: name another, or correct `ai_services.{name}.scenes`."
        yield Fault(place, f"this service is not for scene {scene}", advice, name)


def _is_clear(service: AiServiceSettings) -> bool:
    known = vendor_of(service) in VENDORS and set(service.protocols or ()) <= set(PROTOCOLS)
    return known and len(kinds_of(service)) == 1


def _fallback_faults(where: str, api: ModelApiSettings) -> Iterator[Fault]:
    """A fallback that asks a service for the same model once more, whichever came first."""
    first = {_target(choice) for choice in all_first_choices(api)}
    before: set[tuple[str, str | None]] = set()
    for index, fallback in enumerate(api.fallbacks):
        target = _target(fallback)
        if first == {target} or target in before:
            advice = "Give it another `model`, or name another service."
            problem = "the same service as before it, with nothing changed"
            yield Fault(f"{where}.fallbacks.{index}", problem, advice, fallback.service)
        before.add(target)
    if api.fallback_only_on_upstream_codes and not api.fallbacks:
        yield Fault(
            f"{where}.fallback_only_on_upstream_codes", "without fallbacks", "Remove it.", "true"
        )


def _target(choice: Choice) -> tuple[str, str | None]:
    """Service and model that are asked; a name without wildcards is itself the model that is asked for."""
    exact = (
        isinstance(choice, ModelChoice)
        and choice.model is None
        and not set(choice.match) & set("*?")
    )
    return choice.service, choice.match if exact and isinstance(
        choice, ModelChoice
    ) else choice.model


def _place_faults(where: str, api: ModelApiSettings, part: PartRead) -> Iterator[Fault]:
    for domain in api.domains:
        yield from _unknown(f"{where}.domains", "domain", "domains", domain, part)
    yield from _named_twice(f"{where}.domains", api.domains)
    meant = "/" + "/".join(step for step in api.base_path.split("/") if step)
    if api.base_path != meant:
        yield Fault(
            f"{where}.base_path",
            "an empty step in the path",
            f"Write it as {meant}.",
            api.base_path,
        )


def _kept_path_faults(where: str, api: ModelApiSettings, part: PartRead) -> Iterator[Fault]:
    """Model Studio's paths are its own: a base path before them leads nowhere."""
    if api.remove_base_path or api.base_path.strip("/") == "":
        return
    names = dict.fromkeys(choice.service for _, choice in _choices(api))
    studios = [
        name
        for name in names
        if name in part.ai_services and vendor_of(part.ai_services[name]) == MODEL_STUDIO
    ]
    if studios:
        problem = f"Model Studio ({', '.join(studios)}) has no path {api.base_path}"
        advice = "Remove `remove_base_path: false`, or write `base_path: /`."
        yield Fault(f"{where}.remove_base_path", problem, advice, "false")


def _caller_faults(where: str, api: ModelApiSettings, part: PartRead) -> Iterator[Fault]:
    place = f"{where}.consumers"
    if api.auth is not None and not api.consumers:
        yield Fault(
            place,
            "missing: with `auth` and nobody named, nobody may call it",
            "Name some, or remove `auth`.",
        )
    yield from _named_twice(place, api.consumers)
    kind = api.auth.by if api.auth is not None else "api-key"
    for name in dict.fromkeys(api.consumers):
        yield from _unknown(place, "consumer", "consumers", name, part)
        consumer = part.consumers.get(name)
        has = _credentials(consumer) if consumer is not None else []
        if has and kind not in has:
            advice = f"Write `consumers.{name}.{_CREDENTIALS[kind]}`, or ask for what it has: {', '.join(has)}."
            yield Fault(place, f"this consumer has no credential for {kind}", advice, name)


def _credentials(consumer: ConsumerSettings) -> list[str]:
    return [kind for kind, key in _CREDENTIALS.items() if getattr(consumer, key)]


def _policy_faults(where: str, api: ModelApiSettings, part: PartRead) -> Iterator[Fault]:
    for index, limit in enumerate(api.limits):
        yield from _limit_faults(f"{where}.limits.{index}", limit, api, part)
    if api.cache is not None:
        yield from _cache_faults(f"{where}.cache", api.cache, part)
    gateway = part.gateway
    if (
        api.observe.logging
        and gateway is not None
        and gateway.id is None
        and not gateway.access_log
    ):
        advice = "Write `gateway.access_log: true`, or remove it."
        yield Fault(f"{where}.observe.logging", "the gateway delivers no log", advice, "true")


def _limit_faults(
    where: str, limit: TokenLimit, api: ModelApiSettings, part: PartRead
) -> Iterator[Fault]:
    if limit.by in ("header", "query") and limit.key is None:
        what = "header" if limit.by == "header" else "query parameter"
        yield Fault(
            f"{where}.key", f"missing for a limit by {limit.by}", f"Write the name of the {what}."
        )
    elif limit.by not in ("header", "query") and limit.key is not None:
        yield Fault(
            f"{where}.key", f"a limit by {limit.by} has no key", "Remove it.", shown(limit.key)
        )
    if limit.by == "global" and limit.value is not None:
        yield Fault(
            f"{where}.value", "a global limit has no value", "Remove it.", shown(limit.value)
        )
    if limit.by != "consumer":
        return
    if not api.consumers:
        yield Fault(
            f"{where}.by",
            "counts consumers, but nobody is asked who they are",
            "Write `consumers`.",
        )
    elif limit.value is not None and all(name in part.consumers for name in api.consumers):
        names = [part.consumers[name].name or name for name in api.consumers]
        if limit.value not in names:
            advice = likeliest_of(limit.value, names)
            yield Fault(
                f"{where}.value",
                "this API lets in no consumer of this name",
                advice,
                shown(limit.value),
            )


def _cache_faults(where: str, cache: Cache, part: PartRead) -> Iterator[Fault]:
    semantic = cache.mode == "semantic"
    for key in _SEMANTIC:
        if semantic and getattr(cache, key) is None:
            yield Fault(f"{where}.{key}", "missing for a semantic cache", "Write it.")
    for key in () if semantic else (*_SEMANTIC, "threshold"):
        if key in cache.model_fields_set:
            yield Fault(
                f"{where}.{key}",
                "only for a semantic cache",
                "Remove it, or write `mode: semantic`.",
            )
    if semantic and cache.embedding_service is not None:
        place = f"{where}.embedding_service"
        yield from _unknown(place, "service", "ai_services", cache.embedding_service, part)
        yield from _fit_faults(place, cache.embedding_service, "embedding", OPENAI, part)
