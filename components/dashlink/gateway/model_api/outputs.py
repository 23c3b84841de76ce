"""Outputs of Model APIs: base URLs by protocol, and notes for people. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashlink.clients.outputs import ModelApiOutputs, RouteOutputs, base_urls
from dashlink.gateway.catalog import AUDIO_BASE_PATHS, BASE_PATHS, DASHSCOPE
from dashlink.gateway.config import GatewayConfig
from dashlink.gateway.domain import DomainSettings
from dashlink.gateway.model_api.plan import auth_of, choices_of, protocol_of, routes_of
from dashlink.gateway.model_api.settings import ModelApiSettings

_MOST_NAMES = 5
LOGGING_NOTE = (
    "logs whole requests and responses, prompts included, to the gateway's access log in SLS. "
    "Limit who may read the log, and for how long it is stored."
)
PLAIN_HTTP_NOTE = (
    "is served over plain http: keys and prompts cross the VPC unencrypted. "
    "`scheme: https` encrypts them."
)


def model_api_outputs(
    api_id: str, key: str, config: GatewayConfig, unverified: tuple[str, ...]
) -> dict[str, Any]:
    """Document of one Model API, with the base URLs of its first domain.

    Args:
        api_id: Id of the API (`api-…`).
        key: Key of the API in the settings.
        config: The gateway with everything on it.
        unverified: What no source states about the values that were sent, sentences.
    """
    api = config.model_apis[key]
    urls = {name: _base_urls(api, name, config.domains[name]) for name in api.domains}
    first = api.domains[0]
    outputs = ModelApiOutputs(
        api_id=api_id,
        name=api.name or key,
        scene=api.scene,
        protocol=protocol_of(api),
        scheme=config.domains[first].scheme,
        host=first,
        domains=urls,
        base_urls=urls[first],
        routes=_routes(api),
        auth=auth_of(api),
        consumers=tuple(sorted(api.consumers)),
        services=tuple(dict.fromkeys(choice.service for _, choice in choices_of(api))),
        unverified=unverified,
        notes=tuple(f"It {note}" for note in _notes(api, config.domains)),
    )
    return outputs.model_dump(mode="json")


def _base_urls(api: ModelApiSettings, name: str, domain: DomainSettings) -> dict[str, str]:
    """Base URLs under one domain, by the protocol's key in the outputs."""
    protocol = protocol_of(api)
    paths = BASE_PATHS[protocol]
    if api.scene == "audio" and protocol == DASHSCOPE:
        paths = AUDIO_BASE_PATHS
    return base_urls(domain.scheme, name, paths, base_path=api.base_path)


def _routes(api: ModelApiSettings) -> tuple[RouteOutputs, ...]:
    prefix = api.base_path.rstrip("/")
    routes = []
    for route in routes_of(api):
        path = f"{prefix}{route.path}"
        routes.append(RouteOutputs(name=route.name, path=path, methods=route.methods))
    return tuple(routes)


def notes_of(config: GatewayConfig) -> tuple[str, ...]:
    """Notes on all Model APIs, each once with the APIs that it concerns."""
    concerned: dict[str, list[str]] = {}
    for key, api in sorted(config.model_apis.items()):
        for note in _notes(api, config.domains):
            concerned.setdefault(note, []).append(key)
    return tuple(f"{_named(keys)}: it {note}" for note, keys in concerned.items())


def _named(keys: list[str]) -> str:
    noun = "Model API" if len(keys) == 1 else "Model APIs"
    names = ", ".join(keys[:_MOST_NAMES])
    more = len(keys) - _MOST_NAMES
    return f"{noun} {names} and {more} more" if more > 0 else f"{noun} {names}"


def _notes(api: ModelApiSettings, domains: Mapping[str, DomainSettings]) -> list[str]:
    notes = []
    if api.observe.logging:
        notes.append(LOGGING_NOTE)
    if any(domains[name].scheme == "http" for name in api.domains):
        notes.append(PLAIN_HTTP_NOTE)
    return notes
