"""Outputs of Model APIs: base URLs by protocol, and notes for people. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dashlink.clients.outputs import ModelApiOutputs, RouteOutputs, VerifiedOutputs, base_urls
from dashlink.gateway.config import GatewayConfig
from dashlink.gateway.model_api.key_placement import key_placement, other_placements
from dashlink.gateway.model_api.plan import auth_of, choices_of, protocol_of
from dashlink.gateway.model_api.routes import (
    Route,
    call_notes,
    catalog_routes,
    client_paths,
    listed_routes,
    route_notes,
    unverified_routes,
)
from dashlink.gateway.model_api.settings import ModelApiSettings
from dashlink.gateway.model_api.unverified import Verified

Listed = Sequence[Mapping[str, Any]] | None
"""Output `routes` of a `ModelApi`."""

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
    api_id: str,
    key: str,
    config: GatewayConfig,
    unverified: tuple[str, ...],
    listed: Listed = None,
    verified: Verified = None,
) -> dict[str, Any]:
    """Document of one Model API, with the base URLs of its first domain.

    Args:
        api_id: Id of the API (`api-…`).
        key: Key of the API in the settings.
        config: The gateway with everything on it.
        unverified: What no source states about the values that were sent, sentences.
        listed: `routes` of the deployed API; None where they were not read.
        verified: Words that the cloud was seen to accept.
    """
    api = config.model_apis[key]
    found = listed_routes(api, listed)
    paths, paths_unverified = client_paths(api, found)
    urls = {}
    for name in api.domains:
        scheme = config.domains[name].scheme
        urls[name] = base_urls(scheme, name, paths, base_path=api.base_path)
    first = api.domains[0]
    notes = [*_notes(api, config), *call_notes(api, found), *route_notes(api, found)]
    outputs = ModelApiOutputs(
        api_id=api_id,
        name=api.name or key,
        scene=api.scene,
        protocol=protocol_of(api),
        scheme=config.domains[first].scheme,
        host=first,
        domains=urls,
        base_urls=urls[first],
        routes=route_outputs(api, found or catalog_routes(api)),
        auth=auth_of(api),
        key_in=key_placement(api, config.consumers),
        consumers=tuple(sorted(api.consumers)),
        services=tuple(dict.fromkeys(choice.service for _, choice in choices_of(api))),
        unverified=(*unverified, *unverified_routes(api, listed, paths_unverified)),
        verified=tuple(VerifiedOutputs(**word) for word in verified or ()),
        notes=tuple(f"It {note}" for note in notes),
    )
    return outputs.model_dump(mode="json")


def route_outputs(api: ModelApiSettings, routes: Sequence[Route]) -> tuple[RouteOutputs, ...]:
    """Routes of an API with its base path."""
    prefix = api.base_path.rstrip("/")
    outputs = []
    for route in routes:
        path = f"{prefix}{route.path}"
        outputs.append(RouteOutputs(name=route.name, path=path, methods=route.methods))
    return tuple(outputs)


def notes_of(config: GatewayConfig) -> tuple[str, ...]:
    """Notes on all Model APIs, each once with the APIs that it concerns."""
    concerned: dict[str, list[str]] = {}
    for key, api in sorted(config.model_apis.items()):
        for note in _notes(api, config):
            concerned.setdefault(note, []).append(key)
    return tuple(f"{_named(keys)}: it {note}" for note, keys in concerned.items())


def route_messages(config: GatewayConfig, listed: Mapping[str, Listed]) -> list[str]:
    """Return what `up` reports of the routes of all Model APIs, each once with its APIs.

    Args:
        config: The gateway with everything on it.
        listed: `routes` of each deployed API, by its key.
    """
    concerned: dict[str, list[str]] = {}
    for key, api in sorted(config.model_apis.items()):
        for note in route_notes(api, listed_routes(api, listed.get(key))):
            concerned.setdefault(note, []).append(key)
    return [f"{_named(keys)}: it {note}" for note, keys in concerned.items()]


def _named(keys: list[str]) -> str:
    noun = "Model API" if len(keys) == 1 else "Model APIs"
    names = ", ".join(keys[:_MOST_NAMES])
    more = len(keys) - _MOST_NAMES
    return f"{noun} {names} and {more} more" if more > 0 else f"{noun} {names}"


def _notes(api: ModelApiSettings, config: GatewayConfig) -> list[str]:
    notes = []
    if api.observe.logging:
        notes.append(LOGGING_NOTE)
    if any(config.domains[name].scheme == "http" for name in api.domains):
        notes.append(PLAIN_HTTP_NOTE)
    for consumer, place in other_placements(api, config.consumers).items():
        kind = "header" if place.source == "header" else "query parameter"
        notes.append(f"reads the key of {consumer} in the {kind} {place.name}, unlike the others'.")
    return notes
