"""Peer attachments: a connection of the transit routers of two regions."""

from __future__ import annotations

from dashlink_sandbox.routers import RouterAttachment, TransitRouter
from dashlink_sandbox.services.base import Answer, Call, tags_match, timestamp
from dashlink_sandbox.services.cbn import cens, lookup, routers
from dashlink_sandbox.services.paging import by_token
from dashlink_sandbox.services.tags import tag_list
from dashlink_sandbox.wire.errors import ApiError, check_choice, invalid, missing

_PEER = "TR"
_BY_TRAFFIC = "DataTransfer"
_PLATINUM, _GOLD = "Platinum", "Gold"
_LARGEST_MBPS = 10_000  # unverified
_NAME = "TransitRouterAttachmentName"
_DESCRIPTION = "TransitRouterAttachmentDescription"


def create(call: Call) -> Answer:
    """CreateTransitRouterPeerAttachment: by traffic (DataTransfer); it has no bandwidth plans."""
    region = call.region().id
    router = routers.find(call, call.params.required("TransitRouterId"))
    peer = routers.find(call, call.params.required("PeerTransitRouterId"))
    _check_routers(call, region, router, peer)
    _check_bandwidth_type(call.params.text("BandwidthType", "BandwidthPackage"))
    if "Bandwidth" not in call.params:
        raise missing("Bandwidth")
    link = call.params.text("DefaultLinkType", _GOLD)
    check_choice("DefaultLinkType", link, (_PLATINUM, _GOLD))
    attachment = RouterAttachment(
        attachment_id=call.new_id("tr-attach"),
        kind=_PEER,
        cen_id=router.cen_id,
        router_id=router.router_id,
        region=region,
        name=call.params.text(_NAME),
        description=call.params.text(_DESCRIPTION),
        auto_publish=call.params.flag("AutoPublishRouteEnabled"),
        since=call.now,
        peer_router_id=peer.router_id,
        peer_region=peer.region,
        bandwidth=call.params.number("Bandwidth", 0, 1, _LARGEST_MBPS),
        bandwidth_type=_BY_TRAFFIC,
        link_type=link,
        **call.new_record(),
    )
    call.state.router_attachments[attachment.attachment_id] = attachment
    return {"TransitRouterAttachmentId": attachment.attachment_id}


def list_attachments(call: Call) -> Answer:
    """ListTransitRouterPeerAttachments: by region, either of the two, CEN, router and id."""
    params = call.params
    rows = []
    for attachment in call.state.router_attachments.values():
        if attachment.kind != _PEER or attachment.owner != call.account.id:
            continue
        requested = (
            (attachment.attachment_id, params.text("TransitRouterAttachmentId")),
            (attachment.cen_id, params.text("CenId")),
        )
        is_named = all(value in ("", actual) for actual, value in requested)
        regions = ("", attachment.region, attachment.peer_region)
        is_here = params.text("RegionId") in regions
        router_id = params.text("TransitRouterId")
        is_of_router = not router_id or attachment.has_router(router_id)
        if is_named and is_here and is_of_router and tags_match(params, attachment.tags):
            rows.append(attachment)
    page, counts = by_token(params, rows, _shape, size=20, largest=100)
    return {"TransitRouterAttachments": page, **counts}


def update(call: Call) -> Answer:
    """UpdateTransitRouterPeerAttachmentAttribute: names, bandwidth, link and advertising."""
    attachment = _find(call)
    params = call.params
    attachment.name = params.changed(_NAME, attachment.name)
    attachment.description = params.changed(_DESCRIPTION, attachment.description)
    _check_bandwidth_type(params.text("BandwidthType", attachment.bandwidth_type))
    bandwidth = params.number("Bandwidth", attachment.bandwidth, 1, _LARGEST_MBPS)
    attachment.bandwidth = bandwidth
    link = params.text("DefaultLinkType", attachment.link_type)
    check_choice("DefaultLinkType", link, (_PLATINUM, _GOLD))
    attachment.link_type = link
    if "AutoPublishRouteEnabled" in params:
        attachment.auto_publish = params.flag("AutoPublishRouteEnabled")
    return {}


def delete(call: Call) -> Answer:
    """DeleteTransitRouterPeerAttachment: continues in the background."""
    lookup.detach(call, _find(call), force=call.params.flag("Force"))
    return {}


def _find(call: Call) -> RouterAttachment:
    attachment_id = call.params.required("TransitRouterAttachmentId")
    return lookup.find_attachment(call, attachment_id, _PEER)


def _check_routers(call: Call, region: str, router: TransitRouter, peer: TransitRouter) -> None:
    if router.region != region:
        raise ApiError("IllegalParam.Region", f"The transit router is in {router.region}.")
    if call.params.text("PeerTransitRouterRegionId", peer.region) != peer.region:
        raise invalid("PeerTransitRouterRegionId")
    cen_id = router.cen_id
    if "CenId" in call.params:
        cen_id = cens.find(call).cen_id
    if {router.cen_id, peer.cen_id} != {cen_id} or router.region == peer.region:
        message = "The two transit routers are not of one CEN instance in two regions."
        raise invalid("PeerTransitRouterId", message)
    for other in call.state.router_attachments.values():
        if other.has_router(router.router_id) and other.has_router(peer.router_id):
            message = "The two transit routers are connected already."  # code unverified
            raise ApiError("InvalidOperation.AttachmentExist", message)


def _check_bandwidth_type(kind: str) -> None:
    if kind != _BY_TRAFFIC:
        message = f"The sandbox has no BandwidthType {kind}, only {_BY_TRAFFIC}."
        raise ApiError("Sandbox.UnsupportedParameter", message)


def _shape(attachment: RouterAttachment) -> Answer:
    return {
        "TransitRouterAttachmentId": attachment.attachment_id,
        "TransitRouterAttachmentName": attachment.name,
        "TransitRouterAttachmentDescription": attachment.description,
        "TransitRouterId": attachment.router_id,
        "RegionId": attachment.region,
        "PeerTransitRouterId": attachment.peer_router_id,
        "PeerTransitRouterRegionId": attachment.peer_region,
        "PeerTransitRouterOwnerId": int(attachment.owner),
        "CenId": attachment.cen_id,
        "ResourceType": _PEER,
        "AutoPublishRouteEnabled": attachment.auto_publish,
        "Bandwidth": attachment.bandwidth,
        "BandwidthType": attachment.bandwidth_type,
        "CenBandwidthPackageId": "",
        "DefaultLinkType": attachment.link_type,
        "Status": attachment.status,
        "CreationTime": timestamp(attachment.created),
        "Tags": tag_list(attachment.tags),
    }
