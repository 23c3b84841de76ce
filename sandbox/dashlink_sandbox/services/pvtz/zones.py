"""PrivateZones. They belong to no region; a VPC of any region may be bound to them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from dashlink_sandbox.services.base import Answer, Call, name_of, timestamp
from dashlink_sandbox.services.paging import by_number
from dashlink_sandbox.services.pvtz.rules import check_remark, check_zone_name, may_bind
from dashlink_sandbox.services.tags import tag_list
from dashlink_sandbox.state import PrivateZone, ZoneVpc
from dashlink_sandbox.wire.errors import ApiError

_PATTERNS = ("ZONE", "RECORD")
_Row = TypeVar("_Row")


def create(call: Call) -> Answer:
    """AddZone."""
    name = call.params.required("ZoneName").rstrip(".").lower()
    check_zone_name(name)
    zone = PrivateZone(
        zone_id=f"{call.new_number():032x}",  # the cloud's ids are 32 hexadecimal digits
        name=name,
        proxy_pattern=call.params.one_of("ProxyPattern", _PATTERNS, "ZONE"),
        **call.new_record(),
    )
    call.state.private_zones[zone.zone_id] = zone
    return {"Success": True, "ZoneId": zone.zone_id, "ZoneName": name}


def list_zones(call: Call) -> Answer:
    """DescribeZones, by name (by default a substring of it), VPC, resource group and tags."""
    keyword = call.params.text("Keyword").lower()
    rows = []
    for zone in call.select(call.state.private_zones, {"ResourceGroupId": "resource_group_id"}):
        if _is_bound(call, zone) and keyword_matches(call, keyword, zone.name, "LIKE"):
            rows.append(zone)
    page, counts = paginate(call, rows, _shape)
    return {"Zones": {"Zone": page}, **counts}


def describe(call: Call) -> Answer:
    """DescribeZoneInfo."""
    zone = find(call)
    vpcs = []
    for bound in zone.vpcs:
        vpc = {"VpcId": bound.vpc_id, "VpcName": name_of(call.state.vpcs, bound.vpc_id)}
        vpcs.append({**vpc, "RegionId": bound.region, "RegionName": bound.region})
    return {**_shape(zone), "BindVpcs": {"Vpc": vpcs}}


def update_remark(call: Call) -> Answer:
    """UpdateZoneRemark."""
    zone = find(call)
    remark = call.params.text("Remark")
    check_remark(remark)
    zone.remark = remark
    return {"ZoneId": zone.zone_id}


def set_proxy_pattern(call: Call) -> Answer:
    """SetProxyPattern: whether names that the zone lacks are resolved outside it (RECORD)."""
    zone = find(call)
    zone.proxy_pattern = call.params.one_of("ProxyPattern", _PATTERNS, zone.proxy_pattern)
    return {"ZoneId": zone.zone_id}


def bind(call: Call) -> Answer:
    """BindZoneVpc: replaces the whole set of VPCs; it may be empty."""
    zone = find(call)
    vpcs = []
    for vpc in call.params.elements("Vpcs"):
        vpcs.append(ZoneVpc(region=vpc.required("RegionId"), vpc_id=vpc.required("VpcId")))
    for bound in vpcs:
        _check_vpc(call, zone, bound)
    zone.vpcs = vpcs
    return {}


def delete(call: Call) -> Answer:
    """DeleteZone: refused while a VPC is bound to it; deletes its records too."""
    zone = find(call)
    if zone.vpcs:
        raise ApiError("Zone.VpcExists", "Zone have vpc bound.")
    del call.state.private_zones[zone.zone_id]
    return {"ZoneId": zone.zone_id}


def find(call: Call) -> PrivateZone:
    """Return the caller's PrivateZone ``ZoneId``.

    Raises:
        ApiError: Zone.NotExists.
    """
    zone = call.state.private_zones.get(call.params.required("ZoneId"))
    if zone is None or zone.owner != call.account.id:
        raise ApiError("Zone.NotExists", "Zone is not exists")
    return zone


def keyword_matches(call: Call, keyword: str, text: str, default: str) -> bool:
    """Whether ``text`` matches the keyword in the SearchMode: LIKE contains it, EXACT equals it.

    Args:
        call: The call.
        keyword: The keyword; empty: every text matches.
        text: The text.
        default: The SearchMode of a request that names none.
    """
    mode = call.params.one_of("SearchMode", ("LIKE", "EXACT"), default)
    if mode == "EXACT" and keyword:
        return text == keyword
    return keyword in text


def paginate(
    call: Call, rows: Sequence[_Row], shape: Callable[[_Row], Answer]
) -> tuple[list[Answer], Answer]:
    """Return the requested page, and its counts under this product's names."""
    page, counts = by_number(call.params, rows, shape, size=20, largest=100)
    size, total = counts["PageSize"], counts.pop("TotalCount")
    return page, {**counts, "TotalItems": total, "TotalPages": -(-total // size)}


def times(created: float, updated: float) -> Answer:
    """Return the times of a record as this product writes them."""
    return {
        "CreateTime": timestamp(created),
        "CreateTimestamp": int(created * 1000),
        "UpdateTime": timestamp(updated),
        "UpdateTimestamp": int(updated * 1000),
    }


def _is_bound(call: Call, zone: PrivateZone) -> bool:
    """Whether a zone is bound to the VPC and to a VPC of the region that the request names."""
    params = call.params
    regions = {bound.region for bound in zone.vpcs}
    in_vpc = "QueryVpcId" not in params or params.text("QueryVpcId") in _vpc_ids(zone)
    return in_vpc and ("QueryRegionId" not in params or params.text("QueryRegionId") in regions)


def _vpc_ids(zone: PrivateZone) -> set[str]:
    return {bound.vpc_id for bound in zone.vpcs}


def _check_vpc(call: Call, zone: PrivateZone, bound: ZoneVpc) -> None:
    """Refuse a VPC that does not exist, is not authorized, or has a zone of this name."""
    vpc = call.state.vpcs.get(bound.vpc_id)
    is_there = vpc is not None and vpc.region == bound.region
    if vpc is None or not is_there or not may_bind(call.state, zone.owner, vpc.owner):
        message = f"The VPC {bound.vpc_id} does not exist in {bound.region}."
        raise ApiError("ZoneVpc.NotExists.VpcId", message)
    for other in call.state.private_zones.values():
        same_name = other.name == zone.name and other.zone_id != zone.zone_id
        if same_name and bound.vpc_id in _vpc_ids(other):
            raise ApiError("ZoneVpc.Zone.Repeated", "Vpc is bind to same zone name.")


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
        **times(zone.created, zone.created),
        "ResourceTags": {"ResourceTag": tag_list(zone.tags)},
    }
