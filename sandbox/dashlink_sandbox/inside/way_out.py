"""Follow a packet from a VPC to a public host: route, NAT gateway, SNAT entry, EIP.

A packet for the internet leaves a VPC where the client's route table leads it to an available
internet NAT gateway, an SNAT entry of which covers the client's vSwitch or block, with the address
of an EIP that the gateway has. A piece that is missing is silence for the client; its cause names
the piece. The public host sees the EIP: :attr:`WayOut.address`, which access.py passes on as the
``source`` of its decision. A server that has lists of addresses listens on a port of its own for
each source (maas/server.py), so that the port of a connection has the address of its client. Pure
functions over the sandbox's records.

Sources: help.aliyun.com, NAT "Create and manage Internet NAT gateways" and "SNAT entries" (2025),
VPC API "CreateSnatEntry" (2025-11); the alicloud provider v1.285.0, page of alicloud_nat_gateway
(the route 0.0.0.0/0). Of several entries that cover a client the one with the longest block
decides, and of several addresses the first: unverified.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from dashlink_sandbox.inside.routes import Place, next_hop
from dashlink_sandbox.nat import NatGateway, SnatEntry
from dashlink_sandbox.state import State

_AVAILABLE, _IN_USE, _INTERNET = "Available", "InUse", "internet"
ADMIN_ADDRESS = "198.19.255.254"
"""What a public host sees where the admin API has given a VPC a way out without a NAT gateway."""
GATEWAY_ADDRESS = "198.19.255.253"
"""What a public host sees of an AI gateway that leaves by a way of its own."""


@dataclass(frozen=True)
class WayOut:
    """A packet gets out; the public host sees ``address``."""

    address: str


def find_way_out(state: State, source: Place, target: str) -> WayOut | str:
    """Return the way out of a client to the public address ``target``, or why there is none."""
    if state.vpcs[source.vpc_id].has_way_out:
        return WayOut(ADMIN_ADDRESS)
    gateway = _gateway(state, source, target)
    if isinstance(gateway, str):
        return gateway
    entry = _covering_entry(state, gateway, source)
    if entry is None:
        which = f"{source.address} in {source.vswitch_id}"
        return f"no SNAT entry of {gateway.nat_gateway_id} covers {which}"
    if entry.status not in (_AVAILABLE, "Modifying"):
        return f"the SNAT entry {entry.entry_id} is {entry.status}, not {_AVAILABLE}"
    for eip in state.eips.values():
        has_it = eip.instance_id == gateway.nat_gateway_id and eip.status == _IN_USE
        if has_it and eip.address in entry.addresses:
            return WayOut(eip.address)
    addresses = ", ".join(entry.addresses)
    which = f"the SNAT entry {entry.entry_id} has {addresses}"
    return f"{which}, which is no EIP of {gateway.nat_gateway_id}"


def _gateway(state: State, source: Place, target: str) -> NatGateway | str:
    """The NAT gateway that a packet for ``target`` reaches, or why it reaches none."""
    vpc_id = source.vpc_id
    hop = next_hop(state, source, target)
    if hop is None:
        why = f"{vpc_id} has no way out: its route table has no route to {target}"
        gateways = [one for one in state.nat_gateways.values() if one.vpc_id == vpc_id]
        return why if gateways else f"{why}, and the VPC has no NAT gateway"
    gateway = state.nat_gateways.get(hop)
    if gateway is None:
        return f"{vpc_id} has no way out: its route to {target} leads to {hop}, no NAT gateway"
    which = f"the NAT gateway {gateway.nat_gateway_id}"
    if gateway.status != _AVAILABLE:
        return f"{which} is {gateway.status}, not {_AVAILABLE}"
    if gateway.network_type != _INTERNET:
        return f"{which} is of the type {gateway.network_type}, not {_INTERNET}"
    return gateway


def _covering_entry(state: State, gateway: NatGateway, source: Place) -> SnatEntry | None:
    best: SnatEntry | None = None
    longest = -1
    for entry in state.snat_entries.values():
        if entry.nat_gateway_id != gateway.nat_gateway_id:
            continue
        block = IPv4Network(entry.source_cidr)
        by_vswitch = entry.source_vswitch_id in ("", source.vswitch_id)
        covers = by_vswitch and IPv4Address(source.address) in block
        if covers and block.prefixlen > longest:
            best, longest = entry, block.prefixlen
    return best
