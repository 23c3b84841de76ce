"""`Network`: a VPC, a vSwitch for each zone and a security group, new or existing.

`plan_network` decides blocks and rules; each decision becomes one resource here. Resources are
named by zone, port and source, so that adding or reordering settings replaces none. Existing
resources are never changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

import pulumi
from pulumi_alicloud import ecs, vpc

from dashlink.component import TaggedComponent
from dashlink.network import rules
from dashlink.network.plan import IngressRule, plan_network
from dashlink.network.settings import NetworkSettings
from dashlink.resources.models.foreign_contents import rule_text

_GROUP_DESCRIPTION = "Lets clients reach the private endpoints of model services; made by dashlink."


@dataclass(frozen=True, kw_only=True)
class NetworkArgs:
    """Arguments of `Network`.

    Attributes:
        settings: The network: new resources, existing ones, or a mix.
        tags: Tags of all resources that support tags; those of the settings override them.
        resource_group_id: Resource group of new resources, unless the settings have one; None for
            the default group of the account.
    """

    settings: NetworkSettings
    tags: Mapping[str, str] = field(default_factory=dict)
    resource_group_id: str | None = None


class Network(TaggedComponent):
    """A VPC with a vSwitch in each zone and a security group that allows TCP 80 and 443 only.

    Example::

        network = Network(
            "models",
            NetworkArgs(
                settings=NetworkSettings(
                    cidr="10.20.0.0/16", zones=["cn-beijing-h", "cn-beijing-k"]
                )
            ),
        )
        pulumi.export("vswitches", network.vswitch_ids)

    Attributes:
        vpc_id: Id of the VPC (``vpc-…``).
        vswitch_ids: vSwitch id by zone (``{"cn-beijing-h": "vsw-…"}``). The zones are known at
            preview, the ids of new vSwitches are not.
        security_group_id: Id of the security group (``sg-…``).
        route_table_id: Id of the system route table of a new VPC; None for an existing one.
        rules: The rules of a new security group, each as `rule_text` writes it; None for an
            existing one.

    Raises:
        ConfigError: If the settings have faults: all of them.
    """

    vpc_id: pulumi.Output[str]
    vswitch_ids: Mapping[str, pulumi.Output[str]]
    security_group_id: pulumi.Output[str]
    route_table_id: pulumi.Output[str] | None
    rules: list[pulumi.Output[str]] | None

    def __init__(
        self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(
            "dashlink:network:Network",
            name,
            opts,
            settings=args.settings,
            defaults=args,
            faults=rules.find_faults(args.settings),
        )
        self._args = args
        self._plan = plan_network(args.settings)
        self._new_vpc: vpc.Network | None = None
        if args.settings.vpc_id is not None:
            self.vpc_id = pulumi.Output.from_input(args.settings.vpc_id)
        else:
            self._new_vpc = self._create_vpc()
            self.vpc_id = self._new_vpc.id
        self.route_table_id = self._new_vpc.route_table_id if self._new_vpc else None
        self.vswitch_ids = {zone: self._vswitch_id(zone) for zone in self._plan.zones}
        self.security_group_id = self._create_security_group()
        self.register_outputs(
            {
                "vpc_id": self.vpc_id,
                "vswitch_ids": dict(self.vswitch_ids),
                "security_group_id": self.security_group_id,
            }
        )

    def _create_vpc(self) -> vpc.Network:
        return vpc.Network(
            f"{self._name}-vpc",
            vpc_name=self._args.settings.name or self._physical_name("vpc"),
            cidr_block=str(self._plan.vpc_cidr),
            resource_group_id=self._resource_group_id,
            tags=self._tags,
            opts=self._child,
        )

    def _vswitch_id(self, zone: str) -> pulumi.Output[str]:
        existing = self._args.settings.vswitch_ids
        if zone in existing:
            return pulumi.Output.from_input(existing[zone])
        vswitch = vpc.Switch(
            f"{self._name}-{zone}",
            vswitch_name=self._physical_name(zone),
            vpc_id=self.vpc_id,
            zone_id=zone,
            cidr_block=str(self._plan.blocks[zone]),
            tags=self._tags,
            opts=self._child,
        )
        return vswitch.id

    def _create_security_group(self) -> pulumi.Output[str]:
        self.rules = None
        if self._args.settings.security_group_id is not None:
            return pulumi.Output.from_input(self._args.settings.security_group_id)
        group = ecs.SecurityGroup(
            f"{self._name}-security-group",
            security_group_name=self._physical_name("endpoint"),
            description=_GROUP_DESCRIPTION,
            vpc_id=self.vpc_id,
            # Without this the members of the group could reach each other on every port.
            inner_access_policy="Drop",
            resource_group_id=self._resource_group_id,
            tags=self._tags,
            opts=self._child,
        )
        vpc_cidr = self._vpc_cidr()
        self.rules = []
        for rule in self._plan.ingress:
            self.rules.append(self._create_rule(group, rule, vpc_cidr))
        return group.id

    def _vpc_cidr(self) -> pulumi.Input[str] | None:
        """Return the block of the VPC, read from the cloud where an existing VPC's is needed."""
        if self._new_vpc is not None:
            return str(self._plan.vpc_cidr)
        if not any(rule.from_vpc for rule in self._plan.ingress):
            return None
        existing = vpc.Network.get(f"{self._name}-vpc", self.vpc_id, opts=self._child)
        return existing.cidr_block.apply(_require_cidr)

    def _create_rule(
        self, group: ecs.SecurityGroup, rule: IngressRule, vpc_cidr: pulumi.Input[str] | None
    ) -> pulumi.Output[str]:
        """Declare a rule, and return it as one line."""
        cidr: pulumi.Input[str] | None = None
        if rule.from_vpc:
            cidr = vpc_cidr
        elif rule.source_cidr is not None:
            cidr = str(rule.source_cidr)
        ecs.SecurityGroupRule(
            f"{self._name}-{rule.key}",
            security_group_id=group.id,
            type="ingress",
            ip_protocol="tcp",
            # A VPC has intranet rules only; unset, the provider writes a placeholder into the
            # id of the rule.
            nic_type="intranet",
            policy="accept",
            priority=1,
            port_range=f"{rule.port}/{rule.port}",
            cidr_ip=cidr,
            source_security_group_id=rule.source_security_group_id,
            description=f"dashlink: clients to port {rule.port}",
            opts=self._child,
        )
        ports = f"{rule.port}/{rule.port}"
        source = pulumi.Output.from_input(rule.source_security_group_id or cidr)
        return source.apply(partial(_rule_text, ports))


def _rule_text(ports: str, source: str) -> str:
    return rule_text(
        source=source,
        ports=ports,
        protocol="tcp",
        policy="accept",
        priority=1,
        direction="ingress",
    )


def _require_cidr(cidr: str | None) -> str:
    """Return ``cidr``; the provider returns none only for a VPC that it could not read."""
    if not cidr:
        raise pulumi.RunError("the existing VPC has no CIDR block to read")
    return cidr
