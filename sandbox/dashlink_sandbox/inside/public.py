"""Hosts on the internet: the model servers that an admin call has created outside of every VPC.

Their names resolve everywhere, as public names do; a client connects to them by the way out of its
VPC (way_out.py). The addresses are of a block for documentation (RFC 5737).
"""

from __future__ import annotations

from collections.abc import Iterator

from dashlink_sandbox.state import State

PORTS = (80, 443)
_BLOCK = "192.0.2"
_MOST = 250


def addresses_of(state: State, name: str) -> tuple[str, ...]:
    """Return the public addresses of a name; empty for a name that is no host on the internet."""
    for host, address in _hosts(state):
        if host == name:
            return (address,)
    return ()


def host_at(state: State, address: str) -> str:
    """Return the name of the host at a public address; empty for any other address."""
    for host, its_address in _hosts(state):
        if its_address == address:
            return host
    return ""


def _hosts(state: State) -> Iterator[tuple[str, str]]:
    """Yield each host with its address."""
    names = [host for host, upstream in state.upstreams.items() if not upstream.vpc_id]
    for number, host in enumerate(sorted(names)[:_MOST], 1):
        yield host, f"{_BLOCK}.{number}"
