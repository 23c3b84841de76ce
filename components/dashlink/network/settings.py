"""The settings of the network.

A new network has `cidr` and `zones`. An existing network has `vpc_id` and, for each zone, an
existing vSwitch (`vswitch_ids`) or the block of a new one (`vswitches`); its security group exists
(`security_group_id`) or is new. `ingress` has the clients.
"""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from dashlink.network.catalog import CLIENT_PORTS, HTTPS_PORTS
from dashlink.network.connected import CenSettings, ConnectedVpcSettings
from dashlink.network.egress import EgressSettings
from dashlink.types import (
    Cidr,
    ResourceGroupId,
    SecurityGroupId,
    SettingsModel,
    Tags,
    VpcId,
    VpcName,
    VSwitchId,
    ZoneId,
)


class IngressSettings(SettingsModel):
    """Clients that may reach the endpoints: what a new security group allows.

    An existing group is not changed: the preflight checks that it lets these clients in.
    """

    https_only: bool = False
    """Allow TCP 443 only. Refused if clients dial an endpoint by http."""
    from_vpc: bool = True
    """Allow the range of the VPC. `false` is refused if an AI gateway in the VPC calls an endpoint,
    unless `from_cidrs` has the ranges of the gateway's vSwitches.
    """
    from_cidrs: tuple[Cidr, ...] = ()
    """Further private ranges to allow, e.g. of a peered VPC or an office network, each at most the
    size of a VPC (/8). Public ranges and 0.0.0.0/0 are refused.
    """
    from_security_group_ids: tuple[SecurityGroupId, ...] = ()
    """Further security groups of the same VPC whose members are allowed."""

    @property
    def ports(self) -> tuple[int, ...]:
        """The TCP ports to open, ascending."""
        return HTTPS_PORTS if self.https_only else CLIENT_PORTS


class NetworkSettings(SettingsModel):
    """The VPC, its vSwitches and the security group of the endpoints."""

    zones: tuple[ZoneId, ...]
    """Two or more zones of the stack's region, in any order."""
    cidr: Cidr | None = None
    """Block of a new VPC: inside 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16, prefix length 8 to
    28.
    """
    vswitches: Mapping[ZoneId, Cidr] = Field(default_factory=dict)
    """Blocks of new vSwitches by zone, instead of the automatic ones; prefix length 16 to 29,
    inside the VPC."""
    vpc_id: VpcId | None = None
    """An existing VPC, instead of `cidr`."""
    vswitch_ids: Mapping[ZoneId, VSwitchId] = Field(default_factory=dict)
    """Existing vSwitches of the existing VPC, by zone."""
    security_group_id: SecurityGroupId | None = None
    """An existing security group of the existing VPC. It is not changed, so it must allow clients
    on the ports of the endpoints: TCP 443 for https, 80 for http."""
    ingress: IngressSettings = Field(default_factory=IngressSettings)
    """Clients that may reach the endpoints: rules of a new security group, and what an existing one
    must allow."""
    connected_vpcs: Mapping[str, ConnectedVpcSettings] = Field(default_factory=dict)
    """VPCs, existing or new, also of other regions, whose clients reach the endpoints by name
    (docs/far-vpcs.md); by a name of your choice. Each gets routes, the private names, and a rule of
    a new security group.
    """
    cen: CenSettings | None = None
    """The CEN instance of connected VPCs; default: a new one."""
    egress: EgressSettings | None = None
    """Way out of the VPC to the internet, for model services that are there; default: none. `{}`
    creates a NAT gateway, an EIP and SNAT entries."""
    name: VpcName | None = None
    """Name of a new VPC; default: derived from project and stack."""
    resource_group_id: ResourceGroupId | None = None
    """Resource group of new resources (`rg-…`), instead of the stack's."""
    tags: Tags = Field(default_factory=dict)
    """Tags of new resources; they override those of the stack."""

    @property
    def client_cidrs(self) -> tuple[Cidr, ...]:
        """The ranges of clients outside the VPC: of `ingress`, and of connected VPCs."""
        connected = [one.cidr for one in self.connected_vpcs.values()]
        return (*self.ingress.from_cidrs, *connected)
