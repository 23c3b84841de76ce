"""Static routes of a transit router's table: to an attachment, or to nowhere."""

from __future__ import annotations

from ipaddress import IPv4Network

from dashlink_sandbox.routers import RouterEntry, RouterTable
from dashlink_sandbox.services.base import Answer, Call
from dashlink_sandbox.services.cbn import lookup, tables
from dashlink_sandbox.services.paging import by_token
from dashlink_sandbox.wire.errors import ApiError, check_choice, invalid, not_found

_HOPS = ("Attachment", "BlackHole")
_PREFIX = "TransitRouterRouteEntry"


def create(call: Call) -> Answer:
    """CreateTransitRouterRouteEntry. The code for a destination in use is unverified."""
    table = tables.find(call)
    cidr = call.params.required(f"{_PREFIX}DestinationCidrBlock")
    try:
        cidr = str(IPv4Network(cidr))
    except ValueError as error:
        raise invalid(f"{_PREFIX}DestinationCidrBlock") from error
    if any(entry.cidr == cidr for entry in table.entries):
        raise ApiError("InvalidDestinationCidrBlock.Duplicate", f"A route to {cidr} exists.")
    kind = call.params.required(f"{_PREFIX}NextHopType")
    check_choice(f"{_PREFIX}NextHopType", kind, _HOPS)
    attachment_id = ""
    if kind == "Attachment":
        attachment_id = call.params.required(f"{_PREFIX}NextHopId")
        attachment = lookup.find_attachment(call, attachment_id)
        if not attachment.has_router(table.router_id):
            raise lookup.absent(attachment_id)
    entry = RouterEntry(
        entry_id=call.new_id("rte"),
        cidr=cidr,
        next_hop_type=kind,
        attachment_id=attachment_id,
        name=call.params.text(f"{_PREFIX}Name"),
        description=call.params.text(f"{_PREFIX}Description"),
    )
    table.entries.append(entry)
    return {"TransitRouterRouteEntryId": entry.entry_id}


def list_entries(call: Call) -> Answer:
    """ListTransitRouterRouteEntries: the static routes, by ids."""
    table = tables.find(call)
    ids = call.params.texts("TransitRouterRouteEntryIds")
    rows = [entry for entry in table.entries if not ids or entry.entry_id in ids]
    page, counts = by_token(call.params, rows, _shape, size=20, largest=100)
    return {"TransitRouterRouteEntries": page, **counts}


def update(call: Call) -> Answer:
    """UpdateTransitRouterRouteEntry: name and description."""
    _, entry = _find(call)
    entry.name = call.params.changed(f"{_PREFIX}Name", entry.name)
    entry.description = call.params.changed(f"{_PREFIX}Description", entry.description)
    return {}


def delete(call: Call) -> Answer:
    """DeleteTransitRouterRouteEntry."""
    table, entry = _find(call)
    table.entries = [other for other in table.entries if other is not entry]
    return {}


def _find(call: Call) -> tuple[RouterTable, RouterEntry]:
    entry_id = call.params.required("TransitRouterRouteEntryId")
    for table in call.state.router_tables.values():
        for entry in table.entries:
            if entry.entry_id == entry_id and table.owner == call.account.id:
                return table, entry
    message = "The specified route entry does not exist."
    raise not_found("InvalidTransitRouterRouteEntryId.NotFound", message)


def _shape(entry: RouterEntry) -> Answer:
    return {
        "TransitRouterRouteEntryId": entry.entry_id,
        "TransitRouterRouteEntryDestinationCidrBlock": entry.cidr,
        "TransitRouterRouteEntryNextHopType": entry.next_hop_type,
        "TransitRouterRouteEntryNextHopId": entry.attachment_id,
        "TransitRouterRouteEntryName": entry.name,
        "TransitRouterRouteEntryDescription": entry.description,
        "TransitRouterRouteEntryStatus": "Active",
        "TransitRouterRouteEntryType": "Static",
    }
