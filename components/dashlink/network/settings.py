"""The network as people write it, and the rules that hold between its keys.

New network: `cidr` and `zones`. Existing network: `vpc_id` and, for each zone, an existing vSwitch (`vswitch_ids`) or
the block of a new one (`vswitches`); an existing `security_group_id`, or a new group with `ingress`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Network
from typing import Self

from pydantic import Field, model_validator

from dashlink.errors import ConfigError, Fault, shown
from dashlink.network import layout
from dashlink.types import Cidr, SecurityGroupId, SettingsModel, Tags, VpcId, VSwitchId, ZoneId

FEWEST_ZONES = 2
"""Model Studio over PrivateLink asks for two zones at least (document "access Model Studio by an endpoint", 2025)."""


FOLLOW_UPS: Mapping[str, tuple[str, ...]] = {
    "cidr": ("vpc_id", "vswitches", "vswitch_ids", "security_group_id"),
    "vpc_id": ("cidr", "zones", "vswitch_ids", "security_group_id", "name"),
    "vswitches": ("zones",),
    "vswitch_ids": ("zones",),
    "zones": ("vswitches", "vswitch_ids"),
}
"""Keys about which nothing can be said while a key has no value that can be read."""


class IngressSettings(SettingsModel):
    """Who may reach the endpoints, in a security group that dashlink makes."""

    https_only: bool = False
    """Open 443 alone. An endpoint that is dialled by http then cannot be reached."""
    from_vpc: bool = True
    """Let in the VPC's own range."""
    from_cidrs: tuple[Cidr, ...] = ()
    """Further ranges, e.g. of a peered VPC or an office line. Private ranges only, not wider than a VPC may be (/8)."""
    from_security_group_ids: tuple[SecurityGroupId, ...] = ()
    """Further security groups of the same VPC, whose members are let in."""

    @property
    def ports(self) -> tuple[int, ...]:
        """The TCP ports that are opened, ascending."""
        return (443,) if self.https_only else (80, 443)


class NetworkSettings(SettingsModel):
    """The VPC, its vSwitches and the security group of the endpoints."""

    zones: tuple[ZoneId, ...]
    """The zones, two or more, of the stack's region. Their order means nothing."""
    cidr: Cidr | None = None
    """Block of a new VPC: RFC 1918, length 8 to 28."""
    vswitches: Mapping[ZoneId, Cidr] = Field(default_factory=dict)
    """Blocks of new vSwitches by zone, where the laid-out block is not wanted; length 16 to 29, inside the VPC."""
    vpc_id: VpcId | None = None
    """An existing VPC, instead of `cidr`."""
    vswitch_ids: Mapping[ZoneId, VSwitchId] = Field(default_factory=dict)
    """Existing vSwitches by zone, of the existing VPC."""
    security_group_id: SecurityGroupId | None = None
    """An existing security group of the existing VPC. It is used as it is: it must let clients in on 80 and 443."""
    ingress: IngressSettings = Field(default_factory=IngressSettings)
    """Who may reach the endpoints; for a new security group only."""
    name: str | None = None
    """Name of a new VPC; default: made from project and stack."""
    resource_group_id: str | None = None
    """Resource group of what is made (`rg-…`)."""
    tags: Tags = Field(default_factory=dict)
    """Tags of what is made, over those of the stack."""

    @model_validator(mode="after")
    def _hold_together(self) -> Self:
        faults = list(find_faults(self))
        if faults:
            raise ConfigError(faults)
        return self


def find_faults(network: NetworkSettings) -> Iterator[Fault]:
    """Every fault between the keys of ``network``; paths start inside it."""
    yield from _zone_faults(network)
    yield from _existing_faults(network)
    refused = list(layout.vpc_block_faults(network.cidr)) if network.cidr is not None else []
    yield from refused or layout.vswitch_block_faults(
        network.cidr, network.zones, network.vswitches
    )
    yield from _ingress_faults(network)


def _zone_faults(network: NetworkSettings) -> Iterator[Fault]:
    seen: set[str] = set()
    for zone in network.zones:
        if zone in seen:
            yield Fault("zones", "a zone is named twice", "Name each zone once.", zone)
        seen.add(zone)
    if len(seen) < FEWEST_ZONES:
        yield Fault(
            "zones",
            f"fewer than {FEWEST_ZONES} zones",
            "Name two or more: one zone may fail, and Model Studio asks for two.",
            shown(", ".join(network.zones) or "none"),
        )
    for key, named in (("vswitches", network.vswitches), ("vswitch_ids", network.vswitch_ids)):
        for zone in named:
            if zone not in seen:
                yield Fault(
                    f"{key}.{zone}",
                    "this zone is not among `zones`",
                    "Add it to `zones`, or remove it here.",
                )
    for zone in network.vswitches:
        if zone in network.vswitch_ids:
            yield Fault(
                f"vswitches.{zone}",
                "this zone has an existing vSwitch under `vswitch_ids` too",
                "Keep the one or the other.",
                str(network.vswitches[zone]),
            )


def _existing_faults(network: NetworkSettings) -> Iterator[Fault]:
    if network.vpc_id is None:
        yield from _new_vpc_faults(network)
        return
    if network.cidr is not None:
        yield Fault(
            "cidr",
            "a new VPC's block beside an existing VPC",
            "Keep `cidr` for a new VPC, or `vpc_id` for the existing one.",
            str(network.cidr),
        )
    for zone in network.zones:
        if zone not in network.vswitch_ids and zone not in network.vswitches:
            yield Fault(
                "zones",
                "this zone has no vSwitch in the existing VPC",
                f"Name one under `vswitch_ids.{zone}`, or the free block of a new one under `vswitches.{zone}`.",
                zone,
            )
    if network.name is not None:
        yield Fault("name", "an existing VPC is not renamed", "Remove it.", shown(network.name))


def _new_vpc_faults(network: NetworkSettings) -> Iterator[Fault]:
    if network.cidr is None:
        yield Fault(
            "cidr", "neither a new VPC's block nor an existing VPC", "Write `cidr` or `vpc_id`."
        )
    for key, existing in (
        ("vswitch_ids", network.vswitch_ids),
        ("security_group_id", network.security_group_id),
    ):
        if existing:
            yield Fault(
                key,
                "existing parts need the existing VPC that they are in",
                "Write its `vpc_id`, without `cidr`.",
            )


def _ingress_faults(network: NetworkSettings) -> Iterator[Fault]:
    ingress = network.ingress
    if network.security_group_id is not None:
        if ingress != IngressSettings():
            yield Fault(
                "ingress",
                "an existing security group is never changed",
                "Remove `ingress` and add the rules to the group yourself, or leave `security_group_id` out.",
            )
        return
    for number, cidr in enumerate(ingress.from_cidrs):
        yield from layout.source_range_faults(f"ingress.from_cidrs.{number}", cidr)
    if not (ingress.from_vpc or ingress.from_cidrs or ingress.from_security_group_ids):
        yield Fault(
            "ingress",
            "nobody is let in",
            "Leave `from_vpc` on, or name `from_cidrs` or `from_security_group_ids`.",
        )


def blocks_of(network: NetworkSettings) -> Mapping[str, IPv4Network]:
    """The blocks of the vSwitches that are to be made, by zone."""
    if network.cidr is None:
        return dict(network.vswitches)
    return layout.lay_out(network.cidr, network.zones, network.vswitches)
