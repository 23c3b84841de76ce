"""The hosts of MaaS: names, public addresses, regions.

Sources: programs that call them, 2026 (two unified hosts, two hosts of services); "Anthropic-
compatible API" (Chinese, 2026-08-19) has the one of Hong Kong. The addresses are of a block for
documentation (RFC 5737): the real ones are not documented, and change.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class Host:
    """A host. ``unified``: it has all models of its region; else single services."""

    name: str
    region: str
    unified: bool
    address: str


@dataclass(frozen=True)
class AllowedMaas:
    """The client can connect to MaaS, which sees it at this public address."""

    source: str
    port: ClassVar[int] = 443


HOSTS = {
    host.name: host
    for host in (
        Host("api.modelarts-maas.com", "cn-southwest-2", True, "203.0.113.10"),
        Host("api-ap-southeast-1.modelarts-maas.com", "ap-southeast-1", True, "203.0.113.11"),
        Host("maas-cn-southwest-2.modelarts-maas.com", "cn-southwest-2", False, "203.0.113.12"),
        Host("maas-cn-east-4.modelarts-maas.com", "cn-east-4", False, "203.0.113.13"),
    )
}


def addresses_of(name: str) -> tuple[str, ...]:
    """Return the public addresses of a name; empty for a name that is no host of MaaS."""
    host = HOSTS.get(name)
    return (host.address,) if host is not None else ()


def host_at(address: str) -> str:
    """Return the name of the host at a public address; empty for any other address."""
    for host in HOSTS.values():
        if host.address == address:
            return host.name
    return ""
