"""vSwitches, and the private addresses that interfaces in them have."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network

from dashlink_sandbox.services.base import Answer, Call, moment
from dashlink_sandbox.services.paging import by_number
from dashlink_sandbox.services.tags import key_value, tags_fit
from dashlink_sandbox.services.vpc import rules, vpcs
from dashlink_sandbox.state import State, VSwitch
from dashlink_sandbox.wire.errors import ApiError, not_found

# CreateVSwitch (2024): the first and the last three addresses of a vSwitch are the system's; `.1` too (unverified).
_RESERVED_AT_END = 3
_FIRST_FREE = 2


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
        raise ApiError("IncorrectVpcStatus", "Current VPC status does not support this operation.")
    siblings = [row for row in call.state.vswitches.values() if row.vpc_id == vpc.vpc_id]
    rules.check_vswitch_block(cidr, vpc.cidr, siblings)
    call.refuse_over_quota("vswitches_per_vpc", len(siblings), "QuotaExceeded.VSwitch")
    vswitch = VSwitch(
        vswitch_id=call.new_id("vsw"),
        vpc_id=vpc.vpc_id,
        zone_id=zone,
        cidr=cidr,
        name=call.params.text("VSwitchName"),
        description=call.params.text("Description"),
        status="Pending",
        since=call.now,
        **call.birth(),
    )
    call.state.vswitches[vswitch.vswitch_id] = vswitch
    return {"VSwitchId": vswitch.vswitch_id}


def describe(call: Call) -> Answer:
    """DescribeVSwitchAttributes."""
    return _shape(call, find(call, call.params.required("VSwitchId")))


def list_vswitches(call: Call) -> Answer:
    """DescribeVSwitches, by id (several with commas), VPC, zone, name and tags."""
    ids = call.params.text("VSwitchId")
    found = [
        row
        for row in call.mine(call.state.vswitches.values())
        if (not ids or row.vswitch_id in ids.split(","))
        and call.params.text("VpcId", row.vpc_id) == row.vpc_id
        and call.params.text("ZoneId", row.zone_id) == row.zone_id
        and call.params.text("VSwitchName", row.name) == row.name
        and call.params.text("RegionId", _region(call, row)) == _region(call, row)
        and tags_fit(call.params, row.tags)
    ]
    page, counts = by_number(call.params, found, size=10, largest=50)
    return {"VSwitches": {"VSwitch": [_shape(call, row) for row in page]}, **counts}


def modify(call: Call) -> Answer:
    """ModifyVSwitchAttribute: name and description."""
    vswitch = find(call, call.params.required("VSwitchId"))
    rules.check_name("VSwitch", call.params.text("VSwitchName"))
    vswitch.name = call.params.changed("VSwitchName", vswitch.name)
    vswitch.description = call.params.changed("Description", vswitch.description)
    return {}


def delete(call: Call) -> Answer:
    """DeleteVSwitch: refused while a network interface is in it."""
    vswitch = find(call, call.params.required("VSwitchId"))
    if used_addresses(call.state, vswitch):
        raise ApiError("DependencyViolation.NetworkInterface", "Specified object has dependent resources.")
    del call.state.vswitches[vswitch.vswitch_id]
    return {}


def find(call: Call, vswitch_id: str) -> VSwitch:
    """The caller's vSwitch with this id.

    Raises:
        ApiError: InvalidVSwitchId.NotFound.
    """
    return call.owned(call.state.vswitches, vswitch_id, "InvalidVSwitchId.NotFound", "vSwitch")


def used_addresses(state: State, vswitch: VSwitch) -> set[str]:
    """The private addresses that are taken in ``vswitch``."""
    zones = (zone for endpoint in state.endpoints.values() for zone in endpoint.zones.values())
    return {zone.eni_ip for zone in zones if zone.vswitch_id == vswitch.vswitch_id}


def free_addresses(state: State, vswitch: VSwitch) -> Iterator[str]:
    """The addresses that an interface may still have, in order."""
    used = used_addresses(state, vswitch)
    block = IPv4Network(vswitch.cidr)
    for number in range(_FIRST_FREE, block.num_addresses - _RESERVED_AT_END):
        if (address := str(block[number])) not in used:
            yield address


def _region(call: Call, vswitch: VSwitch) -> str:
    return call.state.vpcs[vswitch.vpc_id].region


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
        "CreationTime": moment(vswitch.created),
        "ResourceGroupId": vswitch.resource_group_id,
        "OwnerId": int(vswitch.owner),
        "IsDefault": False,
        "EnabledIpv6": False,
        "Ipv6CidrBlock": "",
        "NetworkAclId": "",
        "ShareType": "",
        "AvailableIpAddressCount": size - len(used_addresses(call.state, vswitch)),
        "RouteTable": {"RouteTableId": table, "RouteTableType": "System"},
        "Tags": {"Tag": key_value(vswitch.tags)},
    }
