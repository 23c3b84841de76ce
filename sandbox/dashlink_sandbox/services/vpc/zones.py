"""Regions and zones, which several products list."""

from __future__ import annotations

from dashlink_sandbox.services.base import Answer, Call


def list_regions(call: Call) -> Answer:
    """DescribeRegions."""
    rows = []
    for region in call.catalog.regions.values():
        row = {"RegionId": region.id, "LocalName": region.local_name}
        rows.append({**row, "RegionEndpoint": call.host, "Status": "available"})
    return {"Regions": {"Region": rows}}


def list_zones(call: Call) -> Answer:
    """DescribeZones: every zone of the region offers vSwitches."""
    rows = []
    for zone in call.region().zones:
        rows.append({"ZoneId": zone, "LocalName": zone, "ZoneType": "AvailabilityZone"})
    return {"Zones": {"Zone": rows}}
