"""Privatelink 2020-04-15: endpoints with their zones and security groups, and endpoint services.

The API of service users only: services are offered by the sandbox's data and admin calls.
"""

from __future__ import annotations

from dashlink_sandbox.services.base import Service
from dashlink_sandbox.services.privatelink import endpoint_services, endpoints, groups, zones
from dashlink_sandbox.services.tags import Tags
from dashlink_sandbox.services.vpc.zones import list_regions, list_zones

_TAGS = Tags({"vpcendpoint": "endpoints"}, nested=False)

SERVICE = Service(
    "Privatelink",
    "2020-04-15",
    {
        "CreateVpcEndpoint": endpoints.create,
        "GetVpcEndpointAttribute": endpoints.describe,
        "ListVpcEndpoints": endpoints.list_endpoints,
        "UpdateVpcEndpointAttribute": endpoints.update,
        "DeleteVpcEndpoint": endpoints.delete,
        "AddZoneToVpcEndpoint": zones.add,
        "RemoveZoneFromVpcEndpoint": zones.remove,
        "ListVpcEndpointZones": zones.list_zones,
        "AttachSecurityGroupToVpcEndpoint": groups.attach,
        "DetachSecurityGroupFromVpcEndpoint": groups.detach,
        "ListVpcEndpointSecurityGroups": groups.list_groups,
        "ListVpcEndpointServicesByEndUser": endpoint_services.list_for_end_user,
        "ListVpcEndpointServices": endpoint_services.list_own,
        "DescribeRegions": list_regions,
        "DescribeZones": list_zones,
        "TagResources": _TAGS.tag,
        "UntagResources": _TAGS.untag,
        "ListTagResources": _TAGS.list_tags,
        "ChangeResourceGroup": _TAGS.move,
    },
)
