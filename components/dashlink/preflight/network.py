"""Checks of an existing network: its VPC, vSwitches, free blocks and security group.

The clients of the security group are those of `network.ingress`, and an AI gateway in the VPC.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from ipaddress import IPv4Network

from dashlink.endpoint.catalog import resolve_endpoint
from dashlink.errors import Fault
from dashlink.network.existing_group import Clients, closed_faults, partly_closed_warnings
from dashlink.network.layout import free_block
from dashlink.network.settings import NetworkSettings
from dashlink.preflight.answers import NetworkAnswers
from dashlink.preflight.lookups import ExistingSecurityGroup, ExistingVpc, ExistingVSwitch
from dashlink.settings import StackSettings

_CHECK_ID = "Check the id, the region and the account."


def network_faults(
    settings: StackSettings, answers: NetworkAnswers | None, region: str
) -> Iterator[Fault]:
    """Yield the faults of an existing network; a new one has none."""
    if answers is None:
        return
    network = settings.network
    vpc = answers.vpc.result()
    if vpc is None:
        advice = "Check the id, the region and the account; or set `cidr` to create a new VPC."
        problem = f"no such VPC in {region} for this account"
        yield Fault("network.vpc_id", problem, advice, str(network.vpc_id))
        return
    for zone in answers.vswitches:
        yield from _vswitch_faults(zone, network, answers, vpc)
    if answers.vpc_vswitches is not None:
        yield from block_faults(network.vswitches, vpc, answers.vpc_vswitches.result())
    group = _security_group(answers)
    if group is not None and group.vpc_id == vpc.vpc_id:
        ports = _ports(settings, region)
        groups = [one for one in network.ingress.from_security_group_ids if isinstance(one, str)]
        clients = list(_clients(settings, answers, vpc))
        yield from closed_faults(group.rules, ports, clients, groups)
    elif answers.security_group is not None:
        yield _other_group_fault(network, group, vpc)


def network_warnings(
    settings: StackSettings, answers: NetworkAnswers | None, region: str
) -> Iterator[Fault]:
    """Yield the warnings of an existing network without faults."""
    if answers is None:
        return
    vpc = answers.vpc.result()
    group = _security_group(answers)
    if vpc is not None and group is not None:
        clients = list(_clients(settings, answers, vpc))
        yield from partly_closed_warnings(group.rules, _ports(settings, region), clients)


def _security_group(answers: NetworkAnswers) -> ExistingSecurityGroup | None:
    return None if answers.security_group is None else answers.security_group.result()


def _ports(settings: StackSettings, region: str) -> list[int]:
    """Return the TCP ports on which clients dial the endpoints."""
    ports = set()
    for settings_of_one in settings.endpoints.values():
        endpoint = resolve_endpoint(settings_of_one, region)
        if not endpoint.is_existing:  # else it has a security group of its own
            ports.add(endpoint.port)
    return sorted(ports)


def _clients(
    settings: StackSettings, answers: NetworkAnswers, vpc: ExistingVpc
) -> Iterator[Clients]:
    """Yield the ranges of the clients that an existing security group must let in."""
    ingress = settings.network.ingress
    if ingress.from_vpc:
        yield Clients("the VPC", vpc.cidrs)
    for cidr in ingress.from_cidrs:
        yield Clients("clients of network.ingress.from_cidrs", (cidr,), all_connect=True)
    for name, connected in settings.network.connected_vpcs.items():
        yield Clients(f"the connected VPC {name}", (connected.cidr,), all_connect=True)
    gateway = settings.gateway
    calls_endpoints = any(one.endpoint is not None for one in settings.ai_services.values())
    if gateway is None or gateway.id is not None or not calls_endpoints:
        return
    for zone in gateway.with_zones(settings.network.zones).zones or ():
        block = settings.network.vswitches.get(zone)
        if block is None and zone in answers.vswitches:
            vswitch = answers.vswitches[zone].result()
            block = None if vswitch is None else vswitch.cidr
        if block is not None:
            yield Clients(f"the AI gateway in {zone}", (block,), all_connect=True)


def _other_group_fault(
    network: NetworkSettings, group: ExistingSecurityGroup | None, vpc: ExistingVpc
) -> Fault:
    where = "network.security_group_id"
    group_id = str(network.security_group_id)
    if group is None:
        return Fault(where, "no such security group", _CHECK_ID, group_id)
    advice = f"Use a security group of {vpc.vpc_id}."
    return Fault(where, f"of VPC {group.vpc_id}", advice, group_id)


def _vswitch_faults(
    zone: str, network: NetworkSettings, answers: NetworkAnswers, vpc: ExistingVpc
) -> Iterator[Fault]:
    where = f"network.vswitch_ids.{zone}"
    vswitch_id = str(network.vswitch_ids[zone])
    vswitch = answers.vswitches[zone].result()
    if vswitch is None:
        yield Fault(where, "no such vSwitch", _CHECK_ID, vswitch_id)
        return
    if vswitch.vpc_id != vpc.vpc_id:
        advice = f"Use a vSwitch of {vpc.vpc_id}."
        yield Fault(where, f"in VPC {vswitch.vpc_id}", advice, vswitch_id)
    if vswitch.zone != zone:
        advice = f"Write it under {vswitch.zone}, or use another."
        yield Fault(where, f"in zone {vswitch.zone}", advice, vswitch_id)


def block_faults(
    blocks: Mapping[str, IPv4Network], vpc: ExistingVpc, existing: Sequence[ExistingVSwitch]
) -> Iterator[Fault]:
    """Yield the faults of the blocks of new vSwitches, by zone.

    An existing vSwitch with the same block and zone is the stack's own, of an earlier run. One with
    another block is replaced, and its successor is created first: their blocks may not overlap.
    """
    for zone, block in blocks.items():
        where = f"network.vswitches.{zone}"
        if not any(block.subnet_of(cidr) for cidr in vpc.cidrs):
            ranges = ", ".join(map(str, vpc.cidrs))
            problem = f"not inside the VPC's {ranges}"
            yield Fault(where, problem, f"Use a free block of {ranges}.", str(block))
        for other in existing:
            is_own = (other.cidr, other.zone) == (block, zone)
            if block.overlaps(other.cidr) and not is_own:
                problem = f"overlaps {other.cidr} of the existing {other.vswitch_id}"
                yield Fault(where, problem, _free_block_advice(block, vpc, existing), str(block))


def _free_block_advice(
    block: IPv4Network, vpc: ExistingVpc, existing: Sequence[ExistingVSwitch]
) -> str:
    for cidr in vpc.cidrs:
        free = free_block(cidr, [vswitch.cidr for vswitch in existing], block.prefixlen)
        if free is not None:
            return f"Use a free block, e.g. {free}."
    return "The VPC has no free block of this size: use a smaller one."
