"""Records of load balancers."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from dashlink_sandbox.records import Record, Tagged


class BalancerZone(Record):
    """A load balancer's address in one zone."""

    zone_id: str
    vswitch_id: str
    address: str
    eni_id: str = ""


class LoadBalancer(Tagged):
    """A load balancer, which an endpoint service may lead to; it has no listeners.

    ``kind``: slb (CLB) or nlb. ``attributes``: what the API returns as it was sent, by its names.
    """

    load_balancer_id: str
    kind: str
    region: str
    vpc_id: str
    name: str = ""
    status: str = "Active"
    since: float = 0.0
    address_type: str = "intranet"
    address_ip_version: str = "ipv4"
    zones: list[BalancerZone] = Field(default_factory=list)
    attributes: dict[str, Any] = Field(default_factory=dict)

    def zone(self, zone_id: str) -> BalancerZone:
        """Return its address in a zone that it has."""
        return next(zone for zone in self.zones if zone.zone_id == zone_id)
