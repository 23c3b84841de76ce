"""Checks of connected VPCs: each piece that carries packets over CEN, or over a peering.

Over CEN each side needs four: its attachment, the attachment's association with a route table of
the transit router, its propagation to that table, and a route of the VPC to the other side's
block. Two regions need a peer attachment, with association and propagation on both routers. A
missing one is silence for a client (Alibaba Cloud's Terraform module
private-network-access-for-bailian v2.0.0 sets up each).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Any

from dashlink.check.findings import Finding, Findings
from dashlink.check.reader import Route
from dashlink.check.stack import REPAIR, DeployedStack
from dashlink.clients.outputs import ConnectedVpcOutputs
from dashlink.preflight.lookups import ExistingVpc

_ATTACHED, _ACTIVE, _ACTIVATED = "Attached", "Active", "Activated"
_AGAIN = "`pulumi up --refresh` creates it again."
# Next hops that lead elsewhere (VPC, CreateRouteEntry, 2025-12). What a route that CEN publishes
# has as its next hop is unverified, so that any other type may be one.
_ELSEWHERE = (
    "Instance",
    "HaVip",
    "RouterInterface",
    "NetworkInterface",
    "VpnGateway",
    "NatGateway",
    "VpcPeer",
    "Ipv4Gateway",
    "GatewayEndpoint",
    "GatewayLoadBalancerEndpoint",
)

Json = Mapping[str, Any]


@dataclass(frozen=True)
class _Side:
    """A VPC with its transit router.

    Attributes:
        name: ``near`` or ``far``.
        region: Region of the VPC.
        vpc_id: The VPC.
        cidr: Block of the VPC that the other side must have a route to.
        router_id: Transit router of the CEN instance in the region; empty without one.
    """

    name: str
    region: str
    vpc_id: str
    cidr: IPv4Network
    router_id: str = ""


def check_connection(stack: DeployedStack, key: str, outputs: ConnectedVpcOutputs) -> list[Finding]:
    """Check every piece between the network and one connected VPC."""
    found = Findings(f"network.connected_vpcs.{key}")
    if outputs.acceptance != "none":
        _check_foreign(found, stack, outputs)
        return found.rows
    with found.reading("VPCs"):
        sides = _sides(found, stack, outputs)
        if sides is None:
            return found.rows
        near, far = sides
        if outputs.over == "cen":
            _check_cen(found, stack, outputs, near, far)
        else:
            _check_peering(found, stack, outputs, near, far)
    return found.rows


def _sides(
    found: Findings, stack: DeployedStack, outputs: ConnectedVpcOutputs
) -> tuple[_Side, _Side] | None:
    """Return both sides, if both VPCs exist."""
    near = stack.reader.vpc(stack.outputs.vpc_id)
    far: ExistingVpc | None
    if outputs.acceptance == "none":
        far = stack.reader.in_region(outputs.region).vpc(outputs.vpc_id)
    else:  # another account has it, whose VPC and routes this one cannot read
        far = ExistingVpc(outputs.vpc_id, (IPv4Network(outputs.cidr),))
    for vpc, vpc_id, region in (
        (near, stack.outputs.vpc_id, stack.region),
        (far, outputs.vpc_id, outputs.region),
    ):
        if vpc is None:
            advice = "Check the id, the region and the account."
            found.failed("VPCs", f"there is no VPC {vpc_id} in {region}", advice)
    if near is None or far is None:
        return None
    found.ok("VPCs", f"{near.vpc_id} and {far.vpc_id}")
    return (
        _Side("near", stack.region, near.vpc_id, near.cidrs[0]),
        _Side("far", outputs.region, far.vpc_id, IPv4Network(outputs.cidr)),
    )


# -- CEN -------------------------------------------------------------------------------------------


def _check_cen(
    found: Findings,
    stack: DeployedStack,
    outputs: ConnectedVpcOutputs,
    near: _Side,
    far: _Side,
) -> None:
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
        problem = f"{cen_id} has no transit router in {', '.join(missing)}" if missing else ""
        fine = "one in each region"
        found.judge("transit routers", problem, fine, _AGAIN)
        if missing:
            return
        near = _with_router(near, routers)
        far = _with_router(far, routers)
        for side, other in ((near, far), (far, near)):
            _check_side(found, stack, cen_id, side, other)
        if near.router_id != far.router_id:
            _check_peer(found, stack, cen_id, near, far)


def _with_router(side: _Side, routers: Mapping[str, Json]) -> _Side:
    router_id = str(routers[side.region]["TransitRouterId"])
    return _Side(side.name, side.region, side.vpc_id, side.cidr, router_id)


def _check_side(
    found: Findings, stack: DeployedStack, cen_id: str, side: _Side, other: _Side
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
        _check_route(found, stack, side, other.cidr, {attachment_id, side.router_id}, publishes)


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
    found: Findings, stack: DeployedStack, side: _Side, prefix: str, attachment_id: str
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


def _check_peer(
    found: Findings, stack: DeployedStack, cen_id: str, near: _Side, far: _Side
) -> None:
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
    found: Findings, stack: DeployedStack, side: _Side, attachment_id: str
) -> None:
    own = Findings(found.subject)
    _check_links(own, stack, side, "peer ", attachment_id)
    for row in own.rows:
        check = f"{row.check} in {side.region}"
        found.rows.append(Finding(row.subject, check, row.state, row.message, row.advice))


# -- peering ---------------------------------------------------------------------------------------


def _check_peering(
    found: Findings,
    stack: DeployedStack,
    outputs: ConnectedVpcOutputs,
    near: _Side,
    far: _Side,
) -> None:
    connection_id = outputs.connection_id
    with found.reading("peering", "near route", "far route"):
        row = stack.reader.peering(connection_id)
        problem = _peering_fault(connection_id, row, {near.vpc_id, far.vpc_id}, (_ACTIVATED,))
        found.judge("peering", problem, f"{connection_id} is {_ACTIVATED}", _AGAIN)
        for side, other in ((near, far), (far, near)):
            if row is None:
                found.not_checked(f"{side.name} route", problem)
            else:
                _check_route(found, stack, side, other.cidr, {connection_id}, publishes=False)


def _peering_fault(
    connection_id: str, row: Json | None, vpc_ids: set[str], statuses: Sequence[str]
) -> str:
    """Return what is wrong with a peering; empty if nothing is."""
    if row is None:
        return f"there is no peering {connection_id}"
    if row.get("Status") not in statuses:
        return f"{connection_id} is {row.get('Status')}, not {_ACTIVATED}"
    ends = {(row.get(end) or {}).get("VpcId") for end in ("Vpc", "AcceptingVpc")}
    if ends != vpc_ids:
        return f"{connection_id} connects {', '.join(sorted(map(str, ends)))}"
    return ""


def _check_foreign(found: Findings, stack: DeployedStack, outputs: ConnectedVpcOutputs) -> None:
    """Check the near side of a peering with a VPC of another account, which cannot be read."""
    connection_id = outputs.connection_id
    is_pending = outputs.acceptance == "pending"
    statuses = ("Accepting", _ACTIVATED) if is_pending else (_ACTIVATED,)
    with found.reading("peering", "near route"):
        row = stack.reader.peering(connection_id)
        vpc_ids = {stack.outputs.vpc_id, outputs.vpc_id}
        problem = _peering_fault(connection_id, row, vpc_ids, statuses)
        status = row.get("Status") if row is not None else None
        advice = f"Ask the owner of {outputs.vpc_id} to accept it; a deleted one: `up --refresh`."
        found.judge("peering", problem, f"{connection_id} is {status}", advice)
        if problem or is_pending:
            reason = problem or "`acceptance: accepted` adds it, when the owner has accepted"
            found.not_checked("near route", reason)
        else:
            cidr = IPv4Network(outputs.cidr)
            near = _Side("near", stack.region, stack.outputs.vpc_id, cidr)
            _check_route(found, stack, near, cidr, {connection_id}, publishes=False)
    found.not_checked("far route", "the VPC is of another account")


# -- routes of VPCs --------------------------------------------------------------------------------


def _check_route(
    found: Findings,
    stack: DeployedStack,
    side: _Side,
    block: IPv4Network,
    hops: set[str],
    publishes: bool,
) -> None:
    """Check that every route table in use has a route to the other side.

    Args:
        found: Gets the finding.
        stack: The stack.
        side: The VPC.
        block: Block of the other side.
        hops: Ids of next hops that lead there.
        publishes: Whether the VPC's attachment publishes the router's routes to the VPC.
    """
    reader = stack.reader.in_region(side.region)
    problems = []
    tables = reader.route_tables(side.vpc_id)
    within = side.cidr if side.name == "far" else None
    for table_id in stack.tables_of(side.vpc_id, within):
        receives = tables.get(table_id, {}).get("RoutePropagationEnable") is not False
        problem = _route_fault(reader.routes(table_id), block, hops, publishes and receives)
        if problem and publishes and not receives:
            problem += ", and the table takes no published routes"
        if problem:
            problems.append(f"{table_id} {problem}")
    kind = "published by the transit router"
    if not publishes:
        kind = f"by {', '.join(sorted(hops))}"
    advice = f"The route table of {side.vpc_id} must lead {block} to the other side. {REPAIR}"
    found.judge(f"{side.name} route", "; ".join(problems), f"to {block}, {kind}", advice)


def _route_fault(
    routes: Sequence[Route], block: IPv4Network, hops: set[str], is_published: bool
) -> str:
    """Return what is wrong with the routes of a table to a block; empty if nothing is."""
    longest, leads = -1, ""
    for route in routes:
        elsewhere = ""
        for hop_id, kind in route.hops.items():
            if hop_id not in hops and kind in _ELSEWHERE:
                elsewhere = f"leads {route.cidr} to {kind} {hop_id}"
        if route.cidr != block and route.cidr.subnet_of(block) and elsewhere:
            return elsewhere
        if block.subnet_of(route.cidr) and route.cidr.prefixlen > longest:
            longest, leads = route.cidr.prefixlen, elsewhere
    if is_published and longest < block.prefixlen:
        return ""  # the published routes are those of vSwitches, and longer
    return f"has no route to {block}" if longest < 0 else leads
