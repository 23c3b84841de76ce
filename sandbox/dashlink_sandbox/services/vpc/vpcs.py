"""VPCs; a region's default VPC."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from ipaddress import IPv4Network
from typing import Any

from dashlink_sandbox.services.base import Answer, Call, timestamp
from dashlink_sandbox.services.paging import by_number
from dashlink_sandbox.services.tags import tag_list
from dashlink_sandbox.services.vpc import rules
from dashlink_sandbox.state import Ipv6Block, RouteTable, Vpc
from dashlink_sandbox.wire.errors import ApiError

_FILTERS = {"VpcName": "name", "ResourceGroupId": "resource_group_id", "VpcOwnerId": "owner"}
_DEFAULT_BLOCK = "172.16.0.0/12"  # CreateVpc: the default of CidrBlock
# VPC "Default VPC and default vSwitch" (2024): a mask of 16. Which block is unverified.
_BLOCK_OF_DEFAULT_VPC = "172.31.0.0/16"


def create(call: Call) -> Answer:
    """CreateVpc."""
    region = call.region().id
    cidr = call.params.text("CidrBlock", _DEFAULT_BLOCK)
    user_cidrs = call.params.split("UserCidr")
    _check_names(call)
    rules.check_vpc_block(cidr)
    rules.check_user_cidrs(user_cidrs)
    vpc = Vpc(
        vpc_id=call.new_id("vpc"),
        region=region,
        cidr=cidr,
        name=call.params.text("VpcName"),
        description=call.params.text("Description"),
        user_cidrs=user_cidrs,
        ipv6_blocks=_new_ipv6_blocks(call),
        dns_hostname_enabled=call.params.flag("EnableDnsHostname"),
        **call.new_record(),
    )
    return _add(call, vpc)


def create_default(call: Call) -> Answer:
    """CreateDefaultVpc: one in a region. The code for a second one is unverified."""
    region = call.region().id
    if any(vpc.is_default for vpc in call.own(call.state.vpcs)):
        message = "A default VPC exists in the region."
        raise ApiError("OperationDenied.DefaultVpcExist", message)
    vpc = Vpc(
        vpc_id=call.new_id("vpc"),
        region=region,
        cidr=_BLOCK_OF_DEFAULT_VPC,
        ipv6_blocks=_new_ipv6_blocks(call),
        is_default=True,
        **call.new_record(),
    )
    return _add(call, vpc)


def describe(call: Call) -> Answer:
    """DescribeVpcAttribute."""
    vpc = _requested(call)
    return {
        **_shape(call, vpc),
        "ClassicLinkEnabled": False,
        "AssociatedCens": {"AssociatedCen": []},
    }


def list_vpcs(call: Call) -> Answer:
    """DescribeVpcs, by id (several with commas), name, owner, resource group, tags and kind."""
    call.region()
    ids = call.params.split("VpcId")
    vpcs = []
    for vpc in call.select(call.state.vpcs, _FILTERS):
        kinds = {"IsDefault": vpc.is_default, "EnableIpv6": bool(vpc.ipv6_blocks)}
        if (not ids or vpc.vpc_id in ids) and matches_flags(call, kinds):
            vpcs.append(vpc)
    page, counts = by_number(call.params, vpcs, partial(_shape, call), size=10, largest=50)
    return {"Vpcs": {"Vpc": page}, **counts}


def modify(call: Call) -> Answer:
    """ModifyVpcAttribute: name, description, block, IPv6 and the DNS names of hosts."""
    vpc = _requested(call)
    _check_names(call)
    vpc.name = call.params.changed("VpcName", vpc.name)
    vpc.description = call.params.changed("Description", vpc.description)
    _change_block(call, vpc, call.params.text("CidrBlock", vpc.cidr))
    if "EnableDnsHostname" in call.params:
        vpc.dns_hostname_enabled = call.params.flag("EnableDnsHostname")
    if "EnableIPv6" in call.params:
        _switch_ipv6(call, vpc, enabled=call.params.flag("EnableIPv6"))
    elif "Ipv6Isp" in call.params:
        rules.check_ipv6_isp(call.params.text("Ipv6Isp"))
    return {}


def delete(call: Call) -> Answer:
    """DeleteVpc: refused while anything is in it.

    ForceDelete deletes gateways of the VPC with it, which the sandbox does not have.
    """
    call.params.flag("ForceDelete")
    vpc_id = _requested(call).vpc_id
    state = call.state
    tables: Mapping[str, Mapping[str, Any]] = {
        "NatGateway": state.nat_gateways,  # DeleteVpc (2019)
        "VSwitch": state.vswitches,
        "SecurityGroup": state.security_groups,
        "PrivateLink": state.endpoints,  # the code of this one is unverified
        "RouteTable": _custom_tables(call),  # the code of this one is unverified
    }
    for code, table in tables.items():
        if records_of(table, vpc_id):
            message = "Specified object has dependent resources."
            raise ApiError(f"DependencyViolation.{code}", message)
    state.route_tables.pop(state.vpcs[vpc_id].route_table_id, None)
    del state.vpcs[vpc_id]
    for zone in state.private_zones.values():
        zone.vpcs = [bound for bound in zone.vpcs if bound.vpc_id != vpc_id]
    return {}


def find(call: Call, vpc_id: str) -> Vpc:
    """Return the caller's VPC with this id.

    Raises:
        ApiError: InvalidVpcId.NotFound.
    """
    return call.find(call.state.vpcs, vpc_id, "InvalidVpcId.NotFound", "VPC")


def find_available(call: Call, vpc_id: str) -> Vpc:
    """Return the caller's VPC with this id, which is to be changed.

    Raises:
        ApiError: InvalidVpcId.NotFound, IncorrectVpcStatus.
    """
    vpc = find(call, vpc_id)
    if vpc.status != "Available":
        message = "Current VPC status does not support this operation."
        raise ApiError("IncorrectVpcStatus", message)
    return vpc


def records_of(records: Mapping[str, Any], vpc_id: str) -> list[Any]:
    """List the records that belong to a VPC."""
    return [record for record in records.values() if record.vpc_id == vpc_id]


def matches_flags(call: Call, values: Mapping[str, bool]) -> bool:
    """Whether a record's ``values`` are what the request's boolean filters ask for."""
    return all(name not in call.params or call.params.flag(name) == values[name] for name in values)


def _add(call: Call, vpc: Vpc) -> Answer:
    """Add a new VPC with its router and its system route table."""
    call.check_quota("vpcs_per_region", len(call.own(call.state.vpcs)), "QuotaExceeded.Vpc")
    vpc.status, vpc.since = "Pending", call.now
    vpc.router_id, vpc.route_table_id = call.new_id("vrt"), call.new_id("vtb")
    call.state.vpcs[vpc.vpc_id] = vpc
    call.state.route_tables[vpc.route_table_id] = RouteTable(
        table_id=vpc.route_table_id,
        vpc_id=vpc.vpc_id,
        region=vpc.region,
        type="System",
        owner=vpc.owner,
        created=vpc.created,
    )
    return {
        "VpcId": vpc.vpc_id,
        "VRouterId": vpc.router_id,
        "RouteTableId": vpc.route_table_id,
        "ResourceGroupId": vpc.resource_group_id,
    }


def _new_ipv6_blocks(call: Call) -> list[Ipv6Block]:
    """Return the IPv6 block of a new VPC, if it has one.

    A block of the caller's choice has to be reserved (AllocateVpcIpv6Cidr), which the sandbox
    cannot do.
    """
    isp = call.params.text("Ipv6Isp", "BGP")
    rules.check_ipv6_isp(isp)
    enabled = call.params.flag("EnableIpv6")
    if "Ipv6CidrBlock" in call.params:
        if not enabled:
            raise ApiError("MissingParam.EnableIpv6", "EnableIpv6 is mandatory for Ipv6CidrBlock.")
        message = "Operation failed because this ipv6 cidr is not reserved."
        raise ApiError("OperationFailed.IPv6CidrNotReserved", message)
    if not enabled:
        return []
    return [Ipv6Block(cidr=rules.new_ipv6_block(call.new_number()), isp=isp)]


def _switch_ipv6(call: Call, vpc: Vpc, *, enabled: bool) -> None:
    """Give the VPC an IPv6 block, or take all of them, which no vSwitch may use.

    The code of the refusal is that of UnassociateVpcCidrBlock: unverified here.
    """
    if enabled and not vpc.ipv6_blocks:
        isp = call.params.text("Ipv6Isp", "BGP")
        rules.check_ipv6_isp(isp)
        vpc.ipv6_blocks = [Ipv6Block(cidr=rules.new_ipv6_block(call.new_number()), isp=isp)]
    elif not enabled and vpc.ipv6_blocks:
        vswitches = records_of(call.state.vswitches, vpc.vpc_id)
        if any(vswitch.ipv6_cidr for vswitch in vswitches):
            message = "The IPv6 CIDR block of the VPC is in use."
            raise ApiError("OperationFailed.CidrInUse", message)
        vpc.ipv6_blocks = []


def _change_block(call: Call, vpc: Vpc, cidr: str) -> None:
    """Extend or shrink the VPC's block (SDK, ModifyVpcAttribute). The codes are unverified."""
    if cidr == vpc.cidr:
        return
    rules.check_vpc_block(cidr)
    old, new = IPv4Network(vpc.cidr), IPv4Network(cidr)
    if vpc.is_default or not (new.subnet_of(old) or old.subnet_of(new)):
        message = "Specified CIDR block is neither within the VPC's block nor around it."
        raise ApiError("InvalidCidrBlock.Malformed", message)
    blocks = (cidr, *vpc.secondary_cidrs)
    for vswitch in records_of(call.state.vswitches, vpc.vpc_id):
        if not rules.is_within(vswitch.cidr, blocks):
            message = f"The vSwitch {vswitch.vswitch_id} is outside of the CIDR block."
            raise ApiError("OperationFailed.CidrInUse", message)
    vpc.cidr = cidr


def _check_names(call: Call) -> None:
    rules.check_name("Vpc", call.params.text("VpcName"))
    rules.check_description("Vpc", call.params.text("Description"))


def _custom_tables(call: Call) -> Mapping[str, RouteTable]:
    tables = {}
    for table_id, table in call.state.route_tables.items():
        if table.type == "Custom":
            tables[table_id] = table
    return tables


def _requested(call: Call) -> Vpc:
    return find(call, call.params.required("VpcId"))


def _shape(call: Call, vpc: Vpc) -> Answer:
    vswitches = records_of(call.state.vswitches, vpc.vpc_id)
    first_ipv6 = vpc.ipv6_blocks[0].cidr if vpc.ipv6_blocks else ""
    ipv6 = [{"Ipv6CidrBlock": block.cidr, "Ipv6Isp": block.isp} for block in vpc.ipv6_blocks]
    return {
        "VpcId": vpc.vpc_id,
        "VpcName": vpc.name,
        "Description": vpc.description,
        "CreationTime": timestamp(vpc.created),
        "ResourceGroupId": vpc.resource_group_id,
        "OwnerId": int(vpc.owner),
        "RegionId": vpc.region,
        "CidrBlock": vpc.cidr,
        "Status": vpc.status,
        "VRouterId": vpc.router_id,
        "IsDefault": vpc.is_default,
        "EnabledIpv6": bool(vpc.ipv6_blocks),
        "Ipv6CidrBlock": first_ipv6,
        "Ipv6CidrBlocks": {"Ipv6CidrBlock": ipv6},
        "DnsHostnameStatus": "ENABLED" if vpc.dns_hostname_enabled else "DISABLED",
        "SecondaryCidrBlocks": {"SecondaryCidrBlock": vpc.secondary_cidrs},
        "UserCidrs": {"UserCidr": vpc.user_cidrs},
        "VSwitchIds": {"VSwitchId": [vswitch.vswitch_id for vswitch in vswitches]},
        "Tags": {"Tag": tag_list(vpc.tags)},
    }
