"""Which VPCs resolve a private name: those of its own settings, and all connected ones."""

from __future__ import annotations

from collections.abc import Iterable

from dashlink.endpoint.settings import AttachedVpc
from dashlink.network.settings import NetworkSettings


def connected_to(network: NetworkSettings) -> tuple[AttachedVpc, ...]:
    """Return the connected VPCs of a network as VPCs that resolve its private names."""
    vpcs = []
    for connected in network.connected_vpcs.values():
        vpcs.append(AttachedVpc(vpc_id=connected.vpc_id, region=connected.region))
    return tuple(vpcs)


def merged(attached: Iterable[AttachedVpc], further: Iterable[AttachedVpc]) -> list[AttachedVpc]:
    """Return ``attached`` with the VPCs of ``further`` that it lacks.

    One attachment resource has them all, since it owns the whole list of a private zone. An id that
    is the output of another resource is unknown, so that it is never the same as another one.
    """
    vpcs = list(attached)
    known = {vpc.vpc_id for vpc in vpcs if isinstance(vpc.vpc_id, str)}
    for vpc in further:
        if not (isinstance(vpc.vpc_id, str) and vpc.vpc_id in known):
            vpcs.append(vpc)
    return vpcs
