"""The layout of a VPC: one block for each zone.

The block of a zone is the slot of its letter (a is 0, b is 1, …) in the VPC, so that adding,
removing or reordering zones moves no block. Blocks in the settings have precedence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from ipaddress import IPv4Network

from dashlink.network.catalog import VSWITCH_PREFIXES
from dashlink.types import zone_letter

_SLOT_BITS = 4
SLOTS = 2**_SLOT_BITS
"""Slots of a VPC. Zone letters reach from a to l in the largest region (cn-beijing, 2026)."""


def slot_prefix(vpc: IPv4Network) -> int:
    """Return the prefix length of a slot in ``vpc``; over 29 where the VPC is too small."""
    return max(VSWITCH_PREFIXES.start, vpc.prefixlen + _SLOT_BITS)


def slot_of(vpc: IPv4Network, zone: str) -> IPv4Network | None:
    """Return the slot of ``zone`` in ``vpc``; None in too small a VPC and for a letter after p."""
    number = ord(zone_letter(zone)) - ord("a")
    prefix = slot_prefix(vpc)
    if prefix not in VSWITCH_PREFIXES or number >= SLOTS:
        return None
    return IPv4Network((int(vpc.network_address) + number * _size(prefix), prefix))


def lay_out(
    vpc: IPv4Network, zones: Sequence[str], explicit: Mapping[str, IPv4Network]
) -> dict[str, IPv4Network]:
    """Return the block of each zone, explicit or its slot. Zones with neither are left out."""
    blocks: dict[str, IPv4Network] = {}
    for zone in zones:
        block = explicit.get(zone) or slot_of(vpc, zone)
        if block is not None:
            blocks[zone] = block
    return blocks


def free_block(vpc: IPv4Network, used: Sequence[IPv4Network], prefix: int) -> IPv4Network | None:
    """Return the first block of ``vpc`` with this prefix length that overlaps no used block."""
    if prefix < vpc.prefixlen or prefix not in VSWITCH_PREFIXES:
        return None
    start = int(vpc.network_address)
    end = int(vpc.broadcast_address)
    size = _size(prefix)
    while start + size - 1 <= end:
        candidate = IPv4Network((start, prefix))
        overlapping = [block for block in used if block.overlaps(candidate)]
        if not overlapping:
            return candidate
        past = max(int(block.broadcast_address) for block in overlapping) + 1
        start += -(-(past - start) // size) * size
    return None


def _size(prefix: int) -> int:
    """Return the number of addresses in a block with this prefix length."""
    return 1 << (32 - prefix)
