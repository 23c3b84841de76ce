"""Checks of the VPCs that the stack has created: blocks that cannot change as the settings do.

A VPC's block changes in place, and only to one within or around it that holds all its vSwitches
(VPC 2016-04-28, ModifyVpcAttribute). A vSwitch with another block is a new one, created while the
old one exists.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from ipaddress import IPv4Network

from dashlink.errors import Fault
from dashlink.naming import has_tags_of, physical_name
from dashlink.network.layout import lay_out
from dashlink.network.plan import blocks_of
from dashlink.preflight.cloud import CloudLookups
from dashlink.preflight.lookups import ExistingVpc, ExistingVSwitch
from dashlink.preflight.network import block_faults
from dashlink.settings import StackSettings


@dataclass(frozen=True)
class _Desired:
    """A VPC of the stack as the settings want it; blocks of its vSwitches by zone."""

    where: str
    region: str
    name: str
    cidr: IPv4Network
    blocks: Mapping[str, IPv4Network]


def own_network_faults(
    settings: StackSettings, cloud: CloudLookups, region: str, owner: str
) -> Iterator[Fault]:
    """Yield the faults of VPCs that an earlier `up` has created; on the first one there are none.

    Args:
        settings: Validated settings of the stack.
        cloud: Lookups in any region.
        region: Region of the stack.
        owner: `<project>-<stack>`, by whose tags the stack's own VPCs are recognized; empty:
            nothing is checked.
    """
    if not owner:
        return
    desired = list(_desired(settings, region, owner))
    for there in sorted({one.region for one in desired}):
        lookups = cloud if there == region else cloud.in_region(there)
        own = [vpc for vpc in lookups.stack_vpcs() if has_tags_of(owner, vpc.tags)]
        of_region = [one for one in desired if one.region == there]
        for one in of_region:
            vpc = _find(one, own, of_region)
            if vpc is not None:
                yield from _faults(one, vpc, lookups.vswitches(vpc.vpc_id))


def _desired(settings: StackSettings, region: str, owner: str) -> Iterator[_Desired]:
    network = settings.network
    if network.cidr is not None:
        name = network.name or physical_name(owner, "access", "vpc")
        yield _Desired("network", region, name, network.cidr, blocks_of(network))
    for key, connected in network.connected_vpcs.items():
        if connected.vpc_id is None:
            name = physical_name(owner, "access-connections", key)
            blocks = lay_out(connected.cidr, sorted(connected.zones), {})
            where = f"network.connected_vpcs.{key}"
            yield _Desired(where, connected.region, name, connected.cidr, blocks)


def _find(
    desired: _Desired, own: Sequence[ExistingVpc], others: Sequence[_Desired]
) -> ExistingVpc | None:
    """Return the VPC by its name, else the only one that has no other VPC's name."""
    named = [vpc for vpc in own if vpc.name == desired.name]
    if not named:
        taken = {one.name for one in others}
        named = [vpc for vpc in own if vpc.name not in taken and desired.where == "network"]
    return named[0] if len(named) == 1 else None


def _faults(
    desired: _Desired, vpc: ExistingVpc, vswitches: Sequence[ExistingVSwitch]
) -> Iterator[Fault]:
    old, secondary = vpc.cidrs[0], vpc.cidrs[1:]
    cidrs = (desired.cidr, *secondary)
    if desired.cidr != old:
        is_around = desired.cidr.subnet_of(old) or old.subnet_of(desired.cidr)
        outside = [one for one in vswitches if not _is_in(one.cidr, cidrs)]
        if not is_around or outside:
            yield _block_fault(desired, vpc, outside)
            return
    for fault in block_faults(desired.blocks, replace(vpc, cidrs=cidrs), vswitches):
        zone = fault.where.rpartition(".")[2]
        where = f"{desired.where}.vswitches.{zone}"
        if desired.where != "network":
            where = f"{desired.where}.cidr"
        yield replace(fault, where=where)


def _is_in(block: IPv4Network, cidrs: Sequence[IPv4Network]) -> bool:
    return any(block.subnet_of(cidr) for cidr in cidrs)


def _block_fault(desired: _Desired, vpc: ExistingVpc, outside: Sequence[ExistingVSwitch]) -> Fault:
    problem = f"the block of {vpc.vpc_id} is {vpc.cidrs[0]}, and cannot become one apart from it"
    if outside:
        names = ", ".join(f"{one.vswitch_id} ({one.cidr})" for one in outside)
        problem = f"the block of {vpc.vpc_id} is {vpc.cidrs[0]}, and cannot leave out {names}"
    advice = (
        f"Write {vpc.cidrs[0]} again. For another block, deploy a second stack, move the clients "
        "to it, then remove this one."
    )
    return Fault(f"{desired.where}.cidr", problem, advice, str(desired.cidr))
