"""VPCs and the one system route table that each of them has."""

from __future__ import annotations

from dashlink_sandbox.services.base import Answer, Call, moment
from dashlink_sandbox.services.paging import by_number
from dashlink_sandbox.services.tags import key_value, tags_fit
from dashlink_sandbox.services.vpc.rules import check_name, check_vpc_block
from dashlink_sandbox.state import Vpc
from dashlink_sandbox.wire.errors import ApiError, invalid

_DEFAULT_BLOCK = "172.16.0.0/12"  # CreateVpc: the block of a VPC for which none is given


def create(call: Call) -> Answer:
    """CreateVpc."""
    region = call.region().id
    cidr = call.params.text("CidrBlock", _DEFAULT_BLOCK)
    check_name("Vpc", call.params.text("VpcName"))
    check_vpc_block(cidr)
    call.refuse_over_quota("vpcs_per_region", len(call.mine(call.state.vpcs.values())), "QuotaExceeded.Vpc")
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
        **call.birth(),
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
    vpc = find(call, call.params.required("VpcId"))
    return {**_shape(call, vpc), "ClassicLinkEnabled": False, "AssociatedCens": {"AssociatedCen": []}}


def list_vpcs(call: Call) -> Answer:
    """DescribeVpcs, by id (several with commas), name and tags."""
    call.region()
    ids = call.params.text("VpcId")
    name = call.params.text("VpcName")
    found = [
        vpc
        for vpc in call.mine(call.state.vpcs.values())
        if (not ids or vpc.vpc_id in ids.split(",")) and name in ("", vpc.name) and tags_fit(call.params, vpc.tags)
    ]
    page, counts = by_number(call.params, found, size=10, largest=50)
    return {"Vpcs": {"Vpc": [_shape(call, vpc) for vpc in page]}, **counts}


def modify(call: Call) -> Answer:
    """ModifyVpcAttribute: name and description; the block of a VPC stays."""
    vpc = find(call, call.params.required("VpcId"))
    check_name("Vpc", call.params.text("VpcName"))
    if call.params.text("CidrBlock", vpc.cidr) != vpc.cidr:
        raise invalid("CidrBlock", "The sandbox does not change the CIDR block of a VPC.")
    vpc.name = call.params.changed("VpcName", vpc.name)
    vpc.description = call.params.changed("Description", vpc.description)
    return {}


def delete(call: Call) -> Answer:
    """DeleteVpc: refused while anything is in it."""
    vpc = find(call, call.params.required("VpcId"))
    dependants = {
        "VSwitch": [row for row in call.state.vswitches.values() if row.vpc_id == vpc.vpc_id],
        "SecurityGroup": [row for row in call.state.security_groups.values() if row.vpc_id == vpc.vpc_id],
        # The code's last word for endpoints is unverified.
        "PrivateLink": [row for row in call.state.endpoints.values() if row.vpc_id == vpc.vpc_id],
    }
    for kind, rows in dependants.items():
        if rows:
            raise ApiError(f"DependencyViolation.{kind}", "Specified object has dependent resources.")
    del call.state.vpcs[vpc.vpc_id]
    for zone in call.state.private_zones.values():
        zone.vpcs = [bound for bound in zone.vpcs if bound.vpc_id != vpc.vpc_id]
    return {}


def list_route_tables(call: Call) -> Answer:
    """DescribeRouteTableList: the system route table of each VPC."""
    wanted = call.params.text("VpcId")
    found = [vpc for vpc in call.mine(call.state.vpcs.values()) if wanted in ("", vpc.vpc_id)]
    page, counts = by_number(call.params, found, size=10, largest=50)
    return {"RouterTableList": {"RouterTableListType": [_route_table(call, vpc) for vpc in page]}, **counts}


def find(call: Call, vpc_id: str) -> Vpc:
    """The caller's VPC with this id.

    Raises:
        ApiError: InvalidVpcId.NotFound.
    """
    return call.owned(call.state.vpcs, vpc_id, "InvalidVpcId.NotFound", "VPC")


def _vswitch_ids(call: Call, vpc: Vpc) -> list[str]:
    return [vswitch.vswitch_id for vswitch in call.state.vswitches.values() if vswitch.vpc_id == vpc.vpc_id]


def _shape(call: Call, vpc: Vpc) -> Answer:
    return {
        "VpcId": vpc.vpc_id,
        "RegionId": vpc.region,
        "CidrBlock": vpc.cidr,
        "VpcName": vpc.name,
        "Description": vpc.description,
        "Status": vpc.status,
        "CreationTime": moment(vpc.created),
        "ResourceGroupId": vpc.resource_group_id,
        "VRouterId": vpc.router_id,
        "OwnerId": int(vpc.owner),
        "IsDefault": False,
        "EnabledIpv6": False,
        "Ipv6CidrBlock": "",
        "DnsHostnameStatus": "DISABLED",
        "Ipv6CidrBlocks": {"Ipv6CidrBlock": []},
        "SecondaryCidrBlocks": {"SecondaryCidrBlock": []},
        "UserCidrs": {"UserCidr": []},
        "VSwitchIds": {"VSwitchId": _vswitch_ids(call, vpc)},
        "Tags": {"Tag": key_value(vpc.tags)},
    }


def _route_table(call: Call, vpc: Vpc) -> Answer:
    return {
        "RouteTableId": vpc.route_table_id,
        "RouteTableType": "System",
        "RouteTableName": "",
        "Description": "",
        "VpcId": vpc.vpc_id,
        "RouterId": vpc.router_id,
        "RouterType": "VRouter",
        "ResourceGroupId": vpc.resource_group_id,
        "RoutePropagationEnable": True,
        "AssociateType": "VSwitch",
        "Status": "Available",
        "OwnerId": int(vpc.owner),
        "CreationTime": moment(vpc.created),
        "VSwitchIds": {"VSwitchId": _vswitch_ids(call, vpc)},
        "Tags": {"Tag": []},
    }
