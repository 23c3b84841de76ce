"""Name the piece of CEN without which a table has no route to a VPC.

The four conditions of each side are examined in the order in which a user creates them: an attached
attachment, its association, its propagation, and that it publishes routes. Sources: see
:mod:`dashlink_sandbox.inside.routes`. Pure functions over the sandbox's records.
"""

from __future__ import annotations

from collections.abc import Iterator

from dashlink_sandbox.inside.links import ATTACHED, associated_table, other_router, propagates
from dashlink_sandbox.routers import RouterAttachment, RouterTable
from dashlink_sandbox.state import RouteTable, State


def of_vpc(state: State, table: RouteTable, target_vpc: str) -> str | None:
    """Return what keeps published routes to a VPC out of another VPC's table.

    None: the VPC is on no transit router, or the routers have no such route because of nothing
    that is known here.
    """
    attachments = [one for one in state.router_attachments.values() if one.vpc_id == table.vpc_id]
    if not attachments:
        return f"it is attached to no transit router of {_cens(state)}" if state.cens else None
    attachment = attachments[0]
    which = f"its attachment {attachment.attachment_id}"
    if attachment.status != ATTACHED:
        return f"{which} is {attachment.status}, not {ATTACHED}"
    if not attachment.auto_publish:
        return f"{which} does not publish routes (AutoPublishRouteEnabled)"
    if not table.propagation_enabled:
        return f"its route table {table.table_id} does not receive propagated routes"
    router_id = attachment.router_id
    routes = associated_table(state, attachment, router_id)
    if routes is None:
        return f"{which} is associated with no route table of {router_id}"
    return of_router(state, routes, target_vpc)


def of_router(state: State, table: RouterTable, target_vpc: str) -> str | None:
    """Return what keeps routes to a VPC out of a transit router's table; None: nothing known."""
    router_id = table.router_id
    where = f"the route table {table.table_id} of {router_id}"
    targets = [one for one in state.router_attachments.values() if one.vpc_id == target_vpc]
    if not targets:
        return f"{target_vpc} is attached to no transit router"
    target = targets[0]
    if target.status != ATTACHED:
        which = f"the attachment {target.attachment_id} of {target_vpc}"
        return f"{which} is {target.status}, not {ATTACHED}"
    if target.router_id == router_id:
        which = f"the attachment {target.attachment_id} of {target_vpc}"
        return (
            None if propagates(state, target, table) else f"{which} does not propagate to {where}"
        )
    return _between(state, table, target)


def _between(state: State, table: RouterTable, target: RouterAttachment) -> str | None:
    """Return what keeps the routes of another router out of a table."""
    router_id = table.router_id
    peers = list(_peers(state, router_id, target.router_id))
    if not peers:
        return f"no peer attachment connects {router_id} and {target.router_id}"
    peer = peers[0]
    which = f"the peer attachment {peer.attachment_id}"
    if peer.status != ATTACHED:
        return f"{which} is {peer.status}, not {ATTACHED}"
    if not propagates(state, peer, table):
        return f"{which} does not propagate to the route table {table.table_id} of {router_id}"
    if not peer.auto_publish:
        return f"{which} does not publish routes (AutoPublishRouteEnabled)"
    far_router = other_router(peer, router_id)
    far = associated_table(state, peer, far_router)
    if far is None:
        return f"{which} is associated with no route table of {far_router}"
    return of_router(state, far, target.vpc_id)


def _peers(state: State, one: str, other: str) -> Iterator[RouterAttachment]:
    for attachment in state.router_attachments.values():
        if not attachment.vpc_id and {attachment.router_id, attachment.peer_router_id} == {
            one,
            other,
        }:
            yield attachment


def _cens(state: State) -> str:
    return " or ".join(sorted(state.cens))
