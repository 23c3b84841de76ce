"""High-availability virtual IP addresses, which the sandbox binds to nothing.

Sources: SDK vpc 7.2.2, "CreateHaVip", "DescribeHaVips"; codes of the alicloud provider v1.285.0.
The codes for an address that is not free and for a use by a route are unverified.
"""

from __future__ import annotations

from functools import partial

from dashlink_sandbox.services.base import Answer, Call, is_valid_name, timestamp
from dashlink_sandbox.services.paging import by_number
from dashlink_sandbox.services.tags import tag_list
from dashlink_sandbox.services.vpc import rules, vswitches
from dashlink_sandbox.state import HaVip
from dashlink_sandbox.wire.errors import ApiError, invalid
from dashlink_sandbox.wire.params import Params

_FILTERS = {
    "HaVipId": "ha_vip_id",
    "VpcId": "vpc_id",
    "VSwitchId": "vswitch_id",
    "HaVipAddress": "address",
}


def create(call: Call) -> Answer:
    """CreateHaVip."""
    region = call.region().id
    vswitch = vswitches.find(call, call.params.required("VSwitchId"))
    _check_names(call)
    address = call.params.text("IpAddress")
    if not address:
        address = next(vswitches.free_addresses(call.state, vswitch), "")
    if not vswitches.is_free(call.state, vswitch, address):
        raise ApiError("InvalidIpAddress.AlreadyUsed", "Specified IP address is not available.")
    vip = HaVip(
        ha_vip_id=call.new_id("havip"),
        region=region,
        vpc_id=vswitch.vpc_id,
        vswitch_id=vswitch.vswitch_id,
        address=address,
        name=call.params.text("Name"),
        description=call.params.text("Description"),
        **call.new_record(),
    )
    call.state.ha_vips[vip.ha_vip_id] = vip
    return {"HaVipId": vip.ha_vip_id, "IpAddress": vip.address}


def list_vips(call: Call) -> Answer:
    """DescribeHaVips: by ``Filter.N.Key`` with one of ``Filter.N.Value.M``, and resource group."""
    filters = call.params.elements("Filter")
    rows = []
    for vip in call.select(call.state.ha_vips, {"ResourceGroupId": "resource_group_id"}):
        if all(_passes(vip, condition) for condition in filters):
            rows.append(vip)
    page, counts = by_number(call.params, rows, partial(_shape), size=10, largest=50)
    return {"HaVips": {"HaVip": page}, **counts}


def modify(call: Call) -> Answer:
    """ModifyHaVipAttribute: name and description."""
    vip = _requested(call)
    _check_names(call)
    vip.name = call.params.changed("Name", vip.name)
    vip.description = call.params.changed("Description", vip.description)
    return {}


def delete(call: Call) -> Answer:
    """DeleteHaVip: refused while a route leads to it."""
    vip_id = _requested(call).ha_vip_id
    for table in call.state.route_tables.values():
        if any(entry.next_hop_id == vip_id for entry in table.entries):
            raise ApiError("DependencyViolation.RouteEntry", "A route entry leads to the HaVip.")
    del call.state.ha_vips[vip_id]
    return {}


def _passes(vip: HaVip, condition: Params) -> bool:
    key = condition.required("Key")
    if key not in _FILTERS:
        raise invalid("Filter", f"The filter {key} must be one of {', '.join(_FILTERS)}.")
    return getattr(vip, _FILTERS[key]) in condition.texts("Value")


def _check_names(call: Call) -> None:
    if not is_valid_name(call.params.text("Name")):
        raise invalid("Name")
    if not rules.is_valid_description(call.params.text("Description")):
        raise invalid("Description")


def _requested(call: Call) -> HaVip:
    vip_id = call.params.required("HaVipId")
    return call.find(call.state.ha_vips, vip_id, "InvalidHaVipId.NotFound", "HaVip")


def _shape(vip: HaVip) -> Answer:
    return {
        "HaVipId": vip.ha_vip_id,
        "Name": vip.name,
        "Description": vip.description,
        "IpAddress": vip.address,
        "VpcId": vip.vpc_id,
        "VSwitchId": vip.vswitch_id,
        "RegionId": vip.region,
        "ResourceGroupId": vip.resource_group_id,
        "CreateTime": timestamp(vip.created),
        "Status": "Available",
        "ChargeType": "PostPaid",
        "MasterInstanceId": "",
        "AssociatedInstanceType": "",
        "AssociatedInstances": {"associatedInstance": []},
        "AssociatedEipAddresses": {"associatedEipAddresse": []},  # the cloud's own spelling
        "Tags": {"Tag": tag_list(vip.tags)},
    }
