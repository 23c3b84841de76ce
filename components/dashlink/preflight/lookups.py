"""Records of what the preflight reads of the cloud."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network

from dashlink.network.existing_group import ExistingRule


@dataclass(frozen=True)
class OfferedService:
    """An endpoint service that this account may use, with the zones that accept endpoints."""

    service_id: str
    service_name: str
    zones: tuple[str, ...]


@dataclass(frozen=True)
class ExistingVpc:
    """A VPC; ``cidrs`` are its primary block, then its secondary ones."""

    vpc_id: str
    cidrs: tuple[IPv4Network, ...]
    name: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ExistingVSwitch:
    """A vSwitch of a VPC."""

    vswitch_id: str
    vpc_id: str
    zone: str
    cidr: IPv4Network
    name: str


@dataclass(frozen=True)
class ExistingSecurityGroup:
    """A security group with its ingress rules."""

    security_group_id: str
    vpc_id: str
    rules: tuple[ExistingRule, ...]


@dataclass(frozen=True)
class ExistingNatGateway:
    """A NAT gateway; ``addresses`` are those of its EIPs, ``network_type`` internet or intranet."""

    nat_gateway_id: str
    vpc_id: str
    network_type: str
    snat_table_ids: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ExistingSnatEntry:
    """An SNAT entry of a NAT gateway; ``vswitch_id`` is empty for that of a block."""

    entry_id: str
    name: str
    vswitch_id: str


@dataclass(frozen=True)
class ExistingEip:
    """An elastic IP address; ``instance_id`` is empty unless it is associated."""

    eip_id: str
    instance_id: str


@dataclass(frozen=True)
class ExistingGateway:
    """A gateway of APIG, of any type."""

    gateway_id: str
    type: str
    vpc_id: str
    is_public: bool = False


@dataclass(frozen=True)
class ExistingZone:
    """A private zone that is attached to a VPC."""

    zone_id: str
    tags: Mapping[str, str] = field(default_factory=dict)
    remark: str = ""


@dataclass(frozen=True)
class ExistingEndpoint:
    """An endpoint in a VPC."""

    endpoint_id: str
    tags: Mapping[str, str] = field(default_factory=dict)
    service_id: str = ""


@dataclass(frozen=True)
class AdoptedEndpoint:
    """An endpoint that the settings name by its id; zones sorted."""

    endpoint_id: str
    vpc_id: str
    service_name: str
    service_id: str
    service_region: str
    connection_status: str
    zones: tuple[str, ...]


@dataclass(frozen=True)
class ExistingEasService:
    """A model service of PAI-EAS; ``gateway_id`` is empty for the shared gateway.

    ``vpc_id`` is the VPC of its instances' interfaces; empty where they have none.
    """

    name: str
    status: str
    gateway_id: str
    is_public: bool
    tags: Mapping[str, str] = field(default_factory=dict)
    service_id: str = ""
    workspace_id: str = ""
    vpc_id: str = ""


@dataclass(frozen=True)
class ExistingWorkspace:
    """A workspace of Model Studio; ``api_host`` is its public host."""

    workspace_id: str
    api_host: str
    region: str


@dataclass(frozen=True)
class ExistingConsumer:
    """A consumer of the account."""

    consumer_id: str
    description: str


@dataclass(frozen=True)
class ExistingApi:
    """An API of the account, with the domains that serve it and the names of its services."""

    api_id: str
    name: str
    base_path: str
    domains: tuple[str, ...]
    services: tuple[str, ...]
    description: str
