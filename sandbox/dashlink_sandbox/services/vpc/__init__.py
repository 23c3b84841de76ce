"""Vpc 2016-04-28: VPCs, vSwitches, zones, tags, and the route tables that clients read."""

from __future__ import annotations

from dashlink_sandbox.services.base import Service
from dashlink_sandbox.services.tags import Tags
from dashlink_sandbox.services.vpc import vpcs, vswitches, zones

_TAGS = Tags({"vpc": "vpcs", "vswitch": "vswitches"})

SERVICE = Service(
    "Vpc",
    "2016-04-28",
    {
        "CreateVpc": vpcs.create,
        "DescribeVpcAttribute": vpcs.describe,
        "DescribeVpcs": vpcs.list_vpcs,
        "ModifyVpcAttribute": vpcs.modify,
        "DeleteVpc": vpcs.delete,
        "DescribeRouteTableList": vpcs.list_route_tables,
        "CreateVSwitch": vswitches.create,
        "DescribeVSwitchAttributes": vswitches.describe,
        "DescribeVSwitches": vswitches.list_vswitches,
        "ModifyVSwitchAttribute": vswitches.modify,
        "DeleteVSwitch": vswitches.delete,
        "DescribeRegions": zones.list_regions,
        "DescribeZones": zones.list_zones,
        "TagResources": _TAGS.tag,
        "UnTagResources": _TAGS.untag,
        "ListTagResources": _TAGS.list_tags,
        "MoveResourceGroup": _TAGS.move,
    },
)
