"""Cbn 2017-09-12: CEN instances, transit routers, their attachments and route tables.

Sources: the calls, statuses and error codes of the alicloud provider v1.285.0
(resource_alicloud_cen_*.go, service_alicloud_cbn.go, service_alicloud_cen_v2.go); SDK cbn 1.4.0.
A code that neither has is marked unverified where it is raised. The sandbox has Enterprise routers
in its own account, VPC and peer attachments, and bandwidth by traffic (DataTransfer) alone.
"""

from __future__ import annotations

from dashlink_sandbox.services.base import Service
from dashlink_sandbox.services.cbn import (
    attachments,
    cens,
    entries,
    links,
    peers,
    routers,
    tables,
)
from dashlink_sandbox.services.tags import Tags

_TAGS = Tags(
    {
        "cen": "cens",
        "transitrouter": "transit_routers",
        "transitrouterroutetable": "router_tables",
        "transitroutervpcattachment": "router_attachments",
        "transitrouterpeerattachment": "router_attachments",
    }
)

SERVICE = Service(
    "Cbn",
    "2017-09-12",
    {
        "CreateCen": cens.create,
        "DescribeCens": cens.list_cens,
        "ModifyCenAttribute": cens.modify,
        "DeleteCen": cens.delete,
        "CreateTransitRouter": routers.create,
        "ListTransitRouters": routers.list_routers,
        "UpdateTransitRouter": routers.update,
        "DeleteTransitRouter": routers.delete,
        "CreateTransitRouterRouteTable": tables.create,
        "ListTransitRouterRouteTables": tables.list_tables,
        "UpdateTransitRouterRouteTable": tables.update,
        "DeleteTransitRouterRouteTable": tables.delete,
        "CreateTransitRouterRouteEntry": entries.create,
        "ListTransitRouterRouteEntries": entries.list_entries,
        "UpdateTransitRouterRouteEntry": entries.update,
        "DeleteTransitRouterRouteEntry": entries.delete,
        "CreateTransitRouterVpcAttachment": attachments.create,
        "ListTransitRouterVpcAttachments": attachments.list_attachments,
        "UpdateTransitRouterVpcAttachmentAttribute": attachments.update,
        "UpdateTransitRouterVpcAttachmentZones": attachments.update_zones,
        "DeleteTransitRouterVpcAttachment": attachments.delete,
        "CreateTransitRouterPeerAttachment": peers.create,
        "ListTransitRouterPeerAttachments": peers.list_attachments,
        "UpdateTransitRouterPeerAttachmentAttribute": peers.update,
        "DeleteTransitRouterPeerAttachment": peers.delete,
        "AssociateTransitRouterAttachmentWithRouteTable": links.associate,
        "ListTransitRouterRouteTableAssociations": links.list_associations,
        "DissociateTransitRouterAttachmentFromRouteTable": links.dissociate,
        "EnableTransitRouterRouteTablePropagation": links.enable,
        "ListTransitRouterRouteTablePropagations": links.list_propagations,
        "DisableTransitRouterRouteTablePropagation": links.disable,
        "TagResources": _TAGS.tag,
        "UntagResources": _TAGS.untag,
        "ListTagResources": _TAGS.list_tags,
        "MoveResourceGroup": _TAGS.move,
    },
)
