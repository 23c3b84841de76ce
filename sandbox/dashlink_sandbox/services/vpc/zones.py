"""Regions and zones, as several products list them."""

from __future__ import annotations

from dashlink_sandbox.services.base import Answer, Call


def list_regions(call: Call) -> Answer:
    """DescribeRegions."""
    rows = [
        {"RegionId": region.id, "LocalName": region.local_name, "RegionEndpoint": call.host, "Status": "available"}
        for region in call.catalog.regions.values()
    ]
    return {"Regions": {"Region": rows}}


def list_zones(call: Call) -> Answer:
    """DescribeZones: every zone of the region offers vSwitches."""
    rows = [{"ZoneId": zone, "LocalName": zone, "ZoneType": "AvailabilityZone"} for zone in call.region().zones]
    return {"Zones": {"Zone": rows}}
