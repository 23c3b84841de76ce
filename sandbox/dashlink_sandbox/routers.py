"""Records of what connects VPCs: CEN with its transit routers, and VPC peering.

Times are seconds since the epoch; ``since`` is the time at which ``status`` was set.
"""

from __future__ import annotations

from pydantic import Field

from dashlink_sandbox.records import Record, Tagged


class Cen(Tagged):
    """A Cloud Enterprise Network instance: the set of routers that may reach each other."""

    cen_id: str
    name: str = ""
    description: str = ""
    protection_level: str = "REDUCED"
    status: str = "Creating"
    since: float = 0.0


class TransitRouter(Tagged):
    """The Enterprise transit router of a CEN in one region."""

    router_id: str
    cen_id: str
    region: str
    name: str = ""
    description: str = ""
    status: str = "Creating"
    since: float = 0.0


class RouterEntry(Record):
    """A static route of a transit router. ``next_hop_type``: Attachment, BlackHole."""

    entry_id: str
    cidr: str
    next_hop_type: str
    attachment_id: str = ""
    name: str = ""
    description: str = ""


class RouterTable(Tagged):
    """A route table of a transit router. ``type``: System, Custom."""

    table_id: str
    router_id: str
    region: str
    type: str = "Custom"
    name: str = ""
    description: str = ""
    entries: list[RouterEntry] = Field(default_factory=list)


class RouterAttachment(Tagged):
    """A connection of a transit router: to a VPC (kind ``VPC``), or to another router (``TR``).

    ``zones``: vSwitch id by zone, of a VPC attachment. ``auto_publish``: whether the router's
    routes are written into the VPC's route tables, or are advertised to the other router.
    """

    attachment_id: str
    kind: str
    cen_id: str
    router_id: str
    region: str
    name: str = ""
    description: str = ""
    auto_publish: bool = False
    status: str = "Attaching"
    since: float = 0.0
    vpc_id: str = ""
    zones: dict[str, str] = Field(default_factory=dict)
    peer_router_id: str = ""
    peer_region: str = ""
    bandwidth: int = 0
    bandwidth_type: str = ""
    link_type: str = ""

    def has_router(self, router_id: str) -> bool:
        """Whether the attachment is one of the router's."""
        return router_id in (self.router_id, self.peer_router_id)


class RouterLink(Tagged):
    """An association or a propagation of an attachment with a route table."""

    attachment_id: str
    table_id: str
    status: str
    since: float = 0.0


class PeerConnection(Tagged):
    """A peering of two VPCs, made from ``vpc_id`` and accepted by the other VPC's account."""

    connection_id: str
    region: str
    vpc_id: str
    accepting_region: str
    accepting_vpc_id: str
    accepting_owner: str
    name: str = ""
    description: str = ""
    bandwidth: int = -1
    link_type: str = ""
    status: str = "Creating"
    since: float = 0.0

    def other_side(self, vpc_id: str) -> str:
        """Return the VPC at the other end; empty if ``vpc_id`` is at neither."""
        if vpc_id == self.vpc_id:
            return self.accepting_vpc_id
        return self.vpc_id if vpc_id == self.accepting_vpc_id else ""
