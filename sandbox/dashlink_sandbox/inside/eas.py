"""The gateways of PAI-EAS as seen from a VPC: their names, and who may connect. Pure.

Sources: "Call over the internet or intranet through the shared gateway" (Chinese, 2026-06-24): the
VPC name of the shared gateway works from any VPC of its region with nothing linked, and never from
another region; "Call over the internet or intranet through a gateway" (2025-11-27): the name of a
dedicated gateway resolves to its interface in linked VPCs alone, or everywhere with authoritative
DNS. The address of the shared gateway is a placeholder, it is the same in all VPCs (unverified).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dashlink_sandbox.eas import SUFFIX, EasGateway, LinkedVpc, shared_domain
from dashlink_sandbox.state import State

SHARED_ADDRESS = "100.103.0.1"
PORTS = (80, 443)


@dataclass(frozen=True)
class AllowedEas:
    """The client can connect to a gateway of PAI-EAS on ``port``."""

    port: int


def addresses_of(state: State, vpc_id: str, name: str) -> tuple[str, ...]:
    """Return the addresses of a gateway's name in a VPC; empty where it has none there."""
    if not name.endswith(SUFFIX):
        return ()
    region = state.vpcs[vpc_id].region
    if _is_shared_name(state, name, region):
        return (SHARED_ADDRESS,)
    for gateway, linked in _links(state):
        own = linked.vpc_id == vpc_id or linked.authoritative_dns
        if own and gateway.intranet and name == gateway.intranet_domain:
            return (linked.address,)
    return ()


def why_unknown(state: State, vpc_id: str, name: str) -> str:
    """Return why a gateway's name has no address in a VPC; empty for other names."""
    if not name.endswith(SUFFIX):
        return ""
    region = state.vpcs[vpc_id].region
    for gateway in state.eas_gateways.values():
        if name == gateway.intranet_domain:
            return f"no such name in {vpc_id}: {gateway.gateway_id} is not linked to it"
    if f".vpc.{region}." not in name and ".vpc." in name:
        return f"no such name in {vpc_id}: the shared gateway works in its own region, not {region}"
    return f"no such name in {vpc_id}: {name} is on the internet, and the VPC has no way out"


def gateway_of(state: State, vpc_id: str, address: str) -> str:
    """Return the gateway at an address that a VPC has a route to: its id, ``shared`` or empty."""
    if address == SHARED_ADDRESS:
        return "shared"
    vpc = state.vpcs[vpc_id]
    for gateway, linked in _links(state):
        routed = linked.vpc_id == vpc_id or linked.vpc_id in vpc.peers
        if routed and address == linked.address:
            return gateway.gateway_id
    return ""


def _is_shared_name(state: State, name: str, region: str) -> bool:
    owners = {service.owner for service in state.eas_services.values()}
    owners |= {vpc.owner for vpc in state.vpcs.values()}
    return any(name == shared_domain(owner, region, vpc=True) for owner in owners)


def _links(state: State) -> Iterator[tuple[EasGateway, LinkedVpc]]:
    for gateway in state.eas_gateways.values():
        for linked in gateway.linked.values():
            if gateway.status == "Running":
                yield gateway, linked
