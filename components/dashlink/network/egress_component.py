r"""`Egress`: the way out of a VPC to the internet.

    vSwitch of each zone --SNAT entry--> NAT gateway --association--> EIP --> public host

These are the pieces of Alibaba Cloud's own Terraform module for PAI-EAS (pai-eas-stable-diffusion,
main.tf), which deploys them live. The route 0.0.0.0/0 is the cloud's own: a new enhanced NAT
gateway of the internet adds it to the VPC (alicloud provider v1.285.0, page of nat_gateway).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
from pulumi_alicloud import ecs, vpc

from dashlink.component import TaggedComponent
from dashlink.network import catalog, egress_rules
from dashlink.network.egress import EgressSettings
from dashlink.network.settings import NetworkSettings

_DESCRIPTION = "The way out to model services on the internet; made by dashlink."


@dataclass(frozen=True, kw_only=True)
class EgressArgs:
    """Arguments of `Egress`.

    Attributes:
        settings: The network with its `egress`; None there counts as `{}`.
        vpc_id: The VPC.
        vswitch_ids: vSwitch by zone, whose clients get a way out.
        tags: Tags of all resources that support tags; those of the settings override them.
        resource_group_id: Resource group of a new EIP, unless the settings have one; the cloud's
            API takes none for a NAT gateway.
    """

    settings: NetworkSettings
    vpc_id: pulumi.Input[str]
    vswitch_ids: Mapping[str, pulumi.Input[str]]
    tags: Mapping[str, str] = field(default_factory=dict)
    resource_group_id: str | None = None


class Egress(TaggedComponent):
    """A NAT gateway with an EIP and an SNAT entry for each vSwitch, new or existing.

    It opens nothing inward. A public host sees `addresses` as the source of every connection.

    Attributes:
        nat_gateway_id: Id of the NAT gateway (``ngw-…``), new or existing.
        addresses: Public addresses with which clients leave, for lists of allowed addresses.

    Raises:
        ConfigError: If the settings have faults: all of them.
    """

    nat_gateway_id: pulumi.Output[str]
    addresses: pulumi.Output[list[str]]

    def __init__(
        self, name: str, args: EgressArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(
            "dashlink:network:Egress",
            name,
            opts,
            settings=args.settings,
            defaults=args,
            faults=egress_rules.find_faults(args.settings),
        )
        self._args = args
        self._settings = args.settings.egress or EgressSettings()
        self._new_gateway: vpc.NatGateway | None = None
        self.nat_gateway_id = self._nat_gateway_id()
        known = [str(address) for address in self._settings.addresses]
        self.addresses = pulumi.Output.from_input(known)
        association: ecs.EipAssociation | None = None
        if not known:
            eip = self._eip()
            # A preview does not know the id of a resource that is read, and knows the settings.
            association = self._associate(self._settings.eip_id or eip.id)
            self.addresses = eip.ip_address.apply(lambda address: [address])
        if self._settings.creates_entries:
            self._create_entries(association)
        self.register_outputs({"nat_gateway_id": self.nat_gateway_id, "addresses": self.addresses})

    def _nat_gateway_id(self) -> pulumi.Output[str]:
        if self._settings.nat_gateway_id is not None:
            return pulumi.Output.from_input(self._settings.nat_gateway_id)
        zone = self._settings.zone or min(self._args.vswitch_ids)
        self._new_gateway = vpc.NatGateway(
            f"{self._name}-nat-gateway",
            nat_gateway_name=self._physical_name("nat"),
            description=_DESCRIPTION,
            vpc_id=self._args.vpc_id,
            vswitch_id=self._args.vswitch_ids[zone],
            nat_type="Enhanced",
            network_type="internet",
            payment_type="PayAsYouGo",
            internet_charge_type="PayByLcu",
            tags=self._tags,
            opts=pulumi.ResourceOptions(
                parent=self,
                # The provider's page: its vSwitch cannot be changed. An EIP is associated with one
                # gateway at a time, so that a new gateway comes after the old one.
                replace_on_changes=["vswitchId"],
                delete_before_replace=True,
            ),
        )
        return self._new_gateway.id

    def _snat_table_id(self) -> pulumi.Input[str]:
        if self._settings.snat_table_id is not None:
            return self._settings.snat_table_id
        gateway = self._new_gateway
        if gateway is None:
            gateway = vpc.NatGateway.get(
                f"{self._name}-existing-nat-gateway", self.nat_gateway_id, opts=self._child
            )
        return gateway.snat_table_ids

    def _eip(self) -> ecs.EipAddress:
        if self._settings.eip_id is not None:
            # A name of its own: the engine would take a read for a replacement of the stack's EIP.
            name = f"{self._name}-existing-eip"
            return ecs.EipAddress.get(name, self._settings.eip_id, opts=self._child)
        return ecs.EipAddress(
            f"{self._name}-eip",
            address_name=self._physical_name("eip"),
            internet_charge_type="PayByTraffic",
            payment_type="PayAsYouGo",
            bandwidth=str(self._settings.bandwidth_mbps or catalog.EIP_MBPS),
            resource_group_id=self._resource_group_id,
            tags=self._tags,
            opts=self._child,
        )

    def _associate(self, eip_id: pulumi.Input[str]) -> ecs.EipAssociation:
        return ecs.EipAssociation(
            f"{self._name}-association",
            allocation_id=eip_id,
            instance_id=self.nat_gateway_id,
            instance_type="Nat",
            # A new EIP is associated before the SNAT entries get it, and the old one leaves last:
            # the cloud keeps an EIP that an entry has.
            opts=self._child,
        )

    def _create_entries(self, association: ecs.EipAssociation | None) -> None:
        """Create an SNAT entry for each vSwitch; it requires the association of its EIP."""
        options = pulumi.ResourceOptions(
            parent=self,
            depends_on=[] if association is None else [association],
            # The provider waits for an EIP that is being associated in creations, not in changes;
            # and a vSwitch has one entry at a time.
            replace_on_changes=["snatIp"],
            delete_before_replace=True,
        )
        table_id = self._snat_table_id()
        for zone, vswitch_id in sorted(self._args.vswitch_ids.items()):
            vpc.SnatEntry(
                f"{self._name}-{zone}",
                snat_entry_name=self._physical_name(zone),
                snat_table_id=table_id,
                source_vswitch_id=vswitch_id,
                snat_ip=self.addresses.apply(",".join),
                opts=options,
            )
