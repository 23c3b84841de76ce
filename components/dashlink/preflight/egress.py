"""Checks of the way out: the NAT gateway and EIP that the settings name, and what they have."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor, Future
from dataclasses import dataclass

from dashlink.errors import Fault
from dashlink.naming import has_tags_of
from dashlink.network.egress import EgressSettings
from dashlink.preflight.cloud import CloudLookups
from dashlink.preflight.lookups import ExistingEip, ExistingNatGateway, ExistingSnatEntry
from dashlink.settings import StackSettings

_CHECK_ID = "Check the id, the region and the account."
_INTERNET = "internet"


@dataclass(frozen=True)
class EgressAnswers:
    """What the checks of the way out need of the cloud.

    Attributes:
        gateway: The existing NAT gateway with its SNAT entries; None where none is named.
        eip: The existing EIP, and the NAT gateway that has it; None where none is named.
        others: The NAT gateways of the existing VPC that gets a new one; None for a new VPC.
    """

    gateway: Future[tuple[ExistingNatGateway, tuple[ExistingSnatEntry, ...]] | None] | None
    eip: Future[tuple[ExistingEip, ExistingNatGateway | None] | None] | None
    others: Future[tuple[ExistingNatGateway, ...]] | None


def egress_answers(
    settings: StackSettings, cloud: CloudLookups, pool: Executor
) -> EgressAnswers | None:
    """Submit the requests to ``pool``; ids that are unknown until the deployment have none."""
    network = settings.network
    egress = network.egress
    if egress is None:
        return None
    gateway = eip = others = None
    if isinstance(egress.nat_gateway_id, str):
        gateway = pool.submit(_gateway_with_entries, cloud, egress.nat_gateway_id)
    if isinstance(egress.eip_id, str):
        eip = pool.submit(_eip_with_gateway, cloud, egress.eip_id)
    if egress.nat_gateway_id is None and isinstance(network.vpc_id, str):
        others = pool.submit(cloud.nat_gateways, network.vpc_id)
    return EgressAnswers(gateway, eip, others)


def egress_faults(
    settings: StackSettings, answers: EgressAnswers | None, region: str, owner: str
) -> Iterator[Fault]:
    """Yield the faults of what the settings name.

    Args:
        settings: Validated settings of the stack.
        answers: What the cloud has; None without a way out.
        region: Region of the stack.
        owner: `<project>-<stack>`, by which the stack's own resources are recognized.
    """
    egress = settings.network.egress
    if egress is None or answers is None:
        return
    if answers.gateway is not None:
        found = answers.gateway.result()
        if found is None:
            problem = f"no such NAT gateway in {region} for this account"
            where = "network.egress.nat_gateway_id"
            yield Fault(where, problem, _CHECK_ID, str(egress.nat_gateway_id))
        else:
            yield from _gateway_faults(settings, egress, found[0])
            yield from _entry_faults(settings, egress, *found, owner)
    if answers.eip is not None:
        yield from _eip_faults(egress, answers.eip.result(), region, owner)


def egress_warnings(answers: EgressAnswers | None, owner: str) -> Iterator[Fault]:
    """Yield a warning for a new NAT gateway beside another one of the VPC."""
    if answers is None or answers.others is None or not owner:
        return
    for gateway in answers.others.result():
        if gateway.network_type == _INTERNET and not has_tags_of(owner, gateway.tags):
            problem = (
                f"the VPC has a NAT gateway already ({gateway.nat_gateway_id}), whose route "
                "0.0.0.0/0 may stay: then the new one gets no packets"
            )
            advice = f"Write `nat_gateway_id: {gateway.nat_gateway_id}` to use it."
            yield Fault("network.egress", problem, advice)


def _gateway_with_entries(
    cloud: CloudLookups, gateway_id: str
) -> tuple[ExistingNatGateway, tuple[ExistingSnatEntry, ...]] | None:
    gateway = cloud.nat_gateway(gateway_id)
    return None if gateway is None else (gateway, cloud.snat_entries(gateway_id))


def _eip_with_gateway(
    cloud: CloudLookups, eip_id: str
) -> tuple[ExistingEip, ExistingNatGateway | None] | None:
    eip = cloud.eip(eip_id)
    if eip is None:
        return None
    if eip.instance_id.startswith("ngw-"):
        return eip, cloud.nat_gateway(eip.instance_id)
    return eip, None


def _gateway_faults(
    settings: StackSettings, egress: EgressSettings, gateway: ExistingNatGateway
) -> Iterator[Fault]:
    where = "network.egress.nat_gateway_id"
    vpc_id = settings.network.vpc_id
    if isinstance(vpc_id, str) and gateway.vpc_id != vpc_id:
        advice = f"Use a NAT gateway of {vpc_id}."
        yield Fault(where, f"in VPC {gateway.vpc_id}", advice, gateway.nat_gateway_id)
    if gateway.network_type != _INTERNET:
        problem = f"of the type {gateway.network_type}, which has no EIP"
        yield Fault(where, problem, "Use an internet NAT gateway.", gateway.nat_gateway_id)
    table_id = egress.snat_table_id
    if isinstance(table_id, str) and table_id not in gateway.snat_table_ids:
        advice = f"Remove it, or write {' or '.join(gateway.snat_table_ids)}."
        problem = f"no SNAT table of {gateway.nat_gateway_id}"
        yield Fault("network.egress.snat_table_id", problem, advice, table_id)
    for number, address in enumerate(egress.addresses):
        if str(address) not in gateway.addresses:
            has = ", ".join(gateway.addresses) or "none"
            problem = f"no EIP of {gateway.nat_gateway_id}"
            advice = f"Write those that it has ({has}), or `eip_id`."
            yield Fault(f"network.egress.addresses.{number}", problem, advice, str(address))


def _entry_faults(
    settings: StackSettings,
    egress: EgressSettings,
    gateway: ExistingNatGateway,
    entries: tuple[ExistingSnatEntry, ...],
    owner: str,
) -> Iterator[Fault]:
    """Yield a fault for a vSwitch that has an SNAT entry: the cloud refuses a second one."""
    if not egress.creates_entries or not owner:
        return
    zones = {}
    for zone, vswitch_id in settings.network.vswitch_ids.items():
        if isinstance(vswitch_id, str):
            zones[vswitch_id] = zone
    for entry in entries:
        if entry.vswitch_id in zones and not entry.name.startswith(f"{owner}-"):
            problem = f"{gateway.nat_gateway_id} has an SNAT entry for it already"
            advice = "Write `egress.addresses` without `snat_table_id`, or remove the entry."
            where = f"network.vswitch_ids.{zones[entry.vswitch_id]}"
            yield Fault(where, f"{problem} ({entry.entry_id})", advice, entry.vswitch_id)


def _eip_faults(
    egress: EgressSettings,
    found: tuple[ExistingEip, ExistingNatGateway | None] | None,
    region: str,
    owner: str,
) -> Iterator[Fault]:
    where = "network.egress.eip_id"
    if found is None:
        problem = f"no such EIP in {region} for this account"
        yield Fault(where, problem, _CHECK_ID, str(egress.eip_id))
        return
    eip, gateway = found
    has_own = gateway is not None and has_tags_of(owner, gateway.tags)
    if eip.instance_id in ("", egress.nat_gateway_id) or has_own or not owner:
        return
    problem = f"associated with {eip.instance_id} already"
    yield Fault(where, problem, "Disassociate it, or use another EIP.", eip.eip_id)
