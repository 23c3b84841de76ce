"""Routes of VPCs to the other side of a connection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

from dashlink.check.findings import Findings
from dashlink.check.reader import Route
from dashlink.check.stack import REPAIR, DeployedStack

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


@dataclass(frozen=True)
class Side:
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


def check_route(
    found: Findings,
    stack: DeployedStack,
    side: Side,
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
        problem = route_fault(reader.routes(table_id), block, hops, publishes and receives)
        if problem and publishes and not receives:
            problem += ", and the table takes no published routes"
        if problem:
            problems.append(f"{table_id} {problem}")
    kind = "published by the transit router"
    if not publishes:
        kind = f"by {', '.join(sorted(hops))}"
    advice = f"The route table of {side.vpc_id} must lead {block} to the other side. {REPAIR}"
    found.judge(f"{side.name} route", "; ".join(problems), f"to {block}, {kind}", advice)


def route_fault(
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
