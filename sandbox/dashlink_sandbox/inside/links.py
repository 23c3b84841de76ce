"""How an attachment is linked to the route tables of its transit routers.

Sources: see :mod:`dashlink_sandbox.inside.routes`.
"""

from __future__ import annotations

from dashlink_sandbox.routers import RouterAttachment, RouterLink, RouterTable
from dashlink_sandbox.state import State

ATTACHED, ACTIVE = "Attached", "Active"


def associated_table(
    state: State, attachment: RouterAttachment, router_id: str
) -> RouterTable | None:
    """Return the table of a router that an attached attachment is associated with."""
    for link in state.router_associations.values():
        table = state.router_tables.get(link.table_id)
        is_active = link.status == ACTIVE and attachment.status == ATTACHED
        is_active = is_active and link.attachment_id == attachment.attachment_id
        if is_active and table is not None and table.router_id == router_id:
            return table
    return None


def linked(state: State, link: RouterLink, table: RouterTable) -> RouterAttachment | None:
    """Return the attachment of an active link to ``table``, if it is attached."""
    attachment = state.router_attachments.get(link.attachment_id)
    is_active = link.status == ACTIVE and link.table_id == table.table_id
    if attachment is None or not is_active or attachment.status != ATTACHED:
        return None
    return attachment


def propagates(state: State, attachment: RouterAttachment, table: RouterTable) -> bool:
    """Return whether a table has the routes of an attachment."""
    for link in state.router_propagations.values():
        if linked(state, link, table) is attachment:
            return True
    return False


def other_router(attachment: RouterAttachment, router_id: str) -> str:
    """Return the router at the other end of a peer attachment."""
    if router_id == attachment.router_id:
        return attachment.peer_router_id
    return attachment.router_id
