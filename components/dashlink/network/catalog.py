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

CEN_BANDWIDTH_MBPS = 10
"""Default bandwidth between two regions over CEN, in Mbit/s: that of Alibaba Cloud's own Terraform
module private-network-access-for-bailian (v2.0.0, 2026-04-22)."""

MAX_ATTACHED_ZONES = 10
"""Zones of a VPC's attachment to a transit router (alicloud provider v1.285.0, zone_mappings)."""

MAX_EIP_MBPS = 200
"""Largest bandwidth of an EIP that is billed by traffic, in Mbit/s (AllocateEipAddress, 2026)."""
EIP_MBPS = 100
"""Default bandwidth of a new EIP in Mbit/s: a limit, which costs nothing by itself."""


def is_private(block: IPv4Network) -> bool:
    """Return whether ``block`` lies inside a private range."""
    return any(block.subnet_of(private) for private in PRIVATE_RANGES)


def is_mainland(region: str) -> bool:
    """Return whether a region is in mainland China ("Regions and zones", 2026)."""
    return region.startswith("cn-") and region != "cn-hongkong"
