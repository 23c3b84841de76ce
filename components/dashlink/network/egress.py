"""The settings of the network's way out to the internet: a NAT gateway, an EIP, SNAT entries."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema

from dashlink.network.catalog import MAX_EIP_MBPS, is_private
from dashlink.types import EipId, NatGatewayId, SettingsModel, SnatTableId, ZoneId, wrong

_ADVICE = "Write the public address of an EIP, e.g. 203.0.113.10."


def _public_address(value: Any) -> IPv4Address:
    try:
        network = IPv4Network(value)
    except ValueError:
        raise wrong("not an IPv4 address", _ADVICE) from None
    if network.num_addresses != 1 or is_private(network):
        raise wrong("not a public address", _ADVICE)
    return network.network_address


PublicAddress = Annotated[
    IPv4Address,
    BeforeValidator(_public_address),
    PlainSerializer(str, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "examples": ["203.0.113.10"]}),
]


class EgressSettings(SettingsModel):
    """The way out of the VPC for clients in its vSwitches; `{}` creates everything.

    It opens nothing inward: connections start inside the VPC alone.
    """

    zone: ZoneId | None = None
    """Zone whose vSwitch has the new NAT gateway. Another zone replaces the NAT gateway, and keeps
    the EIP. Default: the first one in alphabetical order.
    """
    bandwidth_mbps: int | None = Field(default=None, ge=1, le=MAX_EIP_MBPS)
    """Largest bandwidth of the new EIP in Mbit/s; it is billed by traffic. Default: 100."""
    nat_gateway_id: NatGatewayId | None = None
    """An existing NAT gateway of the existing VPC (`ngw-…`), of the type internet. It gets the EIP
    and an SNAT entry for each vSwitch, unless `addresses` says that it has them."""
    eip_id: EipId | None = None
    """An existing EIP (`eip-…`) instead of a new one: it keeps its address, and is associated with
    the NAT gateway."""
    addresses: tuple[PublicAddress, ...] = ()
    """Addresses of EIPs that the existing NAT gateway has already: no EIP is created or associated.
    Without `snat_table_id` no SNAT entry is created either: the gateway's own let the clients out.
    """
    snat_table_id: SnatTableId | None = None
    """SNAT table of the existing NAT gateway (`stb-…`), for a new entry for each vSwitch, which
    leaves with `addresses`; default: the gateway's, where entries are created."""

    @property
    def creates_eip(self) -> bool:
        """Whether an EIP is created."""
        return self.eip_id is None and not self.addresses

    @property
    def creates_entries(self) -> bool:
        """Whether SNAT entries are created."""
        return not self.addresses or self.snat_table_id is not None
