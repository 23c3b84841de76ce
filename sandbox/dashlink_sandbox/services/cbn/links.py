"""Associations and propagations of attachments with route tables.

An attachment's packets are forwarded by the one table that it is associated with; its routes are
known to the tables that it propagates to (CEN, "Route tables of transit routers", 2025).
"""

from __future__ import annotations

from dashlink_sandbox.routers import RouterAttachment, RouterLink, RouterTable
from dashlink_sandbox.services.base import Answer, Call
from dashlink_sandbox.services.cbn import lookup, tables
from dashlink_sandbox.services.paging import by_token
from dashlink_sandbox.wire.errors import ApiError, not_found

_Links = dict[str, RouterLink]


def associate(call: Call) -> Answer:
    """AssociateTransitRouterAttachmentWithRouteTable: an attachment has one table a router."""
    attachment, table = _requested(call)
    for link in call.state.router_associations.values():
        router_id = call.state.router_tables[link.table_id].router_id
        if link.attachment_id == attachment.attachment_id and router_id == table.router_id:
            message = "The attachment is associated with a route table already."  # code unverified
            raise ApiError("InvalidOperation.AssociationExist", message)
    _add(call, call.state.router_associations, attachment, table, "Associating")
    return {}


def dissociate(call: Call) -> Answer:
    """DissociateTransitRouterAttachmentFromRouteTable."""
    _remove(call, call.state.router_associations)
    return {}


def enable(call: Call) -> Answer:
    """EnableTransitRouterRouteTablePropagation."""
    attachment, table = _requested(call)
    _add(call, call.state.router_propagations, attachment, table, "Enabling")
    return {}


def disable(call: Call) -> Answer:
    """DisableTransitRouterRouteTablePropagation."""
    _remove(call, call.state.router_propagations)
    return {}


def list_associations(call: Call) -> Answer:
    """ListTransitRouterRouteTableAssociations: by attachment and route table."""
    return _list(call, call.state.router_associations, "TransitRouterAssociations")


def list_propagations(call: Call) -> Answer:
    """ListTransitRouterRouteTablePropagations: by attachment and route table."""
    return _list(call, call.state.router_propagations, "TransitRouterPropagations")


def add_to_system_table(
    call: Call, links: _Links, attachment: RouterAttachment, status: str
) -> None:
    """Add a link of a new attachment to the System table of its router."""
    for table in call.state.router_tables.values():
        if table.router_id == attachment.router_id and table.type == "System":
            _add(call, links, attachment, table, status)


def _requested(call: Call) -> tuple[RouterAttachment, RouterTable]:
    attachment_id = call.params.required("TransitRouterAttachmentId")
    attachment = lookup.find_attachment(call, attachment_id)
    table = tables.find(call)
    if not attachment.has_router(table.router_id):
        raise lookup.absent(attachment_id)
    return attachment, table


def _add(
    call: Call, links: _Links, attachment: RouterAttachment, table: RouterTable, status: str
) -> None:
    links[f"{attachment.attachment_id}:{table.table_id}"] = RouterLink(
        attachment_id=attachment.attachment_id,
        table_id=table.table_id,
        status=status,
        since=call.now,
        owner=call.account.id,
        created=call.now,
    )


def _remove(call: Call, links: _Links) -> None:
    attachment, table = _requested(call)
    key = f"{attachment.attachment_id}:{table.table_id}"
    if key not in links:
        message = "The attachment has no such link with the route table."  # code unverified
        raise not_found("InvalidTransitRouterRouteTableLink.NotFound", message)
    del links[key]


def _list(call: Call, links: _Links, name: str) -> Answer:
    filters = {
        "TransitRouterAttachmentId": "attachment_id",
        "TransitRouterRouteTableId": "table_id",
    }
    rows = []
    for link in links.values():
        matches = link.owner == call.account.id
        for parameter, attribute in filters.items():
            matches = matches and call.params.text(parameter) in ("", getattr(link, attribute))
        if matches:
            rows.append(_shape(call, link))
    page, counts = by_token(call.params, rows, dict, size=20, largest=100)
    return {name: page, **counts}


def _shape(call: Call, link: RouterLink) -> Answer:
    attachment = call.state.router_attachments[link.attachment_id]
    return {
        "TransitRouterAttachmentId": link.attachment_id,
        "TransitRouterRouteTableId": link.table_id,
        "ResourceType": attachment.kind,
        "ResourceId": attachment.vpc_id or attachment.peer_router_id,
        "Status": link.status,
    }
