"""The rules of connected VPCs: their blocks, zones, regions, and what each way needs."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from ipaddress import IPv4Network

from dashlink.errors import Fault, shown
from dashlink.naming import ENTRY_NAME
from dashlink.network import catalog
from dashlink.network.connected import NETWORK, CenSettings, ConnectedVpcSettings
from dashlink.network.layout import lay_out
from dashlink.network.settings import NetworkSettings
from dashlink.types import is_region, zone_in_region

_CEN, _PEERING = "cen", "peering"


def find_faults(network: NetworkSettings, region: str) -> Iterator[Fault]:
    """Find every fault of the connected VPCs; paths start inside the network.

    Args:
        network: The network.
        region: Region of the stack.
    """
    blocks = _own_blocks(network)
    seen: dict[str, str] = {}
    attached = network.cen.attachment_ids if network.cen is not None else {}
    for name, connected in network.connected_vpcs.items():
        where = f"connected_vpcs.{name}"
        if not ENTRY_NAME.matches(name):
            yield Fault(where, "not a valid name", ENTRY_NAME.advice, shown(name))
        yield from _identity_faults(where, connected, network, seen)
        yield from _block_faults(where, connected.cidr, blocks)
        yield from _region_faults(where, connected, region)
        if connected.vpc_id is None:
            yield from _new_vpc_faults(where, connected)
        elif connected.zones:
            advice = "Remove it, or remove `vpc_id` for a new VPC."
            yield Fault(f"{where}.zones", "zones of a new VPC beside an existing one", advice)
        yield from _way_faults(where, connected, is_attached=name in attached)
        yield from _account_faults(where, connected)
        blocks[name] = connected.cidr
        if isinstance(connected.vpc_id, str):
            seen[connected.vpc_id] = name
    yield from _bandwidth_faults(network, region)
    yield from _cen_faults(network, region)


def _own_blocks(network: NetworkSettings) -> dict[str, IPv4Network]:
    """Return the known blocks of the network by what has them; an existing VPC's is unknown."""
    if network.cidr is not None:
        return {"the network": network.cidr}
    blocks = {}
    for zone, block in network.vswitches.items():
        blocks[f"the vSwitch of {zone}"] = block
    return blocks


def _identity_faults(
    where: str, connected: ConnectedVpcSettings, network: NetworkSettings, seen: Mapping[str, str]
) -> Iterator[Fault]:
    vpc_id = connected.vpc_id
    if not isinstance(vpc_id, str):
        return
    if vpc_id == network.vpc_id:
        problem = "the VPC of the network itself"
        yield Fault(f"{where}.vpc_id", problem, "Remove it: its clients connect already.", vpc_id)
    elif vpc_id in seen:
        problem = f"the connected VPC {seen[vpc_id]} is the same"
        yield Fault(f"{where}.vpc_id", problem, "Remove one of the two.", vpc_id)


def _block_faults(
    where: str, cidr: IPv4Network, blocks: Mapping[str, IPv4Network]
) -> Iterator[Fault]:
    if not catalog.is_private(cidr):
        ranges = ", ".join(str(private) for private in catalog.PRIVATE_RANGES)
        advice = f"Write a block of the VPC, in {ranges}."
        yield Fault(f"{where}.cidr", "not a private range", advice, str(cidr))
    for owner, block in blocks.items():
        if block.overlaps(cidr):
            problem = f"overlaps {block} of {owner}: packets have two ways"
            advice = "Connect VPCs whose blocks differ, or write the block of its clients alone."
            yield Fault(f"{where}.cidr", problem, advice, str(cidr))
            return


def _region_faults(where: str, connected: ConnectedVpcSettings, region: str) -> Iterator[Fault]:
    other = connected.region
    if is_region(region) and catalog.is_mainland(other) != catalog.is_mainland(region):
        # Model Studio, "Access the Model Studio API privately through an endpoint" (2025-11-04):
        # an application, which takes 1 to 2 working days, and bandwidth of its own.
        problem = f"across the border of mainland China from {region}"
        advice = "Connect it by hand after an application to Alibaba Cloud, or use a region here."
        yield Fault(f"{where}.region", problem, advice, other)
    advice = f"Write zones of {other}, or another `region`."
    for zone in connected.vswitch_ids:
        if not zone_in_region(zone, other):
            yield Fault(f"{where}.vswitch_ids.{zone}", f"not a zone of {other}", advice)
    for zone in connected.zones:
        if not zone_in_region(zone, other):
            yield Fault(f"{where}.zones", f"not a zone of {other}", advice, zone)


def _new_vpc_faults(where: str, connected: ConnectedVpcSettings) -> Iterator[Fault]:
    zones, cidr = connected.zones, connected.cidr
    if not zones:
        problem = "neither an existing VPC nor the zones of a new one"
        yield Fault(f"{where}.vpc_id", problem, "Write `vpc_id` or `zones`.")
        return
    if connected.vswitch_ids:
        problem = "existing vSwitches without the VPC that they are in"
        yield Fault(f"{where}.vswitch_ids", problem, "Write its `vpc_id`, without `zones`.")
    for zone in sorted(set(zones)):
        if zones.count(zone) > 1:
            yield Fault(f"{where}.zones", "a zone is listed twice", "List each zone once.", zone)
    if cidr.prefixlen not in catalog.VPC_PREFIXES or len(lay_out(cidr, zones, {})) < len(
        set(zones)
    ):
        problem = "invalid size for a new VPC with a vSwitch in each zone"
        yield Fault(f"{where}.cidr", problem, "Use a prefix length of 8 to 25.", str(cidr))


def _account_faults(where: str, connected: ConnectedVpcSettings) -> Iterator[Fault]:
    if connected.is_of_stack:
        return
    acceptance = connected.acceptance
    if connected.over == _CEN:
        problem = "the VPC of another account over CEN, which dashlink does not grant"
        advice = (
            "Write `over: peering`; or attach that VPC to the CEN instance by hand, and list its "
            "range under `ingress.from_cidrs`."
        )
        yield Fault(f"{where}.acceptance", problem, advice, acceptance)
    if connected.vpc_id is None:
        problem = "a new VPC is of the stack's own account"
        yield Fault(f"{where}.acceptance", problem, "Remove it, or write `vpc_id`.", acceptance)


def _way_faults(
    where: str, connected: ConnectedVpcSettings, *, is_attached: bool
) -> Iterator[Fault]:
    zones = len(connected.vswitch_ids)
    if connected.over == _CEN:
        if connected.vpc_id is None:
            zones = len(connected.zones) or 1  # none at all is a fault of its own
        if not (is_attached or 0 < zones <= catalog.MAX_ATTACHED_ZONES):
            problem = f"CEN attaches a VPC in 1 to {catalog.MAX_ATTACHED_ZONES} zones"
            advice = "Write one vSwitch or more by zone; two zones are advised."
            yield Fault(f"{where}.vswitch_ids", problem, advice, str(zones))
        if connected.account_id is not None:
            advice = "Remove it: `peering` alone needs it."
            yield Fault(f"{where}.account_id", "unused over CEN", advice, connected.account_id)
        return
    if zones and connected.vpc_id is not None:
        advice = "Remove it: `cen` alone needs it."
        yield Fault(f"{where}.vswitch_ids", "unused over a peering", advice, str(zones))
    if connected.account_id is None:
        advice = "Write the id of the VPC's account, which the console shows under its name."
        yield Fault(f"{where}.account_id", "missing, but a peering needs it", advice)


def _bandwidth_faults(network: NetworkSettings, region: str) -> Iterator[Fault]:
    """Find bandwidths that no connection of two regions has, or that differ for one."""
    known: dict[str, int] = {}
    for name, connected in network.connected_vpcs.items():
        bandwidth = connected.bandwidth_mbps
        where = f"connected_vpcs.{name}.bandwidth_mbps"
        if bandwidth is None or connected.over == _PEERING:
            continue
        if connected.region == region:
            problem = "there is no bandwidth to set within a region"
            yield Fault(where, problem, "Remove it.", str(bandwidth))
        elif known.setdefault(connected.region, bandwidth) != bandwidth:
            problem = f"{connected.region} has {known[connected.region]} already"
            yield Fault(where, problem, "Write it once for a region.", str(bandwidth))


def _attachment_faults(network: NetworkSettings, cen: CenSettings, region: str) -> Iterator[Fault]:
    """Find existing attachments of VPCs and routers that the settings do not have."""
    regions = {NETWORK: region}
    for name, connected in network.connected_vpcs.items():
        if connected.over == _CEN:
            regions[name] = connected.region
    advice = "Write the router of its region under `transit_router_ids`."
    for name in cen.attachment_ids:
        where = f"cen.attachment_ids.{name}"
        if name not in regions:
            names = ", ".join(sorted(regions))
            yield Fault(where, "not the name of a VPC over CEN", f"Use one of {names}.")
        elif regions[name] not in cen.transit_router_ids:
            yield Fault(where, "an attachment of a new transit router", advice)
        elif name == NETWORK and network.vpc_id is None:
            yield Fault(where, "the network's VPC is new", "Remove it, or write `network.vpc_id`.")
        elif name != NETWORK and network.connected_vpcs[name].vpc_id is None:
            yield Fault(where, "this VPC is new", "Remove it, or write its `vpc_id`.")
    yield from _peer_faults(cen, region, regions.values())


def _peer_faults(cen: CenSettings, region: str, regions: Collection[str]) -> Iterator[Fault]:
    for other in cen.peer_attachment_ids:
        where = f"cen.peer_attachment_ids.{other}"
        if other not in regions or other == region:
            advice_here = "Use the region of a VPC over CEN that is not the stack's."
            yield Fault(where, "no VPC is connected in this region", advice_here)
        elif not {region, other} <= set(cen.transit_router_ids):
            advice_here = "Write the routers of both regions under `transit_router_ids`."
            yield Fault(where, "a connection of a new transit router", advice_here)


def _cen_faults(network: NetworkSettings, region: str) -> Iterator[Fault]:
    cen = network.cen
    if cen is None:
        return
    over_cen = [one for one in network.connected_vpcs.values() if one.over == _CEN]
    if not over_cen:
        advice = "Remove it, or write `connected_vpcs` with `over: cen`."
        yield Fault("cen", "no VPC is connected over CEN", advice)
        return
    if cen.cen_id is None and cen.transit_router_ids:
        advice = "Write the `cen_id` that the routers belong to, or remove them."
        yield Fault("cen.transit_router_ids", "routers of a new CEN instance", advice)
    yield from _attachment_faults(network, cen, region)
    regions = {region, *(one.region for one in over_cen)}
    for other in cen.transit_router_ids:
        if other not in regions:
            advice = f"Remove it, or use {', '.join(sorted(regions))}."
            where = f"cen.transit_router_ids.{other}"
            yield Fault(where, "no VPC is connected in this region", advice)
