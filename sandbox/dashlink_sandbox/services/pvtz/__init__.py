"""pvtz 2018-01-01: PrivateZones, the VPCs they are bound to, and their records."""

from __future__ import annotations

from dashlink_sandbox.services.base import Service
from dashlink_sandbox.services.pvtz import records, zones
from dashlink_sandbox.services.tags import Tags

_TAGS = Tags({"zone": "private_zones"}, nested=False)

SERVICE = Service(
    "pvtz",
    "2018-01-01",
    {
        "AddZone": zones.create,
        "DescribeZones": zones.list_zones,
        "DescribeZoneInfo": zones.describe,
        "UpdateZoneRemark": zones.update_remark,
        "SetProxyPattern": zones.set_proxy_pattern,
        "BindZoneVpc": zones.bind,
        "DeleteZone": zones.delete,
        "DescribeSyncEcsHostTask": zones.describe_sync_task,
        "AddZoneRecord": records.create,
        "DescribeZoneRecords": records.list_records,
        "UpdateZoneRecord": records.update,
        "UpdateRecordRemark": records.update_remark,
        "SetZoneRecordStatus": records.set_status,
        "DeleteZoneRecord": records.delete,
        "TagResources": _TAGS.tag,
        "UnTagResources": _TAGS.untag,
        "UntagResources": _TAGS.untag,
        "ListTagResources": _TAGS.list_tags,
        "MoveResourceGroup": _TAGS.move,
    },
)
