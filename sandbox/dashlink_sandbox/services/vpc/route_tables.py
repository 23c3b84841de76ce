"""Route tables: the system one of each VPC, and custom ones for its vSwitches.

Sources: help.aliyun.com, VPC API "CreateRouteTable", "DeleteRouteTable", "AssociateRouteTable" with
their error codes (2025-12), SDK vpc 7.2.2.
"""

from __future__ import annotations

from functools import partial

from dashlink_sandbox.services.base import Answer, Call, is_valid_name, timestamp
from dashlink_sandbox.services.paging import by_number
from dashlink_sandbox.services.tags import tag_list
from dashlink_sandbox.services.vpc import rules, vpcs, vswitches
from dashlink_sandbox.services.vpc.routes import all_entries
from dashlink_sandbox.state import RouteTable, VSwitch
from dashlink_sandbox.wire.errors import ApiError, check_choice, invalid, missing, not_found

_FILTERS = {
    "RouteTableId": "table_id",
    "RouteTableName": "name",
    "RouteTableType": "type",
    "VpcId": "vpc_id",
}


def create(call: Call) -> Answer:
    """CreateRouteTable."""
    region = call.region().id
    vpc = vpcs.find_available(call, call.params.required("VpcId"))
    _check_names(call)
    tables = vpcs.records_of(call.state.route_tables, vpc.vpc_id)
    used = sum(table.type == "Custom" for table in tables)
    call.check_quota("route_tables_per_vpc", used, "QuotaExceeded.RouteTable")
    kind = call.params.text("AssociateType", "VSwitch")
    check_choice("AssociateType", kind, ("VSwitch", "Gateway"))
    table = RouteTable(
        table_id=call.new_id("vtb"),
        vpc_id=vpc.vpc_id,
        region=region,
        associate_type=kind,
        name=call.params.text("RouteTableName"),
        description=call.params.text("Description"),
        **call.new_record(),
    )
    call.state.route_tables[table.table_id] = table
    return {"RouteTableId": table.table_id}


def modify(call: Call) -> Answer:
    """ModifyRouteTableAttributes: of a custom or a system route table."""
    table = find(call, call.params.required("RouteTableId"))
    _check_names(call)
    table.name = call.params.changed("RouteTableName", table.name)
    table.description = call.params.changed("Description", table.description)
    if "RoutePropagationEnable" in call.params:
        table.propagation_enabled = call.params.flag("RoutePropagationEnable")
    return {}


def delete(call: Call) -> Answer:
    """DeleteRouteTable: a custom one without routes and without vSwitches.

    The code for a table with vSwitches is unverified.
    """
    table = find(call, call.params.required("RouteTableId"))
    if table.type != "Custom":
        message = "Route table can be deleted by this action only when it's type is custom."
        raise ApiError("IncorrectRouteTableType", message)
    if table.entries:
        message = "You cannot delete the specified route table because it still has custom routes."
        raise ApiError("IncorrectRouteTableStatus.RouteEntryExist", message)
    if _vswitches_of(call, table):
        message = "The current status of the route table does not support this operation."
        raise not_found("IncorrectRouteTableStatus", message)
    del call.state.route_tables[table.table_id]
    return {}


def associate(call: Call) -> Answer:
    """AssociateRouteTable: a custom table to a vSwitch of its VPC, which has the system table."""
    table = find(call, call.params.required("RouteTableId"))
    vswitch = vswitches.find(call, call.params.required("VSwitchId"))
    if table.type != "Custom":
        message = "The associated route tables cannot be directly changed to system route tables."
        raise ApiError("OperationDenied.SwitchToSystemRouteTable", message)
    if table.associate_type != "VSwitch":
        message = "Gateway route tables cannot be bound to a vSwitch."
        raise ApiError("OperationDenied.AssociateGatewayRouteTable", message)
    if table.vpc_id != vswitch.vpc_id:
        message = "The specified virtual switch and route table are not in the same VPC."
        raise not_found("Forbidden.NotInSameVpc", message)
    if vswitch.route_table_id:
        message = "The specified virtual switch already associates route table."
        raise not_found("Forbidden.VSwitchAlreadyAssociatedRouteTable", message)
    vswitch.route_table_id = table.table_id
    return {}


def unassociate(call: Call) -> Answer:
    """UnassociateRouteTable: the vSwitch gets the system table. The code is unverified."""
    table = find(call, call.params.required("RouteTableId"))
    vswitch = vswitches.find(call, call.params.required("VSwitchId"))
    if vswitch.route_table_id != table.table_id:
        message = "The route table is not associated with the vSwitch."
        raise ApiError("ResourceNotAssociated.RouteTable", message)
    vswitch.route_table_id = ""
    return {}


def list_tables(call: Call) -> Answer:
    """DescribeRouteTableList: by id, name, type, VPC, router, resource group and tags."""
    rows = []
    for table in call.select(call.state.route_tables, _FILTERS):
        if _is_of_requested(call, table, "RouterId"):
            rows.append(table)
    page, counts = by_number(call.params, rows, partial(_shape, call), size=10, largest=50)
    return {"RouterTableList": {"RouterTableListType": page}, **counts}


def list_with_entries(call: Call) -> Answer:
    """DescribeRouteTables: one table, or those of one router, with their routes."""
    if {"VRouterId", "RouterId", "RouteTableId", "RouteTableName"}.isdisjoint(call.params.flat):
        raise missing("RouteTableId")
    if "VRouterId" in call.params and "RouterId" in call.params:
        raise invalid("RouterId", "VRouterId and RouterId exclude each other.")
    router = "VRouterId" if "VRouterId" in call.params else "RouterId"
    rows = []
    for table in call.select(call.state.route_tables, _FILTERS):
        if _is_of_requested(call, table, router):
            rows.append(table)
    shape = partial(_shape_with_entries, call)
    page, counts = by_number(call.params, rows, shape, size=10, largest=50)
    return {"RouteTables": {"RouteTable": page}, **counts}


def find(call: Call, table_id: str) -> RouteTable:
    """Return the caller's route table with this id.

    Raises:
        ApiError: InvalidRouteTableId.NotFound, HTTP 400 (AssociateRouteTable, 2025-12).
    """
    table = call.state.route_tables.get(table_id)
    if table is None or table not in call.own(call.state.route_tables):
        raise ApiError("InvalidRouteTableId.NotFound", "Specified route table does not exist.")
    return table


def _is_of_requested(call: Call, table: RouteTable, router: str) -> bool:
    """Whether a table is of the requested router and resource group: those of its VPC."""
    vpc = call.state.vpcs[table.vpc_id]
    group = call.params.text("ResourceGroupId", vpc.resource_group_id)
    return call.params.text(router, vpc.router_id) == vpc.router_id and (
        group == vpc.resource_group_id
    )


def _check_names(call: Call) -> None:
    if not is_valid_name(call.params.text("RouteTableName")):
        message = "The specified route table name is not valid."
        raise ApiError("InvalidParameter.RouteTableName.Malformed", message)
    if not rules.is_valid_description(call.params.text("Description")):
        message = "The specified Description is not valid."
        raise ApiError("InvalidParameter.Description.Malformed", message)


def _vswitches_of(call: Call, table: RouteTable) -> list[VSwitch]:
    """List the vSwitches that use a route table."""
    rows = []
    for vswitch in vpcs.records_of(call.state.vswitches, table.vpc_id):
        if vswitches.route_table_id(call.state, vswitch) == table.table_id:
            rows.append(vswitch)
    return rows


def _common_shape(call: Call, table: RouteTable) -> Answer:
    ids = [vswitch.vswitch_id for vswitch in _vswitches_of(call, table)]
    return {
        "RouteTableId": table.table_id,
        "RouteTableType": table.type,
        "CreationTime": timestamp(table.created),
        "ResourceGroupId": call.state.vpcs[table.vpc_id].resource_group_id,
        "Status": "Available",
        "VSwitchIds": {"VSwitchId": ids},
    }


def _shape(call: Call, table: RouteTable) -> Answer:
    return {
        **_common_shape(call, table),
        "VpcId": table.vpc_id,
        "OwnerId": int(table.owner),
        "RouteTableName": table.name,
        "Description": table.description,
        "RouterId": call.state.vpcs[table.vpc_id].router_id,
        "RouterType": "VRouter",
        "RoutePropagationEnable": table.propagation_enabled,
        "AssociateType": table.associate_type,
        "GatewayIds": {"GatewayIds": []},
        "Tags": {"Tag": tag_list(table.tags)},
    }


def _shape_with_entries(call: Call, table: RouteTable) -> Answer:
    return {
        **_common_shape(call, table),
        "VRouterId": call.state.vpcs[table.vpc_id].router_id,
        "RouteEntrys": {"RouteEntry": all_entries(call, table)},
    }
