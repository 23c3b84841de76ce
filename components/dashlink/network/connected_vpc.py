"""A connected VPC: an existing one, or a new one with a vSwitch in each zone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pulumi
from pulumi_alicloud import vpc

from dashlink.network.connected import ConnectedVpcSettings
from dashlink.network.layout import lay_out


@dataclass(frozen=True)
class Labels:
    """Names and tags of the resources of a connection.

    Attributes:
        logical: Start of their logical names.
        physical: Returns the physical name of one part or more.
        tags: Tags of resources that support tags.
        resource_group_id: Resource group of new resources.
    """

    logical: str
    physical: Callable[..., str]
    tags: dict[str, str]
    resource_group_id: str | None


@dataclass(frozen=True)
class ConnectedVpc:
    """A connected VPC.

    Attributes:
        vpc_id: Its id.
        vswitch_ids: vSwitch by zone, as far as they are known.
        options: Options for resources of its region.
        route_table_id: System route table of a new VPC; None for an existing one.
    """

    vpc_id: pulumi.Input[str]
    vswitch_ids: Mapping[str, pulumi.Input[str]]
    options: pulumi.ResourceOptions
    route_table_id: pulumi.Output[str] | None = None


def connected_vpc(
    key: str, connected: ConnectedVpcSettings, labels: Labels, options: pulumi.ResourceOptions
) -> ConnectedVpc:
    """Return an existing VPC, or declare a new one.

    Args:
        key: Name of the VPC in the settings.
        connected: Its settings.
        labels: Names and tags.
        options: Options for resources of its region.
    """
    if connected.vpc_id is not None:
        return ConnectedVpc(connected.vpc_id, dict(connected.vswitch_ids), options)
    created = vpc.Network(
        f"{labels.logical}-{key}-new-vpc",
        vpc_name=labels.physical(key),
        cidr_block=str(connected.cidr),
        resource_group_id=labels.resource_group_id,
        tags=labels.tags,
        opts=options,
    )
    vswitch_ids: dict[str, pulumi.Input[str]] = {}
    for zone, block in lay_out(connected.cidr, sorted(connected.zones), {}).items():
        vswitch = vpc.Switch(
            f"{labels.logical}-{key}-{zone}",
            vswitch_name=labels.physical(key, zone),
            vpc_id=created.id,
            zone_id=zone,
            cidr_block=str(block),
            tags=labels.tags,
            opts=options,
        )
        vswitch_ids[zone] = vswitch.id
    return ConnectedVpc(created.id, vswitch_ids, options, created.route_table_id)
