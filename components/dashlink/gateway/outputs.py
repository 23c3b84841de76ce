"""What `up` promises of Model APIs: where clients dial them, per protocol; and what a person should be told. Pure."""

from __future__ import annotations

from typing import Any

from dashlink.clients.outputs import ModelApiOutputs, RouteOutputs
from dashlink.gateway.catalog import ANTHROPIC, COMFYUI, DASHSCOPE, OPENAI, VLLM
from dashlink.gateway.config import GatewayConfig, protocol_of
from dashlink.gateway.plan import all_first_choices
from dashlink.gateway.settings import DomainSettings, ModelApiSettings
from dashlink.gateway.translate import routes_of

_MOST_NAMES = 5
LOGGING_NOTE = (
    "logs whole requests and answers, prompts among them, into the gateway's access log in SLS: whoever reads the log "
    "reads them. Limit who may, and how long they are kept."
)
TRACING_NOTE = (
    "asks for traces, which no API turns on (SDK 11.6.0): turn them on in the gateway's console."
)
PLAIN_HTTP_NOTE = "is dialled by plain HTTP: keys and prompts pass the VPC unencrypted. `scheme: https` encrypts them."


def base_urls_of(api: ModelApiSettings, name: str, domain: DomainSettings) -> dict[str, str]:
    """Base URL by protocol key, as SDKs take it, under one domain."""
    base = api.base_path.rstrip("/")
    secure = domain.scheme == "https"
    http, web_socket = ("https", "wss") if secure else ("http", "ws")
    protocol = protocol_of(api)
    paths = {
        OPENAI: {"openai": "/v1"},
        ANTHROPIC: {"anthropic": ""},
        VLLM: {"rerank": "/v1"},
        COMFYUI: {"comfyui": ""},
        DASHSCOPE: {"dashscope": "/api/v1"},
    }[protocol]
    urls = {key: f"{http}://{name}{base}{path}" for key, path in paths.items()}
    if api.scene == "audio" and protocol == DASHSCOPE:
        urls = {"websocket-inference": f"{web_socket}://{name}{base}/api-ws/v1/inference"}
    return urls


def model_api_outputs(
    api_id: str, key: str, part: GatewayConfig, unverified: tuple[str, ...]
) -> dict[str, Any]:
    """The document of one Model API. Its base URLs are those of its first domain."""
    api = part.model_apis[key]
    first = api.domains[0]
    auth = api.auth.by if api.auth is not None else ("api-key" if api.consumers else None)
    base = api.base_path.rstrip("/")
    outputs = ModelApiOutputs(
        api_id=api_id,
        name=api.name or key,
        scene=api.scene,
        protocol=protocol_of(api),
        scheme=part.domains[first].scheme,
        host=first,
        domains={name: base_urls_of(api, name, part.domains[name]) for name in api.domains},
        base_urls=base_urls_of(api, first, part.domains[first]),
        routes=tuple(
            RouteOutputs(name=route.name, path=f"{base}{route.path}", methods=route.methods)
            for route in routes_of(api)
        ),
        auth=auth,
        consumers=tuple(sorted(api.consumers)),
        services=tuple(
            dict.fromkeys(choice.service for choice in (*all_first_choices(api), *api.fallbacks))
        ),
        unverified=unverified,
        notes=tuple(f"It {note}" for note in _notes(api, part)),
    )
    return outputs.model_dump(mode="json")


def notes_of(part: GatewayConfig) -> tuple[str, ...]:
    """What a person should be told once: each note with the APIs that it is about."""
    about: dict[str, list[str]] = {}
    for key, api in sorted(part.model_apis.items()):
        for note in _notes(api, part):
            about.setdefault(note, []).append(key)
    return tuple(f"{_named(keys)}: it {note}" for note, keys in about.items())


def _named(keys: list[str]) -> str:
    shown, more = keys[:_MOST_NAMES], len(keys) - _MOST_NAMES
    rest = f" and {more} more" if more > 0 else ""
    return f"Model API{'s' if len(keys) > 1 else ''} {', '.join(shown)}{rest}"


def _notes(api: ModelApiSettings, part: GatewayConfig) -> tuple[str, ...]:
    plain = any(part.domains[name].scheme == "http" for name in api.domains)
    notes = (
        (api.observe.logging, LOGGING_NOTE),
        (api.observe.tracing, TRACING_NOTE),
        (plain, PLAIN_HTTP_NOTE),
    )
    return tuple(note for holds, note in notes if holds)
