"""The gateways of PAI-EAS on the internet: their names, and whom they let in. Pure.

A client reaches them by the way out of its VPC (way_out.py), from any region. The addresses are of
a block for documentation (RFC 5737).

Sources: "Call over the internet or intranet through a gateway" (2025-11-27): the shared gateway is
on the internet by default, a dedicated one once that is turned on, for any caller that reaches the
internet; ListAclPolicy (EAS 2021-07-01): a list of its own for the internet.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network

from dashlink_sandbox.eas import AclEntry, shared_domain
from dashlink_sandbox.inside.eas import AllowedEas, admit
from dashlink_sandbox.state import State

_BLOCK = IPv4Network("198.51.100.0/25")
_RUNNING = "Running"


def addresses_of(state: State, name: str) -> tuple[str, ...]:
    """Return the public address of a gateway's name; empty for any other name."""
    for host, address, _ in _hosts(state):
        if host == name:
            return (address,)
    return ()


def is_gateway(state: State, address: str) -> bool:
    """Return whether a gateway has this public address."""
    return any(address == own for _, own, _ in _hosts(state))


def enter(state: State, address: str, source: str, port: int) -> AllowedEas | str:
    """Decide by port and access list about a client that the gateway sees at ``source``."""
    for _, own, acl in _hosts(state):
        if own == address:
            return admit(state, address, acl, source, port)
    return f"no gateway of PAI-EAS has the address {address}"


def _hosts(state: State) -> Iterator[tuple[str, str, list[AclEntry]]]:
    """Yield name, address and access list of each gateway that is on the internet."""
    addresses = map(str, _BLOCK.hosts())
    shared = next(addresses)
    for owner, region in sorted({(row.owner, row.region) for row in state.eas_services.values()}):
        yield shared_domain(owner, region, vpc=False), shared, []
    for _, gateway in sorted(state.eas_gateways.items()):
        address = next(addresses)
        if gateway.serves and gateway.internet and gateway.internet_status == _RUNNING:
            yield gateway.internet_domain, address, gateway.internet_acl
