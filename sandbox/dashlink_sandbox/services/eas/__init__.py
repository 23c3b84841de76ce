"""PAI-EAS 2021-07-01, ROA style: model services and dedicated gateways; tags by 2021-07-02.

Sources: SDK alibabacloud_eas20210701 (client and models, 2026-08): paths, parameters, fields of
answers; terraform-provider-alicloud v1.285.0, resource_alicloud_pai_service.go: Labels and
WorkspaceId in the query of CreateService, InvalidService.NotFound, tags by version 2021-07-02.
Codes and messages not named there are unverified.

CreateService and CreateGateway carry no region: the cloud's host says it. The sandbox has one host
for all regions; see :func:`dashlink_sandbox.services.eas.common.region_of`.
"""

from __future__ import annotations

from dashlink_sandbox.services.base import Handler, Service
from dashlink_sandbox.services.eas import gateway_access, gateway_links, gateways, services, tags
from dashlink_sandbox.wire.routes import Routes

_SERVICE = "/api/v2/services/{ClusterId}/{ServiceName}"
_GATEWAY = "/api/v2/gateways/{ClusterId}/{GatewayId}"
_LINKED = f"{_GATEWAY}/intranet_endpoint_linked_vpc"
_ACL = f"{_GATEWAY}/acl_policy"

_ACTIONS: dict[str, tuple[str, Handler]] = {
    "CreateService": ("POST /api/v2/services", services.create),
    "ListServices": ("GET /api/v2/services", services.list_services),
    "DescribeService": (f"GET {_SERVICE}", services.describe),
    "UpdateService": (f"PUT {_SERVICE}", services.update),
    "DeleteService": (f"DELETE {_SERVICE}", services.delete),
    "StartService": (f"PUT {_SERVICE}/start", services.start),
    "StopService": (f"PUT {_SERVICE}/stop", services.stop),
    "DescribeServiceEndpoints": (f"GET {_SERVICE}/endpoints", services.describe_endpoints),
    "CreateGateway": ("POST /api/v2/gateways", gateways.create),
    "ListGateway": ("GET /api/v2/gateways", gateways.list_gateways),
    "DescribeGateway": (f"GET {_GATEWAY}", gateways.describe),
    "UpdateGateway": (f"PUT {_GATEWAY}", gateways.update),
    "DeleteGateway": (f"DELETE {_GATEWAY}", gateways.delete),
    "UpdateGatewayLabel": (f"PUT {_GATEWAY}/label", gateways.update_labels),
    "DeleteGatewayLabel": (f"DELETE {_GATEWAY}/label", gateways.delete_labels),
    "CreateGatewayIntranetLinkedVpc": (f"POST {_LINKED}", gateway_links.link),
    "ListGatewayIntranetLinkedVpc": (f"GET {_LINKED}", gateway_links.list_linked),
    "DeleteGatewayIntranetLinkedVpc": (f"DELETE {_LINKED}", gateway_links.unlink),
    "CreateGatewayIntranetLinkedVpcPeer": (f"POST {_LINKED}_peer", gateway_links.add_peers),
    "ListGatewayIntranetLinkedVpcPeer": (f"GET {_LINKED}_peer", gateway_links.list_peers),
    "DeleteGatewayIntranetLinkedVpcPeer": (f"DELETE {_LINKED}_peer", gateway_links.remove_peers),
    "ListGatewayIntranetSupportedZone": (
        f"GET {_GATEWAY}/intranet_supported_zone",
        gateway_links.supported_zones,
    ),
    "CreateAclPolicy": (f"POST {_ACL}", gateway_access.add_entries),
    "ListAclPolicy": (f"GET {_ACL}", gateway_access.list_entries),
    "DeleteAclPolicy": (f"DELETE {_ACL}", gateway_access.remove_entries),
    "AttachGatewayDomain": (f"PUT {_GATEWAY}/domain/attach", gateway_access.attach_domain),
    "DetachGatewayDomain": (f"PUT {_GATEWAY}/domain/detach", gateway_access.detach_domain),
    "ListGatewayDomains": (f"GET {_GATEWAY}/domains", gateway_access.list_domains),
}

SERVICE = Service(
    "eas",
    "2021-07-01",
    {action: handler for action, (_, handler) in _ACTIONS.items()},
    Routes({route: action for action, (route, _) in _ACTIONS.items()}),
)
TAG_SERVICE = Service(
    "eas-tags", "2021-07-02", {"TagResources": tags.tag, "UntagResources": tags.untag}
)
