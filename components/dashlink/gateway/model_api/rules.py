"""Rules of one Model API. Pure: settings in, faults out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dashlink.errors import Fault, shown
from dashlink.gateway.ai_service import AiServiceSettings, protocols_spoken, targets_of, vendor_of
from dashlink.gateway.catalog import (
    MODEL_STUDIO,
    OPENAI,
    PROTOCOLS,
    VENDORS,
    Scene,
    protocols_of,
)
from dashlink.gateway.checks import listed_twice_faults, unknown_name_fault
from dashlink.gateway.config import DraftConfig
from dashlink.gateway.consumer import CREDENTIAL_KEYS, credential_types
from dashlink.gateway.model_api.patterns import is_unreachable
from dashlink.gateway.model_api.plan import auth_of, choices_of, explain, protocol_of
from dashlink.gateway.model_api.settings import (
    Cache,
    Choice,
    Limit,
    ModelApiSettings,
    ModelChoice,
)
from dashlink.resources.blocks import BODY_LOG_FIELDS
from dashlink.validation import suggestion_for

_ALL_PERCENT = 100
_ROUTING_KEYS = ("service", "by_model", "by_weight")
_SEMANTIC_KEYS = (
    "embedding_service",
    "embedding_model",
    "vector_host",
    "vector_collection",
    "vector_key",
)
_LIMITS_WITH_KEY = {"header": "header", "query": "query parameter", "cookie": "cookie"}
_AMOUNTS = ("tokens", "requests", "concurrent")


def find_faults(where: str, api: ModelApiSettings, config: DraftConfig) -> Iterator[Fault]:
    """Every fault of one Model API; ``config`` is without its invalid entries."""
    yield from _protocol_faults(where, api)
    yield from _routing_faults(where, api)
    yield from _by_model_faults(where, api)
    yield from _weight_faults(where, api)
    yield from _service_faults(where, api, config)
    yield from _fallback_faults(where, api)
    yield from _domain_faults(where, api, config)
    yield from _base_path_faults(where, api, config)
    yield from _consumer_faults(where, api, config)
    for index, limit in enumerate(api.limits):
        yield from _limit_faults(f"{where}.limits.{index}", limit, api, config)
    if api.cache is not None:
        yield from _cache_faults(f"{where}.cache", api.cache, config)
    yield from _logging_faults(where, api, config)
    yield from _field_faults(f"{where}.observe.fields", api)
    if api.observe.tracing:
        problem = "no API turns on tracing (SDK 11.6.0), so that it would have no effect"
        advice = (
            "Remove it, and turn tracing on in the console: the gateway, Parameters, Observability "
            "Parameters, Tracing."
        )
        yield Fault(f"{where}.observe.tracing", problem, advice, "true")


def _unknown_faults(
    where: str, resource: str, section: str, name: str, config: DraftConfig
) -> Iterator[Fault]:
    """A fault of a reference to an entry that is not written at all."""
    known = config.names_in(section)
    if name not in known and "" not in config.invalid_in(section):
        yield unknown_name_fault(where, resource, section, name, known)


def _protocol_faults(where: str, api: ModelApiSettings) -> Iterator[Fault]:
    known = protocols_of(api.scene)
    protocol = protocol_of(api)
    if protocol not in known:
        problem = f"not a protocol of scene {api.scene}"
        yield Fault(f"{where}.protocol", problem, suggestion_for(protocol, known), shown(protocol))
        return
    if api.routes == "llm" and (api.scene, protocol) != ("text", OPENAI):
        problem = f"the older LLM API needs scene text and protocol {OPENAI}"
        yield Fault(f"{where}.routes", problem, "Write `routes: scene`.", "llm")
    if not api.routes:
        yield Fault(f"{where}.routes", "empty", "List some routes, or write `routes: scene`.")


def _routing_faults(where: str, api: ModelApiSettings) -> Iterator[Fault]:
    modes = [key for key in _ROUTING_KEYS if getattr(api, key)]
    advice = "Write one of service, by_model, by_weight."
    if not modes:
        yield Fault(where, "no AI service", advice)
    elif len(modes) > 1:
        yield Fault(where, f"more than one routing mode: {', '.join(modes)}", advice)
    if api.model is not None and api.service is None:
        advice = "Write `model` next to each service."
        yield Fault(f"{where}.model", "only used with `service`", advice, shown(api.model))
    if api.default is not None and not api.by_model:
        yield Fault(f"{where}.default", "only used with `by_model`", "Remove it.")


def _by_model_faults(where: str, api: ModelApiSettings) -> Iterator[Fault]:
    """Faults of patterns that never match, and of names that no pattern matches."""
    patterns = [choice.match for choice in api.by_model]
    if not patterns:
        return
    for index, pattern in enumerate(patterns):
        earlier = patterns[:index]
        if is_unreachable(pattern, earlier):
            yield _unreachable_pattern_fault(f"{where}.by_model.{index}.match", pattern, earlier)
    # Only `*` matches a request without a model name, so a single pattern matches all, or none do.
    catch_all = next((pattern for pattern in patterns if is_unreachable("*", [pattern])), None)
    if catch_all is not None and api.default is not None:
        problem = f"never reached: {catch_all} matches every model name"
        yield Fault(f"{where}.default", problem, "Remove it, or the pattern.")
    if catch_all is None and api.default is None:
        problem = f"missing: a request {_refused_request(api)} would be refused"
        advice = "Write `default: {service: …}`, or `default: none` to refuse such requests."
        yield Fault(f"{where}.default", problem, advice, code="missing")


def _refused_request(api: ModelApiSettings) -> str:
    """Example of a request that no pattern matches."""
    for name in ("other-model", "model"):
        if not explain(api, name).branches:
            return f"for {name}"
    return "without a model name"


def _unreachable_pattern_fault(where: str, pattern: str, earlier: Sequence[str]) -> Fault:
    wider = _fewest_wider(pattern, earlier)
    problem = f"never reached: {wider[0]} before it matches every such name"
    if len(wider) > 1:
        problem = f"never reached: {', '.join(wider)} before it together match every such name"
    return Fault(where, problem, "Put the narrower pattern first, or remove it.", pattern)


def _fewest_wider(pattern: str, earlier: Sequence[str]) -> list[str]:
    """Fewest of the ``earlier`` patterns that match every name of ``pattern``."""
    for one in earlier:
        if is_unreachable(pattern, [one]):
            return [one]
    wider = list(earlier)
    for one in earlier:
        others = [other for other in wider if other != one]
        if is_unreachable(pattern, others):
            wider = others
    return wider


def _weight_faults(where: str, api: ModelApiSettings) -> Iterator[Fault]:
    weights = [choice.weight for choice in api.by_weight]
    if weights and sum(weights) != _ALL_PERCENT:
        problem = f"the weights sum to {sum(weights)}, not to {_ALL_PERCENT}"
        advice = "Change them: each is a percentage of the requests."
        yield Fault(f"{where}.by_weight", problem, advice, " + ".join(map(str, weights)))


def _service_faults(where: str, api: ModelApiSettings, config: DraftConfig) -> Iterator[Fault]:
    """Faults of services that do not exist, or that cannot answer this API."""
    for path, choice in choices_of(api):
        place = f"{where}.{path}"
        yield from _unknown_faults(place, "service", "ai_services", choice.service, config)
        yield from _ability_faults(place, choice.service, api.scene, protocol_of(api), config)


def _ability_faults(
    where: str, name: str, scene: Scene, protocol: str, config: DraftConfig
) -> Iterator[Fault]:
    """Faults of a service of another protocol or scene, unless the service has faults itself."""
    service = config.ai_services.get(name)
    if service is None or protocol not in protocols_of(scene) or not _is_clear(service):
        return
    spoken = protocols_spoken(service)
    if protocol not in spoken:
        advice = (
            f"It speaks {', '.join(spoken) or 'none'}: "
            f"name another service, or correct `ai_services.{name}.protocols`."
        )
        yield Fault(where, f"this service does not speak {protocol}", advice, name)
    if service.scenes is not None and scene not in service.scenes:
        advice = (
            f"It supports {', '.join(service.scenes) or 'none'}: "
            f"name another service, or correct `ai_services.{name}.scenes`."
        )
        yield Fault(where, f"this service does not support scene {scene}", advice, name)


def _is_clear(service: AiServiceSettings) -> bool:
    """Whether the protocols of a service are known."""
    if vendor_of(service) not in VENDORS or len(targets_of(service)) != 1:
        return False
    return set(service.protocols or ()) <= set(PROTOCOLS)


def _fallback_faults(where: str, api: ModelApiSettings) -> Iterator[Fault]:
    """Faults of fallbacks that repeat a request to the same service with the same model."""
    own_choices = [choice for path, choice in choices_of(api) if not path.startswith("fallbacks.")]
    first = {_request_of(choice) for choice in own_choices}
    earlier: set[tuple[str, str | None]] = set()
    for index, fallback in enumerate(api.fallbacks):
        request = _request_of(fallback)
        if first == {request} or request in earlier:
            advice = "Give it another `model`, or name another service."
            problem = "repeats an earlier service with the same model"
            yield Fault(f"{where}.fallbacks.{index}", problem, advice, fallback.service)
        earlier.add(request)
    if api.fallback_only_on_upstream_codes and not api.fallbacks:
        path = f"{where}.fallback_only_on_upstream_codes"
        yield Fault(path, "not used without `fallbacks`", "Remove it.", "true")


def _request_of(choice: Choice) -> tuple[str, str | None]:
    """Service and model name of the request; the model is None where it is the client's."""
    if choice.model is None and isinstance(choice, ModelChoice):
        has_wildcards = "*" in choice.match or "?" in choice.match
        return choice.service, None if has_wildcards else choice.match
    return choice.service, choice.model


def _domain_faults(where: str, api: ModelApiSettings, config: DraftConfig) -> Iterator[Fault]:
    for domain in api.domains:
        yield from _unknown_faults(f"{where}.domains", "domain", "domains", domain, config)
    yield from listed_twice_faults(f"{where}.domains", api.domains)


def _base_path_faults(where: str, api: ModelApiSettings, config: DraftConfig) -> Iterator[Fault]:
    segments = [segment for segment in api.base_path.split("/") if segment]
    normal = "/" + "/".join(segments)
    if api.base_path != normal:
        problem = "empty segment in the path"
        yield Fault(f"{where}.base_path", problem, f"Write {normal}.", api.base_path)
    elif {".", ".."} & set(segments):
        advice = "Gateways and clients resolve such segments differently: write the path without."
        yield Fault(f"{where}.base_path", "`.` or `..` as a segment", advice, api.base_path)
    if api.remove_base_path or not segments:
        return
    studios = []
    for name in dict.fromkeys(choice.service for _, choice in choices_of(api)):
        service = config.ai_services.get(name)
        if service is not None and vendor_of(service) == MODEL_STUDIO:
            studios.append(name)
    if studios:
        problem = f"Model Studio ({', '.join(studios)}) has no path {api.base_path}"
        advice = "Remove `remove_base_path: false`, or write `base_path: /`."
        yield Fault(f"{where}.remove_base_path", problem, advice, "false")


def _consumer_faults(where: str, api: ModelApiSettings, config: DraftConfig) -> Iterator[Fault]:
    path = f"{where}.consumers"
    if api.auth is not None and not api.consumers:
        problem = "missing: `auth` without consumers refuses every request"
        yield Fault(path, problem, "List some consumers, or remove `auth`.", code="missing")
    yield from listed_twice_faults(path, api.consumers)
    required = auth_of(api)
    for name in dict.fromkeys(api.consumers):
        yield from _unknown_faults(path, "consumer", "consumers", name, config)
        consumer = config.consumers.get(name)
        if consumer is None or required is None:
            continue
        credentials = credential_types(consumer)
        if credentials and required not in credentials:
            advice = (
                f"Write `consumers.{name}.{CREDENTIAL_KEYS[required]}`, "
                f"or require a credential that it has: {', '.join(credentials)}."
            )
            yield Fault(path, f"this consumer has no credential for {required}", advice, name)


def _limit_faults(
    where: str, limit: Limit, api: ModelApiSettings, config: DraftConfig
) -> Iterator[Fault]:
    yield from _amount_faults(where, limit)
    source = _LIMITS_WITH_KEY.get(limit.by)
    if source is not None and limit.key is None:
        problem = f"missing for a limit by {limit.by}"
        yield Fault(f"{where}.key", problem, f"Write the name of the {source}.", code="missing")
    if source is None and limit.key is not None:
        problem = f"a limit by {limit.by} has no key"
        yield Fault(f"{where}.key", problem, "Remove it.", shown(limit.key))
    if limit.by == "global" and limit.value is not None:
        problem = "a global limit has no value"
        yield Fault(f"{where}.value", problem, "Remove it.", shown(limit.value))
    if limit.by == "consumer" and not api.consumers:
        problem = "a limit per consumer needs `consumers`"
        yield Fault(f"{where}.by", problem, "List the `consumers` of the API.")
    elif limit.by == "consumer" and limit.value is not None:
        yield from _limited_consumer_faults(f"{where}.value", limit.value, api, config)


def _amount_faults(where: str, limit: Limit) -> Iterator[Fault]:
    amounts = [key for key in _AMOUNTS if getattr(limit, key) is not None]
    if len(amounts) != 1:
        problem = f"more than one amount: {', '.join(amounts)}" if amounts else "no amount"
        yield Fault(where, problem, f"Write one of {', '.join(_AMOUNTS)}.")
    elif limit.concurrent is not None and limit.per is not None:
        problem = "a limit of concurrent requests has no period"
        yield Fault(f"{where}.per", problem, "Remove it.", limit.per)


def _limited_consumer_faults(
    where: str, value: str, api: ModelApiSettings, config: DraftConfig
) -> Iterator[Fault]:
    names = []
    for key in api.consumers:
        if key not in config.consumers:
            return  # its name is unknown
        names.append(config.consumers[key].name or key)
    if value not in names:
        problem = "this API allows no consumer of this name"
        yield Fault(where, problem, suggestion_for(value, names), shown(value))


def _cache_faults(where: str, cache: Cache, config: DraftConfig) -> Iterator[Fault]:
    if cache.mode != "semantic":
        for key in (*_SEMANTIC_KEYS, "threshold"):
            if key in cache.model_fields_set:
                advice = "Remove it, or write `mode: semantic`."
                yield Fault(f"{where}.{key}", "only used by a semantic cache", advice)
        return
    for key in _SEMANTIC_KEYS:
        if getattr(cache, key) is None:
            problem = "missing for a semantic cache"
            yield Fault(f"{where}.{key}", problem, "Write it.", code="missing")
    if cache.embedding_service is not None:
        path = f"{where}.embedding_service"
        yield from _unknown_faults(path, "service", "ai_services", cache.embedding_service, config)
        yield from _ability_faults(path, cache.embedding_service, "embedding", OPENAI, config)


def _logging_faults(where: str, api: ModelApiSettings, config: DraftConfig) -> Iterator[Fault]:
    gateway = config.gateway
    if not api.observe.logging or gateway is None or gateway.id is not None:
        return
    if not gateway.access_log:
        problem = "the gateway delivers no access log"
        advice = (
            "Write `gateway.access_log: true` for a new gateway. For one that exists turn the log "
            "on in its console and write `access_log: console`: `true` would replace it."
        )
        yield Fault(f"{where}.observe.logging", problem, advice, "true")


def _field_faults(where: str, api: ModelApiSettings) -> Iterator[Fault]:
    """Faults of log fields that share a name; the fields of whole bodies have names too."""
    names = [field.key for field in api.observe.fields]
    yield from listed_twice_faults(where, names)
    if not api.observe.logging:
        return
    reserved = {field.key for field in BODY_LOG_FIELDS}
    for name in names:
        if name in reserved:
            advice = "Choose another name, or remove `logging`."
            yield Fault(where, "a field of `observe.logging` has this name", advice, name)
