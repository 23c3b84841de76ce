"""Checks of private names: zone, record, every VPC that resolves it, and zones that shadow it.

Of the zones that are attached to a VPC, the one with the longest name that covers a host answers
for it, also with nothing (PrivateZone, "What is PrivateZone", read 2026-11); a zone whose proxy
pattern is RECORD asks outside for names that it lacks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dashlink.check.findings import Finding, Findings
from dashlink.check.stack import REPAIR, DeployedStack
from dashlink.endpoint.catalog import resolve_endpoint
from dashlink.gateway.domain import zone_name

if TYPE_CHECKING:
    from dashlink.clients.outputs import EndpointOutputs
    from dashlink.endpoint.settings import EndpointSettings
    from dashlink.gateway.domain import DomainSettings

ZONE, RECORD = "private zone", "record"
_ENABLED = "ENABLE"
_ASKS_OUTSIDE = "RECORD"

Vpcs = Mapping[str, str]
"""Region by VPC."""
Zone = Mapping[str, Any]


@dataclass(frozen=True)
class PrivateName:
    """A name that clients dial.

    Attributes:
        host: The name; of a wildcard domain ``*.`` and the rest.
        zone: Name of the private zone that the stack has for it; None where it has none.
        leads_to: Where a record of the name may lead: a name (CNAME), or addresses (A).
        vpcs: The VPCs in which the stack's zone resolves it, or else those whose clients dial it.
        elsewhere: Further VPCs whose clients dial it, in which something else resolves it.
    """

    host: str
    zone: str | None
    leads_to: frozenset[str]
    vpcs: Vpcs
    elsewhere: Vpcs = field(default_factory=dict)

    @property
    def label(self) -> str:
        """The host record in the zone of the stack."""
        return "*" if self.host.startswith("*.") else "@"

    @property
    def targets(self) -> list[str]:
        """The names among `leads_to`, which a VPC must resolve too."""
        return sorted(one for one in self.leads_to if not one.replace(".", "").isdigit())


def endpoint_name(
    stack: DeployedStack, settings: EndpointSettings, outputs: EndpointOutputs
) -> PrivateName:
    """Return the name of an endpoint, with all VPCs that resolve it."""
    resolved = resolve_endpoint(settings, stack.region)
    leads_to = set(outputs.addresses)
    for in_zone in outputs.zones.values():
        leads_to.add(in_zone.address)
    vpcs = {stack.outputs.vpc_id: stack.region}
    elsewhere: dict[str, str] = {}
    if settings.workspace is not None:
        vpcs, elsewhere = elsewhere, vpcs  # the platform resolves the host there
    zone = None
    for attached in resolved.attach_to:
        if isinstance(attached.vpc_id, str):
            vpcs[attached.vpc_id] = attached.region
    if resolved.mode == "private-zone":
        zone = resolved.private_domain
        vpcs.update(_connected(stack))
    elif settings.workspace is not None and settings.workspace.addresses:
        vpcs.update(_connected(stack))
        if vpcs:
            zone = outputs.host
    if outputs.endpoint_domain is not None and outputs.endpoint_domain != outputs.host:
        leads_to.add(outputs.endpoint_domain.lower())
    return PrivateName(outputs.host, zone, frozenset(leads_to), vpcs, elsewhere)


def domain_name(stack: DeployedStack, name: str, settings: DomainSettings) -> PrivateName:
    """Return the name of a domain of Model APIs, with all VPCs that resolve it."""
    leads_to: set[str] = set()
    if stack.outputs.gateway is not None:
        leads_to.update(map(str.lower, stack.outputs.gateway.addresses[:1]))
    vpcs = {stack.outputs.vpc_id: stack.region, **_connected(stack)}
    for vpc_id in settings.attach_to:
        if isinstance(vpc_id, str):
            vpcs[vpc_id] = stack.region
    return PrivateName(name, zone_name(name), frozenset(leads_to), vpcs)


def _connected(stack: DeployedStack) -> dict[str, str]:
    vpcs = {}
    for connected in stack.outputs.connected_vpcs.values():
        if connected.acceptance == "none":  # else its owner has a private zone there
            vpcs[connected.vpc_id] = connected.region
    return vpcs


def check_name(stack: DeployedStack, subject: str, name: PrivateName) -> list[Finding]:
    """Check a private name; one without a zone of the stack only for zones that shadow it."""
    found = Findings(subject)
    own = ""
    if name.zone is not None:
        attached = [_attached_check(vpc_id) for vpc_id in name.vpcs]
        with found.reading(ZONE, RECORD, *attached):
            own = _check_zone(found, stack, name)
    dialled_in = {**name.vpcs, **name.elsewhere}
    for vpc_id, region in dialled_in.items():
        check = f"names in {vpc_id}"
        with found.reading(check):
            _check_shadows(found, stack, name, check, vpc_id, region, own)
    return found.rows


def _check_zone(found: Findings, stack: DeployedStack, name: PrivateName) -> str:
    """Check the zone, its record and its VPCs; return the zone's id, empty without one."""
    zone = _own_zone(stack, name)
    if zone is None:
        problem = f"there is no private zone {name.zone}"
        found.failed(ZONE, problem, "`pulumi up --refresh` creates it again.")
        found.not_checked(RECORD, problem)
        for vpc_id in name.vpcs:
            found.not_checked(_attached_check(vpc_id), problem)
        return ""
    zone_id = str(zone["ZoneId"])
    found.ok(ZONE, f"{name.zone} ({zone_id})")
    leads_to = _values(stack.reader.records(zone_id), name.label)
    problem = ""
    if not leads_to:
        problem = f"{name.zone} has no enabled record {name.label}"
    elif not leads_to <= name.leads_to:
        expected = " or ".join(sorted(name.leads_to))
        problem = f"{name.label} leads to {', '.join(sorted(leads_to))}, not to {expected}"
    found.judge(RECORD, problem, f"{name.label} leads to {', '.join(sorted(leads_to))}", REPAIR)
    for vpc_id, region in name.vpcs.items():
        here = stack.reader.zones_of(vpc_id, region)
        problem = ""
        if zone_id not in _ids(here):
            problem = f"{name.zone} ({zone_id}) is not attached to {vpc_id}"
            others = [str(row["ZoneId"]) for row in here if row["ZoneName"] == name.zone]
            if others:
                problem += f", which has another zone of this name ({', '.join(others)})"
        advice = f"Attach it, and detach another zone of its name. {REPAIR}"
        found.judge(_attached_check(vpc_id), problem, "attached", advice)
    return zone_id


def _attached_check(vpc_id: str) -> str:
    return f"zone in {vpc_id}"


def _own_zone(stack: DeployedStack, name: PrivateName) -> Zone | None:
    """Return the stack's zone of a name: by its tags and its VPCs, or by one of the two.

    Stacks of the same name in other projects have the same tag.
    """
    attached: set[str] = set()
    for vpc_id, region in name.vpcs.items():
        attached.update(_ids(stack.reader.zones_of(vpc_id, region)))

    def signs(zone: Zone) -> tuple[int, bool]:
        is_tagged = _tags(zone).get("dashlink-stack") == stack.outputs.stack
        is_attached = str(zone["ZoneId"]) in attached
        return is_tagged + is_attached, is_tagged

    return max(stack.reader.zones_named(str(name.zone)), key=signs, default=None)


def _ids(zones: Sequence[Zone]) -> set[str]:
    return {str(zone["ZoneId"]) for zone in zones}


def _tags(zone: Zone) -> dict[str, str]:
    tags = {}
    for row in (zone.get("ResourceTags") or {}).get("ResourceTag") or ():
        tags[str(row.get("Key"))] = str(row.get("Value"))
    return tags


def _check_shadows(
    found: Findings,
    stack: DeployedStack,
    name: PrivateName,
    check: str,
    vpc_id: str,
    region: str,
    own: str,
) -> None:
    """Check that no other zone of a VPC answers for the host, or for where its record leads."""
    zones = stack.reader.zones_of(vpc_id, region)
    problems = []
    for host in (name.host, *name.targets):
        zone = _in_force(zones, host)
        if zone is None or zone["ZoneId"] == own or zone["ZoneName"] == name.zone:
            continue  # a zone of the same name is a fault of the attachment
        problem = _shadow(stack, name, host, zone)
        if problem:
            problems.append(problem)
    for zone in zones:
        below = f"{zone['ZoneName']}".endswith(f".{name.host.removeprefix('*.')}")
        if name.label == "*" and below:
            problems.append(f"{zone['ZoneName']} ({zone['ZoneId']}) answers for a name below")
    advice = "Detach that zone from the VPC, or give it a record that leads to the same place."
    found.judge(check, "; ".join(problems), "no other zone answers for it", advice)


def _in_force(zones: Sequence[Zone], host: str) -> Zone | None:
    """Return the zone that answers for a host: of those that cover it, the longest name."""
    covering = [zone for zone in zones if f".{host}".endswith(f".{zone['ZoneName']}")]
    return max(covering, key=lambda zone: len(str(zone["ZoneName"])), default=None)


def _shadow(stack: DeployedStack, name: PrivateName, host: str, zone: Zone) -> str:
    """Return how a zone leads a host elsewhere; empty if it leads to the right place."""
    zone_id, title = str(zone["ZoneId"]), f"the zone {zone['ZoneName']} ({zone['ZoneId']})"
    label = host.removesuffix(str(zone["ZoneName"])).rstrip(".") or "@"
    records = stack.reader.records(zone_id)
    leads_to = _values(records, label)
    if not leads_to and label != "@":
        leads_to = _values(records, "*")
    if not leads_to:
        if zone.get("ProxyPattern") == _ASKS_OUTSIDE:
            return ""
        return f"{title} answers for {host} and has no record of it"
    if leads_to <= name.leads_to or not name.leads_to:  # the addresses may be unknown
        return ""
    return f"{title} leads {host} to {', '.join(sorted(leads_to))}"


def _values(records: Sequence[Zone], label: str) -> set[str]:
    """Return where the enabled A and CNAME records of a host label lead."""
    return set(_enabled(records, label))


def _enabled(records: Sequence[Zone], label: str) -> Iterator[str]:
    for record in records:
        is_address = record.get("Type") in ("A", "CNAME")
        if is_address and record.get("Rr") == label and record.get("Status") == _ENABLED:
            yield str(record.get("Value")).rstrip(".").lower()
