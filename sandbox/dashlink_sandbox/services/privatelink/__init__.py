"""Privatelink 2020-04-15: endpoints with their zones and security groups, and endpoint services.

One side is the user of a service, the other its owner: an account of the sandbox, or the cloud,
whose services are in the sandbox's data.
"""

from __future__ import annotations

from dashlink_sandbox.services.base import Answer, Call, Service
from dashlink_sandbox.services.privatelink import (
    connections,
    endpoint_services,
    endpoints,
    groups,
    own_services,
    service_resources,
    service_users,
    zones,
)
from dashlink_sandbox.services.tags import Tags
from dashlink_sandbox.services.vpc.zones import list_regions, list_zones
from dashlink_sandbox.wire.errors import ApiError

_TAGS = Tags({"vpcendpoint": "endpoints", "vpcendpointservice": "endpoint_services"}, nested=False)


def _open(_call: Call) -> Answer:
    """OpenPrivateLinkService: every account of the sandbox has it (OpenAPI metadata, 2024)."""
    message = "You have already activated the service. Go to the console to start using it."
    raise ApiError("OrderOpend", message)


def _check_open(_call: Call) -> Answer:
    """CheckProductOpen: every account of the sandbox has the product."""
    return {}


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
        "CreateVpcEndpointService": own_services.create,
        "GetVpcEndpointServiceAttribute": own_services.describe,
        "ListVpcEndpointServices": own_services.list_own,
        "UpdateVpcEndpointServiceAttribute": own_services.update,
        "DeleteVpcEndpointService": own_services.delete,
        "AttachResourceToVpcEndpointService": service_resources.attach,
        "DetachResourceFromVpcEndpointService": service_resources.detach,
        "UpdateVpcEndpointServiceResourceAttribute": service_resources.update,
        "ListVpcEndpointServiceResources": service_resources.list_resources,
        "AddUserToVpcEndpointService": service_users.add,
        "RemoveUserFromVpcEndpointService": service_users.remove,
        "ListVpcEndpointServiceUsers": service_users.list_users,
        "EnableVpcEndpointConnection": connections.enable,
        "DisableVpcEndpointConnection": connections.disable,
        "EnableVpcEndpointZoneConnection": connections.enable_zone,
        "DisableVpcEndpointZoneConnection": connections.disable_zone,
        "UpdateVpcEndpointConnectionAttribute": connections.update,
        "ListVpcEndpointConnections": connections.list_connections,
        "OpenPrivateLinkService": _open,
        "CheckProductOpen": _check_open,
        "DescribeRegions": list_regions,
        "DescribeZones": list_zones,
        "TagResources": _TAGS.tag,
        "UntagResources": _TAGS.untag,
        "ListTagResources": _TAGS.list_tags,
        "ChangeResourceGroup": _TAGS.move,
    },
)
