"""Decides what a network is made of: which VPC, which blocks, which rules. Pure: settings in, a plan out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

from dashlink.errors import Fault
from dashlink.network.settings import NetworkSettings, blocks_of
from dashlink.types import SecurityGroupId


@dataclass(frozen=True)
class IngressRule:
    """One rule of a new security group: TCP, one port, one source.

    Attributes:
        key: What it means, stable: ``443-from-vpc``, ``443-from-10.99.0.0-24``. Resources are named by it.
        port: The TCP port.
        from_vpc: Whether the source is the VPC's own range, whatever it is.
        source_cidr: The range that is let in, None for another kind of source.
        source_security_group_id: The group whose members are let in, None for another kind of source.
    """

    key: str
    port: int
    from_vpc: bool = False
    source_cidr: IPv4Network | None = None
    source_security_group_id: SecurityGroupId | None = None


@dataclass(frozen=True)
class NetworkPlan:
    """What is to be made.

    Attributes:
        zones: All zones, in the order of the alphabet.
        vpc_cidr: Block of the VPC that is made; None where it exists.
        blocks: Block of each vSwitch that is made, by zone.
        ports: TCP ports that clients need.
        ingress: Rules of the security group that is made; empty where it exists.
    """

    zones: tuple[str, ...]
    vpc_cidr: IPv4Network | None
    blocks: Mapping[str, IPv4Network]
    ports: tuple[int, ...]
    ingress: tuple[IngressRule, ...]


def plan_network(settings: NetworkSettings) -> NetworkPlan:
    """The plan for checked settings."""
    made = {
        zone: block
        for zone, block in sorted(blocks_of(settings).items())
        if zone not in settings.vswitch_ids
    }
    return NetworkPlan(
        zones=tuple(sorted(settings.zones)),
        vpc_cidr=settings.cidr,
        blocks=made,
        ports=settings.ingress.ports,
        ingress=() if settings.security_group_id is not None else tuple(_rules(settings)),
    )


def _rules(settings: NetworkSettings) -> Iterator[IngressRule]:
    ingress = settings.ingress
    for port in ingress.ports:
        if ingress.from_vpc:
            yield IngressRule(key=f"{port}-from-vpc", port=port, from_vpc=True)
        for cidr in sorted(set(ingress.from_cidrs)):
            if ingress.from_vpc and cidr == settings.cidr:
                continue  # the VPC's own range has its rule already
            key = f"{port}-from-{cidr.network_address}-{cidr.prefixlen}"
            yield IngressRule(key=key, port=port, source_cidr=cidr)
        for number, group in enumerate(_distinct(ingress.from_security_group_ids), 1):
            name = (
                group if isinstance(group, str) else f"group-{number}"
            )  # an unknown id cannot be part of a name
            yield IngressRule(key=f"{port}-from-{name}", port=port, source_security_group_id=group)


def _distinct(groups: Sequence[SecurityGroupId]) -> list[SecurityGroupId]:
    known = sorted({group for group in groups if isinstance(group, str)})
    return [*known, *(group for group in groups if not isinstance(group, str))]


@dataclass(frozen=True)
class ExistingRule:
    """An ingress rule of an existing security group, as the cloud tells it.

    Attributes:
        protocol: ``tcp``, ``all``, …, lower case.
        ports: First and last port, ``80/80``; ``-1/-1`` is every port.
        policy: ``accept`` or ``drop``.
        priority: 1 to 100; the lower number wins, and drop wins over accept where they are equal.
        source_cidr: The range, None for another kind of source.
        source_security_group_id: The group, None for another kind of source.
    """

    protocol: str
    ports: str
    policy: str
    priority: int
    source_cidr: IPv4Network | None = None
    source_security_group_id: str | None = None


def required_rules_missing(
    existing: Sequence[ExistingRule], plan: NetworkPlan, vpc_cidrs: Sequence[IPv4Network] = ()
) -> Iterator[Fault]:
    """A fault for each port on which an existing group lets nobody in, naming the rule to add.

    A port counts as open when some rule accepts it that no drop of its source, or of a wider one, overrides.
    """
    for port in plan.ports:
        if not any(_lets_in(rule, port, existing) for rule in existing):
            source = str(vpc_cidrs[0]) if vpc_cidrs else "your clients' range"
            yield Fault(
                "network.security_group_id",
                f"the existing security group lets nobody in on TCP {port}",
                f"Add an ingress rule to it: accept, TCP, port {port}/{port}, from {source}.",
            )


def _lets_in(rule: ExistingRule, port: int, rules: Sequence[ExistingRule]) -> bool:
    if rule.policy != "accept" or not _concerns(rule, port):
        return False
    return not any(
        other.policy == "drop"
        and _concerns(other, port)
        and other.priority <= rule.priority
        and _covers(other, rule)
        for other in rules
    )


def _concerns(rule: ExistingRule, port: int) -> bool:
    if rule.protocol not in ("tcp", "all"):
        return False
    first, _, last = rule.ports.partition("/")
    return rule.ports == "-1/-1" or int(first) <= port <= int(last or first)


def _covers(wider: ExistingRule, narrower: ExistingRule) -> bool:
    """Whether every source of ``narrower`` is a source of ``wider`` too."""
    if wider.source_cidr is not None and narrower.source_cidr is not None:
        return narrower.source_cidr.subnet_of(wider.source_cidr)
    return (
        narrower.source_security_group_id is not None
        and wider.source_security_group_id == narrower.source_security_group_id
    )
