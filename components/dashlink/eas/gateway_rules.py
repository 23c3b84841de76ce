"""Rules of dedicated gateways: what is refused, in files and programs alike; and warnings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dashlink.eas.gateway_catalog import ACL_ADVICE
from dashlink.eas.gateway_plan import is_gateway_id
from dashlink.eas.gateway_settings import EasAclEntry, EasGatewaySettings, EasLinkSettings
from dashlink.eas.settings import EasServiceSettings
from dashlink.errors import Fault, shown
from dashlink.naming import ENTRY_NAME
from dashlink.network.settings import NetworkSettings
from dashlink.validation import suggestion_for

_PRIVATE_ADVICE = "Remove it, or write `private_only: false`."


@dataclass(frozen=True)
class GatewayContext:
    """What the rules need of the rest of a stack.

    Attributes:
        private_only: Whether the stack refuses what is on the internet.
        zones: Zones of the stack's network; None where they are unknown.
        vpc_id: The stack's own VPC, if it exists.
    """

    private_only: bool = False
    zones: Collection[str] | None = None
    vpc_id: Any = None


def find_faults_of_stack(
    gateways: Mapping[str, EasGatewaySettings | None],
    services: Mapping[str, EasServiceSettings],
    network: NetworkSettings | None,
    *,
    private_only: bool,
) -> Iterator[Fault]:
    """Yield every fault of a stack's gateways, and of services that name one.

    Args:
        gateways: The section ``eas_gateways``; None for a gateway that is invalid in itself.
        services: The section ``eas_services``.
        network: The network of the stack; None if it is invalid.
        private_only: Whether the stack refuses what is on the internet.
    """
    context = GatewayContext(private_only=private_only)
    if network is not None:
        context = GatewayContext(private_only, network.zones, network.vpc_id)
    valid = {key: gateway for key, gateway in gateways.items() if gateway is not None}
    yield from find_faults(valid, context)
    yield from find_reference_faults(services, gateways)


def find_faults(
    gateways: Mapping[str, EasGatewaySettings], context: GatewayContext
) -> Iterator[Fault]:
    """Yield every fault of the section ``eas_gateways``."""
    for key, settings in gateways.items():
        where = f"eas_gateways.{key}"
        if not ENTRY_NAME.matches(key):
            yield Fault(where, "not a valid name", ENTRY_NAME.advice, shown(key))
        elif is_gateway_id(key):
            advice = "Use another name, without `gw-`."
            yield Fault(where, "a name that reads as the id of a gateway", advice, shown(key))
        if settings.id is not None:
            for name in sorted(settings.model_fields_set - {"id"}):
                problem = "not used with `id`: an existing gateway is never changed"
                yield Fault(f"{where}.{name}", problem, "Remove it.")
            continue
        yield from _internet_faults(where, settings, context)
        yield from _link_faults(where, settings, context)
        yield from _list_faults(f"{where}.internet_acl", settings.internet_acl)
    yield from _shared_faults(gateways)


def find_reference_faults(
    services: Mapping[str, EasServiceSettings], gateways: Collection[str]
) -> Iterator[Fault]:
    """Yield a fault for each service that names a gateway which the settings do not have.

    Args:
        services: The section ``eas_services``.
        gateways: Names in the section ``eas_gateways``, also of invalid ones.
    """
    for key, service in services.items():
        gateway = service.deploy.gateway if service.deploy is not None else None
        if gateway is None or gateway in gateways or is_gateway_id(gateway):
            continue
        advice = "Write the id of a gateway (gw-…), or a name in eas_gateways."
        if gateways:
            advice = suggestion_for(gateway, sorted(gateways))
        where = f"eas_services.{key}.deploy.gateway"
        yield Fault(where, "no such gateway in eas_gateways", advice, shown(gateway))


def find_warnings(
    gateways: Mapping[str, EasGatewaySettings], *, protected: bool
) -> Iterator[Fault]:
    """Yield what is accepted, and probably a mistake."""
    for key, settings in gateways.items():
        where = f"eas_gateways.{key}"
        if settings.id is not None:
            continue
        if settings.internet and settings.internet_acl is None:
            problem = "on the internet without an access list of the stack"
            yield Fault(f"{where}.internet", problem, ACL_ADVICE)
        if not settings.internet and not settings.links:
            advice = "Write `links`, or `internet: true`."
            yield Fault(f"{where}.links", "a gateway that is reached from nowhere", advice)
        if protected and settings.replicas == 1:
            advice = "Write `replicas: 2` or more."
            yield Fault(f"{where}.replicas", "one node in a protected stack", advice, "1")
        if settings.default:
            problem = "services of the whole account that name no gateway are deployed to it"
            yield Fault(f"{where}.default", problem, "Remove it unless that is intended.", "true")


def _internet_faults(
    where: str, settings: EasGatewaySettings, context: GatewayContext
) -> Iterator[Fault]:
    if context.private_only and settings.internet:
        problem = "a gateway on the internet in a stack with `private_only`"
        yield Fault(f"{where}.internet", problem, _PRIVATE_ADVICE, "true")
    if settings.internet_acl is not None and not settings.internet:
        problem = "an access list of the internet for a gateway that is not on it"
        yield Fault(f"{where}.internet_acl", problem, "Remove it, or write `internet: true`.")
    for number, domain in enumerate(settings.domains):
        place = f"{where}.domains.{number}.access"
        if domain.access == "internet" and not settings.internet:
            advice = "Write `access: vpc`, or `internet: true`."
            yield Fault(place, "a domain on the internet for a gateway that is not", advice)
        if domain.access == "vpc" and not settings.intranet:
            advice = "Write `access: internet`, or remove `intranet: false`."
            yield Fault(place, "a domain within VPCs for a gateway without", advice)


def _link_faults(
    where: str, settings: EasGatewaySettings, context: GatewayContext
) -> Iterator[Fault]:
    if settings.links and not settings.intranet:
        advice = "Write `links: []`, or remove `intranet: false`."
        yield Fault(f"{where}.links", "links of a gateway without `intranet`", advice)
    seen: set[str] = set()
    for number, link in enumerate(settings.links):
        place = f"{where}.links.{number}"
        yield from _one_link_faults(place, link, context)
        vpc_id = "the stack's own VPC" if link.vpc_id is None else str(link.vpc_id)
        if vpc_id in seen:
            advice = "Write one link for each VPC."
            yield Fault(place, f"{vpc_id} is linked twice", advice)
        seen.add(vpc_id)


def _one_link_faults(place: str, link: EasLinkSettings, context: GatewayContext) -> Iterator[Fault]:
    if link.vpc_id is None:
        for name in ("vswitch_id", "account_id"):
            if getattr(link, name) is not None:
                yield Fault(f"{place}.{name}", "only used with `vpc_id`", "Remove it.")
        if link.zone is not None and context.zones is not None and link.zone not in context.zones:
            advice = f"Use one of {', '.join(sorted(context.zones))}."
            yield Fault(f"{place}.zone", "not a zone of the network", advice, link.zone)
    else:
        if link.vswitch_id is None:
            advice = "Write a vSwitch of that VPC."
            yield Fault(f"{place}.vswitch_id", "missing", advice, code="missing")
        if link.zone is not None:
            advice = "Remove it: the vSwitch has a zone."
            yield Fault(f"{place}.zone", "only used for the stack's own VPC", advice, link.zone)
        if isinstance(link.vpc_id, str) and link.vpc_id == context.vpc_id:
            advice = "Remove vpc_id and vswitch_id; write `zone` for a zone of the network."
            yield Fault(f"{place}.vpc_id", "the stack's own VPC", advice, link.vpc_id)
    for peer in _repeated(str(peer.vpc_id) for peer in link.peers):
        yield Fault(f"{place}.peers", f"{peer} is there twice", "Remove one.")
    if link.vpc_id is not None and any(peer.vpc_id == link.vpc_id for peer in link.peers):
        yield Fault(f"{place}.peers", "the linked VPC itself", "Remove it.", str(link.vpc_id))
    yield from _list_faults(f"{place}.acl", link.acl)


def _list_faults(where: str, acl: Sequence[EasAclEntry] | None) -> Iterator[Fault]:
    for cidr in _repeated(str(entry.cidr) for entry in acl or ()):
        yield Fault(where, f"{cidr} is there twice", "Remove one.")


def _shared_faults(gateways: Mapping[str, EasGatewaySettings]) -> Iterator[Fault]:
    """Find two gateways of one id or name, two defaults, and a domain on two gateways."""
    owners: dict[tuple[str, str], str] = {}
    for key, settings in gateways.items():
        values = [("id", settings.id or ""), ("name", settings.name or "")]
        values.append(("default", "true" if settings.default else ""))
        values += [("domains", domain.domain) for domain in settings.domains]
        for name, value in values:
            owner = owners.setdefault((name, value), key)
            if value and owner != key:
                problem = f"eas_gateways.{owner} has this value already"
                yield Fault(f"eas_gateways.{key}.{name}", problem, "Write another one.", value)
        for domain in _repeated(domain.domain for domain in settings.domains):
            where = f"eas_gateways.{key}.domains"
            yield Fault(where, f"{domain} is there twice", "Remove one.")


def _repeated(values: Iterable[str]) -> list[str]:
    """Return the values that occur more than once."""
    return [value for value, count in Counter(values).items() if count > 1]
