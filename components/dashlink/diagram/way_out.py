"""The way out of the VPC in the drawing of a stack: the NAT gateway, and what it leads to."""

from __future__ import annotations

from dataclasses import replace

from dashlink.diagram.model import Edge, Node
from dashlink.network.catalog import EIP_MBPS
from dashlink.network.egress import EgressSettings
from dashlink.network.settings import NetworkSettings

_GATEWAY = "way-out"
_INTERNET = "target:internet"


def with_way_out(
    network: NetworkSettings, vpc: str, nodes: list[Node], edges: list[Edge]
) -> tuple[list[Node], list[Edge]]:
    """Lead requests from the VPC to hosts outside it through the NAT gateway, if there is one.

    Args:
        network: The network of the stack.
        vpc: The group of the VPC.
        nodes: The nodes of the stack.
        edges: Its edges.
    """
    egress = network.egress
    if egress is None:
        return nodes, edges
    detail = [_eip(egress)]
    label = "NAT gateway"
    if egress.nat_gateway_id is None:
        detail.append(f"in {egress.zone or min(network.zones)}")
    elif isinstance(egress.nat_gateway_id, str):
        label = egress.nat_gateway_id
    gateway = Node(_GATEWAY, "upstreams", label, tuple(detail), "endpoint", vpc)
    groups = {node.id: node.groups for node in nodes}
    hosts = {node.id for node in nodes if _is_host(node)}
    led: dict[Edge, None] = {}
    for edge in edges:
        if edge.target in hosts and groups[edge.source]:
            led[replace(edge, target=_GATEWAY)] = None
            led[Edge(_GATEWAY, edge.target)] = None
        else:
            led[edge] = None
    if any(edge.source == _GATEWAY for edge in led):
        return [*nodes, gateway], list(led)
    internet = Node(_INTERNET, "targets", "the internet", ("outward alone",), "upstream")
    return [*nodes, gateway, internet], [*led, Edge(_GATEWAY, _INTERNET)]


def _is_host(node: Node) -> bool:
    """Whether the node is an address on the internet."""
    is_address = node.id.startswith(("host:", "eas:"))
    return is_address and not node.groups


def _eip(egress: EgressSettings) -> str:
    if egress.addresses:
        return ", ".join(map(str, egress.addresses))
    if isinstance(egress.eip_id, str):
        return egress.eip_id
    if egress.eip_id is not None:
        return "an existing EIP"
    return f"EIP, {egress.bandwidth_mbps or EIP_MBPS} Mbit/s"
