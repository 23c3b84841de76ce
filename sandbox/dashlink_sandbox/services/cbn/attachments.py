"""VPC attachments of a transit router."""

from __future__ import annotations

from dashlink_sandbox.routers import RouterAttachment
from dashlink_sandbox.services.base import Answer, Call, timestamp
from dashlink_sandbox.services.cbn import cens, links, lookup, routers
from dashlink_sandbox.services.paging import by_token
from dashlink_sandbox.services.tags import tag_list
from dashlink_sandbox.state import Vpc
from dashlink_sandbox.wire.errors import ApiError, invalid, missing
from dashlink_sandbox.wire.params import Params

_VPC = "VPC"
_LARGEST_ZONES = 10  # provider v1.285.0, docs of zone_mappings


def create(call: Call) -> Answer:
    """CreateTransitRouterVpcAttachment: of a VPC in the router's region, in one zone or more."""
    region = call.region().id
    router = routers.find(call, call.params.required("TransitRouterId"))
    vpc = call.find(call.state.vpcs, call.params.required("VpcId"), "InvalidVpcId.NotFound", "VPC")
    if router.region != region:
        raise ApiError("IllegalParam.Region", f"The transit router is in {router.region}.")
    if "CenId" in call.params and cens.find(call).cen_id != router.cen_id:
        raise invalid("CenId")
    for other in call.state.router_attachments.values():
        if other.vpc_id == vpc.vpc_id and other.router_id == router.router_id:
            message = "The VPC is attached to the transit router already."  # code unverified
            raise ApiError("InvalidOperation.AttachmentExist", message)
    attachment = RouterAttachment(
        attachment_id=call.new_id("tr-attach"),
        kind=_VPC,
        cen_id=router.cen_id,
        router_id=router.router_id,
        region=region,
        name=call.params.text("TransitRouterAttachmentName"),
        description=call.params.text("TransitRouterAttachmentDescription"),
        auto_publish=call.params.flag("AutoPublishRouteEnabled"),
        since=call.now,
        vpc_id=vpc.vpc_id,
        zones=_zones(call, vpc, call.params.elements("ZoneMappings")),
        **call.new_record(),
    )
    if not attachment.zones:
        raise missing("ZoneMappings")
    call.state.router_attachments[attachment.attachment_id] = attachment
    if call.params.flag("RouteTableAssociationEnabled"):
        links.add_to_system_table(call, call.state.router_associations, attachment, "Associating")
    if call.params.flag("RouteTablePropagationEnabled"):
        links.add_to_system_table(call, call.state.router_propagations, attachment, "Enabling")
    return {"TransitRouterAttachmentId": attachment.attachment_id}


def list_attachments(call: Call) -> Answer:
    """ListTransitRouterVpcAttachments: by region, CEN, router, VPC and id."""
    filters = {
        "CenId": "cen_id",
        "TransitRouterId": "router_id",
        "TransitRouterAttachmentId": "attachment_id",
        "VpcId": "vpc_id",
    }
    rows = []
    for attachment in call.select(call.state.router_attachments, filters):
        if attachment.kind == _VPC:
            rows.append(attachment)
    page, counts = by_token(call.params, rows, _shape, size=20, largest=100)
    return {"TransitRouterAttachments": page, **counts}


def update(call: Call) -> Answer:
    """UpdateTransitRouterVpcAttachmentAttribute: name, description, and whether it publishes."""
    attachment = _find(call)
    params = call.params
    attachment.name = params.changed("TransitRouterAttachmentName", attachment.name)
    name = "TransitRouterAttachmentDescription"
    attachment.description = params.changed(name, attachment.description)
    if "AutoPublishRouteEnabled" in params:
        attachment.auto_publish = params.flag("AutoPublishRouteEnabled")
    return {}


def update_zones(call: Call) -> Answer:
    """UpdateTransitRouterVpcAttachmentZones: add and remove zones; one stays."""
    attachment = _find(call)
    vpc = call.state.vpcs[attachment.vpc_id]
    zones = {**attachment.zones, **_zones(call, vpc, call.params.elements("AddZoneMappings"))}
    for mapping in call.params.elements("RemoveZoneMappings"):
        zone_id = mapping.required("ZoneId")
        if zones.get(zone_id) == mapping.required("VSwitchId"):
            del zones[zone_id]
    if not zones:
        raise invalid("RemoveZoneMappings", "An attachment has one zone or more.")
    attachment.zones = zones
    return {}


def delete(call: Call) -> Answer:
    """DeleteTransitRouterVpcAttachment: continues in the background."""
    lookup.detach(call, _find(call), force=call.params.flag("Force"))
    return {}


def _find(call: Call) -> RouterAttachment:
    attachment_id = call.params.required("TransitRouterAttachmentId")
    return lookup.find_attachment(call, attachment_id, _VPC)


def _zones(call: Call, vpc: Vpc, mappings: list[Params]) -> dict[str, str]:
    """Return the vSwitch by zone of a request. The code for a wrong vSwitch is unverified."""
    zones = {}
    for mapping in mappings:
        vswitch_id = mapping.required("VSwitchId")
        vswitch = call.state.vswitches.get(vswitch_id)
        is_there = vswitch is not None and vswitch.vpc_id == vpc.vpc_id
        if vswitch is None or not is_there or vswitch.zone_id != mapping.required("ZoneId"):
            message = f"The vSwitch {vswitch_id} is not in this VPC and zone."
            raise ApiError("InvalidVSwitchId.NotFound", message)
        zones[vswitch.zone_id] = vswitch_id
    if len(zones) > _LARGEST_ZONES:
        raise invalid("ZoneMappings", f"An attachment has at most {_LARGEST_ZONES} zones.")
    return zones


def _shape(attachment: RouterAttachment) -> Answer:
    mappings = []
    for zone_id, vswitch_id in sorted(attachment.zones.items()):
        mappings.append({"ZoneId": zone_id, "VSwitchId": vswitch_id})
    return {
        "TransitRouterAttachmentId": attachment.attachment_id,
        "TransitRouterAttachmentName": attachment.name,
        "TransitRouterAttachmentDescription": attachment.description,
        "TransitRouterId": attachment.router_id,
        "CenId": attachment.cen_id,
        "ResourceType": _VPC,
        "VpcId": attachment.vpc_id,
        "VpcOwnerId": int(attachment.owner),
        "VpcRegionId": attachment.region,
        "AutoPublishRouteEnabled": attachment.auto_publish,
        "ChargeType": "POSTPAY",
        "OrderType": "PayByCenOwner",
        "Status": attachment.status,
        "CreationTime": timestamp(attachment.created),
        "ZoneMappings": mappings,
        "Tags": tag_list(attachment.tags),
    }
