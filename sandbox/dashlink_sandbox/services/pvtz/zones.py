"""PrivateZones. They belong to no region; a VPC of any region may be bound to them."""

from __future__ import annotations

from dashlink_sandbox.services.base import Answer, Call, moment
from dashlink_sandbox.services.paging import by_number
from dashlink_sandbox.services.pvtz.rules import check_zone_name
from dashlink_sandbox.services.tags import key_value, tags_fit
from dashlink_sandbox.state import PrivateZone, ZoneVpc
from dashlink_sandbox.wire.errors import ApiError

_PATTERNS = ("ZONE", "RECORD")


def create(call: Call) -> Answer:
    """AddZone."""
    name = call.params.required("ZoneName").rstrip(".").lower()
    check_zone_name(name)
    zone = PrivateZone(
        zone_id=f"{call.number():032x}",  # the cloud's ids are 32 hexadecimal digits
        name=name,
        proxy_pattern=call.params.one_of("ProxyPattern", _PATTERNS, "ZONE"),
        **call.birth(),
    )
    call.state.private_zones[zone.zone_id] = zone
    return {"Success": True, "ZoneId": zone.zone_id, "ZoneName": name}


def list_zones(call: Call) -> Answer:
    """DescribeZones, by a part of the name (or all of it: SearchMode EXACT), by a VPC bound to them, by tags."""
    keyword = call.params.text("Keyword").lower()
    exact = call.params.text("SearchMode") == "EXACT"
    vpc_id = call.params.text("QueryVpcId")
    found = [
        zone
        for zone in call.state.private_zones.values()
        if zone.owner == call.account.id
        and (zone.name == keyword if exact else keyword in zone.name)
        and (not vpc_id or any(bound.vpc_id == vpc_id for bound in zone.vpcs))
        and tags_fit(call.params, zone.tags)
    ]
    page, counts = by_number(call.params, found, size=20, largest=100)
    return {"Zones": {"Zone": [_shape(zone) for zone in page]}, **pages(counts)}


def describe(call: Call) -> Answer:
    """DescribeZoneInfo."""
    zone = find(call)
    vpcs = [
        {"VpcId": bound.vpc_id, "RegionId": bound.region, "RegionName": bound.region, "VpcName": _vpc_name(call, bound)}
        for bound in zone.vpcs
    ]
    return {**_shape(zone), "BindVpcs": {"Vpc": vpcs}}


def update_remark(call: Call) -> Answer:
    """UpdateZoneRemark."""
    zone = find(call)
    zone.remark = call.params.text("Remark")
    return {"ZoneId": zone.zone_id}


def set_proxy_pattern(call: Call) -> Answer:
    """SetProxyPattern: whether names that the zone lacks are looked up outside (RECORD) or not (ZONE)."""
    zone = find(call)
    zone.proxy_pattern = call.params.one_of("ProxyPattern", _PATTERNS, zone.proxy_pattern)
    return {"ZoneId": zone.zone_id}


def bind(call: Call) -> Answer:
    """BindZoneVpc: the whole set of VPCs, which may be empty."""
    zone = find(call)
    wanted = [
        ZoneVpc(region=vpc.required("RegionId"), vpc_id=vpc.required("VpcId")) for vpc in call.params.elements("Vpcs")
    ]
    for bound in wanted:
        _check_vpc(call, zone, bound)
    zone.vpcs = wanted
    return {}


def delete(call: Call) -> Answer:
    """DeleteZone: refused while a VPC is bound to it; its records go with it."""
    zone = find(call)
    if zone.vpcs:
        raise ApiError("Zone.VpcExists", "Zone have vpc bound.")
    del call.state.private_zones[zone.zone_id]
    return {"ZoneId": zone.zone_id}


def describe_sync_task(call: Call) -> Answer:
    """DescribeSyncEcsHostTask: no zone here ever has the task."""
    find(call)
    raise ApiError("Ecs.SyncTask.NotExists", "The ECS host synchronisation task does not exist.")


def find(call: Call) -> PrivateZone:
    """The caller's PrivateZone that the request names.

    Raises:
        ApiError: Zone.NotExists.
    """
    zone = call.state.private_zones.get(call.params.required("ZoneId"))
    if zone is None or zone.owner != call.account.id:
        raise ApiError("Zone.NotExists", "Zone is not exists")
    return zone


def pages(counts: Answer) -> Answer:
    """The counts of a page under this product's names."""
    size, total = counts["PageSize"], counts["TotalCount"]
    return {"TotalItems": total, "TotalPages": -(-total // size), "PageSize": size, "PageNumber": counts["PageNumber"]}


def _check_vpc(call: Call, zone: PrivateZone, bound: ZoneVpc) -> None:
    """Refuse a VPC that is not there, or that a zone of the same name is already bound to (that code is unverified)."""
    vpc = call.state.vpcs.get(bound.vpc_id)
    if vpc is None or vpc.owner != call.account.id or vpc.region != bound.region:
        raise ApiError("ZoneVpc.NotExists.VpcId", f"The VPC {bound.vpc_id} does not exist in {bound.region}.")
    for other in call.state.private_zones.values():
        taken = any(row.vpc_id == bound.vpc_id for row in other.vpcs)
        if taken and other.zone_id != zone.zone_id and other.name == zone.name:
            raise ApiError("ZoneVpc.Conflict", f"The VPC {bound.vpc_id} has the zone {zone.name} already.")


def _vpc_name(call: Call, bound: ZoneVpc) -> str:
    vpc = call.state.vpcs.get(bound.vpc_id)
    return vpc.name if vpc else ""


def _shape(zone: PrivateZone) -> Answer:
    return {
        "ZoneId": zone.zone_id,
        "ZoneName": zone.name,
        "ZoneType": "AUTH_ZONE",
        "ProxyPattern": zone.proxy_pattern,
        "Remark": zone.remark,
        "RecordCount": len(zone.records),
        "IsPtr": zone.name.endswith("in-addr.arpa"),
        "ResourceGroupId": zone.resource_group_id,
        "CreateTime": moment(zone.created),
        "CreateTimestamp": int(zone.created * 1000),
        "UpdateTime": moment(zone.created),
        "UpdateTimestamp": int(zone.created * 1000),
        "ResourceTags": {"ResourceTag": key_value(zone.tags)},
    }
