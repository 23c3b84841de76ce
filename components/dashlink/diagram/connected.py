"""Connected VPCs in the drawing of a stack: their clients, and the way to the stack's names.

client of the connected VPC -> CEN instance or peering -> domains
"""

from __future__ import annotations

from collections.abc import Iterable

from dashlink.diagram.model import Edge, Node
from dashlink.network.catalog import CEN_BANDWIDTH_MBPS
from dashlink.network.connected import ConnectedVpcSettings
from dashlink.settings import StackSettings

_CEN = "connection:cen"


def connected_parts(
    settings: StackSettings, region: str, domains: Iterable[str]
) -> tuple[list[Node], list[Edge]]:
    """Return the nodes and edges of connected VPCs; none without such VPCs.

    Args:
        settings: Checked settings of the stack.
        region: Region of the stack.
        domains: Ids of the nodes of names that connected VPCs resolve.
    """
    nodes: list[Node] = []
    edges: dict[Edge, None] = {}
    for name, connected in sorted(settings.network.connected_vpcs.items()):
        group = f"VPC {connected.cidr}, {connected.region}"
        client = f"client:connected:{name}"
        detail = ("of another account",) if not connected.is_of_stack else ()
        nodes.append(Node(client, "clients", f"clients of {name}", detail, "client", group))
        connection = _CEN if connected.over == "cen" else f"connection:{name}"
        if connected.over == "peering":
            state = () if connected.acceptance != "pending" else ("not accepted yet",)
            nodes.append(Node(connection, "clients", "VPC peering", state, "plain"))
        edges[Edge(client, connection, tuple(_speed(connected, region)))] = None
        for domain in domains:
            edges[Edge(connection, domain)] = None
    if any(edge.target == _CEN for edge in edges):
        nodes.append(Node(_CEN, "clients", "CEN", (_cen_id(settings),), "plain"))
    return nodes, list(edges)


def _speed(connected: ConnectedVpcSettings, region: str) -> list[str]:
    """Return the bandwidth to another region, as far as it is known."""
    if connected.region == region:
        return []
    bandwidth = connected.bandwidth_mbps
    if bandwidth is None and connected.over == "cen":
        bandwidth = CEN_BANDWIDTH_MBPS
    return [] if bandwidth is None else [f"{bandwidth} Mbit/s"]


def _cen_id(settings: StackSettings) -> str:
    cen = settings.network.cen
    if cen is None or cen.cen_id is None:
        return "with transit routers"
    return cen.cen_id
