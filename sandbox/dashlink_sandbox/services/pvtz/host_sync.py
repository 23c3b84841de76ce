"""The task of a PrivateZone that adds the host names of ECS instances to it.

The sandbox has no instances: the task is stored and read back, and adds no record.

Sources: help.aliyun.com, "DescribeSyncEcsHostTask" (2025-12); the alicloud provider v1.285.0
(Ecs.SyncTask.NotExists, MissingRegion).
"""

from __future__ import annotations

from dashlink_sandbox.services.base import Answer, Call
from dashlink_sandbox.services.pvtz.zones import find
from dashlink_sandbox.state import HostSync
from dashlink_sandbox.wire.errors import ApiError, not_found


def update(call: Call) -> Answer:
    """UpdateSyncEcsHostTask: replaces the regions; an account without an id is the caller."""
    zone = find(call)
    call.params.required("Status")
    status = call.params.one_of("Status", ("ON", "OFF"), "")
    regions: dict[str, list[str]] = {}
    for row in call.params.elements("Region"):
        region = row.required("RegionId")
        if region not in call.catalog.regions:
            message = f"The specified region {region} does not exist."
            raise not_found("InvalidRegionId.NotFound", message)  # unverified
        regions.setdefault(row.text("UserId", call.account.id), []).append(region)
    if not regions:
        raise ApiError("MissingRegion", "Region is mandatory for this action.")
    zone.host_sync = HostSync(status=status, regions=regions)
    return {"Success": True}


def describe(call: Call) -> Answer:
    """DescribeSyncEcsHostTask."""
    zone = find(call)
    if zone.host_sync is None:
        message = "The ECS host synchronisation task does not exist."
        raise ApiError("Ecs.SyncTask.NotExists", message)
    rows = []
    own = []
    for account, regions in zone.host_sync.regions.items():
        rows.append({"UserId": int(account), "RegionIds": {"RegionId": regions}})
        if account == call.account.id:
            own = regions
    return {
        "ZoneId": zone.zone_id,
        "Status": zone.host_sync.status,
        "EcsRegions": {"EcsRegion": rows},
        "Regions": {"RegionId": own},
        "Success": True,
    }
