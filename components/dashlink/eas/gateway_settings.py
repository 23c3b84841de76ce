"""Settings of a dedicated gateway of PAI-EAS: one that exists, or one to create."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from dashlink.eas.gateway_catalog import ID_PATTERN
from dashlink.types import (
    DOMAIN_PATTERN,
    Cidr,
    Region,
    SettingsModel,
    VpcId,
    VSwitchId,
    ZoneId,
)


class EasAclEntry(SettingsModel):
    """A block of addresses that an access list lets in."""

    cidr: Cidr
    """The block."""
    comment: str = ""
    """What it is for."""


class EasPeerVpc(SettingsModel):
    """A further VPC in which the gateway's name resolves to the address of a link.

    It needs a route of its own to the linked VPC.
    """

    vpc_id: VpcId
    """The VPC (`vpc-…`)."""
    region: Region | None = None
    """Region of the VPC; default: that of the stack."""


class EasLinkSettings(SettingsModel):
    """A VPC from which the gateway is reached, by an interface in one vSwitch."""

    vpc_id: VpcId | None = None
    """A VPC of the stack's region; default: the stack's own."""
    vswitch_id: VSwitchId | None = None
    """vSwitch of that VPC; required with `vpc_id`."""
    zone: ZoneId | None = None
    """Zone of the stack's own network for the gateway's interface, which must be one that the cloud
    supports for links; default: the first of `network.zones`, by name.
    """
    account_id: str | None = Field(default=None, pattern=r"^\d+$")
    """Account of `vpc_id`; default: that of the stack."""
    authoritative_dns: bool = False
    """Let the gateway's name resolve everywhere, e.g. in a data centre; routes are yours."""
    peers: tuple[EasPeerVpc, ...] = ()
    """Further VPCs in which the gateway's name resolves to this link; routes are yours."""
    acl: tuple[EasAclEntry, ...] | None = Field(default=None, min_length=1)
    """Blocks that may connect through this VPC, complete, as `internet_acl`; default: the cloud's
    list.
    """


class EasGatewayDomain(SettingsModel):
    """A domain of your own on the gateway; its DNS record is yours."""

    domain: str = Field(pattern=DOMAIN_PATTERN, max_length=253)
    """The domain name."""
    access: Literal["vpc", "internet"] = "vpc"
    """Where it is served."""
    certificate_id: str | None = Field(default=None, min_length=1)
    """Certificate of Certificate Management Service, for HTTPS."""


class EasGatewaySettings(SettingsModel):
    """A dedicated gateway; with `id` it exists, and nothing of it is changed."""

    id: str | None = Field(default=None, pattern=f"^{ID_PATTERN}$")
    """An existing gateway (`gw-…`), also of the ALB kind: read, never changed; no further key is
    used with it.
    """
    name: str | None = Field(default=None, min_length=1)
    """Name of a new gateway; default: `<project>-<stack>-<key>`."""
    resource_group: str | None = None
    """Self-managed resource group that a new gateway runs on; default: none."""
    instance_type: Literal["2c4g", "4c8g", "8c16g", "16c32g"] = "2c4g"
    """Type of its nodes."""
    replicas: int = Field(default=2, ge=1)
    """Number of its nodes."""
    internet: bool = False
    """Whether it is reached from the internet; refused with `private_only`."""
    intranet: bool = True
    """Whether it is reached from linked VPCs."""
    links: tuple[EasLinkSettings, ...] = (EasLinkSettings(),)
    """The VPCs from which it is reached, each once; default: the stack's own."""
    internet_acl: tuple[EasAclEntry, ...] | None = Field(default=None, min_length=1)
    """Blocks that may connect from the internet, complete: an entry that is added elsewhere is
    removed. Without it the list is not read or changed; if you remove it later, its entries stay.
    Default: the cloud's list.
    """
    domains: tuple[EasGatewayDomain, ...] = ()
    """All domains of your own on it. Their DNS records are yours."""
    ssl_redirection: bool = False
    """Redirect HTTP to HTTPS."""
    default: bool = False
    """Services of the account that name no gateway are deployed to it."""
    timeout_seconds: int = Field(default=1800, ge=1)
    """Time limit of each wait for the gateway, in seconds."""
