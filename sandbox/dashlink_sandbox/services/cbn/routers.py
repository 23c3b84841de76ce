"""Transit routers: one of a CEN in a region, each with its System route table."""

from __future__ import annotations

from dashlink_sandbox.routers import RouterTable, TransitRouter
from dashlink_sandbox.services.base import Answer, Call, timestamp
from dashlink_sandbox.services.cbn import cens
from dashlink_sandbox.services.paging import by_number
from dashlink_sandbox.services.tags import tag_list
from dashlink_sandbox.wire.errors import ApiError, not_found


def create(call: Call) -> Answer:
    """CreateTransitRouter. The code for a second one in a region is unverified."""
    region = call.region().id
    cen = cens.find(call)
    for other in call.state.transit_routers.values():
        if (other.cen_id, other.region) == (cen.cen_id, region):
            message = f"The CEN instance already has a transit router in {region}."
            raise ApiError("OperationInvalid.TransitRouterExist", message)
    router = TransitRouter(
        router_id=call.new_id("tr"),
        cen_id=cen.cen_id,
        region=region,
        name=call.params.text("TransitRouterName"),
        description=call.params.text("TransitRouterDescription"),
        since=call.now,
        **call.new_record(),
    )
    call.state.transit_routers[router.router_id] = router
    table = RouterTable(
        table_id=call.new_id("vtb"),
        router_id=router.router_id,
        region=region,
        type="System",
        owner=router.owner,
        created=call.now,
    )
    call.state.router_tables[table.table_id] = table
    return {"TransitRouterId": router.router_id}


def list_routers(call: Call) -> Answer:
    """ListTransitRouters: by CEN, region and id."""
    filters = {"TransitRouterId": "router_id", "CenId": "cen_id", "Status": "status"}
    rows = call.select(call.state.transit_routers, filters)
    page, counts = by_number(call.params, rows, _shape, size=10, largest=100)
    return {"TransitRouters": page, **counts}


def update(call: Call) -> Answer:
    """UpdateTransitRouter: name and description."""
    router = find(call, call.params.required("TransitRouterId"))
    router.name = call.params.changed("TransitRouterName", router.name)
    description = call.params.changed("TransitRouterDescription", router.description)
    router.description = description
    return {}


def delete(call: Call) -> Answer:
    """DeleteTransitRouter: refused while it has attachments; deletes its System table."""
    router = find(call, call.params.required("TransitRouterId"))
    for attachment in call.state.router_attachments.values():
        if attachment.has_router(router.router_id):
            message = "The transit router has attachments."
            raise ApiError("InvalidOperation.AttachedChildInstanceExist", message)
    for table in list(call.state.router_tables.values()):
        if table.router_id == router.router_id:
            del call.state.router_tables[table.table_id]
    del call.state.transit_routers[router.router_id]
    return {}


def find(call: Call, router_id: str) -> TransitRouter:
    """Return the account's transit router, of any region.

    Raises:
        ApiError: InvalidTransitRouterId.NotFound, or IncorrectStatus.Status.
    """
    router = call.state.transit_routers.get(router_id)
    if router is None or router.owner != call.account.id:
        message = f"The transit router {router_id} does not exist."
        raise not_found("InvalidTransitRouterId.NotFound", message)
    if router.status != "Active":
        raise ApiError("IncorrectStatus.Status", f"The transit router is {router.status}.")
    return router


def _shape(router: TransitRouter) -> Answer:
    return {
        "TransitRouterId": router.router_id,
        "CenId": router.cen_id,
        "RegionId": router.region,
        "AliUid": router.owner,
        "TransitRouterName": router.name,
        "TransitRouterDescription": router.description,
        "Type": "Enterprise",
        "Status": router.status,
        "SupportMulticast": False,
        "CreationTime": timestamp(router.created),
        "Tags": tag_list(router.tags),
    }
