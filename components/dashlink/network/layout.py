"""Blocks: how a VPC's range is cut for its zones, and which blocks the cloud takes.

A zone's block is the slot of its letter (a is 0, b is 1, …) in the VPC's range, so that adding, removing or reordering
zones moves nothing. Blocks that are written down win.

Sources: Alibaba Cloud, "Create and manage a VPC" and CreateVpc/CreateVSwitch references (2026): a VPC's block lies in
10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16 with a length of 8 to 28; a vSwitch's has 16 to 29.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from ipaddress import IPv4Network

from dashlink.errors import Fault
from dashlink.types import zone_letter

PRIVATE_RANGES = tuple(
    IPv4Network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
)
VPC_LENGTHS = range(8, 29)
VSWITCH_LENGTHS = range(16, 30)
_SLOT_BITS = 4  # 16 slots: zone letters reach from a to l in the largest region (cn-beijing, 2026)
_SLOTS = 2**_SLOT_BITS


def slot_length(vpc: IPv4Network) -> int:
    """The prefix length of a zone's slot in ``vpc``; more than 29 where the VPC is too small to be laid out."""
    return max(VSWITCH_LENGTHS.start, vpc.prefixlen + _SLOT_BITS)


def slot_of(vpc: IPv4Network, zone: str) -> IPv4Network | None:
    """The block of ``zone`` in ``vpc`` by its letter; None where it has none (too small a VPC, a letter after p)."""
    number = ord(zone_letter(zone)) - ord("a")
    length = slot_length(vpc)
    if length not in VSWITCH_LENGTHS or number >= _SLOTS:
        return None
    size = 2 ** (32 - length)
    return IPv4Network((int(vpc.network_address) + number * size, length))


def lay_out(
    vpc: IPv4Network, zones: Sequence[str], explicit: Mapping[str, IPv4Network]
) -> dict[str, IPv4Network]:
    """A block for each zone: the explicit one, else its slot. Zones without either are left out."""
    blocks = {zone: explicit.get(zone) or slot_of(vpc, zone) for zone in zones}
    return {zone: block for zone, block in blocks.items() if block is not None}


def free_block(vpc: IPv4Network, taken: Sequence[IPv4Network], length: int) -> IPv4Network | None:
    """The first block of ``length`` in ``vpc`` that overlaps nothing of ``taken``."""
    if length < vpc.prefixlen or length not in VSWITCH_LENGTHS:
        return None
    start, end = int(vpc.network_address), int(vpc.broadcast_address)
    size = 2 ** (32 - length)
    while start + size - 1 <= end:
        candidate = IPv4Network((start, length))
        blocking = [block for block in taken if block.overlaps(candidate)]
        if not blocking:
            return candidate
        past = max(int(block.broadcast_address) for block in blocking) + 1
        start += -(-(past - start) // size) * size
    return None


def vpc_block_faults(cidr: IPv4Network) -> Iterator[Fault]:
    """What the cloud would refuse of a new VPC's block."""
    if not any(cidr.subnet_of(private) for private in PRIVATE_RANGES):
        ranges = ", ".join(str(private) for private in PRIVATE_RANGES)
        yield Fault(
            "cidr",
            "not inside a private range",
            f"Use a block of {ranges}, e.g. 10.20.0.0/16.",
            str(cidr),
        )
    elif cidr.prefixlen not in VPC_LENGTHS:
        advice = f"Use a length of {VPC_LENGTHS.start} to {VPC_LENGTHS.stop - 1}, e.g. {cidr.network_address}/24."
        yield Fault("cidr", "the cloud refuses a VPC of this size", advice, str(cidr))


def vswitch_block_faults(
    vpc: IPv4Network | None, zones: Sequence[str], explicit: Mapping[str, IPv4Network]
) -> Iterator[Fault]:
    """What is wrong with the blocks of new vSwitches, written or laid out; ``vpc`` is None for an existing VPC."""
    blocks = lay_out(vpc, zones, explicit) if vpc is not None else dict(explicit)
    for zone, block in explicit.items():
        yield from _block_faults(
            zone, block, vpc, [other for key, other in blocks.items() if key != zone]
        )
    if vpc is not None:
        yield from _missing_slot_faults(vpc, zones, explicit)
    yield from _overlap_faults(blocks, vpc)


def _block_faults(
    zone: str, block: IPv4Network, vpc: IPv4Network | None, others: Sequence[IPv4Network]
) -> Iterator[Fault]:
    where = f"vswitches.{zone}"
    if block.prefixlen not in VSWITCH_LENGTHS:
        problem = (
            "too small for a vSwitch"
            if block.prefixlen >= VSWITCH_LENGTHS.stop
            else "too large for a vSwitch"
        )
        length = max(24, vpc.prefixlen) if vpc is not None else 24
        advice = f"Use a length of {VSWITCH_LENGTHS.start} to {VSWITCH_LENGTHS.stop - 1}{_example(vpc, others, length)}."
        yield Fault(where, problem, advice, str(block))
    elif vpc is not None and not block.subnet_of(vpc):
        advice = f"Use a free block{_example(vpc, others, block.prefixlen)}."
        yield Fault(where, f"not inside the VPC {vpc}", advice, str(block))


def _example(vpc: IPv4Network | None, taken: Sequence[IPv4Network], length: int) -> str:
    free = free_block(vpc, taken, length) if vpc is not None else None
    return f", e.g. {free}" if free else ""


def _missing_slot_faults(
    vpc: IPv4Network, zones: Sequence[str], explicit: Mapping[str, IPv4Network]
) -> Iterator[Fault]:
    for zone in sorted(set(zones)):
        if zone in explicit or slot_of(vpc, zone) is not None:
            continue
        if slot_length(vpc) not in VSWITCH_LENGTHS:
            yield Fault(
                "cidr",
                f"too small to lay out a vSwitch for {zone}",
                f"Use /25 or larger, or write the block under `vswitches.{zone}`.",
                str(vpc),
            )
        else:
            yield Fault(
                "zones",
                f"the letter has no slot of its own among {_SLOTS}",
                f"Write the block under `vswitches.{zone}`.",
                zone,
            )


def _overlap_faults(blocks: Mapping[str, IPv4Network], vpc: IPv4Network | None) -> Iterator[Fault]:
    zones = sorted(blocks)
    for number, zone in enumerate(zones):
        for other in zones[number + 1 :]:
            if blocks[zone].overlaps(blocks[other]):
                free = _example(vpc, list(blocks.values()), blocks[zone].prefixlen)
                yield Fault(
                    f"vswitches.{zone}",
                    f"overlaps {blocks[other]} of {other}",
                    f"Give one of the two a free block{free}.",
                    str(blocks[zone]),
                )


def source_range_faults(where: str, cidr: IPv4Network) -> Iterator[Fault]:
    """Why a range of clients is refused: public, or wider than any VPC may be."""
    if cidr.prefixlen == 0:
        yield Fault(
            where,
            "opens the endpoint to every address",
            "Name the ranges of your clients, e.g. 10.99.0.0/24.",
            str(cidr),
        )
    elif not any(cidr.subnet_of(private) for private in PRIVATE_RANGES):
        ranges = ", ".join(str(private) for private in PRIVATE_RANGES)
        yield Fault(
            where,
            "not a private range",
            f"Clients of a private endpoint come from {ranges}: name a block of these.",
            str(cidr),
        )
