"""Checks of the way out to the internet, and of the addresses that services there see.

A connection leaves by the route 0.0.0.0/0 of its vSwitch's table to the NAT gateway, which needs an
SNAT entry for the vSwitch and the entry's EIP (Alibaba Cloud, "NAT Gateway: SNAT", 2025).
"""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Network
from typing import Any

from dashlink.check.findings import Finding, Findings
from dashlink.check.stack import REPAIR, DeployedStack
from dashlink.clients.outputs import EgressOutputs, MaasServiceOutputs
from dashlink.errors import CloudError

NAT, EIP, SNAT, ROUTE, SOURCES = "NAT gateway", "EIP", "SNAT", "default route", "source addresses"
_AVAILABLE = "Available"
_INTERNET = "internet"
_EVERYTHING = IPv4Network("0.0.0.0/0")

Json = Mapping[str, Any]


def check_egress(stack: DeployedStack, outputs: EgressOutputs) -> list[Finding]:
    """Check NAT gateway, EIP, SNAT entries and the default route."""
    found = Findings("network.egress")
    with found.reading(NAT, EIP, SNAT, ROUTE):
        gateway = stack.reader.nat_gateway(outputs.nat_gateway_id)
        if gateway is None:
            problem = f"there is no NAT gateway {outputs.nat_gateway_id}"
            advice = "`pulumi up --refresh` creates it again; an existing one: write another id."
            found.failed(NAT, problem, advice)
            for check in (EIP, SNAT, ROUTE):
                found.not_checked(check, problem)
            return found.rows
        _check_gateway(found, stack, gateway)
        _check_addresses(found, outputs, gateway)
        _check_entries(found, stack, outputs, gateway)
        _check_routes(found, stack, outputs.nat_gateway_id)
    return found.rows


def _check_gateway(found: Findings, stack: DeployedStack, gateway: Json) -> None:
    gateway_id = gateway.get("NatGatewayId")
    problem = ""
    advice = "Wait for it, or look at it in the console of NAT gateways."
    if gateway.get("Status") != _AVAILABLE:
        problem = f"{gateway_id} is {gateway.get('Status')}"
    elif gateway.get("NetworkType", _INTERNET) != _INTERNET:
        problem = f"{gateway_id} is of the type {gateway.get('NetworkType')}, not {_INTERNET}"
        advice = "Use a NAT gateway of the internet."
    elif gateway.get("VpcId") != stack.outputs.vpc_id:
        problem = f"{gateway_id} is in {gateway.get('VpcId')}, not in {stack.outputs.vpc_id}"
        advice = "Use a NAT gateway of the stack's VPC."
    found.judge(NAT, problem, f"{gateway_id} is {_AVAILABLE}", advice)


def _check_addresses(found: Findings, outputs: EgressOutputs, gateway: Json) -> None:
    associated = set()
    for row in (gateway.get("IpLists") or {}).get("IpList") or ():
        associated.add(row.get("IpAddress"))
    missing = [address for address in outputs.addresses if address not in associated]
    problem = ""
    if missing:
        problem = f"not associated with {outputs.nat_gateway_id}: {', '.join(missing)}"
    elif not outputs.addresses:
        problem = "the way out has no address"
    advice = f"Associate the EIP with the NAT gateway. {REPAIR}"
    found.judge(EIP, problem, f"{', '.join(outputs.addresses)} associated", advice)


def _check_entries(
    found: Findings, stack: DeployedStack, outputs: EgressOutputs, gateway: Json
) -> None:
    """Check that an entry lets each vSwitch out, with an address of the outputs."""
    leaving = _leaving(stack, gateway)
    problems = []
    for vswitch_id, addresses in sorted(leaving.items()):
        others = sorted(addresses - set(outputs.addresses))
        if not addresses:
            problems.append(f"no entry lets {vswitch_id} out")
        elif others:
            problems.append(f"{vswitch_id} leaves with {', '.join(others)}")
    advice = f"Add an SNAT entry for the vSwitch with the EIP of the outputs. {REPAIR}"
    fine = f"{', '.join(sorted(leaving))} leave with {', '.join(outputs.addresses)}"
    found.judge(SNAT, "; ".join(problems), fine, advice)


def _leaving(stack: DeployedStack, gateway: Json) -> dict[str, set[str]]:
    """Return the addresses with which each vSwitch of the stack leaves; none without an entry."""
    entries: list[Json] = []
    for table_id in (gateway.get("SnatTableIds") or {}).get("SnatTableId") or ():
        entries += stack.reader.snat_entries(str(table_id))
    blocks = {}
    for row in stack.reader.vswitches(stack.outputs.vpc_id):
        blocks[row["VSwitchId"]] = IPv4Network(row["CidrBlock"])
    leaving: dict[str, set[str]] = {}
    for vswitch_id in stack.outputs.vswitch_ids.values():
        leaving[vswitch_id] = set()
        for entry in entries:
            if entry.get("Status") == _AVAILABLE and _lets_out(entry, vswitch_id, blocks):
                leaving[vswitch_id].update(str(entry.get("SnatIp")).split(","))
    return leaving


def _lets_out(entry: Json, vswitch_id: str, blocks: Mapping[str, IPv4Network]) -> bool:
    if entry.get("SourceVSwitchId") == vswitch_id:
        return True
    cidr = entry.get("SourceCIDR")
    return bool(cidr) and vswitch_id in blocks and blocks[vswitch_id].subnet_of(IPv4Network(cidr))


def _check_routes(found: Findings, stack: DeployedStack, gateway_id: str) -> None:
    """Check that each vSwitch's route table leads 0.0.0.0/0 to the NAT gateway."""
    problems = []
    for table_id in stack.tables_of(stack.outputs.vpc_id):
        hops: set[str] = set()
        for route in stack.reader.routes(table_id):
            if route.cidr == _EVERYTHING:
                hops.update(route.hops)
        if not hops:
            problems.append(f"{table_id} has no route {_EVERYTHING}")
        elif gateway_id not in hops:
            problems.append(f"{table_id} leads {_EVERYTHING} to {', '.join(sorted(hops))}")
    advice = f"Add a route {_EVERYTHING} to {gateway_id}. {REPAIR}"
    found.judge(ROUTE, "; ".join(problems), f"{_EVERYTHING} to {gateway_id}", advice)


def check_sources(stack: DeployedStack, key: str, outputs: MaasServiceOutputs) -> list[Finding]:
    """Check that requests to a service of MaaS leave with the addresses that its outputs list.

    A key may be bound to them (Huawei Cloud, error ModelArts.81015).
    """
    found = Findings(f"maas_services.{key}")
    egress = stack.outputs.egress
    if egress is None or not outputs.source_addresses:
        reason = "the stack has no way out of its own, so that the addresses are not known"
        found.not_checked(SOURCES, reason)
        return found.rows
    try:
        gateway = stack.reader.nat_gateway(egress.nat_gateway_id)
        leaving: dict[str, set[str]] = {}
        if gateway is not None:
            leaving = _leaving(stack, gateway)
    except CloudError as error:
        found.not_checked(SOURCES, str(error))
        return found.rows
    actual: set[str] = set()
    for addresses in leaving.values():
        actual |= addresses
    if not actual:
        found.not_checked(SOURCES, "nothing lets requests out: see network.egress")
        return found.rows
    others = sorted(actual - set(outputs.source_addresses))
    advice = "Add these addresses to the list of the key, or restore the SNAT entries."
    fine = ", ".join(outputs.source_addresses)
    found.require(SOURCES, "requests leave with others too:", others, fine, advice)
    return found.rows
