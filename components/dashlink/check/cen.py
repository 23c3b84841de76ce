"""Checks of a connection over CEN: each piece that carries packets between two VPCs.

Each side needs four: its attachment, the attachment's association with a route table of the transit
router, its propagation to that table, and a route of the VPC to the other side's block. Two regions
need a peer attachment, with association and propagation on both routers. A missing one is silence
for a client (Alibaba Cloud's Terraform module private-network-access-for-bailian v2.0.0 sets up
each).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashlink.check.findings import Finding, Findings
from dashlink.check.routes import Side, check_route
from dashlink.check.stack import REPAIR, DeployedStack
from dashlink.clients.outputs import ConnectedVpcOutputs

_ATTACHED, _ACTIVE = "Attached", "Active"
_AGAIN = "`pulumi up --refresh` creates it again."

Json = Mapping[str, Any]


def check_cen(
    found: Findings,
    stack: DeployedStack,
    outputs: ConnectedVpcOutputs,
    near: Side,
    far: Side,
) -> None:
    """Check the CEN instance, its routers, and the pieces of both sides."""
    cen_id = str(outputs.cen_id)
    with found.reading("CEN", "transit routers"):
        cen = stack.reader.cen(cen_id)
        problem = ""
        if cen is None:
            problem = f"there is no CEN instance {cen_id}"
        elif cen.get("Status") != _ACTIVE:
            problem = f"{cen_id} is {cen.get('Status')}"
        found.judge("CEN", problem, f"{cen_id} is {_ACTIVE}", _AGAIN)
        if cen is None:
            return
        routers = {}
        for row in stack.reader.transit_routers(cen_id):
            routers[str(row.get("TransitRouterRegionId") or row.get("RegionId"))] = row
        missing = [side.region for side in (near, far) if side.region not in routers]
        problem = f"{cen_id} has no transit router in"
        found.require("transit routers", problem, missing, "one in each region", _AGAIN)
        if missing:
            return
        near = _with_router(near, routers)
        far = _with_router(far, routers)
        for side, other in ((near, far), (far, near)):
            _check_side(found, stack, cen_id, side, other)
        if near.router_id != far.router_id:
            _check_peer(found, stack, cen_id, near, far)


def _with_router(side: Side, routers: Mapping[str, Json]) -> Side:
    router_id = str(routers[side.region]["TransitRouterId"])
    return Side(side.name, side.region, side.vpc_id, side.cidr, router_id)


def _check_side(
    found: Findings, stack: DeployedStack, cen_id: str, side: Side, other: Side
) -> None:
    """Check the four pieces that one side needs."""
    checks = [f"{side.name} {what}" for what in ("attachment", "association", "propagation")]
    route = f"{side.name} route"
    with found.reading(*checks, route):
        attachment = None
        for row in stack.reader.attachments("Vpc", cen_id, side.region):
            if row.get("VpcId") == side.vpc_id:
                attachment = row
        what = f"{side.vpc_id} to {side.router_id}"
        if not _check_attachment(found, f"{side.name} ", what, attachment):
            for check in (*checks[1:], route):
                found.not_checked(check, f"{side.vpc_id} is not attached")
            return
        attachment_id = str((attachment or {})["TransitRouterAttachmentId"])
        _check_links(found, stack, side, f"{side.name} ", attachment_id)
        publishes = bool((attachment or {}).get("AutoPublishRouteEnabled"))
        check_route(found, stack, side, other.cidr, {attachment_id, side.router_id}, publishes)


def _check_attachment(found: Findings, prefix: str, what: str, attachment: Json | None) -> bool:
    """Check that an attachment exists and is attached; return whether it is."""
    problem = ""
    fine = ""
    if attachment is None:
        problem = f"there is no attachment of {what}"
    else:
        fine = f"{attachment['TransitRouterAttachmentId']} of {what}"
        if attachment.get("Status") != _ATTACHED:
            problem = f"{fine} is {attachment.get('Status')}"
    found.judge(f"{prefix}attachment", problem, fine, _AGAIN)
    return not problem


def _check_links(
    found: Findings, stack: DeployedStack, side: Side, prefix: str, attachment_id: str
) -> None:
    """Check association and propagation with the System table of the side's router."""
    table_id = stack.reader.in_region(side.region).system_table(side.router_id)
    for kind in ("association", "propagation"):
        check = f"{prefix}{kind}"
        if not table_id:
            found.not_checked(check, f"{side.router_id} shows no System route table")
            continue
        links = stack.reader.in_region(side.region).links(f"{kind.capitalize()}s", table_id)
        status = links.get(attachment_id)
        verb = "associated with" if kind == "association" else "propagated to"
        problem = ""
        if status is None:
            problem = f"{attachment_id} is not {verb} {table_id} of {side.router_id}"
        elif status != _ACTIVE:
            problem = f"the {kind} of {attachment_id} with {table_id} is {status}"
        found.judge(check, problem, f"{attachment_id} with {table_id}", _AGAIN)


def _check_peer(found: Findings, stack: DeployedStack, cen_id: str, near: Side, far: Side) -> None:
    """Check the attachment of the two routers, and its links on both."""
    checks = ["peer attachment", "peer publishing"]
    for side in (near, far):
        for kind in ("association", "propagation"):
            checks.append(f"peer {kind} in {side.region}")
    routers = {near.router_id, far.router_id}
    with found.reading(*checks):
        attachment = None
        for row in stack.reader.attachments("Peer", cen_id, near.region):
            if {row.get("TransitRouterId"), row.get("PeerTransitRouterId")} == routers:
                attachment = row
        what = f"{near.router_id} to {far.router_id}"
        if not _check_attachment(found, "peer ", what, attachment):
            for check in checks[1:]:
                found.not_checked(check, "the routers are not attached to each other")
            return
        attachment_id = str((attachment or {})["TransitRouterAttachmentId"])
        problem = ""
        if not (attachment or {}).get("AutoPublishRouteEnabled"):
            problem = f"{attachment_id} does not advertise the routes of one router to the other"
        fine = f"{attachment_id} advertises routes"
        found.judge("peer publishing", problem, fine, f"Turn its route advertisement on. {REPAIR}")
        for side in (near, far):
            _check_links_of_peer(found, stack, side, attachment_id)


def _check_links_of_peer(
    found: Findings, stack: DeployedStack, side: Side, attachment_id: str
) -> None:
    own = Findings(found.subject)
    _check_links(own, stack, side, "peer ", attachment_id)
    for row in own.rows:
        check = f"{row.check} in {side.region}"
        found.rows.append(Finding(row.subject, check, row.state, row.message, row.advice))
