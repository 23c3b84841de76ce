"""Facts about networks of the cloud, each with its source.

Sources: Alibaba Cloud, "Create and manage a VPC" and the references of CreateVpc and CreateVSwitch
(2026): the block of a VPC lies in 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16 and has a prefix of
8 to 28 bits; that of a vSwitch has 16 to 29.
"""

from __future__ import annotations

from ipaddress import IPv4Network

PRIVATE_RANGES = (
    IPv4Network("10.0.0.0/8"),
    IPv4Network("172.16.0.0/12"),
    IPv4Network("192.168.0.0/16"),
)
VPC_PREFIXES = range(8, 29)
"""Prefix lengths of a VPC's block, in bits."""
VSWITCH_PREFIXES = range(16, 30)
"""Prefix lengths of a vSwitch's block, in bits."""

MIN_ZONES = 2
"""Model Studio over PrivateLink requires two zones (document "access Model Studio by an endpoint",
2025)."""

CLIENT_PORTS = (80, 443)
"""TCP ports of an endpoint: HTTP on its own domain, HTTPS on a private domain."""
HTTPS_PORTS = (443,)


def is_private(block: IPv4Network) -> bool:
    """Return whether ``block`` lies inside a private range."""
    return any(block.subnet_of(private) for private in PRIVATE_RANGES)
