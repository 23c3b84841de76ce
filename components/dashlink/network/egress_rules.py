"""The rules of the way out: what is new, what exists, and what fits together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dashlink.errors import Fault
from dashlink.network.egress import EgressSettings
from dashlink.validation import inside

if TYPE_CHECKING:
    from dashlink.network.settings import NetworkSettings

_REMOVE = "Remove it, or the other one."


def find_faults(network: NetworkSettings) -> Iterator[Fault]:
    """Find every fault of the way out; paths start inside the network."""
    egress = network.egress
    if egress is None:
        return
    for fault in (*_gateway_faults(egress, network), *_address_faults(egress)):
        yield inside("egress", fault)


def find_private_only_faults(network: NetworkSettings) -> Iterator[Fault]:
    """Find a way out in a stack that refuses everything on the internet."""
    if network.egress is not None:
        problem = "a way out to the internet, in a stack with `private_only`"
        yield Fault("egress", problem, "Remove it, or write `private_only: false`.")


def _gateway_faults(egress: EgressSettings, network: NetworkSettings) -> Iterator[Fault]:
    if egress.nat_gateway_id is None:
        for key in ("addresses", "snat_table_id"):
            if getattr(egress, key):
                problem = "of an existing NAT gateway, which is not named"
                yield Fault(key, problem, "Write its `nat_gateway_id`, or remove it.")
    elif network.vpc_id is None:
        problem = "an existing NAT gateway, and a new VPC"
        yield Fault("nat_gateway_id", problem, "Write the `vpc_id` that it is in, or remove it.")
    if egress.zone is None:
        return
    if egress.nat_gateway_id is not None:
        problem = "the zone of a new NAT gateway beside an existing one"
        yield Fault("zone", problem, _REMOVE, egress.zone)
    elif egress.zone not in network.zones:
        zones = ", ".join(sorted(network.zones))
        advice = f"Write one of {zones}, or add it to `zones`."
        yield Fault("zone", "this zone is not among `zones`", advice, egress.zone)


def _address_faults(egress: EgressSettings) -> Iterator[Fault]:
    if egress.addresses and egress.eip_id is not None:
        problem = "an EIP to associate beside addresses that the NAT gateway has"
        yield Fault("eip_id", problem, _REMOVE)
    if egress.bandwidth_mbps is not None and not egress.creates_eip:
        problem = "the bandwidth of a new EIP, and none is created"
        yield Fault("bandwidth_mbps", problem, "Remove it.", str(egress.bandwidth_mbps))
    seen = set()
    for number, address in enumerate(egress.addresses):
        if address in seen:
            where = f"addresses.{number}"
            yield Fault(where, "listed twice", "List each address once.", str(address))
        seen.add(address)
