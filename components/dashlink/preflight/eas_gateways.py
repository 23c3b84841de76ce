"""Checks of dedicated gateways of PAI-EAS: existing ones that fit, names, zones for links.

The zones for links are asked of any gateway of the account in the region: the API has them by
gateway, and says "supported by the region" (SDK model ListGatewayIntranetSupportedZoneResponseBody,
2026-08). Without a gateway the first link checks them, once its gateway runs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import Executor, Future
from dataclasses import dataclass

from dashlink.cloud.openapi import Json
from dashlink.eas.gateway_plan import is_gateway_id, link_zone
from dashlink.eas.gateway_settings import EasLinkSettings
from dashlink.errors import Fault
from dashlink.naming import has_tags_of
from dashlink.preflight.cloud import CloudLookups
from dashlink.settings import StackSettings

_UNUSABLE = ("Stopped", "Failed", "Deleting", "Deleted")


@dataclass(frozen=True)
class EasGatewayAnswers:
    """What the checks need of the cloud.

    Attributes:
        existing: Each existing gateway that the settings name, by its id.
        reached: VPCs in which the name of each of them resolves, by its id; None for everywhere.
        named: The gateways that have the name of a new one, by its key.
        zones: Zones that take links; empty where the account has no gateway to ask.
    """

    existing: Mapping[str, Future[Json | None]]
    reached: Mapping[str, Future[frozenset[str] | None]]
    named: Mapping[str, Future[tuple[Json, ...]]]
    zones: Future[tuple[str, ...]] | None


def eas_gateway_answers(
    settings: StackSettings, cloud: CloudLookups, pool: Executor
) -> EasGatewayAnswers:
    """Submit the requests that the gateways of ``settings`` call for, without waiting."""
    existing = {}
    for gateway_id in {gateway_id for _, gateway_id in _references(settings)}:
        existing[gateway_id] = pool.submit(cloud.eas_gateways.gateway, gateway_id)
    reached = {}
    named = {}
    links = False
    for key, gateway in settings.eas_gateways.items():
        if gateway.id is not None:
            reached[gateway.id] = pool.submit(reached_vpcs, cloud, gateway.id)
            continue
        links = links or bool(gateway.links)
        if gateway.name is not None:
            named[key] = pool.submit(_named, cloud, gateway.name)
    zones = pool.submit(_zones, cloud) if links else None
    return EasGatewayAnswers(existing, reached, named, zones)


def eas_gateway_faults(
    settings: StackSettings,
    answers: EasGatewayAnswers,
    cloud: CloudLookups,
    region: str,
    owner: str,
) -> Iterator[Fault]:
    """Yield the faults of existing gateways, of names of another owner, and of links.

    Args:
        settings: Validated settings of the stack.
        answers: The gateways of the region.
        cloud: Looks up the vSwitches of further VPCs.
        region: Region of the stack.
        owner: `<project>-<stack>`; empty: names of new gateways are not checked.
    """
    for where, gateway_id in _references(settings):
        data = answers.existing[gateway_id].result()
        yield from _existing_faults(where, gateway_id, data, region, settings)
    for key, answer in answers.named.items():
        for row in answer.result():
            labels = {one["LabelKey"]: one.get("LabelValue", "") for one in row.get("Labels") or ()}
            if owner and not has_tags_of(owner, labels):
                problem = f"another owner has the gateway {row.get('GatewayId')} of this name"
                advice = "Write another name, or `id` to use that gateway."
                name = str(settings.eas_gateways[key].name)
                yield Fault(f"eas_gateways.{key}.name", problem, advice, name)
    zones = answers.zones.result() if answers.zones is not None else ()
    for key, gateway in settings.eas_gateways.items():
        for number, link in enumerate(gateway.links if gateway.id is None else ()):
            where = f"eas_gateways.{key}.links.{number}"
            yield from _link_faults(where, link, settings, cloud, zones)


def eas_gateway_warnings(settings: StackSettings, answers: EasGatewayAnswers) -> Iterator[Fault]:
    """Yield a warning for each existing gateway that the stack's own VPC does not reach."""
    own = settings.network.vpc_id
    for key, gateway in settings.eas_gateways.items():
        if gateway.id is None:
            continue
        vpc_ids = answers.reached[gateway.id].result()
        if vpc_ids is not None and own not in vpc_ids:
            problem = "the gateway's name does not resolve in the stack's VPC: no link, no peer"
            advice = "Link that VPC to it in the console, or use a gateway of the stack."
            yield Fault(f"eas_gateways.{key}.id", problem, advice, gateway.id)


def _references(settings: StackSettings) -> Iterator[tuple[str, str]]:
    """Yield path and id of each existing gateway that the settings name, in the stack's region."""
    for key, gateway in settings.eas_gateways.items():
        if gateway.id is not None:
            yield f"eas_gateways.{key}.id", gateway.id
    for key, service in settings.eas_services.items():
        gateway_id = service.deploy.gateway if service.deploy is not None else None
        if gateway_id is not None and is_gateway_id(gateway_id):
            yield f"eas_services.{key}.deploy.gateway", gateway_id


def _existing_faults(
    where: str, gateway_id: str, data: Json | None, region: str, settings: StackSettings
) -> Iterator[Fault]:
    if data is None:
        problem = f"no such EAS gateway in {region} for this account"
        yield Fault(where, problem, "Check the id and the account.", gateway_id)
        return
    if data.get("Status") in _UNUSABLE:
        problem = f"the gateway is {data['Status']}"
        yield Fault(where, problem, "Write the id of one that runs.", gateway_id)
    if settings.private_only and data.get("InternetEnabled"):
        problem = "the gateway is on the internet, in a private stack"
        advice = "Use another one, or write `private_only: false`."
        yield Fault(where, problem, advice, gateway_id)


def _link_faults(
    where: str,
    link: EasLinkSettings,
    settings: StackSettings,
    cloud: CloudLookups,
    zones: tuple[str, ...],
) -> Iterator[Fault]:
    zone = link_zone(link, settings.network.zones)
    place = f"{where}.zone"
    if isinstance(link.vswitch_id, str):
        place = f"{where}.vswitch_id"
        vswitch = cloud.vswitch(link.vswitch_id) if link.account_id is None else None
        if vswitch is None and link.account_id is None:
            yield Fault(place, "no such vSwitch", "Check the id.", link.vswitch_id)
        if vswitch is not None:
            zone = vswitch.zone
            if isinstance(link.vpc_id, str) and vswitch.vpc_id != link.vpc_id:
                problem = f"a vSwitch of {vswitch.vpc_id}, not of {link.vpc_id}"
                yield Fault(place, problem, "Write one of the linked VPC.", link.vswitch_id)
    if zone is not None and zones and zone not in zones:
        advice = f"Use a vSwitch in one of {', '.join(sorted(zones))}."
        yield Fault(place, "a zone that takes no links of EAS gateways", advice, zone)


def reached_vpcs(cloud: CloudLookups, gateway_id: str) -> frozenset[str] | None:
    """Return the VPCs in which a gateway's name resolves; None for everywhere."""
    vpc_ids: set[str] = set()
    for row in cloud.eas_gateways.linked_vpcs(gateway_id):
        if row.get("AuthoritativeDnsEnabled"):
            return None
        vpc_id = str(row.get("VpcId"))
        peers = cloud.eas_gateways.peers(gateway_id, vpc_id)
        vpc_ids.update([vpc_id, *(str(peer.get("VpcId")) for peer in peers)])
    return frozenset(vpc_ids)


def _named(cloud: CloudLookups, name: str) -> tuple[Json, ...]:
    rows = cloud.eas_gateways.gateways(GatewayName=name)
    return tuple(row for row in rows if row.get("GatewayName") == name)


def _zones(cloud: CloudLookups) -> tuple[str, ...]:
    """Return the zones of the region that take links; empty if no gateway can be asked."""
    for row in cloud.eas_gateways.gateways():
        if row.get("Status") == "Running" and row.get("InstanceType"):
            return cloud.eas_gateways.supported_zones(str(row["GatewayId"]))
    return ()
