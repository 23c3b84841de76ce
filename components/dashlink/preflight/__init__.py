"""The preflight: everything that only the cloud can tell, asked before the first resource is declared.

It reads, never writes; it is called by the program, not hidden in a component. What it finds is told like any other
mistake in the settings: all at once, sorted by path.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network

from dashlink.cloud.credentials import Account
from dashlink.endpoint.catalog import resolve_endpoint
from dashlink.endpoint.settings import EndpointSettings
from dashlink.errors import ConfigError, Fault
from dashlink.network.plan import plan_network, required_rules_missing
from dashlink.network.settings import NetworkSettings
from dashlink.preflight.gateway import find_gateway_faults
from dashlink.preflight.lookups import CloudLookups, ExistingVpc, Lookups, OfferedService
from dashlink.settings import StackSettings

_FEWEST_ZONES = 2  # Model Studio over PrivateLink asks for at least two zones (seed document, 2025)


def preflight(
    settings: StackSettings, account: Account, *, source: str = "", owner: str = ""
) -> None:
    """Hold ``settings`` against the cloud of ``account``.

    Args:
        settings: Checked settings of a stack; ids in them that are unknown until the deployment are passed over.
        account: Whose cloud is asked, in which region.
        source: The file that the settings come from, put in front of each fault.
        owner: `<project>-<stack>`: so the names of the stack's own AI services begin.

    Raises:
        ConfigError: With every fault: a service or zone that is not offered, existing parts that do not fit, names that
            others have.
        CloudError: If the cloud cannot be asked.
    """
    faults = list(find_faults(settings, CloudLookups(account), account.region, owner))
    if faults:
        raise ConfigError(faults, source)


def find_faults(
    settings: StackSettings, cloud: Lookups, region: str, owner: str = ""
) -> Iterator[Fault]:
    """Every fault that ``cloud`` tells of, in no order."""
    for key, endpoint in settings.endpoints.items():
        yield from _endpoint_faults(f"endpoints.{key}", endpoint, settings.network, cloud, region)
    yield from _network_faults(settings.network, cloud, region)
    yield from find_gateway_faults(settings, cloud, region, owner)


def _endpoint_faults(
    where: str, endpoint: EndpointSettings, network: NetworkSettings, cloud: Lookups, region: str
) -> Iterator[Fault]:
    resolved = resolve_endpoint(endpoint, region)
    offered = cloud.endpoint_service(
        name=resolved.service_name,
        service_id=resolved.service_id,
        service_region=endpoint.service_region,
    )
    if offered is None:
        yield _not_offered(where, endpoint, region)
        return
    zones = endpoint.zones or network.zones
    path = f"{where}.zones" if endpoint.zones else "network.zones"
    for zone in zones:
        if zone not in offered.zones:
            yield _zone_not_offered(path, zone, offered)


def _not_offered(where: str, endpoint: EndpointSettings, region: str) -> Fault:
    served_in = endpoint.service_region or region
    if endpoint.service_id is not None:
        advice = (
            "Check the id in the PrivateLink console; a finance or partner service is shown only to accounts on its "
            "allow-list: ask the service's owner (for Model Studio, Alibaba Cloud support) to add yours."
        )
        return Fault(
            f"{where}.service_id",
            f"not offered to this account in {served_in}",
            advice,
            endpoint.service_id,
        )
    advice = "Choose a region that offers it, or reach it from here with `service_region`."
    return Fault(
        f"{where}.service", f"not offered to this account in {served_in}", advice, endpoint.service
    )


def _zone_not_offered(path: str, zone: str, offered: OfferedService) -> Fault:
    name = offered.service_name or offered.service_id
    enough = len(offered.zones) >= _FEWEST_ZONES
    advice = f"It is offered in {', '.join(offered.zones) or 'no zone'}." + (
        " Use two or more of these, or name them in the endpoint's own `zones`." if enough else ""
    )
    return Fault(path, f"{name} is not offered in this zone", advice, zone)


def _network_faults(network: NetworkSettings, cloud: Lookups, region: str) -> Iterator[Fault]:
    if not isinstance(network.vpc_id, str):
        return
    existing = cloud.vpc(network.vpc_id)
    if existing is None:
        yield Fault(
            "network.vpc_id",
            f"no such VPC in {region} for this account",
            "Check the id, the region and the account; or give `cidr` to have a new VPC made.",
            network.vpc_id,
        )
        return
    yield from _vswitch_faults(network, existing, cloud)
    yield from _block_faults(network, existing, cloud)
    yield from _security_group_faults(network, existing, cloud)


def _vswitch_faults(
    network: NetworkSettings, existing: ExistingVpc, cloud: Lookups
) -> Iterator[Fault]:
    for zone, vswitch_id in network.vswitch_ids.items():
        if not isinstance(vswitch_id, str):
            continue
        where = f"network.vswitch_ids.{zone}"
        found = cloud.vswitch(vswitch_id)
        if found is None:
            yield Fault(
                where, "no such vSwitch", "Check the id, the region and the account.", vswitch_id
            )
            continue
        if found.vpc_id != existing.vpc_id:
            yield Fault(
                where, f"in VPC {found.vpc_id}", f"Use a vSwitch of {existing.vpc_id}.", vswitch_id
            )
        if found.zone != zone:
            yield Fault(
                where,
                f"in zone {found.zone}",
                f"Write it under {found.zone}, or use another.",
                vswitch_id,
            )


def _block_faults(
    network: NetworkSettings, existing: ExistingVpc, cloud: Lookups
) -> Iterator[Fault]:
    """New vSwitches in an existing VPC; one that stands there already with this block and zone is ours."""
    if not network.vswitches:
        return
    taken = cloud.vswitches(existing.vpc_id)
    for zone, block in network.vswitches.items():
        where = f"network.vswitches.{zone}"
        if not any(block.subnet_of(cidr) for cidr in existing.cidrs):
            ranges = ", ".join(str(cidr) for cidr in existing.cidrs)
            yield Fault(
                where,
                f"not inside the VPC's {ranges}",
                f"Use a free block of {ranges}.",
                str(block),
            )
        for other in taken:
            if block.overlaps(other.cidr) and (other.cidr, other.zone) != (block, zone):
                yield Fault(
                    where,
                    f"overlaps {other.cidr} of the existing {other.vswitch_id}",
                    _free_block_advice(block, existing, [vswitch.cidr for vswitch in taken]),
                    str(block),
                )


def _free_block_advice(block: IPv4Network, existing: ExistingVpc, taken: list[IPv4Network]) -> str:
    for cidr in existing.cidrs:
        if block.prefixlen < cidr.prefixlen:
            continue
        for candidate in cidr.subnets(new_prefix=block.prefixlen):
            if not any(candidate.overlaps(other) for other in taken):
                return f"Use a free block, e.g. {candidate}."
    return "The VPC has no free block of this size: use a smaller one."


def _security_group_faults(
    network: NetworkSettings, existing: ExistingVpc, cloud: Lookups
) -> Iterator[Fault]:
    group_id = network.security_group_id
    if not isinstance(group_id, str):
        return
    where = "network.security_group_id"
    found = cloud.security_group(group_id)
    if found is None:
        yield Fault(
            where, "no such security group", "Check the id, the region and the account.", group_id
        )
        return
    if found.vpc_id != existing.vpc_id:
        yield Fault(
            where, f"of VPC {found.vpc_id}", f"Use a security group of {existing.vpc_id}.", group_id
        )
    yield from required_rules_missing(found.rules, plan_network(network))
