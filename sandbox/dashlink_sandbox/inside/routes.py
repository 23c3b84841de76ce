"""Follow a packet from one VPC to another: over VPC peering, or over CEN with transit routers.

:func:`find_fault` follows it there, and its answer back; a route that is missing on either way is
silence for a client, so the cause of the first one is returned. Pure functions over the sandbox's
records. At each hop the longest prefix decides.

- A VPC's route table has its custom routes and, if it receives propagated routes, those that a
  transit router publishes to it: with ``auto_publish``, all routes of the table that the VPC
  attachment is associated with.
- A transit router forwards by the table that the packet's attachment is associated with. A table
  has its static routes and those of the attachments that propagate to it: of a VPC its vSwitches'
  blocks, of another router the routes of the table there that the peer attachment is associated
  with, if the peer attachment publishes (``auto_publish``).
- A peering leads into the VPC at its other end and nowhere else.

Sources: help.aliyun.com, CEN "How transit routers work", "Route tables of transit routers",
"Advertise routes to a VPC" and "Inter-region connections" (2025); VPC "VPC peering connections"
(2025); the repository terraform-alicloud-private-network-access-for-bailian v2.0.0, which needs
each of these and no route entry. That a VPC's routes are its vSwitches' blocks, and that published
routes enter every table that receives propagated routes, is unverified.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from dashlink_sandbox.inside import missing
from dashlink_sandbox.inside.links import associated_table, linked, other_router
from dashlink_sandbox.routers import PeerConnection, RouterAttachment, RouterTable
from dashlink_sandbox.state import RouteTable, State

_ACTIVATED = "Activated"


@dataclass(frozen=True)
class Place:
    """An address in a VPC, in one of its vSwitches."""

    vpc_id: str
    vswitch_id: str
    address: str


@dataclass(frozen=True)
class _Route:
    """A route. ``hop`` is the id of a peering or attachment; empty: the packet is dropped."""

    cidr: str
    hop: str


def find_fault(state: State, source: Place, target: Place) -> str | None:
    """Return why no packet gets from ``source`` to ``target`` and back; None if both do."""
    cause = _lost(state, source, target)
    if cause is not None:
        return cause
    cause = _lost(state, target, source)
    return f"the answer is lost: {cause}" if cause is not None else None


def next_hop(state: State, source: Place, address: str) -> str | None:
    """Return the id that a packet from ``source`` to ``address`` leads to; None without a route."""
    table = _table_of(state, source)
    route = None if table is None else _longest(_vpc_routes(state, table), address)
    return None if route is None else route.hop


def _lost(state: State, source: Place, target: Place) -> str | None:
    """Return where a packet from ``source`` to ``target`` is lost; None if it arrives."""
    table = _table_of(state, source)
    if table is None:
        return f"{source.vpc_id} has no route table"
    route = _longest(_vpc_routes(state, table), target.address)
    if route is None:
        cause = f"{source.vpc_id} has no route to {target.address}"
        return _because(cause, missing.of_vpc(state, table, target.vpc_id))
    connection = state.peer_connections.get(route.hop)
    if connection is not None:
        return _lost_on_peering(connection, source, target)
    attachment = state.router_attachments.get(route.hop)
    if attachment is None:
        return f"the route of {source.vpc_id} to {target.address} leads to {route.hop}, not there"
    return _lost_on_routers(state, attachment, target)


def _lost_on_peering(connection: PeerConnection, source: Place, target: Place) -> str | None:
    which = f"the peering {connection.connection_id}"
    if connection.status != _ACTIVATED:
        return f"{which} is {connection.status}, not {_ACTIVATED}"
    if connection.other_side(source.vpc_id) != target.vpc_id:
        return f"{which} does not lead to {target.vpc_id}"
    return None


def _lost_on_routers(state: State, entered: RouterAttachment, target: Place) -> str | None:
    """Follow a packet that has entered a transit router, at most once over each router."""
    router_id = entered.router_id
    passed: set[str] = set()
    while router_id not in passed:
        passed.add(router_id)
        step = _step(state, entered, router_id, target)
        if isinstance(step, str):
            return step
        if step.vpc_id:
            return _arrival_fault(step, target)
        entered, router_id = step, other_router(step, router_id)
    return f"{target.address} leads in a circle of transit routers"


def _step(
    state: State, entered: RouterAttachment, router_id: str, target: Place
) -> RouterAttachment | str:
    """The attachment by which a packet leaves a router, or why it does not leave it."""
    table = associated_table(state, entered, router_id)
    if table is None:
        where = f"no route table of {router_id}"
        return f"the attachment {entered.attachment_id} is associated with {where}"
    route = _longest(_router_routes(state, table, set()), target.address)
    if route is None or not route.hop:
        cause = f"the route table {table.table_id} of {router_id} has no way to {target.address}"
        return cause if route else _because(cause, missing.of_router(state, table, target.vpc_id))
    return state.router_attachments[route.hop]


def _arrival_fault(attachment: RouterAttachment, target: Place) -> str | None:
    if attachment.vpc_id == target.vpc_id:
        return None
    return f"{target.address} leads to {attachment.vpc_id}, not to {target.vpc_id}"


def _table_of(state: State, place: Place) -> RouteTable | None:
    vswitch = state.vswitches.get(place.vswitch_id)
    if vswitch is not None and vswitch.route_table_id in state.route_tables:
        return state.route_tables[vswitch.route_table_id]
    vpc = state.vpcs[place.vpc_id]
    return state.route_tables.get(vpc.route_table_id)


def _vpc_routes(state: State, table: RouteTable) -> Iterator[_Route]:
    for entry in table.entries:
        yield _Route(entry.cidr, entry.next_hop_id)
    if not table.propagation_enabled:
        return
    for attachment in state.router_attachments.values():
        if attachment.vpc_id != table.vpc_id or not attachment.auto_publish:
            continue
        routes = associated_table(state, attachment, attachment.router_id)
        if routes is not None:
            for route in _router_routes(state, routes, set()):
                if route.hop and route.hop != attachment.attachment_id:
                    yield _Route(route.cidr, attachment.attachment_id)


def _router_routes(state: State, table: RouterTable, passed: set[str]) -> Iterator[_Route]:
    """The routes of a router's table. ``passed``: attachments whose routes are not followed."""
    for entry in table.entries:
        yield _Route(entry.cidr, entry.attachment_id)
    for link in state.router_propagations.values():
        attachment = linked(state, link, table)
        if attachment is None or attachment.attachment_id in passed:
            continue
        for cidr in _advertised(state, attachment, table, passed | {attachment.attachment_id}):
            yield _Route(cidr, attachment.attachment_id)


def _advertised(
    state: State, attachment: RouterAttachment, table: RouterTable, passed: set[str]
) -> Iterator[str]:
    """The blocks that an attachment propagates to a table of one of its routers."""
    if attachment.vpc_id:
        for vswitch in state.vswitches.values():
            if vswitch.vpc_id == attachment.vpc_id:
                yield vswitch.cidr
        return
    other = associated_table(state, attachment, other_router(attachment, table.router_id))
    if attachment.auto_publish and other is not None:
        for route in _router_routes(state, other, passed):
            if route.hop:
                yield route.cidr


def _because(cause: str, reason: str | None) -> str:
    return cause if reason is None else f"{cause}: {reason}"


def _longest(routes: Iterator[_Route], address: str) -> _Route | None:
    """The route with the longest prefix for an address; of several the first."""
    best: _Route | None = None
    longest = -1
    for route in routes:
        network = IPv4Network(route.cidr)
        if IPv4Address(address) in network and network.prefixlen > longest:
            best, longest = route, network.prefixlen
    return best
