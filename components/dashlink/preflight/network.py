"""Checks of an existing network: its VPC, vSwitches, free blocks and security group."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Network

from dashlink.errors import Fault
from dashlink.network.layout import free_block
from dashlink.network.plan import plan_network, required_rules_missing
from dashlink.network.settings import NetworkSettings
from dashlink.preflight.answers import NetworkAnswers
from dashlink.preflight.lookups import ExistingVpc, ExistingVSwitch

_CHECK_ID = "Check the id, the region and the account."


def network_faults(
    network: NetworkSettings, answers: NetworkAnswers | None, region: str
) -> Iterator[Fault]:
    """Yield the faults of an existing network; a new one has none."""
    if answers is None:
        return
    vpc = answers.vpc.result()
    if vpc is None:
        advice = "Check the id, the region and the account; or set `cidr` to create a new VPC."
        problem = f"no such VPC in {region} for this account"
        yield Fault("network.vpc_id", problem, advice, str(network.vpc_id))
        return
    for zone in answers.vswitches:
        yield from _vswitch_faults(zone, network, answers, vpc)
    if answers.vpc_vswitches is not None:
        yield from _block_faults(network, vpc, answers.vpc_vswitches.result())
    yield from _security_group_faults(network, answers, vpc)


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


def _block_faults(
    network: NetworkSettings, vpc: ExistingVpc, existing: Sequence[ExistingVSwitch]
) -> Iterator[Fault]:
    """Yield the faults of the blocks of new vSwitches.

    An existing vSwitch with the same block and zone is the stack's own, of an earlier run.
    """
    for zone, block in network.vswitches.items():
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


def _security_group_faults(
    network: NetworkSettings, answers: NetworkAnswers, vpc: ExistingVpc
) -> Iterator[Fault]:
    if answers.security_group is None:
        return
    where = "network.security_group_id"
    group_id = str(network.security_group_id)
    group = answers.security_group.result()
    if group is None:
        yield Fault(where, "no such security group", _CHECK_ID, group_id)
        return
    if group.vpc_id != vpc.vpc_id:
        advice = f"Use a security group of {vpc.vpc_id}."
        yield Fault(where, f"of VPC {group.vpc_id}", advice, group_id)
    yield from required_rules_missing(group.rules, plan_network(network))
