"""Decisions about a network: which VPC and blocks to create, and which rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

from dashlink.errors import Fault
from dashlink.network.layout import lay_out
from dashlink.network.settings import NetworkSettings
from dashlink.types import SecurityGroupId


@dataclass(frozen=True)
class IngressRule:
    """A rule of a new security group: TCP, one port, one source.

    Attributes:
        key: Stable key for resource names: ``443-from-vpc``, ``443-from-10.99.0.0-24``.
        port: TCP port.
        from_vpc: Whether the source is the range of the VPC.
        source_cidr: Range to allow; None for another kind of source.
        source_security_group_id: Group whose members to allow; None for another kind of source.
    """

    key: str
    port: int
    from_vpc: bool = False
    source_cidr: IPv4Network | None = None
    source_security_group_id: SecurityGroupId | None = None


@dataclass(frozen=True)
class NetworkPlan:
    """The resources of a network.

    Attributes:
        zones: All zones, in alphabetical order.
        vpc_cidr: Block of a new VPC; None for an existing one.
        blocks: Block of each new vSwitch, by zone.
        ports: TCP ports that clients need.
        ingress: Rules of a new security group; empty for an existing one.
    """

    zones: tuple[str, ...]
    vpc_cidr: IPv4Network | None
    blocks: Mapping[str, IPv4Network]
    ports: tuple[int, ...]
    ingress: tuple[IngressRule, ...]


def plan_network(settings: NetworkSettings) -> NetworkPlan:
    """Decide the resources of a network from valid settings."""
    blocks: dict[str, IPv4Network] = {}
    for zone, block in sorted(blocks_of(settings).items()):
        if zone not in settings.vswitch_ids:
            blocks[zone] = block
    return NetworkPlan(
        zones=tuple(sorted(settings.zones)),
        vpc_cidr=settings.cidr,
        blocks=blocks,
        ports=settings.ingress.ports,
        ingress=tuple(_rules(settings)),
    )


def blocks_of(network: NetworkSettings) -> Mapping[str, IPv4Network]:
    """Return the block of each zone whose block is known, explicit or automatic."""
    if network.cidr is None:
        return dict(network.vswitches)
    return lay_out(network.cidr, network.zones, network.vswitches)


def _rules(settings: NetworkSettings) -> Iterator[IngressRule]:
    if settings.security_group_id is not None:
        return
    ingress = settings.ingress
    for port in ingress.ports:
        if ingress.from_vpc:
            yield IngressRule(key=f"{port}-from-vpc", port=port, from_vpc=True)
        for cidr in sorted(set(ingress.from_cidrs)):
            if ingress.from_vpc and cidr == settings.cidr:
                continue  # the range of the VPC has its rule already
            key = f"{port}-from-{cidr.network_address}-{cidr.prefixlen}"
            yield IngressRule(key=key, port=port, source_cidr=cidr)
        for number, group in enumerate(_distinct(ingress.from_security_group_ids), 1):
            # An id that is an output is unknown now and cannot be part of a name.
            name = group if isinstance(group, str) else f"group-{number}"
            yield IngressRule(key=f"{port}-from-{name}", port=port, source_security_group_id=group)


def _distinct(groups: Sequence[SecurityGroupId]) -> list[SecurityGroupId]:
    """Return the known ids sorted and without repetition, then those that are outputs."""
    known: set[str] = set()
    outputs: list[SecurityGroupId] = []
    for group in groups:
        if isinstance(group, str):
            known.add(group)
        else:
            outputs.append(group)
    return [*sorted(known), *outputs]


@dataclass(frozen=True)
class ExistingRule:
    """An ingress rule of an existing security group, as the API returns it.

    Attributes:
        protocol: ``tcp``, ``all``, …, lower case.
        ports: First and last port, ``80/80``; ``-1/-1`` is every port.
        policy: ``accept`` or ``drop``.
        priority: 1 to 100. The lower number wins, and drop wins over accept at equal priority.
        source_cidr: Range; None for another kind of source.
        source_security_group_id: Group; None for another kind of source.
    """

    protocol: str
    ports: str
    policy: str
    priority: int
    source_cidr: IPv4Network | None = None
    source_security_group_id: str | None = None


def required_rules_missing(existing: Sequence[ExistingRule], plan: NetworkPlan) -> Iterator[Fault]:
    """Yield a fault for each port on which an existing group allows no client.

    A port is open when a rule accepts it and no drop of its source, or of a wider one, overrides
    that rule.
    """
    for port in plan.ports:
        if not any(_allows(rule, port, existing) for rule in existing):
            problem = f"the existing security group allows no client on TCP {port}"
            new_rule = f"accept, TCP, port {port}/{port}, from your clients' range"
            advice = f"Add an ingress rule to it: {new_rule}."
            yield Fault("network.security_group_id", problem, advice)


def _allows(rule: ExistingRule, port: int, rules: Sequence[ExistingRule]) -> bool:
    if rule.policy != "accept" or not _applies_to(rule, port):
        return False
    return not any(_overrides(other, rule, port) for other in rules)


def _overrides(drop: ExistingRule, accept: ExistingRule, port: int) -> bool:
    if drop.policy != "drop" or drop.priority > accept.priority:
        return False
    return _applies_to(drop, port) and _covers(drop, accept)


def _applies_to(rule: ExistingRule, port: int) -> bool:
    if rule.protocol not in ("tcp", "all"):
        return False
    if rule.ports == "-1/-1":
        return True
    first, _, last = rule.ports.partition("/")
    return int(first) <= port <= int(last or first)


def _covers(wider: ExistingRule, narrower: ExistingRule) -> bool:
    """Return whether every source of ``narrower`` is a source of ``wider`` too."""
    if wider.source_cidr is not None and narrower.source_cidr is not None:
        return narrower.source_cidr.subnet_of(wider.source_cidr)
    group = narrower.source_security_group_id
    return group is not None and wider.source_security_group_id == group
