"""Which VPCs resolve a private name: those of its own settings, and all connected ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from dashlink.endpoint.settings import AttachedVpc
from dashlink.network.settings import NetworkSettings


def connected_to(network: NetworkSettings, vpc_ids: Mapping[str, Any]) -> tuple[AttachedVpc, ...]:
    """Return the connected VPCs of a network as VPCs that resolve its private names.

    Without those of other accounts, whose owners create private zones of their own.

    Args:
        network: The network.
        vpc_ids: Id of each connected VPC by its name, also of a new one.
    """
    vpcs = []
    for name, connected in network.connected_vpcs.items():
        if connected.is_of_stack:
            vpcs.append(AttachedVpc(vpc_id=vpc_ids[name], region=connected.region))
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
