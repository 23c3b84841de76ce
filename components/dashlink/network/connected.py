"""The settings of VPCs that are connected to the network, in its region or in another one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from dashlink.types import Cidr, Region, SettingsModel, VpcId, VSwitchId, ZoneId

_MAX_BANDWIDTH_MBPS = 10_000


class ConnectedVpcSettings(SettingsModel):
    """A VPC whose clients reach the endpoints by their private names: an existing or a new one.

    Its region is on the same side of the border of mainland China as the stack's.
    """

    vpc_id: VpcId | None = None
    """An existing VPC (`vpc-…`)."""
    zones: tuple[ZoneId, ...] = ()
    """Zones of a new VPC, instead of `vpc_id`: it has the block `cidr`, and a vSwitch in each."""
    region: Region
    """Region of the VPC, on the same side of the border of mainland China."""
    cidr: Cidr
    """Block of its clients, which the security group lets in: the VPC's, or a part of it. Must not
    overlap the network or another connected VPC."""
    over: Literal["cen", "peering"] = "cen"
    """`cen`: Cloud Enterprise Network with transit routers; `peering`: a VPC peering connection
    with a route in the system route table of each side."""
    vswitch_ids: Mapping[ZoneId, VSwitchId] = Field(default_factory=dict)
    """Over CEN, of an existing VPC: its vSwitches by zone, in which it is attached, 1 to 10; two
    zones are advised.
    """
    account_id: str | None = Field(default=None, pattern=r"^\d{5,20}$")
    """Id of the account of the VPC, which a peering needs."""
    acceptance: Literal["none", "pending", "accepted"] = "none"
    """State of a peering with the VPC of another account: `pending` creates the connection alone,
    and notes show what its owner has to do; `accepted` adds the network's route when that is done.
    `none`: the stack's own account has the VPC, so that nobody has to accept.
    """
    bandwidth_mbps: int | None = Field(default=None, ge=1, le=_MAX_BANDWIDTH_MBPS)
    """Bandwidth between two regions in Mbit/s; default: 10 over CEN, the cloud's over a peering.
    Connected VPCs of one region share it over CEN, and write it once."""

    @property
    def is_of_stack(self) -> bool:
        """Whether the stack's own account has the VPC."""
        return self.acceptance == "none"


_ATTACHMENT_ID = Annotated[str, Field(pattern=r"^tr-attach-[0-9a-z]+$")]
NETWORK = "network"
"""The key of the network's own attachment among those of connected VPCs."""


class CenSettings(SettingsModel):
    """The CEN instance of the connected VPCs; new unless it is named."""

    cen_id: str | None = Field(default=None, pattern=r"^cen-[0-9a-z]+$")
    """An existing CEN instance (`cen-…`); default: a new one."""
    transit_router_ids: Mapping[Region, str] = Field(default_factory=dict)
    """Existing transit routers of the existing CEN instance by region (`tr-…`); a CEN instance has
    one in a region. Their System route tables are used."""
    attachment_ids: Mapping[str, _ATTACHMENT_ID] = Field(default_factory=dict)
    """Existing VPC attachments of those routers (`tr-attach-…`), by the name of a connected VPC;
    `network` is the network's own. They are not changed, so they must be associated with the System
    table, propagate to it, and publish routes to the VPC."""
    peer_attachment_ids: Mapping[Region, _ATTACHMENT_ID] = Field(default_factory=dict)
    """Existing peer attachments between the network's router and another region's, by that region.
    They are not changed either."""
