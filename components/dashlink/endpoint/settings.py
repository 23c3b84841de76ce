"""The settings of an endpoint: its service, zones, private name and limits."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Address
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from dashlink.clients.safe_text import PlainText, UrlPath
from dashlink.types import (
    DOMAIN_PATTERN,
    EndpointId,
    Region,
    ResourceGroupId,
    SettingsModel,
    Tags,
    VpcId,
    ZoneId,
    wrong,
)

_MAX_WAIT_SECONDS = 24 * 3600
# PrivateLink, CreateVpcEndpoint (2026): 100 to 10000 Mbit/s.
_MIN_BANDWIDTH_MBPS = 100
_MAX_BANDWIDTH_MBPS = 10_000


class AttachedVpc(SettingsModel):
    """A further VPC that resolves the private domain.

    It needs a route of its own to the VPC of the endpoint.
    """

    vpc_id: VpcId
    """The VPC (`vpc-…`)."""
    region: Region
    """Region of the VPC."""


NameBy = Literal["private-zone", "service", "none"]
"""How clients get a name for an endpoint."""


class PrivateNameSettings(SettingsModel):
    """The name that clients dial instead of the endpoint's own domain."""

    mode: NameBy
    """`private-zone`: dashlink creates the name; `service`: the custom service domain of the
    console creates it, or you have created it; `none`: there is no such name."""
    domain: str | None = Field(default=None, pattern=DOMAIN_PATTERN, max_length=253)
    """The name, without a scheme, e.g. `vpc-cn-beijing.dashscope.aliyuncs.com`; default: the name
    that the service documents for the region.
    """
    ttl_seconds: int | None = Field(default=None, ge=5, le=86400)
    """Time to live of the CNAME record in seconds, 5 to 86400 (PrivateZone, AddZoneRecord, 2026);
    default: 15.
    """
    attach_to: tuple[AttachedVpc, ...] = ()
    """Further VPCs that resolve the name, beside the VPC of the endpoint; each needs its own route
    to that VPC.
    """


class WorkspaceSettings(SettingsModel):
    """A private connection of a Model Studio workspace, which the console has created.

    No API creates or reads it (2026-10), so that its host is copied from the console.
    """

    workspace_id: str = Field(pattern=r"^[0-9A-Za-z][0-9A-Za-z_-]*$", max_length=64)
    """Id of the workspace, as the console shows it."""
    host: str = Field(pattern=DOMAIN_PATTERN, max_length=253)
    """Private host of the workspace, without a scheme, as the console shows it in the workspace's
    advanced configuration; empty there until the connection is selected. dashlink never computes
    it, because the first label need not be the id.
    """
    attach_to: tuple[AttachedVpc, ...] = ()
    """Further VPCs that resolve the host, by a private zone with an A record for each of
    `addresses`. Each needs its own route to the VPC of the connection. Not verified: no document
    states a record.
    """
    addresses: tuple[IPv4Address, ...] = ()
    """Private addresses of the connection, one for each of its zones; required with `attach_to`,
    and compared by `dashlink check`.
    """


def _private_name(value: Any) -> Any:
    """Accept a mode alone."""
    return {"mode": value} if isinstance(value, str) else value


def _paths(value: Mapping[str, str]) -> Mapping[str, str]:
    for protocol, path in value.items():
        if not path.startswith("/"):
            problem = f"the path of {protocol} does not start with a slash"
            raise wrong(problem, f"Write it as /{path}.")
    return value


class EndpointSettings(SettingsModel):
    """A PrivateLink endpoint to one endpoint service: a new one, or an existing one by its id.

    Or a private connection of a Model Studio workspace, which takes the place of an endpoint.
    """

    id: EndpointId | None = None
    """Id of an existing endpoint (`ep-…`) of the VPC, which is used as it is and never changed or
    deleted; replaces `service` and `service_id`."""
    workspace: WorkspaceSettings | None = None
    """A private connection of a Model Studio workspace, instead of an endpoint."""
    service: PlainText | None = None
    """Name of the endpoint service, e.g. `com.aliyuncs.dashscope`; or use `service_id`."""
    service_id: str | None = Field(default=None, pattern=r"^epsrv-[0-9a-z*]+$")
    """Id of the endpoint service (`epsrv-…`), e.g. in the finance cloud; or use `service`."""
    profile: str | None = None
    """Kind of service, where neither service nor region implies it: `dashscope`,
    `dashscope-finance`, `plain`."""
    zones: tuple[ZoneId, ...] | None = None
    """Zones of the endpoint, two or more; default: all of the network's. With `id`: the zones that
    must be connected, one or more."""
    private_name: Annotated[
        PrivateNameSettings | None,
        BeforeValidator(_private_name, json_schema_input_type=PrivateNameSettings | NameBy | None),
    ] = None
    """The name that clients dial, as a mode alone or as an object; default: by the kind of
    service. Required with the `id` of an endpoint of Model Studio's public cloud."""
    scheme: Literal["http", "https"] | None = None
    """Scheme that clients use; default: https for a private domain, http for the endpoint's own
    domain."""
    base_paths: Annotated[Mapping[PlainText, UrlPath], AfterValidator(_paths)] | None = None
    """Path by protocol, e.g. `{openai: /v1}`; overrides the paths of the kind of service."""
    policy: Mapping[str, Any] | None = None
    """Endpoint policy document, in RAM's grammar: `Version` ("1") and a list `Statement`, each with
    `Effect`, `Action`, `Resource`, perhaps `Principal` and `Condition`. PrivateLink documents it
    for Object Storage Service and PAI AI Workspace only (2025-12): a warning for Model Studio.
    """
    deletion_protection: bool = False
    """Pulumi refuses to delete the endpoint until this is removed. The cloud's own protection is
    not used, because no API lifts it.
    """
    service_region: Region | None = None
    """Region of the service, if it differs from that of the VPC. Not across the border of mainland
    China: use CEN there. Default: the stack's.
    """
    cross_region_bandwidth_mbps: int | None = Field(
        default=None, ge=_MIN_BANDWIDTH_MBPS, le=_MAX_BANDWIDTH_MBPS
    )
    """Bandwidth between the two regions in Mbit/s, 100 to 10000; needs `service_region`."""
    name: str | None = Field(default=None, pattern=r"^[A-Za-z][0-9A-Za-z_-]{1,127}$")
    """Name of the endpoint; default: derived from project and stack."""
    description: str | None = Field(default=None, min_length=2, max_length=256)
    """Description of the endpoint."""
    resource_group_id: ResourceGroupId | None = None
    """Resource group of the endpoint and its private zone (`rg-…`)."""
    tags: Tags = Field(default_factory=dict)
    """Tags of the endpoint and its private zone; they override those of the stack."""
    connection_timeout_seconds: int = Field(default=600, ge=1, le=_MAX_WAIT_SECONDS)
    """Time that `up` waits for all zones to be connected, in seconds."""
