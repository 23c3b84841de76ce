r"""`VpcConnections`: routes between the network and the VPCs that are connected to it.

    CEN -> transit router per region -> VPC attachments (routes published to the VPCs)
                \-> peer attachment per further region
                \-> association and propagation of each attachment, on each of its routers
    peering -> a route in the system route table of each side (`dashlink.network.peering`)
    new VPC -> vSwitch in each zone, in the region of the connected VPC

These are the pieces of Alibaba Cloud's own Terraform module private-network-access-for-bailian
(v2.0.0, 2026-04-22); each one's absence is a client's time-out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pulumi
from pulumi_alicloud import cen, vpc

from dashlink.component import TaggedComponent, deleted_first
from dashlink.network import catalog, connected_rules
from dashlink.network.connected import NETWORK, CenSettings, ConnectedVpcSettings
from dashlink.network.connected_vpc import ConnectedVpc, Labels, connected_vpc
from dashlink.network.peering import Side, declare_peering, steps_of_owner
from dashlink.network.settings import NetworkSettings
from dashlink.resources.provider import alicloud_provider_for

_SYSTEM = "System"


@dataclass(frozen=True, kw_only=True)
class VpcConnectionsArgs:
    """Arguments of `VpcConnections`.

    Attributes:
        settings: The network with its `connected_vpcs` and `cen`.
        region: Region of the network (``cn-beijing``), the same as that of the provider.
        vpc_id: The VPC of the network.
        vswitch_ids: vSwitch of the network by zone.
        route_table_id: System route table of a new VPC; None reads that of an existing one.
        providers: alicloud providers by region; without one for a region, the component creates
            it with the account of the provider in force. Pulumi does not show the role of an
            explicit provider, so pass them beside a provider that assumes one.
        accepters: By the name of a connected VPC of another account: an alicloud provider of that
            account and of the VPC's region, which accepts the peering and creates the route back.
        tags: Tags of all resources that support tags; those of the settings override them.
        resource_group_id: Resource group of new resources, unless the settings have one.
    """

    settings: NetworkSettings
    region: str
    vpc_id: pulumi.Input[str]
    vswitch_ids: Mapping[str, pulumi.Input[str]]
    route_table_id: pulumi.Input[str] | None = None
    providers: Mapping[str, pulumi.ProviderResource] = field(default_factory=dict)
    accepters: Mapping[str, pulumi.ProviderResource] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    resource_group_id: str | None = None


@dataclass(frozen=True)
class _Router:
    """A transit router with its System route table, and options for resources of its region."""

    region: str
    router_id: pulumi.Output[str]
    table_id: pulumi.Output[str]
    options: pulumi.ResourceOptions


class VpcConnections(TaggedComponent):
    """Routes between the network and all its connected VPCs, over CEN and peering.

    Private names in the connected VPCs are those of the endpoints: see `PrivateModelAccess`.

    Attributes:
        cen_id: Id of the CEN instance, new or existing; None where none is used.
        connection_ids: By the name of a connected VPC: the id of its attachment (CEN) or peering.
        vpc_ids: By the same name, the id of the VPC, new or existing.
        connected_vswitch_ids: By the same name, its vSwitches by zone, as far as they are known.
        notes: What the owners of other accounts' VPCs have to do, one sentence or more for each.

    Raises:
        ConfigError: If the settings have faults: all of them.
    """

    cen_id: pulumi.Output[str] | None
    connection_ids: Mapping[str, pulumi.Output[str]]
    vpc_ids: Mapping[str, pulumi.Input[str]]
    connected_vswitch_ids: Mapping[str, Mapping[str, pulumi.Input[str]]]
    notes: tuple[str, ...]

    def __init__(
        self, name: str, args: VpcConnectionsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(
            "dashlink:network:VpcConnections",
            name,
            opts,
            settings=args.settings,
            defaults=args,
            faults=connected_rules.find_faults(args.settings, args.region),
        )
        self._args = args
        self._options: dict[str, pulumi.ResourceOptions] = {}
        self._near: vpc.Network | None = None
        self._vpcs: dict[str, ConnectedVpc] = {}
        for key, connected in sorted(args.settings.connected_vpcs.items()):
            self._vpcs[key] = self._vpc(key, connected)
        self.vpc_ids = {key: one.vpc_id for key, one in self._vpcs.items()}
        self.connected_vswitch_ids = {key: one.vswitch_ids for key, one in self._vpcs.items()}
        self.notes = tuple(self._steps_of_owners())
        self.cen_id = None
        ids: dict[str, pulumi.Output[str]] = {}
        over_cen: dict[str, ConnectedVpcSettings] = {}
        for key, connected in sorted(args.settings.connected_vpcs.items()):
            if connected.over == "cen":
                over_cen[key] = connected
            else:
                ids[key] = self._create_peering(key, connected, self._vpcs[key])
        if over_cen:
            ids.update(self._connect_over_cen(over_cen))
        self.connection_ids = ids
        self.register_outputs({"cen_id": self.cen_id, "connection_ids": dict(ids)})

    def _options_of(self, region: str) -> pulumi.ResourceOptions:
        """Return options for resources of a region, with an explicit provider for another one."""
        if region not in self._options:
            provider = self._args.providers.get(region)
            if provider is None and region != self._args.region:
                provider = alicloud_provider_for(self, f"{self._name}-{region}", region)
            self._options[region] = pulumi.ResourceOptions(parent=self, provider=provider)
        return self._options[region]

    def _connect_over_cen(
        self, connected_vpcs: Mapping[str, ConnectedVpcSettings]
    ) -> dict[str, pulumi.Output[str]]:
        settings = self._args.settings.cen or CenSettings()
        self.cen_id = self._create_cen(settings)
        near = self._create_router(settings, self._args.region)
        routers = {self._args.region: near}
        if NETWORK not in settings.attachment_ids:
            self._attach("near", near, self._args.vpc_id, self._args.vswitch_ids)
        bandwidths: dict[str, int] = {}
        for connected in connected_vpcs.values():
            if connected.bandwidth_mbps is not None:
                bandwidths[connected.region] = connected.bandwidth_mbps
        ids: dict[str, pulumi.Output[str]] = {}
        for key, connected in connected_vpcs.items():
            region = connected.region
            if region not in routers:
                routers[region] = self._create_router(settings, region)
                bandwidth = bandwidths.get(region, catalog.CEN_BANDWIDTH_MBPS)
                if region not in settings.peer_attachment_ids:
                    self._create_peer(near, routers[region], bandwidth)
            far = self._vpcs[key]
            if key in settings.attachment_ids:
                ids[key] = pulumi.Output.from_input(settings.attachment_ids[key])
                continue
            ids[key] = self._attach(f"vpc-{key}", routers[region], far.vpc_id, far.vswitch_ids)
        return ids

    def _create_cen(self, settings: CenSettings) -> pulumi.Output[str]:
        if settings.cen_id is not None:
            return pulumi.Output.from_input(settings.cen_id)
        instance = cen.Instance(
            f"{self._name}-cen",
            cen_instance_name=self._physical_name("cen"),
            protection_level="REDUCED",
            resource_group_id=self._resource_group_id,
            tags=self._tags,
            opts=self._child,
        )
        return instance.id

    def _create_router(self, settings: CenSettings, region: str) -> _Router:
        options = self._options_of(region)
        existing = settings.transit_router_ids.get(region)
        if existing is not None:
            router_id = pulumi.Output.from_input(existing)
        else:
            router = cen.TransitRouter(
                f"{self._name}-{region}-router",
                cen_id=self.cen_id,
                transit_router_name=self._physical_name(region),
                tags=self._tags,
                opts=options,
            )
            router_id = router.transit_router_id
        tables = cen.get_transit_router_route_tables_output(
            transit_router_id=router_id,
            transit_router_route_table_type=_SYSTEM,
            opts=pulumi.InvokeOutputOptions(parent=self, provider=options.provider),
        )
        table_id = tables.tables.apply(lambda rows: rows[0].transit_router_route_table_id)
        return _Router(region, router_id, table_id, options)

    def _attach(
        self,
        name: str,
        router: _Router,
        vpc_id: pulumi.Input[str],
        vswitch_ids: Mapping[str, pulumi.Input[str]],
    ) -> pulumi.Output[str]:
        mappings = []
        for zone, vswitch_id in sorted(vswitch_ids.items())[: catalog.MAX_ATTACHED_ZONES]:
            mapping = cen.TransitRouterVpcAttachmentZoneMappingArgs(
                zone_id=zone, vswitch_id=vswitch_id
            )
            mappings.append(mapping)
        attachment = cen.TransitRouterVpcAttachment(
            f"{self._name}-{name}",
            cen_id=self.cen_id,
            transit_router_id=router.router_id,
            vpc_id=vpc_id,
            zone_mappings=mappings,
            transit_router_vpc_attachment_name=self._physical_name(name),
            auto_publish_route_enabled=True,
            tags=self._tags,
            opts=deleted_first(router.options),
        )
        attachment_id = attachment.transit_router_attachment_id
        self._link(name, router, attachment_id)
        return attachment_id

    def _create_peer(self, near: _Router, far: _Router, bandwidth_mbps: int) -> None:
        """Connect two routers; the attachment is linked with the table of both."""
        peer = cen.TransitRouterPeerAttachment(
            f"{self._name}-{far.region}-peer",
            cen_id=self.cen_id,
            transit_router_id=near.router_id,
            peer_transit_router_id=far.router_id,
            peer_transit_router_region_id=far.region,
            bandwidth_type="DataTransfer",
            bandwidth=bandwidth_mbps,
            transit_router_peer_attachment_name=self._physical_name(far.region),
            auto_publish_route_enabled=True,
            tags=self._tags,
            opts=deleted_first(near.options),
        )
        for router in (near, far):
            name = f"{far.region}-peer-in-{router.region}"
            self._link(name, router, peer.transit_router_attachment_id)

    def _link(self, name: str, router: _Router, attachment_id: pulumi.Output[str]) -> None:
        """Let the router's table forward the attachment's packets, and learn its routes."""
        cen.TransitRouterRouteTableAssociation(
            f"{self._name}-{name}-association",
            transit_router_attachment_id=attachment_id,
            transit_router_route_table_id=router.table_id,
            opts=router.options,
        )
        cen.TransitRouterRouteTablePropagation(
            f"{self._name}-{name}-propagation",
            transit_router_attachment_id=attachment_id,
            transit_router_route_table_id=router.table_id,
            opts=router.options,
        )

    def _vpc(self, key: str, connected: ConnectedVpcSettings) -> ConnectedVpc:
        options = self._options_of(connected.region)
        return connected_vpc(key, connected, self._labels(), options)

    def _labels(self) -> Labels:
        return Labels(self._name, self._physical_name, dict(self._tags), self._resource_group_id)

    def _create_peering(
        self, key: str, connected: ConnectedVpcSettings, far: ConnectedVpc
    ) -> pulumi.Output[str]:
        """Connect one VPC by a peering, with the other account's provider if there is one."""
        accepter = self._args.accepters.get(key)
        options = far.options
        if accepter is not None:
            options = pulumi.ResourceOptions(parent=self, provider=accepter)

        def far_table() -> pulumi.Input[str]:
            if far.route_table_id is not None:
                return far.route_table_id
            return vpc.Network.get(
                f"{self._name}-{key}-vpc", far.vpc_id, opts=options
            ).route_table_id

        near_side = Side(
            self._args.vpc_id,
            lambda: self._near_routes()[0],
            lambda: self._near_routes()[1],
            self._child,
        )
        far_side = Side(far.vpc_id, lambda: str(connected.cidr), far_table, options)
        return declare_peering(
            key,
            connected,
            near_side,
            far_side,
            self._labels(),
            accepted_here=accepter is not None,
        )

    def _steps_of_owners(self) -> Iterator[str]:
        cidr = str(self._args.settings.cidr or "the network's block")
        for key, connected in sorted(self._args.settings.connected_vpcs.items()):
            if connected.acceptance == "pending" and key not in self._args.accepters:
                yield steps_of_owner(key, connected, cidr)

    def _near_routes(self) -> tuple[pulumi.Input[str], pulumi.Input[str]]:
        """Return the network's block and its system route table."""
        own = self._args.settings.cidr
        if own is not None and self._args.route_table_id is not None:
            return str(own), self._args.route_table_id
        if self._near is None:
            self._near = vpc.Network.get(
                f"{self._name}-near-vpc", self._args.vpc_id, opts=self._child
            )
        return self._near.cidr_block.apply(str), self._near.route_table_id
