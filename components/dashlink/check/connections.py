"""Checks of connected VPCs: over CEN, over a peering, or with another account's VPC."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from ipaddress import IPv4Network
from typing import Any

from dashlink.check.cen import check_cen
from dashlink.check.findings import Finding, Findings
from dashlink.check.routes import Side, check_route
from dashlink.check.stack import DeployedStack
from dashlink.clients.outputs import ConnectedVpcOutputs

_ACTIVATED = "Activated"
_AGAIN = "`pulumi up --refresh` creates it again."

Json = Mapping[str, Any]


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
            check_cen(found, stack, outputs, near, far)
        else:
            _check_peering(found, stack, outputs, near, far)
    return found.rows


def _sides(
    found: Findings, stack: DeployedStack, outputs: ConnectedVpcOutputs
) -> tuple[Side, Side] | None:
    """Return both sides, if both VPCs exist."""
    near = stack.reader.vpc(stack.outputs.vpc_id)
    far = stack.reader.in_region(outputs.region).vpc(outputs.vpc_id)
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
        Side("near", stack.region, near.vpc_id, near.cidrs[0]),
        Side("far", outputs.region, far.vpc_id, IPv4Network(outputs.cidr)),
    )


def _check_peering(
    found: Findings,
    stack: DeployedStack,
    outputs: ConnectedVpcOutputs,
    near: Side,
    far: Side,
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
                check_route(found, stack, side, other.cidr, {connection_id}, publishes=False)


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
            near = Side("near", stack.region, stack.outputs.vpc_id, cidr)
            check_route(found, stack, near, cidr, {connection_id}, publishes=False)
    found.not_checked("far route", "the VPC is of another account")
