"""State of the sandbox cloud: plain records, stored in one JSON file.

Services write the records and define the rules; the inside of a VPC only reads them. Records have
the cloud's own terms in snake_case, times in seconds since the epoch, addresses as on the wire.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from pydantic import Field

from dashlink_sandbox.dialects import Dialect
from dashlink_sandbox.eas import EasGateway, EasService
from dashlink_sandbox.gateways import (
    AiService,
    AuthorizationRule,
    Consumer,
    Domain,
    Environment,
    Gateway,
    HttpApi,
    LateChange,
    PluginClass,
    Policy,
    PolicyAttachment,
    Upstream,
)
from dashlink_sandbox.load_balancers import LoadBalancer
from dashlink_sandbox.maas import MaasFront, MaasKey, MaasModel, MaasService
from dashlink_sandbox.nat import Eip, NatGateway, SnatEntry
from dashlink_sandbox.records import ClientToken, Fixed, Record, Tagged
from dashlink_sandbox.routers import (
    Cen,
    PeerConnection,
    RouterAttachment,
    RouterLink,
    RouterTable,
    TransitRouter,
)
from dashlink_sandbox.studio import StudioWorkspace


class Ipv6Block(Record):
    """An IPv6 block of a VPC. ``isp``: BGP."""

    cidr: str
    isp: str = "BGP"


class Vpc(Tagged):
    """A VPC. It has IPv6 enabled if it has an IPv6 block.

    ``peers`` are the VPCs that it has a route to; ``has_way_out``: it reaches the internet without
    a NAT gateway of its own. The admin API sets both. ``since`` is the time at which ``status``
    was set, here and below; transitions.py uses it.
    """

    vpc_id: str
    region: str
    cidr: str
    name: str = ""
    description: str = ""
    status: str = "Available"
    since: float = 0.0
    router_id: str = ""
    route_table_id: str = ""
    is_default: bool = False
    secondary_cidrs: list[str] = Field(default_factory=list)
    user_cidrs: list[str] = Field(default_factory=list)
    ipv6_blocks: list[Ipv6Block] = Field(default_factory=list)
    dns_hostname_enabled: bool = False
    peers: list[str] = Field(default_factory=list)
    has_way_out: bool = False


class RouteEntry(Record):
    """A custom route of a route table, to an instance of the table's VPC.

    ``automatic``: the cloud has created it with its next hop, and deletes it with that.
    """

    entry_id: str
    cidr: str
    next_hop_type: str
    next_hop_id: str
    name: str = ""
    description: str = ""
    changed: float = 0.0
    automatic: bool = False


class RouteTable(Tagged):
    """A route table of a VPC. ``type``: System, Custom; ``associate_type``: VSwitch, Gateway."""

    table_id: str
    vpc_id: str
    region: str
    type: str = "Custom"
    associate_type: str = "VSwitch"
    name: str = ""
    description: str = ""
    propagation_enabled: bool = True
    entries: list[RouteEntry] = Field(default_factory=list)


class HaVip(Tagged):
    """A high-availability virtual IP address: an address in a vSwitch, a next hop of routes."""

    ha_vip_id: str
    region: str
    vpc_id: str
    vswitch_id: str
    address: str
    name: str = ""
    description: str = ""


class VSwitch(Tagged):
    """A vSwitch: one block of a VPC in one zone.

    ``route_table_id`` is empty if it uses the VPC's system route table.
    """

    vswitch_id: str
    vpc_id: str
    zone_id: str
    cidr: str
    ipv6_cidr: str = ""
    route_table_id: str = ""
    is_default: bool = False
    name: str = ""
    description: str = ""
    status: str = "Available"
    since: float = 0.0


class Rule(Record):
    """A rule of a security group.

    ``ports`` is ``80/80``; exactly one source is set. ``source_group_owner`` is the account of a
    source group, if it was named. A lower priority number wins.
    """

    rule_id: str
    direction: str = "ingress"
    protocol: str = "tcp"
    ports: str = "-1/-1"
    policy: str = "accept"
    priority: int = 1
    nic_type: str = "intranet"
    source_cidr: str = ""
    source_group_id: str = ""
    source_group_owner: str = ""
    source_prefix_list_id: str = ""
    ipv6_source_cidr: str = ""
    description: str = ""
    created: float = 0.0


class SecurityGroup(Tagged):
    """A security group.

    It allows what a rule accepts and, by ``inner_access_policy``, traffic among its members.
    ``managed_by``: the cloud product that created it for one of its resources; empty: a user.
    ``deleted_at``: the time at which that product deletes it.
    """

    security_group_id: str
    region: str
    vpc_id: str
    name: str = ""
    description: str = ""
    type: str = "normal"
    inner_access_policy: str = "Accept"
    rules: list[Rule] = Field(default_factory=list)
    managed_by: str = ""
    deleted_at: float | None = None


class PrefixEntry(Record):
    """An entry of a prefix list."""

    cidr: str
    description: str = ""


class PrefixList(Tagged):
    """A prefix list of security group rules. ``address_family``: IPv4, IPv6."""

    prefix_list_id: str
    region: str
    name: str
    address_family: str
    max_entries: int
    description: str = ""
    entries: list[PrefixEntry] = Field(default_factory=list)


class EndpointZone(Record):
    """An endpoint's network interface in one zone.

    ``status``: Creating, Wait, Connected, Disconnected, Deleting.
    """

    zone_id: str
    vswitch_id: str
    eni_id: str
    eni_ip: str
    zone_domain: str
    status: str = "Connected"
    since: float = 0.0


class Endpoint(Tagged):
    """A PrivateLink endpoint.

    ``custom_domain_enabled`` is the console's switch: no API sets it. ``status``: Creating, Active,
    Pending, Deleting. ``connection_status``: Pending, Connecting, Connected, Disconnecting,
    Disconnected, Deleting, ServiceDeleted. ``acceptance``: waiting, accepted or rejected by the
    service; ``enabled``: its owner has accepted the connection by a call, which connects it even
    without zones. ``creator``: the role that created it with a temporary key; empty for an
    account's key. ``bandwidth_mbps`` and ``traffic_control`` are those of the connection; 0 and
    empty: the service's defaults.
    """

    endpoint_id: str
    region: str
    vpc_id: str
    service_id: str
    service_name: str
    service_region: str
    endpoint_domain: str
    name: str = ""
    description: str = ""
    type: str = "Interface"
    status: str = "Active"
    since: float = 0.0
    acceptance: str = "accepted"
    connection_status: str = "Disconnected"
    enabled: bool = False
    connection_modified: float = 0.0
    bandwidth_mbps: int = 0
    traffic_control: str = ""
    policy_document: str = ""
    protected: bool = False
    creator: str = ""
    address_ip_version: str = "IPv4"
    cross_region_bandwidth_mbps: int = 0
    zone_affinity_enabled: bool = False
    custom_domain_enabled: bool = False
    security_group_ids: list[str] = Field(default_factory=list)
    zones: dict[str, EndpointZone] = Field(default_factory=dict)


class ServiceResource(Record):
    """A load balancer behind an endpoint service, in one zone.

    ``auto_allocated``: whether it serves the zones of new endpoints.
    """

    resource_id: str
    resource_type: str
    zone_id: str
    auto_allocated: bool = True


class EndpointService(Tagged):
    """A service that endpoints connect to: from the catalog, or an account's own.

    An admin call may change it. A service of the catalog has no ``owner``.

    Attributes:
        allow_listed_accounts: The accounts that may see and use it, besides its owner; None: every
            account.
        allow_listed_arns: The same as resource names (``acs:ram:*:<account>:*``).
        auto_accept: Whether a new connection is accepted at once; else it waits for its owner, or
            for an admin call.
        private_domain: The custom service domain that the console's switch turns on; empty: none.
        tls_names: The names for which the service's own certificate is valid, TLS on 443.
        ports: The TCP ports on which it listens.
        status: Creating, Active or Deleting; ``since`` is the time at which it was set.
        connect_bandwidth_mbps: The bandwidth of a new connection.
        supported_regions: The regions that endpoints may connect from, beside the service's own;
            None: every region.
    """

    service_id: str
    service_name: str
    region: str
    zones: list[str]
    resource_type: str = "nlb"
    auto_accept: bool = True
    allow_listed_accounts: list[str] | None = None
    allow_listed_arns: list[str] = Field(default_factory=list)
    private_domain: str = ""
    tls_names: list[str] = Field(default_factory=list)
    ports: list[int] = Field(default_factory=lambda: [80, 443])
    description: str = ""
    status: str = "Active"
    since: float = 0.0
    payer: str = "Endpoint"
    address_ip_version: str = "IPv4"
    support_ipv6: bool = False
    zone_affinity_enabled: bool = True
    connect_bandwidth_mbps: int = 3072
    supported_regions: list[str] | None = None
    resources: list[ServiceResource] = Field(default_factory=list)


class DnsRecord(Record):
    """A record of a PrivateZone. ``rr`` is the host part (``@`` for the zone itself)."""

    record_id: str
    rr: str
    type: str
    value: str
    ttl: int = 60
    priority: int = 1
    remark: str = ""
    status: str = "ENABLE"


class ZoneVpc(Record):
    """A VPC that a PrivateZone is attached to."""

    region: str
    vpc_id: str


class HostSync(Record):
    """The task that adds the host names of ECS instances to a zone; the sandbox has no instances.

    ``regions``: account id -> the regions of its instances. ``status``: ON or OFF.
    """

    status: str = "OFF"
    regions: dict[str, list[str]] = Field(default_factory=dict)


class PrivateZone(Tagged):
    """A PrivateZone: names that only the attached VPCs resolve."""

    zone_id: str
    name: str
    remark: str = ""
    proxy_pattern: str = "ZONE"
    records: dict[str, DnsRecord] = Field(default_factory=dict)
    vpcs: list[ZoneVpc] = Field(default_factory=list)
    host_sync: HostSync | None = None


class VpcAuthorization(Tagged):
    """An account's permission that ``owner`` binds its zones to the VPCs of ``user_id``."""

    user_id: str
    type: str = "NORMAL"


class ResolverAddress(Record):
    """An address from which a resolver endpoint sends queries."""

    zone_id: str
    vswitch_id: str
    cidr: str
    address: str


class ResolverEndpoint(Tagged):
    """An outbound endpoint: where the queries of a VPC leave for servers elsewhere.

    The sandbox forwards no query.
    """

    endpoint_id: str
    name: str
    region: str
    vpc_id: str
    security_group_id: str
    addresses: list[ResolverAddress] = Field(default_factory=list)
    status: str = "INIT"
    since: float = 0.0
    updated: float = 0.0


class ResolverRule(Tagged):
    """A forwarding rule: which names are resolved by servers elsewhere, and in which VPCs.

    ``servers``: address and port of each server.
    """

    rule_id: str
    name: str
    endpoint_id: str
    zone_name: str
    type: str = "OUTBOUND"
    servers: list[tuple[str, int]] = Field(default_factory=list)
    vpcs: list[ZoneVpc] = Field(default_factory=list)
    updated: float = 0.0


class State(Record):
    """The whole cloud: records by id.

    ``next_number`` is for new ids; it only grows, so that an id is never used again. ``dialect`` is
    how this cloud answers the open questions.
    """

    version: int = 1
    next_number: int = 1
    dialect: Dialect = Field(default_factory=Dialect)
    client_tokens: dict[str, ClientToken] = Field(default_factory=dict)
    vpcs: dict[str, Vpc] = Field(default_factory=dict)
    vswitches: dict[str, VSwitch] = Field(default_factory=dict)
    route_tables: dict[str, RouteTable] = Field(default_factory=dict)
    ha_vips: dict[str, HaVip] = Field(default_factory=dict)
    nat_gateways: dict[str, NatGateway] = Field(default_factory=dict)
    eips: dict[str, Eip] = Field(default_factory=dict)
    snat_entries: dict[str, SnatEntry] = Field(default_factory=dict)
    cens: dict[str, Cen] = Field(default_factory=dict)
    transit_routers: dict[str, TransitRouter] = Field(default_factory=dict)
    router_tables: dict[str, RouterTable] = Field(default_factory=dict)
    router_attachments: dict[str, RouterAttachment] = Field(default_factory=dict)
    router_associations: dict[str, RouterLink] = Field(default_factory=dict)
    router_propagations: dict[str, RouterLink] = Field(default_factory=dict)
    peer_connections: dict[str, PeerConnection] = Field(default_factory=dict)
    security_groups: dict[str, SecurityGroup] = Field(default_factory=dict)
    prefix_lists: dict[str, PrefixList] = Field(default_factory=dict)
    endpoints: dict[str, Endpoint] = Field(default_factory=dict)
    endpoint_services: dict[str, EndpointService] = Field(default_factory=dict)
    load_balancers: dict[str, LoadBalancer] = Field(default_factory=dict)
    private_zones: dict[str, PrivateZone] = Field(default_factory=dict)
    vpc_authorizations: dict[str, VpcAuthorization] = Field(default_factory=dict)
    resolver_endpoints: dict[str, ResolverEndpoint] = Field(default_factory=dict)
    resolver_rules: dict[str, ResolverRule] = Field(default_factory=dict)
    gateways: dict[str, Gateway] = Field(default_factory=dict)
    environments: dict[str, Environment] = Field(default_factory=dict)
    ai_services: dict[str, AiService] = Field(default_factory=dict)
    http_apis: dict[str, HttpApi] = Field(default_factory=dict)
    domains: dict[str, Domain] = Field(default_factory=dict)
    consumers: dict[str, Consumer] = Field(default_factory=dict)
    authorization_rules: dict[str, AuthorizationRule] = Field(default_factory=dict)
    plugin_classes: dict[str, PluginClass] = Field(default_factory=dict)
    policies: dict[str, Policy] = Field(default_factory=dict)
    policy_attachments: dict[str, PolicyAttachment] = Field(default_factory=dict)
    late_changes: dict[str, LateChange] = Field(default_factory=dict)
    upstreams: dict[str, Upstream] = Field(default_factory=dict)
    eas_services: dict[str, EasService] = Field(default_factory=dict)
    eas_gateways: dict[str, EasGateway] = Field(default_factory=dict)
    studio_workspaces: dict[str, StudioWorkspace] = Field(default_factory=dict)
    maas_keys: dict[str, MaasKey] = Field(default_factory=dict)
    maas_models: dict[str, MaasModel] = Field(default_factory=dict)
    maas_services: dict[str, MaasService] = Field(default_factory=dict)
    maas_fronts: dict[str, MaasFront] = Field(default_factory=dict)

    def model_post_init(self, _context: Any) -> None:
        """Add the system route tables of VPCs, which states of earlier versions do not have."""
        for vpc in self.vpcs.values():
            if vpc.route_table_id:
                table = RouteTable(
                    table_id=vpc.route_table_id,
                    vpc_id=vpc.vpc_id,
                    region=vpc.region,
                    type="System",
                    owner=vpc.owner,
                    created=vpc.created,
                )
                self.route_tables.setdefault(table.table_id, table)

    def draft(self) -> State:
        """Copy the state to change it. Tables of immutable records share them, for speed."""
        tables: dict[str, Any] = {}
        for name in type(self).model_fields:
            table = getattr(self, name)
            if _is_fixed(table):
                tables[name] = dict(table)
            else:
                tables[name] = deepcopy(table)
        return self.model_copy(update=tables)


def _is_fixed(table: Any) -> bool:
    return isinstance(table, dict) and bool(table) and isinstance(next(iter(table.values())), Fixed)
