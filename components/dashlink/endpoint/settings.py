"""An endpoint as people write it: which service, in which zones, under which name, with which limits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from dashlink.types import Region, SettingsModel, Tags, VpcId, ZoneId, wrong

_LONGEST_WAIT_SECONDS = 24 * 3600
_LEAST_BANDWIDTH_MBPS, _MOST_BANDWIDTH_MBPS = (
    100,
    10_000,
)  # PrivateLink, CreateVpcEndpoint (2026): 100 to 10000 Mbit/s


class AttachedVpc(SettingsModel):
    """A further VPC in which the private domain answers; it needs a route to the endpoint's VPC of its own."""

    vpc_id: VpcId
    """The VPC (`vpc-…`)."""
    region: Region
    """Its region."""


class PrivateNameSettings(SettingsModel):
    """The name that clients dial instead of the endpoint's own domain."""

    mode: Literal["private-zone", "service", "none"]
    """`private-zone`: made here; `service`: the console's custom-domain switch makes it; `none`: no such name."""
    domain: str | None = Field(
        default=None, pattern=r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,}$", max_length=253
    )
    """The name, without a scheme; default: the one that the service's documents give for the region."""
    ttl_seconds: int | None = Field(default=None, ge=5, le=86400)
    """Time to live of the CNAME in seconds; default 15. PrivateZone takes 5 to 86400 (AddZoneRecord, 2026)."""
    attach_to: tuple[AttachedVpc, ...] = ()
    """Further VPCs in which the name answers; the endpoint's own VPC always does."""


def _private_name(value: Any) -> Any:
    """A bare word is the mode."""
    return {"mode": value} if isinstance(value, str) else value


def _paths(value: Mapping[str, str]) -> Mapping[str, str]:
    for protocol, path in value.items():
        if not path.startswith("/"):
            raise wrong(
                f"the path of {protocol} does not start with a slash", f"Write it as /{path}."
            )
    return value


class EndpointSettings(SettingsModel):
    """A PrivateLink endpoint to one endpoint service."""

    service: str | None = None
    """Name of the endpoint service, e.g. `com.aliyuncs.dashscope`; or give `service_id`."""
    service_id: str | None = Field(default=None, pattern=r"^epsrv-[0-9a-z*]+$")
    """Id of the endpoint service (`epsrv-…`), e.g. in the finance cloud; or give `service`."""
    profile: str | None = None
    """What kind of service it is, where name and region do not tell: `dashscope`, `dashscope-finance`, `plain`."""
    zones: tuple[ZoneId, ...] | None = None
    """Zones of the endpoint, two or more of the network's; default: all of them."""
    private_name: Annotated[PrivateNameSettings | None, BeforeValidator(_private_name)] = None
    """The name that clients dial; a bare mode, or an object; default: as the service's documents say."""
    scheme: Literal["http", "https"] | None = None
    """How clients dial; default: https for a private domain, http for the endpoint's own."""
    base_paths: Annotated[Mapping[str, str], AfterValidator(_paths)] | None = None
    """Path by protocol, over the profile's, e.g. `{openai: /v1}`."""
    policy: Mapping[str, Any] | None = None
    """Endpoint policy document (RAM's grammar: `Version`, `Statement`)."""
    deletion_protection: bool = False
    """Refuse to delete the endpoint, by Pulumi, until this is taken away."""
    service_region: Region | None = None
    """Region of the service, where it is not the VPC's."""
    cross_region_bandwidth_mbps: int | None = Field(
        default=None, ge=_LEAST_BANDWIDTH_MBPS, le=_MOST_BANDWIDTH_MBPS
    )
    """Bandwidth between the two regions in Mbit/s, 100 to 10000; needs `service_region`."""
    name: str | None = Field(default=None, pattern=r"^[A-Za-z][0-9A-Za-z_-]{1,127}$")
    """Name of the endpoint; default: made from project and stack."""
    description: str | None = Field(default=None, min_length=2, max_length=256)
    """Description of the endpoint."""
    resource_group_id: str | None = None
    """Resource group of the endpoint and its private zone (`rg-…`)."""
    tags: Tags = Field(default_factory=dict)
    """Tags of the endpoint and its private zone, over those of the stack."""
    connection_timeout_seconds: int = Field(default=600, ge=1, le=_LONGEST_WAIT_SECONDS)
    """How long `up` waits for every zone to be connected, in seconds."""
