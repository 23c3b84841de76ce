"""Checks of dedicated gateways of PAI-EAS: status, domain names, and the VPCs that are linked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashlink.check.findings import Finding, Findings
from dashlink.check.stack import REPAIR, DeployedStack
from dashlink.clients.outputs import DedicatedGatewayOutputs, LinkedVpcOutputs
from dashlink.cloud.eas_gateways import EasGatewayApi

GATEWAY, LINK, STATUS, DOMAINS = "gateway", "linked VPC", "status", "domain names"
_SERVING = ("Running", "Waiting")  # SDK models of 2026-08; it waits while its nodes change
_AGAIN = "`pulumi up --refresh` creates it again; an existing one: write another id."

Json = Mapping[str, Any]


def check_dedicated(
    stack: DeployedStack, key: str, outputs: DedicatedGatewayOutputs
) -> list[Finding]:
    """Check one dedicated gateway against its outputs."""
    found = Findings(f"eas_gateways.{key}")
    api = stack.reader.eas_gateways
    links = [_link_check(linked) for linked in outputs.linked_vpcs]
    with found.reading(STATUS, DOMAINS, *links):
        data = api.gateway(outputs.gateway_id)
        if not _check_status(found, STATUS, outputs.gateway_id, data) and data is None:
            for check in (DOMAINS, *links):
                found.not_checked(check, f"there is no gateway {outputs.gateway_id}")
            return found.rows
        missing = []
        for field, domain in (
            ("IntranetDomain", outputs.vpc_domain),
            ("InternetDomain", outputs.internet_domain),
        ):
            if domain is not None and (data or {}).get(field) != domain:
                missing.append(domain)
        found.require(DOMAINS, "it no longer has", missing, "as in the outputs", REPAIR)
        rows = {row.get("VpcId"): row for row in api.linked_vpcs(outputs.gateway_id)}
        for linked in outputs.linked_vpcs:
            _check_link(found, api, outputs.gateway_id, linked, rows.get(linked.vpc_id))
    return found.rows


def _link_check(linked: LinkedVpcOutputs) -> str:
    return f"link of {linked.vpc_id}"


def _check_status(found: Findings, check: str, gateway_id: str, data: Json | None) -> bool:
    """Check that a gateway exists and runs; return whether it does."""
    if data is None:
        found.failed(check, f"there is no gateway {gateway_id}", _AGAIN)
        return False
    status = f"{gateway_id} is {data.get('Status')}"
    if data.get("Status") not in _SERVING:
        found.failed(check, status, "Look at the gateway in the console of PAI.")
        return False
    found.ok(check, status)
    return True


def _check_link(
    found: Findings,
    api: EasGatewayApi,
    gateway_id: str,
    linked: LinkedVpcOutputs,
    row: Json | None,
) -> None:
    problem = ""
    if row is None:
        problem = f"{linked.vpc_id} is not linked to {gateway_id}"
    elif row.get("Status") not in _SERVING:
        problem = f"the link of {linked.vpc_id} is {row.get('Status')}"
    elif row.get("Ip") != linked.address:
        problem = f"its address is {row.get('Ip')}, in the outputs {linked.address}"
    elif linked.peer_vpc_ids:
        peers = {peer.get("VpcId") for peer in api.peers(gateway_id, linked.vpc_id)}
        missing = sorted(set(linked.peer_vpc_ids) - peers)
        if missing:
            problem = f"{', '.join(missing)} no longer resolves its name"
    found.judge(_link_check(linked), problem, f"at {linked.address}", REPAIR)


def check_gateway_of_service(
    found: Findings, stack: DeployedStack, region: str, gateway_id: str, *, by_vpc: bool
) -> None:
    """Check the dedicated gateway of a service.

    Args:
        found: Findings on the service.
        stack: The stack.
        region: Region of the service and of its gateway.
        gateway_id: The gateway.
        by_vpc: Whether clients use its domain name in VPCs.
    """
    api = stack.reader.in_region(region).eas_gateways
    with found.reading(GATEWAY, LINK):
        if not _check_status(found, GATEWAY, gateway_id, api.gateway(gateway_id)):
            return
        if not by_vpc:
            return
        if api.is_application(gateway_id):
            found.not_checked(LINK, f"{gateway_id} is of the kind that has its own VPC")
            return
        vpc_id = stack.outputs.vpc_id
        problem = f"{vpc_id} is not linked to {gateway_id}"
        for row in api.linked_vpcs(gateway_id):
            linked = str(row.get("VpcId"))
            peers = {peer.get("VpcId") for peer in api.peers(gateway_id, linked)}
            if linked == vpc_id and row.get("Status") not in _SERVING:
                problem = f"the link of {vpc_id} to {gateway_id} is {row.get('Status')}"
            elif linked == vpc_id or vpc_id in peers or row.get("AuthoritativeDnsEnabled"):
                problem = ""
                break
        advice = f"Link the VPC to the gateway, or add it to the peers of a linked one. {REPAIR}"
        found.judge(LINK, problem, f"its name resolves in {vpc_id}", advice)
