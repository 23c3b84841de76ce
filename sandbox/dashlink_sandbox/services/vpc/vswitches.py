"""vSwitches, and the private addresses of the interfaces in them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from ipaddress import IPv4Network

from dashlink_sandbox.services.base import Answer, Call, timestamp
from dashlink_sandbox.services.paging import by_number
from dashlink_sandbox.services.tags import tag_list
from dashlink_sandbox.services.vpc import rules, vpcs
from dashlink_sandbox.state import State, VSwitch
from dashlink_sandbox.wire.errors import ApiError, not_found

# CreateVSwitch (2024): the first and the last three addresses of a vSwitch are reserved; `.1` too
# (unverified).
_RESERVED_AT_END = 3
_FIRST_FREE = 2
_FILTERS = {
    "VpcId": "vpc_id",
    "ZoneId": "zone_id",
    "VSwitchName": "name",
    "ResourceGroupId": "resource_group_id",
}


def create(call: Call) -> Answer:
    """CreateVSwitch."""
    region = call.region()
    vpc = vpcs.find(call, call.params.required("VpcId"))
    zone = call.params.required("ZoneId")
    cidr = call.params.required("CidrBlock")
    rules.check_name("VSwitch", call.params.text("VSwitchName"))
    if zone not in region.zones:
        raise not_found("InvalidZoneId.NotFound", "Specified zone does not exist.")
    if vpc.status != "Available":
        message = "Current VPC status does not support this operation."
        raise ApiError("IncorrectVpcStatus", message)
    siblings = vpcs.records_of(call.state.vswitches, vpc.vpc_id)
    rules.check_vswitch_block(cidr, vpc.cidr, siblings)
    call.check_quota("vswitches_per_vpc", len(siblings), "QuotaExceeded.VSwitch")
    vswitch = VSwitch(
        vswitch_id=call.new_id("vsw"),
        vpc_id=vpc.vpc_id,
        zone_id=zone,
        cidr=cidr,
        name=call.params.text("VSwitchName"),
        description=call.params.text("Description"),
        status="Pending",
        since=call.now,
        **call.new_record(),
    )
    call.state.vswitches[vswitch.vswitch_id] = vswitch
    return {"VSwitchId": vswitch.vswitch_id}


def describe(call: Call) -> Answer:
    """DescribeVSwitchAttributes."""
    return _shape(call, _requested(call))


def list_vswitches(call: Call) -> Answer:
    """DescribeVSwitches, by id (several with commas), VPC, zone, name, resource group and tags."""
    ids = call.params.split("VSwitchId")
    region = call.params.text("RegionId")
    rows = []
    for vswitch in call.select(call.state.vswitches, _FILTERS):
        in_region = region in ("", call.state.vpcs[vswitch.vpc_id].region)
        if in_region and (not ids or vswitch.vswitch_id in ids):
            rows.append(vswitch)
    page, counts = by_number(call.params, rows, partial(_shape, call), size=10, largest=50)
    return {"VSwitches": {"VSwitch": page}, **counts}


def modify(call: Call) -> Answer:
    """ModifyVSwitchAttribute: name and description."""
    vswitch = _requested(call)
    rules.check_name("VSwitch", call.params.text("VSwitchName"))
    vswitch.name = call.params.changed("VSwitchName", vswitch.name)
    vswitch.description = call.params.changed("Description", vswitch.description)
    return {}


def delete(call: Call) -> Answer:
    """DeleteVSwitch: refused while a network interface is in it."""
    vswitch = _requested(call)
    if used_addresses(call.state, vswitch):
        message = "Specified object has dependent resources."
        raise ApiError("DependencyViolation.NetworkInterface", message)
    del call.state.vswitches[vswitch.vswitch_id]
    return {}


def find(call: Call, vswitch_id: str) -> VSwitch:
    """Return the caller's vSwitch with this id.

    Raises:
        ApiError: InvalidVSwitchId.NotFound.
    """
    return call.find(call.state.vswitches, vswitch_id, "InvalidVSwitchId.NotFound", "vSwitch")


def used_addresses(state: State, vswitch: VSwitch) -> set[str]:
    """Return the private addresses of the interfaces in ``vswitch``."""
    used = set()
    for endpoint in state.endpoints.values():
        for zone in endpoint.zones.values():
            if zone.vswitch_id == vswitch.vswitch_id:
                used.add(zone.eni_ip)
    return used


def free_addresses(state: State, vswitch: VSwitch) -> Iterator[str]:
    """Yield the addresses that a new interface may have, in order."""
    used = used_addresses(state, vswitch)
    block = IPv4Network(vswitch.cidr)
    for number in range(_FIRST_FREE, block.num_addresses - _RESERVED_AT_END):
        if (address := str(block[number])) not in used:
            yield address


def _requested(call: Call) -> VSwitch:
    return find(call, call.params.required("VSwitchId"))


def _shape(call: Call, vswitch: VSwitch) -> Answer:
    table = call.state.vpcs[vswitch.vpc_id].route_table_id
    size = IPv4Network(vswitch.cidr).num_addresses - _FIRST_FREE - _RESERVED_AT_END
    return {
        "VSwitchId": vswitch.vswitch_id,
        "VpcId": vswitch.vpc_id,
        "ZoneId": vswitch.zone_id,
        "CidrBlock": vswitch.cidr,
        "VSwitchName": vswitch.name,
        "Description": vswitch.description,
        "Status": vswitch.status,
        "CreationTime": timestamp(vswitch.created),
        "ResourceGroupId": vswitch.resource_group_id,
        "OwnerId": int(vswitch.owner),
        "IsDefault": False,
        "EnabledIpv6": False,
        "Ipv6CidrBlock": "",
        "NetworkAclId": "",
        "ShareType": "",
        "AvailableIpAddressCount": size - len(used_addresses(call.state, vswitch)),
        "RouteTable": {"RouteTableId": table, "RouteTableType": "System"},
        "Tags": {"Tag": tag_list(vswitch.tags)},
    }
