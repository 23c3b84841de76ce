"""`Network`: a VPC, a vSwitch per zone and a security group; what exists already is used as it is and never changed.

The settings have been checked and `plan_network` has decided blocks and rules; here each decision becomes one resource.
Children are named by meaning (zone, port and source), so that adding or reordering settings replaces nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
from pulumi_alicloud import ecs, vpc

from dashlink.component import TaggedComponent
from dashlink.network.plan import IngressRule, plan_network
from dashlink.network.settings import NetworkSettings


@dataclass(frozen=True, kw_only=True)
class NetworkArgs:
    """What a `Network` is made from.

    Attributes:
        settings: The network as it is written: new parts, existing parts, or a mix.
        tags: Tags for every resource that can carry them, below those of the settings.
        resource_group_id: Resource group of what is made, unless the settings name one; None: the account's default.
    """

    settings: NetworkSettings
    tags: Mapping[str, str] = field(default_factory=dict)
    resource_group_id: str | None = None


class Network(TaggedComponent):
    """A VPC with a vSwitch in each zone and a security group that lets in TCP 80 and 443, nothing else.

    Example::

        network = Network(
            "models",
            NetworkArgs(settings=NetworkSettings(cidr="10.20.0.0/16", zones=["cn-beijing-h", "cn-beijing-k"])),
        )
        pulumi.export("vswitches", network.vswitch_ids)

    Attributes:
        vpc_id: Id of the VPC, made or existing (``vpc-…``).
        vswitch_ids: vSwitch id by zone (``{"cn-beijing-h": "vsw-…"}``); the keys are plain, the ids may be unknown.
        security_group_id: Id of the security group, made or existing (``sg-…``).
    """

    vpc_id: pulumi.Output[str]
    vswitch_ids: Mapping[str, pulumi.Output[str]]
    security_group_id: pulumi.Output[str]

    def __init__(
        self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(
            "dashlink:network:Network", name, opts, settings=args.settings, defaults=args
        )
        self._args = args
        self._plan = plan_network(args.settings)
        self._made_vpc = self._make_vpc()
        self.vpc_id = self._id_of(args.settings.vpc_id, self._made_vpc)
        self.vswitch_ids = self._make_vswitches()
        self.security_group_id = self._make_security_group()
        self.register_outputs(
            {
                "vpc_id": self.vpc_id,
                "vswitch_ids": dict(self.vswitch_ids),
                "security_group_id": self.security_group_id,
            }
        )

    @staticmethod
    def _id_of(
        existing: pulumi.Input[str] | None, made: pulumi.CustomResource | None
    ) -> pulumi.Output[str]:
        if made is not None:
            return made.id
        if existing is None:
            msg = "neither an existing id nor a resource that was made"
            raise AssertionError(msg)
        return pulumi.Output.from_input(existing)

    def _make_vpc(self) -> vpc.Network | None:
        if self._plan.vpc_cidr is None:
            return None
        return vpc.Network(
            f"{self._name}-vpc",
            vpc_name=self._args.settings.name or self._physical_name("vpc"),
            cidr_block=str(self._plan.vpc_cidr),
            resource_group_id=self._resource_group_id,
            tags=self._tags,
            opts=self._child,
        )

    def _make_vswitches(self) -> dict[str, pulumi.Output[str]]:
        existing = self._args.settings.vswitch_ids
        return {
            zone: pulumi.Output.from_input(existing[zone])
            if zone in existing
            else self._make_vswitch(zone)
            for zone in self._plan.zones
        }

    def _make_vswitch(self, zone: str) -> pulumi.Output[str]:
        return vpc.Switch(
            f"{self._name}-{zone}",
            vswitch_name=self._physical_name(zone),
            vpc_id=self.vpc_id,
            zone_id=zone,
            cidr_block=str(self._plan.blocks[zone]),
            tags=self._tags,
            opts=self._child,
        ).id

    def _make_security_group(self) -> pulumi.Output[str]:
        if self._args.settings.security_group_id is not None:
            return pulumi.Output.from_input(self._args.settings.security_group_id)
        group = ecs.SecurityGroup(
            f"{self._name}-security-group",
            security_group_name=self._physical_name("endpoint"),
            description="Lets clients reach the private endpoints of model services; made by dashlink.",
            vpc_id=self.vpc_id,
            # Members have no business with each other: without this the group would let in everything from its own.
            inner_access_policy="Drop",
            resource_group_id=self._resource_group_id,
            tags=self._tags,
            opts=self._child,
        )
        vpc_cidr = self._vpc_cidr()
        for rule in self._plan.ingress:
            self._make_rule(group, rule, vpc_cidr)
        return group.id

    def _vpc_cidr(self) -> pulumi.Input[str] | None:
        """The VPC's own range; read from the cloud where the VPC exists already and a rule needs it."""
        if self._made_vpc is not None:
            return str(self._plan.vpc_cidr)
        if not any(rule.from_vpc for rule in self._plan.ingress):
            return None
        existing = vpc.Network.get(f"{self._name}-vpc", self.vpc_id, opts=self._child)
        return existing.cidr_block.apply(_known_cidr)

    def _make_rule(
        self, group: ecs.SecurityGroup, rule: IngressRule, vpc_cidr: pulumi.Input[str] | None
    ) -> None:
        source = rule.source_security_group_id
        cidr = vpc_cidr if rule.from_vpc else (str(rule.source_cidr) if rule.source_cidr else None)
        ecs.SecurityGroupRule(
            f"{self._name}-{rule.key}",
            security_group_id=group.id,
            type="ingress",
            ip_protocol="tcp",
            # In a VPC the cloud knows only intranet rules; unset, the provider keeps a placeholder in the rule's id.
            nic_type="intranet",
            policy="accept",
            priority=1,
            port_range=f"{rule.port}/{rule.port}",
            cidr_ip=cidr,
            source_security_group_id=source,
            description=f"dashlink: clients to port {rule.port}",
            opts=self._child,
        )


def _known_cidr(cidr: str | None) -> str:
    """``cidr``, which the provider leaves out only for a VPC that it could not read."""
    if not cidr:
        msg = "the existing VPC has no CIDR block to read"
        raise pulumi.RunError(msg)
    return cidr
