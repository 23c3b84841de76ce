"""VPCs and the one system route table of each."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from dashlink_sandbox.services.base import Answer, Call, timestamp
from dashlink_sandbox.services.paging import by_number
from dashlink_sandbox.services.tags import tag_list
from dashlink_sandbox.services.vpc.rules import check_name, check_vpc_block
from dashlink_sandbox.state import Vpc
from dashlink_sandbox.wire.errors import ApiError, invalid

_FILTERS = {"VpcName": "name", "ResourceGroupId": "resource_group_id"}
_DEFAULT_BLOCK = "172.16.0.0/12"  # CreateVpc: the default of CidrBlock


def create(call: Call) -> Answer:
    """CreateVpc."""
    region = call.region().id
    cidr = call.params.text("CidrBlock", _DEFAULT_BLOCK)
    check_name("Vpc", call.params.text("VpcName"))
    check_vpc_block(cidr)
    call.check_quota("vpcs_per_region", len(call.own(call.state.vpcs)), "QuotaExceeded.Vpc")
    vpc = Vpc(
        vpc_id=call.new_id("vpc"),
        region=region,
        cidr=cidr,
        name=call.params.text("VpcName"),
        description=call.params.text("Description"),
        status="Pending",
        since=call.now,
        router_id=call.new_id("vrt"),
        route_table_id=call.new_id("vtb"),
        **call.new_record(),
    )
    call.state.vpcs[vpc.vpc_id] = vpc
    return {
        "VpcId": vpc.vpc_id,
        "VRouterId": vpc.router_id,
        "RouteTableId": vpc.route_table_id,
        "ResourceGroupId": vpc.resource_group_id,
    }


def describe(call: Call) -> Answer:
    """DescribeVpcAttribute."""
    vpc = _requested(call)
    return {
        **_shape(call, vpc),
        "ClassicLinkEnabled": False,
        "AssociatedCens": {"AssociatedCen": []},
    }


def list_vpcs(call: Call) -> Answer:
    """DescribeVpcs, by id (several with commas), name, resource group and tags."""
    call.region()
    vpcs = call.select(call.state.vpcs, _FILTERS)
    if ids := call.params.split("VpcId"):
        vpcs = [vpc for vpc in vpcs if vpc.vpc_id in ids]
    page, counts = by_number(call.params, vpcs, partial(_shape, call), size=10, largest=50)
    return {"Vpcs": {"Vpc": page}, **counts}


def modify(call: Call) -> Answer:
    """ModifyVpcAttribute: name and description; the CIDR block cannot change."""
    vpc = _requested(call)
    check_name("Vpc", call.params.text("VpcName"))
    if call.params.text("CidrBlock", vpc.cidr) != vpc.cidr:
        raise invalid("CidrBlock", "The sandbox does not change the CIDR block of a VPC.")
    vpc.name = call.params.changed("VpcName", vpc.name)
    vpc.description = call.params.changed("Description", vpc.description)
    return {}


def delete(call: Call) -> Answer:
    """DeleteVpc: refused while anything is in it."""
    vpc_id = _requested(call).vpc_id
    state = call.state
    tables: Mapping[str, Mapping[str, Any]] = {
        "VSwitch": state.vswitches,
        "SecurityGroup": state.security_groups,
        "PrivateLink": state.endpoints,  # the code of this one is unverified
    }
    for code, table in tables.items():
        if records_of(table, vpc_id):
            message = "Specified object has dependent resources."
            raise ApiError(f"DependencyViolation.{code}", message)
    del state.vpcs[vpc_id]
    for zone in state.private_zones.values():
        zone.vpcs = [bound for bound in zone.vpcs if bound.vpc_id != vpc_id]
    return {}


def list_route_tables(call: Call) -> Answer:
    """DescribeRouteTableList: the system route table of each VPC."""
    vpcs = call.own(call.state.vpcs)
    if "VpcId" in call.params:
        vpcs = [vpc for vpc in vpcs if vpc.vpc_id == call.params.text("VpcId")]
    shape = partial(_route_table, call)
    page, counts = by_number(call.params, vpcs, shape, size=10, largest=50)
    return {"RouterTableList": {"RouterTableListType": page}, **counts}


def find(call: Call, vpc_id: str) -> Vpc:
    """Return the caller's VPC with this id.

    Raises:
        ApiError: InvalidVpcId.NotFound.
    """
    return call.find(call.state.vpcs, vpc_id, "InvalidVpcId.NotFound", "VPC")


def records_of(records: Mapping[str, Any], vpc_id: str) -> list[Any]:
    """List the records that belong to a VPC."""
    return [record for record in records.values() if record.vpc_id == vpc_id]


def _requested(call: Call) -> Vpc:
    return find(call, call.params.required("VpcId"))


def _common_shape(call: Call, vpc: Vpc) -> Answer:
    """Return what a VPC and its route table have in common."""
    vswitches = records_of(call.state.vswitches, vpc.vpc_id)
    return {
        "VpcId": vpc.vpc_id,
        "Description": vpc.description,
        "CreationTime": timestamp(vpc.created),
        "ResourceGroupId": vpc.resource_group_id,
        "OwnerId": int(vpc.owner),
        "VSwitchIds": {"VSwitchId": [vswitch.vswitch_id for vswitch in vswitches]},
    }


def _shape(call: Call, vpc: Vpc) -> Answer:
    return {
        **_common_shape(call, vpc),
        "RegionId": vpc.region,
        "CidrBlock": vpc.cidr,
        "VpcName": vpc.name,
        "Status": vpc.status,
        "VRouterId": vpc.router_id,
        "IsDefault": False,
        "EnabledIpv6": False,
        "Ipv6CidrBlock": "",
        "DnsHostnameStatus": "DISABLED",
        "Ipv6CidrBlocks": {"Ipv6CidrBlock": []},
        "SecondaryCidrBlocks": {"SecondaryCidrBlock": []},
        "UserCidrs": {"UserCidr": []},
        "Tags": {"Tag": tag_list(vpc.tags)},
    }


def _route_table(call: Call, vpc: Vpc) -> Answer:
    return {
        **_common_shape(call, vpc),
        "RouteTableId": vpc.route_table_id,
        "RouteTableType": "System",
        "RouteTableName": "",
        "Description": "",
        "RouterId": vpc.router_id,
        "RouterType": "VRouter",
        "RoutePropagationEnable": True,
        "AssociateType": "VSwitch",
        "Status": "Available",
        "Tags": {"Tag": []},
    }
