"""The gateways of PAI-EAS as seen from a VPC: their names, and who may connect. Pure.

Sources: "Call over the internet or intranet through the shared gateway" (Chinese, 2026-06-24): the
VPC name of the shared gateway works from any VPC of its region with nothing linked, and never from
another region; "Call over the internet or intranet through a gateway" (2025-11-27): the name of a
dedicated gateway resolves to its interface in linked VPCs alone, or everywhere with authoritative
DNS; "Fully-managed dedicated gateway" (2026-06): in peer VPCs of a link too, to which the network
is its owner's business; its lists let in blocks of addresses. The address of the shared gateway is
a placeholder, it is the same in all VPCs (unverified).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from dashlink_sandbox.eas import SUFFIX, AclEntry, EasGateway, LinkedVpc, shared_domain
from dashlink_sandbox.state import State

SHARED_ADDRESS = "100.103.0.1"
PORTS = (80, 443)


@dataclass(frozen=True)
class AllowedEas:
    """The client can connect to a gateway of PAI-EAS on ``port``.

    ``forbidden``: the gateway answers 403, because its list does not have the client.
    """

    port: int
    forbidden: bool = False


def addresses_of(state: State, vpc_id: str, name: str) -> tuple[str, ...]:
    """Return the addresses of a gateway's name in a VPC; empty where it has none there."""
    if not name.endswith(SUFFIX):
        return ()
    region = state.vpcs[vpc_id].region
    if _is_shared_name(state, name, region):
        return (SHARED_ADDRESS,)
    for gateway, linked in _links(state):
        peers = {peer.vpc_id for peer in linked.peers}
        known = vpc_id in {linked.vpc_id, *peers} or linked.authoritative_dns
        if known and gateway.intranet and name == gateway.intranet_domain:
            return (linked.address,)
    return ()


def why_unknown(state: State, vpc_id: str, name: str) -> str:
    """Return why a gateway's name has no address in a VPC; empty for other names."""
    if not name.endswith(SUFFIX):
        return ""
    region = state.vpcs[vpc_id].region
    for gateway in state.eas_gateways.values():
        if name != gateway.intranet_domain:
            continue
        linked = gateway.linked.get(vpc_id)
        if linked is None:
            return f"no such name in {vpc_id}: {gateway.gateway_id} is not linked to it"
        which = f"{gateway.gateway_id} is {gateway.status}, its link {linked.status}"
        return f"no such name in {vpc_id}: {which}"
    if f".vpc.{region}." not in name and ".vpc." in name:
        return f"no such name in {vpc_id}: the shared gateway works in its own region, not {region}"
    return f"no such name in {vpc_id}: {name} is on the internet, and the VPC has no way out"


def interface_at(state: State, vpc_id: str, address: str) -> tuple[EasGateway, LinkedVpc] | None:
    """Return the dedicated gateway with an interface at ``address``, in the client's VPC first."""
    at = [pair for pair in _links(state) if pair[1].address == address and pair[0].intranet]
    at.sort(key=lambda pair: pair[1].vpc_id != vpc_id)
    return next(iter(at), None)


def enter(state: State, linked: LinkedVpc, source: str, port: int) -> AllowedEas | str:
    """Decide by port and access list about a client in a VPC; a refusal is its cause."""
    return admit(state, linked.address, linked.acl, source, port)


def admit(
    state: State, address: str, acl: list[AclEntry], source: str, port: int
) -> AllowedEas | str:
    """Decide by port and access list; a list without entries has every address."""
    if port not in PORTS:
        return f"the gateway at {address} listens on 80 and 443, not on {port}"
    blocks = [IPv4Network(entry.entry) for entry in acl]
    if not blocks or any(IPv4Address(source) in block for block in blocks):
        return AllowedEas(port)
    if state.dialect["eas-acl-refusal"] == "closed":
        return f"the access list of the gateway at {address} does not have {source}"
    return AllowedEas(port, forbidden=True)


def _is_shared_name(state: State, name: str, region: str) -> bool:
    owners = {service.owner for service in state.eas_services.values()}
    owners |= {vpc.owner for vpc in state.vpcs.values()}
    return any(name == shared_domain(owner, region, vpc=True) for owner in owners)


def _links(state: State) -> Iterator[tuple[EasGateway, LinkedVpc]]:
    for gateway in state.eas_gateways.values():
        for linked in gateway.linked.values():
            if gateway.serves and linked.status == "Running":
                yield gateway, linked
