"""The settings of VPCs that are connected to the network, in its region or in another one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from dashlink.types import Cidr, Region, SettingsModel, VpcId, VSwitchId, ZoneId

_MAX_BANDWIDTH_MBPS = 10_000


class ConnectedVpcSettings(SettingsModel):
    """An existing VPC whose clients reach the endpoints by their private names.

    Its account is the stack's, and its region on the same side of the border of mainland China.
    """

    vpc_id: VpcId
    """The VPC (`vpc-…`)."""
    region: Region
    """Region of the VPC."""
    cidr: Cidr
    """Block of its clients, which the security group lets in: the VPC's, or a part of it. Must not
    overlap the network or another connected VPC."""
    over: Literal["cen", "peering"] = "cen"
    """`cen`: Cloud Enterprise Network with transit routers; `peering`: a VPC peering connection
    with a route in the system route table of each side."""
    vswitch_ids: Mapping[ZoneId, VSwitchId] = Field(default_factory=dict)
    """vSwitches of the VPC by zone, in which CEN attaches it: 1 to 10; two zones are advised."""
    account_id: str | None = Field(default=None, pattern=r"^\d{5,20}$")
    """Id of the account, which a peering needs."""
    bandwidth_mbps: int | None = Field(default=None, ge=1, le=_MAX_BANDWIDTH_MBPS)
    """Bandwidth between two regions in Mbit/s; default: 10 over CEN, the cloud's over a peering.
    Connected VPCs of one region share it over CEN, and write it once."""


class CenSettings(SettingsModel):
    """The CEN instance of the connected VPCs; new unless it is named."""

    cen_id: str | None = Field(default=None, pattern=r"^cen-[0-9a-z]+$")
    """An existing CEN instance (`cen-…`), instead of a new one."""
    transit_router_ids: Mapping[Region, str] = Field(default_factory=dict)
    """Existing transit routers of the existing CEN instance by region (`tr-…`); a CEN instance has
    one in a region. Their System route tables are used."""
