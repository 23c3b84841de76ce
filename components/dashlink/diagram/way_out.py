"""The way out of the VPC in the drawing of a stack: the NAT gateway, and what it leads to."""

from __future__ import annotations

from collections.abc import Iterable

from dashlink.diagram.model import INSIDE, Edge, Node
from dashlink.network.catalog import EIP_MBPS
from dashlink.network.egress import EgressSettings
from dashlink.network.settings import NetworkSettings

_GATEWAY = "way-out"
_INTERNET = "target:internet"


def way_out_parts(
    network: NetworkSettings, vpc: str, hosts: Iterable[str]
) -> tuple[list[Node], list[Edge]]:
    """Return the nodes and edges of the way out; none without one.

    Args:
        network: The network of the stack.
        vpc: The group of the VPC.
        hosts: Ids of the nodes of hosts on the internet.
    """
    egress = network.egress
    if egress is None:
        return [], []
    group = vpc
    label = "NAT gateway"
    if egress.nat_gateway_id is None:
        group += f"{INSIDE}{egress.zone or min(network.zones)}"
    elif isinstance(egress.nat_gateway_id, str):
        label = egress.nat_gateway_id
    nodes = [
        Node(_GATEWAY, "zones", label, (_eip(egress),), "endpoint", group),
        Node(_INTERNET, "targets", "the internet", ("outward alone",), "upstream"),
    ]
    edges = [Edge(host, _GATEWAY) for host in hosts]
    return nodes, [*edges, Edge(_GATEWAY, _INTERNET)]


def _eip(egress: EgressSettings) -> str:
    if egress.addresses:
        return ", ".join(map(str, egress.addresses))
    if isinstance(egress.eip_id, str):
        return egress.eip_id
    if egress.eip_id is not None:
        return "an existing EIP"
    return f"EIP, {egress.bandwidth_mbps or EIP_MBPS} Mbit/s"
