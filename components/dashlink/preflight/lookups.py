"""What the preflight reads of the cloud: records, and the `Lookups` that return them."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Protocol

from dashlink.network.plan import ExistingRule


@dataclass(frozen=True)
class OfferedService:
    """An endpoint service that this account may use, with the zones that accept endpoints."""

    service_id: str
    service_name: str
    zones: tuple[str, ...]


@dataclass(frozen=True)
class ExistingVpc:
    """A VPC; ``cidrs`` are its primary and secondary blocks."""

    vpc_id: str
    cidrs: tuple[IPv4Network, ...]


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
class ExistingGateway:
    """A gateway of APIG, of any type."""

    gateway_id: str
    type: str
    vpc_id: str
    is_public: bool = False


@dataclass(frozen=True)
class ExistingApi:
    """An API of the account, with the domains that serve it and the names of its services."""

    api_id: str
    name: str
    base_path: str
    domains: tuple[str, ...]
    services: tuple[str, ...]
    description: str


class Lookups(Protocol):
    """Requests of the preflight; threads may share an object."""

    def endpoint_service(
        self, *, name: str | None, service_id: str | None, service_region: str | None
    ) -> OfferedService | None:
        """Return the service, or None where it is not offered to this account."""

    def vpc(self, vpc_id: str) -> ExistingVpc | None:
        """Return the VPC, or None where the account has none of that id in the region."""

    def vswitches(self, vpc_id: str) -> tuple[ExistingVSwitch, ...]:
        """Return all vSwitches of the VPC."""

    def vswitch(self, vswitch_id: str) -> ExistingVSwitch | None:
        """Return the vSwitch of any VPC in the region, or None."""

    def security_group(self, security_group_id: str) -> ExistingSecurityGroup | None:
        """Return the security group with its rules, or None."""

    def gateway(self, gateway_id: str) -> ExistingGateway | None:
        """Return the gateway, or None where the account has none of that id in the region."""

    def model_apis(self) -> tuple[ExistingApi, ...]:
        """Return every API of the account in the region."""
