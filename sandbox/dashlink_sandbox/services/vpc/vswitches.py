"""vSwitches, and the private addresses of the interfaces in them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from ipaddress import IPv4Address, IPv4Network

from dashlink_sandbox.nat import NatGateway
from dashlink_sandbox.services.base import Answer, Call, timestamp
from dashlink_sandbox.services.paging import by_number
from dashlink_sandbox.services.tags import tag_list
from dashlink_sandbox.services.vpc import rules, vpcs
from dashlink_sandbox.state import State, Vpc, VSwitch
from dashlink_sandbox.wire.errors import ApiError, not_found

# CreateVSwitch (2024): the first and the last three addresses of a vSwitch are reserved; `.1` too
# (unverified).
_RESERVED_AT_END = 3
_FIRST_FREE = 2
# VPC "Default VPC and default vSwitch" (2024).
_MASK_OF_DEFAULT_VSWITCH = 20
_FILTERS = {
    "VpcId": "vpc_id",
    "ZoneId": "zone_id",
    "VSwitchName": "name",
    "ResourceGroupId": "resource_group_id",
    "VSwitchOwnerId": "owner",
}


def create(call: Call) -> Answer:
    """CreateVSwitch."""
    zone = _zone(call)
    vpc = vpcs.find_available(call, call.params.required("VpcId"))
    cidr = call.params.required("CidrBlock")
    _check_names(call)
    siblings = vpcs.records_of(call.state.vswitches, vpc.vpc_id)
    rules.check_vswitch_block(cidr, vpc, siblings)
    vswitch = VSwitch(
        vswitch_id=call.new_id("vsw"),
        vpc_id=vpc.vpc_id,
        zone_id=zone,
        cidr=cidr,
        ipv6_cidr=_ipv6_block(call, vpc, siblings),
        name=call.params.text("VSwitchName"),
        description=call.params.text("Description"),
        **call.new_record(),
    )
    return _add(call, vswitch)


def create_default(call: Call) -> Answer:
    """CreateDefaultVSwitch: one in each zone of the default VPC. Both codes are unverified."""
    zone = _zone(call)
    defaults = [vpc for vpc in call.own(call.state.vpcs) if vpc.is_default]
    if not defaults:
        raise not_found("InvalidVpcId.NotFound", "The region has no default VPC.")
    vpc = vpcs.find_available(call, defaults[0].vpc_id)
    siblings = vpcs.records_of(call.state.vswitches, vpc.vpc_id)
    if any(sibling.is_default and sibling.zone_id == zone for sibling in siblings):
        message = "A default vSwitch exists in the zone."
        raise ApiError("OperationDenied.DefaultVSwitchExist", message)
    vswitch = VSwitch(
        vswitch_id=call.new_id("vsw"),
        vpc_id=vpc.vpc_id,
        zone_id=zone,
        cidr=_free_block(vpc, siblings),
        ipv6_cidr=_ipv6_block(call, vpc, siblings),
        is_default=True,
        **call.new_record(),
    )
    return _add(call, vswitch)


def describe(call: Call) -> Answer:
    """DescribeVSwitchAttributes."""
    return _shape(call, _requested(call))


def list_vswitches(call: Call) -> Answer:
    """DescribeVSwitches, by id (several with commas), VPC, zone, name, route table and others."""
    rows = []
    for vswitch in call.select(call.state.vswitches, _FILTERS):
        if _is_listed(call, vswitch):
            rows.append(vswitch)
    page, counts = by_number(call.params, rows, partial(_shape, call), size=10, largest=50)
    return {"VSwitches": {"VSwitch": page}, **counts}


def modify(call: Call) -> Answer:
    """ModifyVSwitchAttribute: name, description and IPv6.

    The IPv6 block is required when IPv6 is enabled, and does not change (SDK vpc 7.2.2). The code
    for a change is unverified.
    """
    vswitch = _requested(call)
    _check_names(call)
    vswitch.name = call.params.changed("VSwitchName", vswitch.name)
    vswitch.description = call.params.changed("Description", vswitch.description)
    vpc = call.state.vpcs[vswitch.vpc_id]
    siblings = []
    for sibling in vpcs.records_of(call.state.vswitches, vpc.vpc_id):
        if sibling is not vswitch:
            siblings.append(sibling)
    block = _ipv6_block(call, vpc, siblings)
    if "EnableIPv6" not in call.params:
        return {}
    if not call.params.flag("EnableIPv6"):
        vswitch.ipv6_cidr = ""
        return {}
    if not block:
        raise ApiError("MissingParam.Ipv6CidrBlock", "Ipv6CidrBlock is mandatory for EnableIPv6.")
    if vswitch.ipv6_cidr not in ("", block):
        message = "The IPv6 CIDR block of a vSwitch cannot be changed."
        raise ApiError("OperationFailed.Ipv6CidrBlockExisted", message)
    vswitch.ipv6_cidr = block
    return {}


def delete(call: Call) -> Answer:
    """DeleteVSwitch: refused while something is in it, or a custom route table is bound to it."""
    vswitch = _requested(call)
    # The codes of the alicloud provider's retries.
    if any(vip.vswitch_id == vswitch.vswitch_id for vip in call.state.ha_vips.values()):
        raise _dependency("HaVip")
    if _nat_gateways_in(call.state, vswitch):
        raise _dependency("EnhancedNatgw")
    entries = call.state.snat_entries.values()
    if any(entry.source_vswitch_id == vswitch.vswitch_id for entry in entries):
        raise _dependency("SnatEntry")
    if used_addresses(call.state, vswitch):
        raise _dependency("NetworkInterface")
    if vswitch.route_table_id:
        raise _dependency("RouteTable")
    del call.state.vswitches[vswitch.vswitch_id]
    return {}


def find(call: Call, vswitch_id: str) -> VSwitch:
    """Return the caller's vSwitch with this id.

    Raises:
        ApiError: InvalidVSwitchId.NotFound.
    """
    return call.find(call.state.vswitches, vswitch_id, "InvalidVSwitchId.NotFound", "vSwitch")


def used_addresses(state: State, vswitch: VSwitch) -> set[str]:
    """Return the private addresses that are used in ``vswitch``."""
    used = set()
    for endpoint in state.endpoints.values():
        for zone in endpoint.zones.values():
            if zone.vswitch_id == vswitch.vswitch_id:
                used.add(zone.eni_ip)
    for vip in state.ha_vips.values():
        if vip.vswitch_id == vswitch.vswitch_id:
            used.add(vip.address)
    for gateway in _nat_gateways_in(state, vswitch):
        used.add(gateway.address)
    for balancer in state.load_balancers.values():
        for place in balancer.zones:
            if place.vswitch_id == vswitch.vswitch_id:
                used.add(place.address)
    return used


def _nat_gateways_in(state: State, vswitch: VSwitch) -> list[NatGateway]:
    gateways = []
    for gateway in state.nat_gateways.values():
        if gateway.vswitch_id == vswitch.vswitch_id:
            gateways.append(gateway)
    return gateways


def free_addresses(state: State, vswitch: VSwitch) -> Iterator[str]:
    """Yield the addresses that a new interface may have, in order."""
    used = used_addresses(state, vswitch)
    block = IPv4Network(vswitch.cidr)
    for number in range(_FIRST_FREE, block.num_addresses - _RESERVED_AT_END):
        if (address := str(block[number])) not in used:
            yield address


def is_free(state: State, vswitch: VSwitch, address: str) -> bool:
    """Whether a new interface may have ``address``."""
    block = IPv4Network(vswitch.cidr)
    try:
        number = int(IPv4Address(address)) - int(block.network_address)
    except ValueError:
        return False
    in_range = _FIRST_FREE <= number < block.num_addresses - _RESERVED_AT_END
    return in_range and address not in used_addresses(state, vswitch)


def route_table_id(state: State, vswitch: VSwitch) -> str:
    """Return the id of the route table that ``vswitch`` uses."""
    return vswitch.route_table_id or state.vpcs[vswitch.vpc_id].route_table_id


def _add(call: Call, vswitch: VSwitch) -> Answer:
    used = len(vpcs.records_of(call.state.vswitches, vswitch.vpc_id))
    call.check_quota("vswitches_per_vpc", used, "QuotaExceeded.VSwitch")
    vswitch.status, vswitch.since = "Pending", call.now
    call.state.vswitches[vswitch.vswitch_id] = vswitch
    return {"VSwitchId": vswitch.vswitch_id}


def _zone(call: Call) -> str:
    region = call.region()
    zone = call.params.required("ZoneId")
    if zone not in region.zones:
        raise not_found("InvalidZoneId.NotFound", "Specified zone does not exist.")
    return zone


def _ipv6_block(call: Call, vpc: Vpc, siblings: list[VSwitch]) -> str:
    """Return the requested IPv6 block of a vSwitch, empty if none is requested.

    The codes are unverified: those of other actions for the same faults.
    """
    chosen = call.params.text("VpcIpv6CidrBlock")
    blocks = [block.cidr for block in vpc.ipv6_blocks]
    if chosen and chosen not in blocks:
        message = f"The VPC has no IPv6 CIDR block {chosen}."
        raise ApiError("IllegalParam.Ipv6CidrBlock", message)
    if "Ipv6CidrBlock" not in call.params:
        return ""
    if not blocks:
        message = "IPv6 has not been enabled for the VPC."
        raise ApiError("OperationDenied.VpcIpv6NotEnabled", message)
    return rules.vswitch_ipv6_block(
        call.params.text("Ipv6CidrBlock"), chosen or blocks[0], siblings
    )


def _free_block(vpc: Vpc, siblings: list[VSwitch]) -> str:
    """Return the first block of a default vSwitch's size that overlaps no other."""
    for block in IPv4Network(vpc.cidr).subnets(new_prefix=_MASK_OF_DEFAULT_VSWITCH):
        if not any(block.overlaps(IPv4Network(sibling.cidr)) for sibling in siblings):
            return str(block)
    message = "The default VPC has no free block."
    raise ApiError("InvalidCidrBlock.Overlapped", message)


def _is_listed(call: Call, vswitch: VSwitch) -> bool:
    ids = call.params.split("VSwitchId")
    region = call.params.text("RegionId")
    table = call.params.text("RouteTableId")
    kinds = {"IsDefault": vswitch.is_default, "EnableIpv6": bool(vswitch.ipv6_cidr)}
    return (
        region in ("", call.state.vpcs[vswitch.vpc_id].region)
        and (not ids or vswitch.vswitch_id in ids)
        and table in ("", route_table_id(call.state, vswitch))
        and vpcs.matches_flags(call, kinds)
    )


def _check_names(call: Call) -> None:
    rules.check_name("VSwitch", call.params.text("VSwitchName"))
    rules.check_description("VSwitch", call.params.text("Description"))


def _dependency(code: str) -> ApiError:
    message = "Specified object has dependent resources."
    return ApiError(f"DependencyViolation.{code}", message)


def _requested(call: Call) -> VSwitch:
    return find(call, call.params.required("VSwitchId"))


def _shape(call: Call, vswitch: VSwitch) -> Answer:
    table_id = route_table_id(call.state, vswitch)
    table_type = "Custom" if vswitch.route_table_id else "System"
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
        "IsDefault": vswitch.is_default,
        "EnabledIpv6": bool(vswitch.ipv6_cidr),
        "Ipv6CidrBlock": vswitch.ipv6_cidr,
        "NetworkAclId": "",
        "ShareType": "",
        "AvailableIpAddressCount": size - len(used_addresses(call.state, vswitch)),
        "RouteTable": {"RouteTableId": table_id, "RouteTableType": table_type},
        "Tags": {"Tag": tag_list(vswitch.tags)},
    }
