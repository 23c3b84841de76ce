"""The rules of the network: between its keys, and for the blocks that it names."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from ipaddress import IPv4Network
from itertools import combinations

from dashlink.errors import Fault, shown
from dashlink.network import catalog, egress_rules
from dashlink.network.layout import SLOTS, free_block, lay_out, slot_of, slot_prefix
from dashlink.network.settings import NetworkSettings

_USUAL_VSWITCH_PREFIX = 24

# Key -> keys whose rules cannot be checked while the key has an invalid value.
_DEPENDENT_KEYS: Mapping[str, tuple[str, ...]] = {
    "cidr": ("vpc_id", "vswitches", "vswitch_ids", "security_group_id"),
    "vpc_id": ("cidr", "zones", "vswitch_ids", "security_group_id", "name", "egress"),
    "vswitches": ("zones",),
    "vswitch_ids": ("zones",),
    "zones": ("vswitches", "vswitch_ids", "egress"),
}


def find_faults(
    network: NetworkSettings, invalid_keys: Collection[str] = frozenset()
) -> Iterator[Fault]:
    """Find every fault between the keys of ``network``; paths start inside it.

    Args:
        network: The settings.
        invalid_keys: Keys with an invalid value, which ``network`` lacks; neither they nor keys
            that depend on them have faults.
    """
    ignored = set(invalid_keys)
    for key in invalid_keys:
        ignored.update(_DEPENDENT_KEYS.get(key, ()))
    for fault in _all_faults(network):
        if fault.where.partition(".")[0] not in ignored:
            yield fault


def _all_faults(network: NetworkSettings) -> Iterator[Fault]:
    yield from _zone_faults(network)
    yield from _vswitch_faults(network)
    if network.vpc_id is None:
        yield from _new_vpc_faults(network)
    else:
        yield from _existing_vpc_faults(network)
    yield from _block_faults(network.cidr, network.zones, network.vswitches)
    yield from _ingress_faults(network)
    yield from egress_rules.find_faults(network)


def _zone_faults(network: NetworkSettings) -> Iterator[Fault]:
    seen: set[str] = set()
    for zone in network.zones:
        if zone in seen:
            yield Fault("zones", "a zone is listed twice", "List each zone once.", zone)
        seen.add(zone)
    if len(seen) < catalog.MIN_ZONES:
        problem = f"fewer than {catalog.MIN_ZONES} zones"
        advice = "List two or more: one zone may fail, and Model Studio requires two."
        yield Fault("zones", problem, advice, shown(", ".join(network.zones) or "none"))


def _vswitch_faults(network: NetworkSettings) -> Iterator[Fault]:
    for key in ("vswitches", "vswitch_ids"):
        for zone in getattr(network, key):
            if zone not in network.zones:
                advice = "Add it to `zones`, or remove it here."
                yield Fault(f"{key}.{zone}", "this zone is not among `zones`", advice)
    for zone, block in network.vswitches.items():
        if zone in network.vswitch_ids:
            problem = "this zone has an existing vSwitch under `vswitch_ids` too"
            yield Fault(f"vswitches.{zone}", problem, "Remove one of the two.", str(block))


def _existing_vpc_faults(network: NetworkSettings) -> Iterator[Fault]:
    if network.cidr is not None:
        advice = "Use `cidr` for a new VPC, or `vpc_id` for an existing one."
        problem = "the block of a new VPC beside an existing VPC"
        yield Fault("cidr", problem, advice, str(network.cidr))
    for zone in network.zones:
        if zone not in network.vswitch_ids and zone not in network.vswitches:
            advice = (
                f"Add one under `vswitch_ids.{zone}`, or the free block of a new one under "
                f"`vswitches.{zone}`."
            )
            yield Fault("zones", "this zone has no vSwitch in the existing VPC", advice, zone)
    if network.name is not None:
        problem = "an existing VPC cannot be renamed"
        yield Fault("name", problem, "Remove it.", shown(network.name))


def _new_vpc_faults(network: NetworkSettings) -> Iterator[Fault]:
    if network.cidr is None:
        problem = "neither the block of a new VPC nor an existing VPC"
        yield Fault("cidr", problem, "Write `cidr` or `vpc_id`.")
    for key in ("vswitch_ids", "security_group_id"):
        if getattr(network, key):
            problem = "existing resources without the VPC that they are in"
            yield Fault(key, problem, "Write its `vpc_id`, without `cidr`.")


def _block_faults(
    vpc: IPv4Network | None, zones: Sequence[str], explicit: Mapping[str, IPv4Network]
) -> Iterator[Fault]:
    """Find faults in the blocks of a new VPC (None: it exists) and of new vSwitches."""
    if vpc is None:
        blocks = dict(explicit)
    elif not catalog.is_private(vpc):
        advice = f"Use a block of {_private_ranges()}, e.g. 10.20.0.0/16."
        yield Fault("cidr", "not inside a private range", advice, str(vpc))
        return
    elif vpc.prefixlen not in catalog.VPC_PREFIXES:
        lengths = f"{catalog.VPC_PREFIXES.start} to {catalog.VPC_PREFIXES.stop - 1}"
        advice = f"Use a prefix length of {lengths}, e.g. {vpc.network_address}/24."
        yield Fault("cidr", "invalid size for a VPC", advice, str(vpc))
        return
    else:
        blocks = lay_out(vpc, zones, explicit)
        yield from _missing_slot_faults(vpc, zones, explicit)
    for zone, block in explicit.items():
        others = [other for key, other in blocks.items() if key != zone]
        yield from _explicit_block_faults(f"vswitches.{zone}", block, vpc, others)
    yield from _overlap_faults(blocks, vpc)


def _explicit_block_faults(
    where: str, block: IPv4Network, vpc: IPv4Network | None, others: Sequence[IPv4Network]
) -> Iterator[Fault]:
    if block.prefixlen not in catalog.VSWITCH_PREFIXES:
        size = "small" if block.prefixlen >= catalog.VSWITCH_PREFIXES.stop else "large"
        lengths = f"{catalog.VSWITCH_PREFIXES.start} to {catalog.VSWITCH_PREFIXES.stop - 1}"
        prefix = _USUAL_VSWITCH_PREFIX
        if vpc is not None:
            prefix = max(prefix, vpc.prefixlen)
        advice = f"Use a prefix length of {lengths}{_example(vpc, others, prefix)}."
        yield Fault(where, f"too {size} for a vSwitch", advice, str(block))
    elif vpc is not None and not block.subnet_of(vpc):
        advice = f"Use a free block{_example(vpc, others, block.prefixlen)}."
        yield Fault(where, f"not inside the VPC {vpc}", advice, str(block))


def _example(vpc: IPv4Network | None, used: Sequence[IPv4Network], prefix: int) -> str:
    if vpc is None:
        return ""
    free = free_block(vpc, used, prefix)
    return f", e.g. {free}" if free else ""


def _missing_slot_faults(
    vpc: IPv4Network, zones: Sequence[str], explicit: Mapping[str, IPv4Network]
) -> Iterator[Fault]:
    for zone in sorted(set(zones)):
        if zone in explicit or slot_of(vpc, zone) is not None:
            continue
        if slot_prefix(vpc) not in catalog.VSWITCH_PREFIXES:
            problem = f"too small for an automatic vSwitch in {zone}"
            advice = f"Use /25 or larger, or write the block under `vswitches.{zone}`."
            yield Fault("cidr", problem, advice, str(vpc))
        else:
            problem = f"no automatic block: only the first {SLOTS} letters have one"
            yield Fault("zones", problem, f"Write the block under `vswitches.{zone}`.", zone)


def _overlap_faults(blocks: Mapping[str, IPv4Network], vpc: IPv4Network | None) -> Iterator[Fault]:
    for zone, other in combinations(sorted(blocks), 2):
        block = blocks[zone]
        if block.overlaps(blocks[other]):
            free = _example(vpc, list(blocks.values()), block.prefixlen)
            problem = f"overlaps {blocks[other]} of {other}"
            advice = f"Use a free block for one of the two{free}."
            yield Fault(f"vswitches.{zone}", problem, advice, str(block))


def _ingress_faults(network: NetworkSettings) -> Iterator[Fault]:
    ingress = network.ingress
    for number, cidr in enumerate(ingress.from_cidrs):
        yield from _source_faults(f"ingress.from_cidrs.{number}", cidr)
    if not (ingress.from_vpc or ingress.from_cidrs or ingress.from_security_group_ids):
        advice = "Remove `from_vpc: false`, or write `from_cidrs` or `from_security_group_ids`."
        yield Fault("ingress", "no client is allowed", advice)


def _source_faults(where: str, cidr: IPv4Network) -> Iterator[Fault]:
    """Find faults in a range of clients: public, or every address."""
    if cidr.prefixlen == 0:
        advice = "List the ranges of your clients, e.g. 10.99.0.0/24."
        yield Fault(where, "opens the endpoint to every address", advice, str(cidr))
    elif not catalog.is_private(cidr):
        advice = f"Clients of a private endpoint are in {_private_ranges()}: use a block of these."
        yield Fault(where, "not a private range", advice, str(cidr))


def _private_ranges() -> str:
    return ", ".join(str(private) for private in catalog.PRIVATE_RANGES)
