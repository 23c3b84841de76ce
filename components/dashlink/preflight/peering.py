"""Checks of VPC peerings: one that exists already, and one that waits for another account."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dashlink.errors import Fault
from dashlink.naming import has_tags_of
from dashlink.network.connected import ConnectedVpcSettings
from dashlink.preflight.cloud import CloudLookups
from dashlink.settings import StackSettings

_ACTIVATED = "Activated"


def peering_faults(settings: StackSettings, cloud: CloudLookups, owner: str) -> Iterator[Fault]:
    """Yield the faults of peerings with existing VPCs.

    Args:
        settings: Validated settings of the stack.
        cloud: Lookups in the stack's region.
        owner: `<project>-<stack>`, by whose tags the stack's own peerings are recognized; empty:
            nothing is checked.
    """
    for name, connected in _peered(settings, owner):
        where = f"network.connected_vpcs.{name}"
        own = None
        for row in cloud.peerings(str(connected.vpc_id)):
            if _is_own(row, owner):
                own = row
            elif _connects(row, settings.network.vpc_id):
                problem = f"the two VPCs have a peering already ({row.get('InstanceId')})"
                advice = (
                    "Remove this entry, and use `private_name.attach_to` and `ingress.from_cidrs`; "
                    "or delete that peering."
                )
                yield Fault(f"{where}.vpc_id", problem, advice, str(connected.vpc_id))
        if connected.acceptance == "accepted":
            yield from _unaccepted(where, connected, own)


def peering_warnings(settings: StackSettings, cloud: CloudLookups, owner: str) -> Iterator[Fault]:
    """Yield a warning for each peering that is pending in the settings and accepted."""
    for name, connected in _peered(settings, owner):
        if connected.acceptance != "pending":
            continue
        for row in cloud.peerings(str(connected.vpc_id)):
            if has_tags_of(owner, _tags(row)) and row.get("Status") == _ACTIVATED:
                problem = f"{row.get('InstanceId')} is accepted, and the network has no route to it"
                where = f"network.connected_vpcs.{name}.acceptance"
                yield Fault(where, problem, "Write `acceptance: accepted`.", "pending")


def _peered(settings: StackSettings, owner: str) -> Iterator[tuple[str, ConnectedVpcSettings]]:
    """Yield the existing VPCs over a peering whose ids are known."""
    for name, connected in settings.network.connected_vpcs.items():
        if owner and connected.over == "peering" and isinstance(connected.vpc_id, str):
            yield name, connected


def _unaccepted(
    where: str, connected: ConnectedVpcSettings, own: Mapping[str, Any] | None
) -> Iterator[Fault]:
    if own is None:
        problem = "the stack has no peering with this VPC yet"
        advice = "Write `acceptance: pending`, run `up`, and let its owner accept."
        yield Fault(f"{where}.acceptance", problem, advice, "accepted")
    elif own.get("Status") != _ACTIVATED:
        peering_id = own.get("InstanceId")
        problem = f"{peering_id} is {own.get('Status')}, not {_ACTIVATED}"
        advice = (
            f"Let the account {connected.account_id} run: aliyun vpcpeer AcceptVpcPeerConnection "
            f"--region {connected.region} --InstanceId {peering_id}."
        )
        yield Fault(f"{where}.acceptance", problem, advice, "accepted")


def _connects(row: Mapping[str, Any], vpc_id: object) -> bool:
    ends = {(row.get(end) or {}).get("VpcId") for end in ("Vpc", "AcceptingVpc")}
    return isinstance(vpc_id, str) and vpc_id in ends


def _is_own(row: Mapping[str, Any], owner: str) -> bool:
    """Return whether a peering is the stack's; a run that was killed may not have tagged it yet."""
    tags = _tags(row)
    is_named = str(row.get("Name") or "").startswith(f"{owner}-")
    return has_tags_of(owner, tags) or (is_named and not tags)


def _tags(row: Mapping[str, Any]) -> dict[str, str]:
    return {str(tag.get("Key")): str(tag.get("Value", "")) for tag in row.get("Tags") or ()}
