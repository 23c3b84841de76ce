"""Vpc 2016-04-28: VPCs with their blocks, vSwitches, route tables with routes, HaVips, zones.

NAT gateways, EIPs and SNAT entries are its actions too: the way out of a VPC.
"""

from __future__ import annotations

from dashlink_sandbox.services.base import Service
from dashlink_sandbox.services.tags import Tags
from dashlink_sandbox.services.vpc import (
    cidr_blocks,
    eips,
    ha_vips,
    nat_gateways,
    route_tables,
    routes,
    snat_entries,
    vpcs,
    vswitches,
    zones,
)

_TAGS = Tags(
    {
        "vpc": "vpcs",
        "vswitch": "vswitches",
        "routetable": "route_tables",
        "havip": "ha_vips",
        "natgateway": "nat_gateways",
        "eip": "eips",
    }
)

SERVICE = Service(
    "Vpc",
    "2016-04-28",
    {
        "CreateVpc": vpcs.create,
        "CreateDefaultVpc": vpcs.create_default,
        "DescribeVpcAttribute": vpcs.describe,
        "DescribeVpcs": vpcs.list_vpcs,
        "ModifyVpcAttribute": vpcs.modify,
        "DeleteVpc": vpcs.delete,
        "AssociateVpcCidrBlock": cidr_blocks.associate,
        "UnassociateVpcCidrBlock": cidr_blocks.unassociate,
        "CreateVSwitch": vswitches.create,
        "CreateDefaultVSwitch": vswitches.create_default,
        "DescribeVSwitchAttributes": vswitches.describe,
        "DescribeVSwitches": vswitches.list_vswitches,
        "ModifyVSwitchAttribute": vswitches.modify,
        "DeleteVSwitch": vswitches.delete,
        "CreateRouteTable": route_tables.create,
        "ModifyRouteTableAttributes": route_tables.modify,
        "DeleteRouteTable": route_tables.delete,
        "AssociateRouteTable": route_tables.associate,
        "UnassociateRouteTable": route_tables.unassociate,
        "DescribeRouteTableList": route_tables.list_tables,
        "DescribeRouteTables": route_tables.list_with_entries,
        "CreateRouteEntry": routes.create,
        "ModifyRouteEntry": routes.modify,
        "DeleteRouteEntry": routes.delete,
        "DescribeRouteEntryList": routes.list_entries,
        "ListVpcPublishedRouteEntries": routes.list_published,
        "CreateHaVip": ha_vips.create,
        "DescribeHaVips": ha_vips.list_vips,
        "ModifyHaVipAttribute": ha_vips.modify,
        "DeleteHaVip": ha_vips.delete,
        "CreateNatGateway": nat_gateways.create,
        "DescribeNatGateways": nat_gateways.list_gateways,
        "ListEnhanhcedNatGatewayAvailableZones": nat_gateways.list_zones,
        "ModifyNatGatewayAttribute": nat_gateways.modify,
        "DeleteNatGateway": nat_gateways.delete,
        "DeletionProtection": nat_gateways.protect,
        "AllocateEipAddress": eips.allocate,
        "DescribeEipAddresses": eips.list_eips,
        "ModifyEipAddressAttribute": eips.modify,
        "ModifyEipForwardMode": eips.change_mode,
        "AssociateEipAddress": eips.associate,
        "UnassociateEipAddress": eips.unassociate,
        "ReleaseEipAddress": eips.release,
        "CreateSnatEntry": snat_entries.create,
        "DescribeSnatTableEntries": snat_entries.list_entries,
        "ModifySnatEntry": snat_entries.modify,
        "DeleteSnatEntry": snat_entries.delete,
        "DescribeRegions": zones.list_regions,
        "DescribeZones": zones.list_zones,
        "TagResources": _TAGS.tag,
        "UnTagResources": _TAGS.untag,
        "ListTagResources": _TAGS.list_tags,
        "MoveResourceGroup": _TAGS.move,
    },
)
