"""Decisions about a network: which VPC and blocks to create, and which rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

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
        ingress: Rules of a new security group; empty for an existing one.
    """

    zones: tuple[str, ...]
    vpc_cidr: IPv4Network | None
    blocks: Mapping[str, IPv4Network]
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
        for cidr in sorted(set(settings.client_cidrs)):
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
