"""Warnings of one Model API: settings that are accepted, and probably a mistake. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from dashlink.errors import Fault, shown
from dashlink.gateway.ai_service import AiServiceSettings, vendor_of
from dashlink.gateway.catalog import CUSTOM, MODEL_STUDIO, MODEL_STUDIO_SECONDS, ROUTES
from dashlink.gateway.config import GatewayConfig
from dashlink.gateway.model_api.plan import auth_of, choices_of, protocol_of
from dashlink.gateway.model_api.settings import Choice, ModelApiSettings, ModelChoice
from dashlink.gateway.upstreams import known_vendor, lacks_protocol, lacks_scene, scene_of_model
from dashlink.validation import suggestion_for

_REQUESTED = "the requested model"


def find_warnings(where: str, api: ModelApiSettings, config: GatewayConfig) -> Iterator[Fault]:
    """Every warning of one Model API without faults."""
    warned: set[str] = set()
    for path, choice in choices_of(api):
        service = config.ai_services[choice.service]
        if choice.service not in warned:
            warned.add(choice.service)
            yield from _vendor_warnings(f"{where}.{path}", choice.service, service, api)
        yield from _model_warnings(f"{where}.{path}", choice, service, api)
    yield from _route_warnings(f"{where}.routes", api)
    if auth_of(api) == "ak-sk":
        problem = "no document offers access keys for Model APIs of AI gateways (2025-12)"
        advice = "Use `api-key` or `jwt`, or try it in an account that nothing depends on."
        yield Fault(f"{where}.auth.by", problem, advice, "ak-sk")
    yield from _timeout_warnings(f"{where}.first_byte_timeout_seconds", api, config)
    yield from _limit_warnings(f"{where}.limits", api)
    yield from _embedding_warnings(where, api)


def _embedding_warnings(where: str, api: ModelApiSettings) -> Iterator[Fault]:
    """Warnings of requests that one embedding model or another may answer.

    Vectors of two models are in different spaces: their distance means nothing, and an index that
    has both finds the wrong texts without an error.
    """
    if api.scene != "embedding":
        return
    warned: set[str] = set()
    for first, *others in _alternatives(api):
        path, model = _embedding_model(*first)
        for other in others:
            other_path, other_model = _embedding_model(*other)
            if other_model == model or other_path in warned:
                continue
            warned.add(other_path)
            difference = f"differs from {path} ({model or _REQUESTED})"
            problem = f"{difference}, and vectors of two embedding models are not comparable"
            advice = "Write the same model at both, or give each model an API of its own."
            yield Fault(f"{where}.{other_path}", problem, advice, other_model or _REQUESTED)


def _alternatives(api: ModelApiSettings) -> Iterator[list[tuple[str, Choice]]]:
    """Yield the choices that may answer the same request, each with its path; at least one."""
    choices = list(choices_of(api))
    fallbacks = choices[len(choices) - len(api.fallbacks) :]
    firsts = choices[: len(choices) - len(api.fallbacks)]
    if api.by_weight:
        yield [*firsts, *fallbacks]
        return
    for first in firsts:
        yield [first, *fallbacks]


def _embedding_model(path: str, choice: Choice) -> tuple[str, str | None]:
    """Return path and model of a choice; None: the model that the request names."""
    path = path.removesuffix("service")
    if choice.model is None and isinstance(choice, ModelChoice):
        pattern = choice.match
        return f"{path}match", None if set(pattern) & set("*?") else pattern
    return f"{path}model", choice.model


def _timeout_warnings(where: str, api: ModelApiSettings, config: GatewayConfig) -> Iterator[Fault]:
    """A warning of a time limit that is longer than Model Studio's own."""
    seconds = api.first_byte_timeout_seconds
    if seconds is None or seconds <= MODEL_STUDIO_SECONDS:
        return
    for _, choice in choices_of(api):
        service = config.ai_services[choice.service]
        if known_vendor(vendor_of(service), service.base_url) == MODEL_STUDIO:
            problem = (
                f"no use with {choice.service}: the dashscope names of Model Studio end a request "
                f"after {MODEL_STUDIO_SECONDS} s"
            )
            advice = f"Write {MODEL_STUDIO_SECONDS} or less; poll a task for longer work."
            yield Fault(where, problem, advice, str(seconds))
            return


def _limit_warnings(where: str, api: ModelApiSettings) -> Iterator[Fault]:
    """Warnings of limits of tokens for a scene that is not documented to have them."""
    if api.scene == "text":
        return
    for index, limit in enumerate(api.limits):
        if limit.tokens is not None:
            problem = f"no document offers limits of tokens for scene {api.scene} (2025-10)"
            advice = "Write `requests` or `concurrent` instead."
            yield Fault(f"{where}.{index}.tokens", problem, advice, str(limit.tokens))


def _route_warnings(where: str, api: ModelApiSettings) -> Iterator[Fault]:
    """Warnings of names that the catalog lacks; the cloud may have them (unverified)."""
    if isinstance(api.routes, str):
        return
    names = [route.name for route in ROUTES[api.scene][protocol_of(api)]]
    for name in api.routes:
        if name not in names:
            problem = f"no known built-in route of scene {api.scene} in {protocol_of(api)}"
            yield Fault(where, problem, suggestion_for(name, names), shown(name))


def _vendor_warnings(
    where: str, name: str, service: AiServiceSettings, api: ModelApiSettings
) -> Iterator[Fault]:
    """Warnings of a vendor that has no models for the API's scene, or not its protocol."""
    vendor = known_vendor(vendor_of(service), service.base_url)
    protocol = protocol_of(api)
    if lacks_protocol(vendor, protocol):
        problem = f"no source says that {vendor} speaks {protocol}"
        advice = "Name another service."
        if vendor_of(service) != CUSTOM:
            advice = f"For a host of your own write `ai_services.{name}.vendor: custom`."
        yield Fault(where, problem, advice, name)
    elif service.scenes is None and lacks_scene(vendor, api.scene):
        problem = f"no source names models of {vendor} for scene {api.scene}"
        advice = "Name another service; if it has such models, list the scene in "
        yield Fault(where, problem, f"{advice}`ai_services.{name}.scenes`.", name)


def _model_warnings(
    where: str, choice: Choice, service: AiServiceSettings, api: ModelApiSettings
) -> Iterator[Fault]:
    """Warnings of a model whose name is that of another scene."""
    key, model = "model", choice.model
    if model is None and isinstance(choice, ModelChoice):
        key, model = "match", choice.match
    if model is None or api.scene == "others":
        return
    scene = scene_of_model(model, service.model_scenes)
    if scene is not None and scene != api.scene:
        problem = f"by its name a model of scene {scene}, in an API of scene {api.scene}"
        advice = (
            "Name another model, or correct the table: "
            f'`ai_services.{choice.service}.model_scenes: {{"{model}": {api.scene}}}`.'
        )
        path = f"{where.removesuffix('service')}{key}"
        yield Fault(path, problem, advice, shown(model))
