"""Checks of connected VPCs: each exists in its region, with its block and its vSwitches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from ipaddress import IPv4Network

from dashlink.errors import Fault
from dashlink.network.connected import ConnectedVpcSettings
from dashlink.preflight.answers import NetworkAnswers
from dashlink.preflight.cloud import CloudLookups
from dashlink.settings import StackSettings

_CHECK_ID = "Check the id, the region and the account."


def connected_faults(
    settings: StackSettings,
    network: NetworkAnswers | None,
    cloud: CloudLookups,
    region: str,
    pool: Executor,
) -> Iterator[Fault]:
    """Yield the faults of connected VPCs; ids that are unknown until the deployment have none.

    Args:
        settings: The settings of the stack.
        network: Answers on an existing network; None for a new one.
        cloud: Lookups in the stack's region.
        region: Region of the stack.
        pool: Sends the requests.
    """
    own: Sequence[IPv4Network] = ()
    if network is not None:
        vpc = network.vpc.result()
        own = vpc.cidrs if vpc is not None else ()
    found = []
    for name, connected in settings.network.connected_vpcs.items():
        there = cloud if connected.region == region else cloud.in_region(connected.region)
        where = f"network.connected_vpcs.{name}"
        found.append(pool.submit(_faults_of, where, connected, there, own))
    for faults in found:
        yield from faults.result()


def _faults_of(
    where: str, connected: ConnectedVpcSettings, cloud: CloudLookups, own: Sequence[IPv4Network]
) -> list[Fault]:
    vpc_id = connected.vpc_id
    cidr = connected.cidr
    for block in own:
        if block.overlaps(cidr):
            problem = f"overlaps {block} of the network's VPC: packets have two ways"
            advice = "Connect VPCs whose blocks differ."
            return [Fault(f"{where}.cidr", problem, advice, str(cidr))]
    if not isinstance(vpc_id, str) or not connected.is_of_stack:
        return []  # a new VPC, an output of another resource, or one that this account cannot read
    vpc = cloud.vpc(vpc_id)
    if vpc is None:
        problem = f"no such VPC in {connected.region} for this account"
        return [Fault(f"{where}.vpc_id", problem, _CHECK_ID, vpc_id)]
    faults = []
    if not any(cidr.subnet_of(block) for block in vpc.cidrs):
        blocks = ", ".join(map(str, vpc.cidrs))
        advice = f"Write its block, or a part of it: {blocks}."
        faults.append(Fault(f"{where}.cidr", "not inside the VPC", advice, str(cidr)))
    for zone, vswitch_id in connected.vswitch_ids.items():
        if isinstance(vswitch_id, str):
            faults += _vswitch_faults(
                f"{where}.vswitch_ids.{zone}", zone, vswitch_id, vpc_id, cloud
            )
    return faults


def _vswitch_faults(
    where: str, zone: str, vswitch_id: str, vpc_id: str, cloud: CloudLookups
) -> Iterator[Fault]:
    vswitch = cloud.vswitch(vswitch_id)
    if vswitch is None:
        yield Fault(where, "no such vSwitch in this region", _CHECK_ID, vswitch_id)
    elif vswitch.vpc_id != vpc_id:
        problem = f"a vSwitch of {vswitch.vpc_id}"
        yield Fault(where, problem, f"Write a vSwitch of {vpc_id}.", vswitch_id)
    elif vswitch.zone != zone:
        problem = f"a vSwitch in {vswitch.zone}"
        yield Fault(where, problem, f"Write it under {vswitch.zone}.", vswitch_id)
