"""Classic Load Balancers.

Sources: Alibaba Cloud's OpenAPI metadata of CLB (2024-07-30: codes, values); the alicloud provider
v1.285.0 (the fields that it reads, InvalidLoadBalancerId.NotFound).
"""

from __future__ import annotations

from dashlink_sandbox.load_balancers import LoadBalancer
from dashlink_sandbox.services.balancers import allocate, find_vswitch, is_in_use
from dashlink_sandbox.services.base import Answer, Call, timestamp
from dashlink_sandbox.services.paging import by_number
from dashlink_sandbox.services.tags import tag_list
from dashlink_sandbox.wire.errors import ApiError, not_found

_KIND = "slb"
_PAY_TYPE = "PayOnDemand"
_CHARGE_TYPES = ("PayBySpec", "PayByCLCU")
_FILTERS = {
    "LoadBalancerId": "load_balancer_id",
    "LoadBalancerName": "name",
    "VpcId": "vpc_id",
    "ResourceGroupId": "resource_group_id",
}


def create(call: Call) -> Answer:
    """CreateLoadBalancer: with a private address in a vSwitch, which makes it `intranet`."""
    region = call.region()
    params = call.params
    vswitch_id = params.text("VSwitchId")
    if not vswitch_id:
        message = "The sandbox has CLB instances in a vSwitch only; VSwitchId is absent."
        raise ApiError("Sandbox.UnsupportedParameter", message)
    vpc_id = params.text("VpcId") or _vpc_id(call, vswitch_id)
    absent = ApiError("VSwitchNotExist", "The specified VSwitch does not exist.")
    vswitch = find_vswitch(call, vpc_id, vswitch_id, absent)
    message = "The specified VSwitch has no availabe ip."  # the cloud's own spelling
    exhausted = ApiError("VSwitchAvailableIpNotExist", message)
    zone = allocate(call, vswitch, params.text("Address"), exhausted)
    others = [name for name in region.zones if name != vswitch.zone_id]
    master = params.one_of("MasterZoneId", region.zones, vswitch.zone_id)
    zones = [
        zone.model_copy(update={"zone_id": master}),
        zone.model_copy(update={"zone_id": params.one_of("SlaveZoneId", region.zones, others[0])}),
    ]
    balancer = LoadBalancer(
        load_balancer_id=call.new_id("lb"),
        kind=_KIND,
        region=region.id,
        vpc_id=vswitch.vpc_id,
        name=params.text("LoadBalancerName"),
        zones=zones,
        attributes={
            "LoadBalancerSpec": params.text("LoadBalancerSpec"),
            "InstanceChargeType": params.one_of("InstanceChargeType", _CHARGE_TYPES, "PayBySpec"),
        },
        **call.new_record(),
    )
    call.state.load_balancers[balancer.load_balancer_id] = balancer
    return {
        "LoadBalancerId": balancer.load_balancer_id,
        "LoadBalancerName": balancer.name,
        "Address": zone.address,
        "AddressIPVersion": balancer.address_ip_version,
        "NetworkType": "vpc",
        "VpcId": balancer.vpc_id,
        "VSwitchId": zone.vswitch_id,
        "ResourceGroupId": balancer.resource_group_id,
    }


def describe(call: Call) -> Answer:
    """DescribeLoadBalancerAttribute."""
    return _shape(_requested(call))


def list_load_balancers(call: Call) -> Answer:
    """DescribeLoadBalancers."""
    rows = []
    for balancer in call.select(call.state.load_balancers, _FILTERS):
        if balancer.kind == _KIND:
            rows.append(balancer)
    page, counts = by_number(call.params, rows, _shape, size=50, largest=100)
    return {"LoadBalancers": {"LoadBalancer": page}, **counts}


def rename(call: Call) -> Answer:
    """SetLoadBalancerName."""
    _requested(call).name = call.params.required("LoadBalancerName")
    return {}


def delete(call: Call) -> Answer:
    """DeleteLoadBalancer: refused while an endpoint service leads to it (code unverified)."""
    balancer = _requested(call)
    if is_in_use(call, balancer):
        message = "Operation Denied. An endpoint service leads to the load balancer."
        raise ApiError("Operation.NotAllowed", message)
    del call.state.load_balancers[balancer.load_balancer_id]
    return {}


def list_available(call: Call) -> Answer:
    """DescribeAvailableResource: each zone with the next one as its secondary zone (unverified)."""
    zones = call.region().zones
    rows = []
    for zone, other in zip(zones, [*zones[1:], zones[0]], strict=True):
        supported = {"AddressType": "vpc", "AddressIPVersion": "ipv4"}
        row = {"MasterZoneId": zone, "SlaveZoneId": other}
        rows.append({**row, "SupportResources": {"SupportResource": [supported]}})
    return {"AvailableResources": {"AvailableResource": rows}}


def list_zones(call: Call) -> Answer:
    """DescribeZones: the pairs of zones that DescribeAvailableResource names."""
    rows = []
    for row in list_available(call)["AvailableResources"]["AvailableResource"]:
        slaves = [{"ZoneId": row["SlaveZoneId"], "LocalName": row["SlaveZoneId"]}]
        zone = {"ZoneId": row["MasterZoneId"], "LocalName": row["MasterZoneId"]}
        rows.append({**zone, "SlaveZones": {"SlaveZone": slaves}})
    return {"Zones": {"Zone": rows}}


def _vpc_id(call: Call, vswitch_id: str) -> str:
    vswitch = call.state.vswitches.get(vswitch_id)
    return vswitch.vpc_id if vswitch else ""


def _requested(call: Call) -> LoadBalancer:
    balancer = call.state.load_balancers.get(call.params.required("LoadBalancerId"))
    own = call.own(call.state.load_balancers)
    if balancer is None or balancer not in own or balancer.kind != _KIND:
        message = "The specified LoadBalancerId does not exist."
        raise not_found("InvalidLoadBalancerId.NotFound", message)
    return balancer


def _shape(balancer: LoadBalancer) -> Answer:
    master, slave = balancer.zones
    return {
        "LoadBalancerId": balancer.load_balancer_id,
        "LoadBalancerName": balancer.name,
        "LoadBalancerStatus": "active",
        "Address": master.address,
        "AddressType": balancer.address_type,
        "AddressIPVersion": balancer.address_ip_version,
        "NetworkType": "vpc",
        "RegionId": balancer.region,
        "VpcId": balancer.vpc_id,
        "VSwitchId": master.vswitch_id,
        "MasterZoneId": master.zone_id,
        "SlaveZoneId": slave.zone_id,
        "PayType": _PAY_TYPE,
        "InternetChargeType": "paybytraffic",
        "Bandwidth": 5120,
        "DeleteProtection": "off",
        "ModificationProtectionStatus": "NonProtection",
        "ModificationProtectionReason": "",
        "CreateTime": timestamp(balancer.created),
        "ResourceGroupId": balancer.resource_group_id,
        "Tags": {"Tag": tag_list(balancer.tags, "TagKey", "TagValue")},
        **balancer.attributes,
    }
