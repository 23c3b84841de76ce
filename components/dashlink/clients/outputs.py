"""The outputs of a stack: their shape, its version, and how a document is read.

Programs may rely on the shape: within one `version`, keys are added, never renamed or removed. The
JSON Schema is schemas/outputs.schema.json.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import ConfigDict, ValidationError

from dashlink.clients.safe_text import text_faults
from dashlink.documented import DocumentedModel
from dashlink.errors import OutputsError

VERSION: Literal[1] = 1
"""The version of the shape."""
_COMMAND_ADVICE = "Pass the output of `pulumi stack output --json`."


class _Document(DocumentedModel):
    # Keys that a newer version has added are accepted, and not read.
    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)


class ZoneOutputs(_Document):
    """An endpoint in one zone."""

    domain: str
    """Domain name of the endpoint in this zone, set by the cloud; it resolves to `address`."""
    address: str
    """Private IPv4 address of the endpoint in this zone."""


class EndpointOutputs(_Document):
    """One endpoint, or one connection of a Model Studio workspace, for clients."""

    endpoint_id: str | None
    """Id of the endpoint (`ep-…`); null for a connection of a workspace."""
    service_name: str | None
    """Name of the endpoint service; null if only its id is known."""
    service_id: str | None
    """Id of the endpoint service (`epsrv-…`)."""
    private_domain: str | None
    """Domain name with a certificate that clients dial; null if the endpoint has none."""
    endpoint_domain: str | None
    """Domain name of the endpoint, set by the cloud, without a certificate; null for a connection
    of a workspace."""
    zones: Mapping[str, ZoneOutputs]
    """Zones of the endpoint, by zone id; none for a connection of a workspace."""
    scheme: Literal["http", "https"]
    """Scheme of the base URLs."""
    host: str
    """Host that clients dial: `private_domain`, or `endpoint_domain` if there is none."""
    base_urls: Mapping[str, str]
    """Base URL by protocol: dashscope, openai, rerank, anthropic, websocket-inference,
    websocket-realtime."""
    unverified: tuple[str, ...] = ()
    """Properties that were not verified against the live cloud."""
    notes: tuple[str, ...] = ()
    """Notes for the people who use the endpoint."""
    workspace_id: str | None = None
    """Id of the Model Studio workspace, of a connection; null for an endpoint."""
    addresses: tuple[str, ...] = ()
    """Private IPv4 addresses of a workspace's connection, as far as the settings have them."""
    service_region: str | None = None
    """Region of the service, if it is another than the endpoint's."""
    cross_region_bandwidth_mbps: int | None = None
    """Bandwidth between the two regions in Mbit/s, as far as the settings have it."""


class RouteOutputs(_Document):
    """One route of a Model API."""

    name: str
    """Name of the route."""
    path: str
    """Path, with the API's base path; `/*` at its end matches every path below."""
    methods: tuple[str, ...]
    """HTTP methods of the route; empty: all."""


class KeyPlacement(_Document):
    """Where a request carries the credential of a consumer."""

    source: Literal["header", "query"]
    """Part of the request: a header, or a query parameter."""
    name: str
    """Name of the header or of the query parameter."""
    prefix: str
    """Text before the credential, e.g. `Bearer ` with a space."""

    @property
    def is_bearer(self) -> bool:
        """Whether it is `Authorization: Bearer`, as SDKs send keys."""
        header = self.source == "header" and self.name.lower() == BEARER.name.lower()
        return header and self.prefix == BEARER.prefix


BEARER = KeyPlacement(source="header", name="Authorization", prefix="Bearer ")
"""The place where SDKs put a key unless they are configured otherwise."""


class VerifiedOutputs(_Document):
    """A word of the gateway's API that the cloud was seen to accept."""

    term: str
    """Term of the word, as in `gateway.spellings`."""
    value: str
    """The value that the cloud accepts."""
    when: str
    """Time of the answer (ISO 8601, UTC)."""
    how: str
    """The request that was answered, e.g. `dry run of CreateHttpApi`."""


class ModelApiOutputs(_Document):
    """One Model API, for clients."""

    api_id: str
    """Id of the API (`api-…`)."""
    name: str
    """Name of the API on the gateway."""
    scene: str
    """Scene of the API: text, image, video, audio, embedding, rerank, others."""
    protocol: str
    """Protocol that clients use, e.g. `OpenAI/v1`."""
    scheme: Literal["http", "https"]
    """Scheme of the base URLs under the first domain."""
    host: str
    """First domain of the API: the host that clients dial."""
    domains: Mapping[str, Mapping[str, str]]
    """Base URL by protocol, for each domain of the API."""
    base_urls: Mapping[str, str]
    """Base URL by protocol under the first domain: openai, anthropic, dashscope, rerank, comfyui,
    websocket-inference."""
    routes: tuple[RouteOutputs, ...]
    """Built-in routes of the API, as the cloud lists them; those of dashlink's catalog where
    `unverified` says so, and in outputs of earlier versions."""
    auth: str | None
    """Authentication of consumers: api-key, jwt or ak-sk; null if the API requires none."""
    key_in: KeyPlacement | None = BEARER
    """Where requests carry the credential; null if the API requires none, or signed requests."""
    consumers: tuple[str, ...]
    """Consumers that may call the API, by their names in the settings."""
    services: tuple[str, ...]
    """AI services that the API sends requests to, fallbacks included, by their names in the
    settings."""
    unverified: tuple[str, ...] = ()
    """Properties that were not verified against the live cloud."""
    verified: tuple[VerifiedOutputs, ...] = ()
    """Words that no source states, and that the cloud was seen to accept."""
    notes: tuple[str, ...] = ()
    """Notes for the people who use the API."""


class GatewayOutputs(_Document):
    """The AI gateway."""

    gateway_id: str
    """Id of the gateway (`gw-…`)."""
    environment_id: str
    """Id of the environment of the Model APIs (`env-…`)."""
    addresses: tuple[str, ...]
    """Domain names of the gateway's load balancers in the VPC."""
    internet_addresses: tuple[str, ...] = ()
    """Domain names of the gateway's load balancers on the internet; empty for a private gateway."""


class ConnectedVpcOutputs(_Document):
    """A VPC whose clients reach the endpoints by the same names."""

    vpc_id: str
    """Id of the VPC (`vpc-…`)."""
    vswitch_ids: Mapping[str, str] = {}
    """Its vSwitches by zone, as far as they are known: those of a new VPC, and those over CEN."""
    region: str
    """Region of the VPC."""
    cidr: str
    """Block of its clients."""
    over: Literal["cen", "peering"]
    """What connects it."""
    connection_id: str
    """Id of its attachment to the transit router (`tr-attach-…`), or of the peering (`pcc-…`)."""
    cen_id: str | None = None
    """Id of the CEN instance (`cen-…`); null over a peering."""
    acceptance: Literal["none", "pending", "accepted"] = "none"
    """State of a peering with the VPC of another account; `none` for the stack's own."""


class EgressOutputs(_Document):
    """The way out of the VPC to the internet."""

    nat_gateway_id: str
    """Id of the NAT gateway (`ngw-…`)."""
    addresses: tuple[str, ...]
    """Public IPv4 addresses with which clients leave: for lists of allowed addresses."""


class EasGatewayOutputs(_Document):
    """The addresses of an EAS service at one gateway."""

    kind: str
    """Kind of the gateway: `DefaultGateway` (shared), `PrivateGateway` (dedicated), `Nlb`."""
    gateway_id: str
    """Id of the gateway; `default` for the shared one."""
    vpc_urls: tuple[str, ...]
    """URLs of the service within VPCs."""
    internet_urls: tuple[str, ...]
    """URLs of the service on the internet."""
    path_type: str = "Service"
    """What the URLs end in: the `Service`, or the `Group` of services that it is a member of."""
    port: int | None = None
    """Port of a load balancer's listener; null for a gateway."""


class EasServiceOutputs(_Document):
    """One model service of PAI-EAS, for clients; its token is in no output."""

    name: str
    """Name of the service in its region."""
    service_id: str
    """Id of the service (`eas-m-…`)."""
    region: str | None = None
    """Region of a service that is in another one than the stack; null for the stack's."""
    base_urls: Mapping[str, str]
    """URL by protocol: predict (it ends in the service), openai, anthropic, and for services that
    have them group and queue; empty where the service has no address of the kind that clients
    use."""
    gateways: tuple[EasGatewayOutputs, ...]
    """All addresses of the service, by gateway, as the cloud lists them."""
    default_model: str | None = None
    """Model that client files name."""
    unverified: tuple[str, ...] = ()
    """Properties that were not verified against the live cloud."""
    notes: tuple[str, ...] = ()
    """Notes for the people who use the service."""


class LinkedVpcOutputs(_Document):
    """A VPC from which a dedicated gateway is reached."""

    vpc_id: str
    """Id of the VPC (`vpc-…`)."""
    vswitch_id: str
    """vSwitch of the gateway's interface there (`vsw-…`)."""
    address: str
    """Private address of the gateway there, to which its name resolves."""
    authoritative_dns: bool = False
    """Whether the name resolves outside linked and peer VPCs too."""
    peer_vpc_ids: tuple[str, ...] = ()
    """Further VPCs in which the name resolves."""


class DedicatedGatewayOutputs(_Document):
    """One dedicated gateway of PAI-EAS."""

    gateway_id: str
    """Id of the gateway (`gw-…`)."""
    kind: Literal["managed", "application", "unknown"]
    """Fully managed, on an Application Load Balancer, or not known."""
    vpc_domain: str | None = None
    """Domain name within VPCs; null if it is not reached there."""
    internet_domain: str | None = None
    """Domain name on the internet; null if it is not reached there."""
    linked_vpcs: tuple[LinkedVpcOutputs, ...] = ()
    """The VPCs that it is linked to."""
    notes: tuple[str, ...] = ()
    """Notes for the people who use the gateway."""
    unverified: tuple[str, ...] = ()
    """Properties that were not verified against the live cloud."""


class MaasServiceOutputs(_Document):
    """One model service of Huawei ModelArts MaaS, for clients; its key is in no output."""

    base_urls: Mapping[str, str]
    """Base URL by protocol: openai, v1, v2, anthropic; the first is the one that clients use."""
    models: tuple[str, ...]
    """Names of its models, taken literally; empty where the settings have none."""
    default_model: str | None = None
    """Model that client files name."""
    source_addresses: tuple[str, ...] = ()
    """Public IPv4 addresses by which requests leave the VPC, for the key's list of allowed ones;
    empty where they are unknown."""
    notes: tuple[str, ...] = ()
    """Notes for the people who use the service."""
    unverified: tuple[str, ...] = ()
    """Properties that were not verified against the live cloud."""

    @property
    def chat_base_url(self) -> str | None:
        """The first base URL that OpenAI's SDKs call; None without one."""
        for protocol, url in self.base_urls.items():
            if protocol != "anthropic":
                return url
        return None


class Outputs(_Document):
    """All outputs of a stack."""

    version: Literal[1]
    """Version of the shape of these outputs."""
    stack: str
    """Name of the stack."""
    region: str
    """Region of the stack's resources."""
    vpc_id: str
    """Id of the VPC (`vpc-…`)."""
    vswitch_ids: Mapping[str, str]
    """Id of the vSwitch by zone."""
    security_group_id: str
    """Id of the security group of the endpoints (`sg-…`)."""
    endpoints: Mapping[str, EndpointOutputs]
    """Endpoints, by their names in the settings."""
    clients: tuple[str, ...] = ()
    """Formats of client files in the stack's settings."""
    client_ca_file: str | None = None
    """PEM file on the clients' machines with the authorities that they trust; null for those that
    each client has."""
    connected_vpcs: Mapping[str, ConnectedVpcOutputs] = {}
    """Connected VPCs, by their names in the settings."""
    egress: EgressOutputs | None = None
    """The way out of the VPC; null if the stack has none."""
    eas_services: Mapping[str, EasServiceOutputs] = {}
    """Model services of PAI-EAS, by their names in the settings."""
    eas_gateways: Mapping[str, DedicatedGatewayOutputs] = {}
    """Dedicated gateways of PAI-EAS, by their names in the settings."""
    maas_services: Mapping[str, MaasServiceOutputs] = {}
    """Model services of Huawei ModelArts MaaS, by their names in the settings."""
    gateway: GatewayOutputs | None = None
    """The AI gateway; null if the stack has none."""
    model_apis: Mapping[str, ModelApiOutputs] = {}
    """Model APIs, by their names in the settings."""


def base_urls(
    scheme: str, host: str, paths: Mapping[str, str], *, base_path: str = ""
) -> dict[str, str]:
    """Return the base URL of each protocol, of an endpoint or a Model API.

    Args:
        scheme: ``http`` or ``https``; protocols that start with ``websocket-`` get ``ws`` or
            ``wss``.
        host: The host that clients dial.
        paths: Path by protocol, as SDKs take it: ``{"openai": "/v1"}``.
        base_path: Path before all others, with or without a slash at its end.
    """
    web_socket_scheme = "wss" if scheme == "https" else "ws"
    urls = {}
    for protocol, path in paths.items():
        own_scheme = web_socket_scheme if protocol.startswith("websocket-") else scheme
        urls[protocol] = f"{own_scheme}://{host}{base_path.rstrip('/')}{path}"
    return urls


def parse_outputs(document: str | Mapping[str, Any]) -> Outputs:
    """Read the outputs of a stack, from JSON text or a parsed document.

    Raises:
        OutputsError: The document is not the outputs of a dashlink stack; every fault at once.
    """
    parsed = _parse_json(document)
    if "version" not in parsed:
        problem = "outputs: no `version`, so that these are not a dashlink stack's."
        raise OutputsError(f"{problem} {_COMMAND_ADVICE}")
    if parsed["version"] != VERSION:
        raise OutputsError(
            f"outputs.version: unknown to this version of dashlink (got {parsed['version']!r}). "
            "Use the dashlink that deployed the stack, or run `up` with this one, which writes "
            f"version {VERSION}."
        )
    advice = "The deployment did not complete, or the document was edited: run `up` again."
    lines = [f"{fault}. {advice}" for fault in text_faults(parsed)]
    if lines:
        raise OutputsError("\n".join(sorted(lines)))
    try:
        return Outputs.model_validate(parsed)
    except ValidationError as error:
        for details in error.errors(include_url=False, include_input=False):
            path = ".".join(map(str, details["loc"]))
            lines.append(f"outputs.{path}: {details['msg'].lower()}. {advice}")
        raise OutputsError("\n".join(sorted(lines))) from None


def _parse_json(document: str | Mapping[str, Any]) -> Mapping[str, Any]:
    if not isinstance(document, str):
        return document
    try:
        parsed = json.loads(document)
    except ValueError as error:
        raise OutputsError(f"outputs: not JSON ({error}). {_COMMAND_ADVICE}") from None
    if not isinstance(parsed, dict) or not parsed:
        raise OutputsError("outputs: empty. The stack has no outputs yet: run `up` first.")
    return parsed
