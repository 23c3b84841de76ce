"""Background transitions of what connects VPCs, as :mod:`dashlink_sandbox.transitions` has them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dashlink_sandbox.routers import (
    Cen,
    PeerConnection,
    RouterAttachment,
    RouterLink,
    TransitRouter,
)
from dashlink_sandbox.state import State

_SECONDS = 0.2
# Statuses: CBN and VpcPeer as the alicloud provider v1.285.0 waits for them.
_NEXT: Mapping[str, str] = {
    "Attaching": "Attached",
    "Associating": "Active",
    "Enabling": "Active",
    "Creating": "Active",
    "Updating": "Activated",
}
_Connecting = Cen | TransitRouter | RouterAttachment | RouterLink | PeerConnection


def is_settled_between_vpcs(state: State) -> bool:
    """Whether no transition of a router or peering is in progress."""
    for record in _records(state):
        if record.status in _NEXT or record.status == "Detaching":
            return False
    return True


def settle_between_vpcs(state: State, now: float) -> None:
    """Apply every transition of routers and peerings that is due at ``now``."""
    for record in list(_records(state)):
        if now < record.since + _SECONDS:
            continue
        if record.status == "Detaching" and isinstance(record, RouterAttachment):
            del state.router_attachments[record.attachment_id]
        elif isinstance(record, PeerConnection) and record.status == "Creating":
            _move(record, _accepted_status(record), now)
        elif record.status in _NEXT:
            _move(record, _NEXT[record.status], now)


def _accepted_status(connection: PeerConnection) -> str:
    """A peering within one account needs no acceptance (VpcPeer, "CreateVpcPeerConnection")."""
    return "Activated" if connection.owner == connection.accepting_owner else "Accepting"


def _move(record: _Connecting, status: str, now: float) -> None:
    record.status = status
    record.since = now


def _records(state: State) -> Iterator[_Connecting]:
    yield from state.cens.values()
    yield from state.transit_routers.values()
    yield from state.router_attachments.values()
    yield from state.router_associations.values()
    yield from state.router_propagations.values()
    yield from state.peer_connections.values()
