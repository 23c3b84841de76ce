"""The outputs that `up` promises: their shape, their version, and how a document of them is read.

Programs may rely on it: within one `version` keys are added, never renamed or removed. The JSON Schema is
schemas/outputs.schema.json.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from dashlink.errors import OutputsError

VERSION: Literal[1] = 1
"""The version of the shape."""


class _Document(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class ZoneOutputs(_Document):
    """An endpoint in one zone."""

    domain: str
    """The zone's own domain name, machine-made; it resolves to `address`."""
    address: str
    """Private IPv4 address of the endpoint in this zone."""


class EndpointOutputs(_Document):
    """One endpoint, for clients."""

    endpoint_id: str
    """Id of the endpoint (`ep-…`)."""
    service_name: str | None
    """Name of the endpoint service; null where it is known by its id only."""
    service_id: str | None
    """Id of the endpoint service (`epsrv-…`)."""
    private_domain: str | None
    """The name with a certificate that clients dial; null where the endpoint has none."""
    endpoint_domain: str
    """The endpoint's own domain name, machine-made, without a certificate."""
    zones: Mapping[str, ZoneOutputs]
    """The zones by their id."""
    scheme: Literal["http", "https"]
    """How clients dial."""
    host: str
    """The name that clients dial: `private_domain`, or `endpoint_domain` where there is none."""
    base_urls: Mapping[str, str]
    """Base URL by protocol: dashscope, openai, rerank, anthropic, websocket-inference, websocket-realtime."""
    unverified: tuple[str, ...] = ()
    """What was not verified against the live cloud."""
    notes: tuple[str, ...] = ()
    """What a person should know."""


class RouteOutputs(_Document):
    """A route of a Model API."""

    name: str
    """Its name."""
    path: str
    """Path with the base path; one that ends in `/*` takes everything below it."""
    methods: tuple[str, ...]
    """HTTP methods."""


class ModelApiOutputs(_Document):
    """One Model API, for clients."""

    api_id: str
    """Id of the API (`api-…`)."""
    name: str
    """Its name."""
    scene: str
    """What it is for: text, image, video, audio, embedding, rerank, others."""
    protocol: str
    """What clients speak, e.g. `OpenAI/v1`."""
    scheme: Literal["http", "https"]
    """How clients dial its first domain."""
    host: str
    """Its first domain: the name that clients dial."""
    domains: Mapping[str, Mapping[str, str]]
    """Base URL by protocol, for each domain."""
    base_urls: Mapping[str, str]
    """Base URL by protocol of the first domain: openai, anthropic, dashscope, rerank, comfyui, websocket-inference."""
    routes: tuple[RouteOutputs, ...]
    """What can be asked of it."""
    auth: str | None
    """Credential that callers are asked for: api-key, jwt, ak-sk; null: none."""
    consumers: tuple[str, ...]
    """Who may call it, names of the settings."""
    services: tuple[str, ...]
    """AI services that it sends to, fallbacks too, names of the settings."""
    unverified: tuple[str, ...] = ()
    """What was not verified against the live cloud."""
    notes: tuple[str, ...] = ()
    """What a person should know."""


class GatewayOutputs(_Document):
    """The AI gateway."""

    gateway_id: str
    """Id of the gateway (`gw-…`)."""
    environment_id: str
    """Environment of the Model APIs (`env-…`)."""
    addresses: tuple[str, ...]
    """Names of its load balancers within the VPC."""
    internet_addresses: tuple[str, ...] = ()
    """Names of its load balancers on the internet; none for a private gateway."""


class Outputs(_Document):
    """All outputs of a stack."""

    version: Literal[1]
    """Version of this shape."""
    stack: str
    """Name of the stack."""
    region: str
    """Region of everything in it."""
    vpc_id: str
    """Id of the VPC (`vpc-…`)."""
    vswitch_ids: Mapping[str, str]
    """vSwitch by zone."""
    security_group_id: str
    """Id of the security group of the endpoints (`sg-…`)."""
    endpoints: Mapping[str, EndpointOutputs]
    """Endpoints by their name in the settings."""
    clients: tuple[str, ...] = ()
    """Client files that the stack asks for."""
    gateway: GatewayOutputs | None = None
    """The AI gateway; null where the stack has none."""
    model_apis: Mapping[str, ModelApiOutputs] = {}
    """Model APIs by their name in the settings."""


def base_urls(scheme: str, host: str, base_paths: Mapping[str, str]) -> dict[str, str]:
    """Base URL by protocol; a protocol that starts with ``websocket-`` gets ``ws`` or ``wss``."""
    web_socket = "wss" if scheme == "https" else "ws"
    return {
        protocol: f"{web_socket if protocol.startswith('websocket-') else scheme}://{host}{path}"
        for protocol, path in base_paths.items()
    }


def parse_outputs(document: str | Mapping[str, Any]) -> Outputs:
    """Read a document of outputs, text (JSON) or loaded.

    Raises:
        OutputsError: If it is not one of ours, says which way it is not, and what to do.
    """
    loaded = _loaded(document)
    if "version" not in loaded:
        raise OutputsError(
            "outputs: no `version` in it, so not a dashlink stack's. Give the output of `pulumi stack output --json`."
        )
    if loaded["version"] != VERSION:
        raise OutputsError(
            f"outputs.version: another version than this dashlink knows (got {loaded['version']!r}). "
            f"Use the dashlink that deployed the stack, or `up` with this one: it writes version {VERSION}."
        )
    try:
        return Outputs.model_validate(loaded)
    except ValidationError as error:
        lines = [
            f"outputs.{'.'.join(str(step) for step in details['loc'])}: {details['msg'].lower()}. "
            "The deployment did not end, or the document was changed: `up` again."
            for details in error.errors(include_url=False, include_input=False)
        ]
        raise OutputsError("\n".join(sorted(lines))) from None


def _loaded(document: str | Mapping[str, Any]) -> Mapping[str, Any]:
    if not isinstance(document, str):
        return document
    try:
        loaded = json.loads(document)
    except ValueError as error:
        raise OutputsError(
            f"outputs: not JSON ({error}). Give the output of `pulumi stack output --json`."
        ) from None
    if not isinstance(loaded, dict) or not loaded:
        raise OutputsError("outputs: empty. The stack has no outputs yet: `up` first.")
    return loaded
