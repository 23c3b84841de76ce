"""Route tables of transit routers: the System one, and custom ones."""

from __future__ import annotations

from dashlink_sandbox.routers import RouterTable
from dashlink_sandbox.services.base import Answer, Call, timestamp
from dashlink_sandbox.services.cbn import routers
from dashlink_sandbox.services.paging import by_token
from dashlink_sandbox.services.tags import tag_list
from dashlink_sandbox.wire.errors import ApiError, not_found


def create(call: Call) -> Answer:
    """CreateTransitRouterRouteTable: a custom table."""
    router = routers.find(call, call.params.required("TransitRouterId"))
    table = RouterTable(
        table_id=call.new_id("vtb"),
        router_id=router.router_id,
        region=router.region,
        name=call.params.text("TransitRouterRouteTableName"),
        description=call.params.text("TransitRouterRouteTableDescription"),
        **call.new_record(),
    )
    call.state.router_tables[table.table_id] = table
    return {"TransitRouterRouteTableId": table.table_id}


def list_tables(call: Call) -> Answer:
    """ListTransitRouterRouteTables: by router, ids and type."""
    router = routers.find(call, call.params.required("TransitRouterId"))
    ids = call.params.texts("TransitRouterRouteTableIds")
    kind = call.params.text("TransitRouterRouteTableType")
    rows = []
    for table in call.state.router_tables.values():
        is_requested = not ids or table.table_id in ids
        if table.router_id == router.router_id and is_requested and kind in ("", table.type):
            rows.append(table)
    page, counts = by_token(call.params, rows, _shape, size=20, largest=100)
    return {"TransitRouterRouteTables": page, **counts}


def update(call: Call) -> Answer:
    """UpdateTransitRouterRouteTable: name and description."""
    table = find(call)
    table.name = call.params.changed("TransitRouterRouteTableName", table.name)
    name = "TransitRouterRouteTableDescription"
    table.description = call.params.changed(name, table.description)
    return {}


def delete(call: Call) -> Answer:
    """DeleteTransitRouterRouteTable: a custom one in no use."""
    table = find(call)
    links = (*call.state.router_associations.values(), *call.state.router_propagations.values())
    is_used = bool(table.entries) or any(link.table_id == table.table_id for link in links)
    if table.type == "System" or is_used:
        message = "The route table is the System one, or is in use."
        raise ApiError("IncorrectStatus.TransitRouterRouteTable", message)
    del call.state.router_tables[table.table_id]
    return {}


def find(call: Call) -> RouterTable:
    """Return the account's route table ``TransitRouterRouteTableId``.

    Raises:
        ApiError: InvalidTransitRouterRouteTableId.NotFound.
    """
    table = call.state.router_tables.get(call.params.required("TransitRouterRouteTableId"))
    if table is None or table.owner != call.account.id:
        message = "The specified route table does not exist."
        raise not_found("InvalidTransitRouterRouteTableId.NotFound", message)
    return table


def _shape(table: RouterTable) -> Answer:
    return {
        "TransitRouterRouteTableId": table.table_id,
        "TransitRouterRouteTableName": table.name,
        "TransitRouterRouteTableDescription": table.description,
        "TransitRouterRouteTableType": table.type,
        "TransitRouterRouteTableStatus": "Active",
        "TransitRouterId": table.router_id,
        "RegionId": table.region,
        "CreateTime": timestamp(table.created),
        "Tags": tag_list(table.tags),
    }
