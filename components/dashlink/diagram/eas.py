"""Model services and dedicated gateways of PAI-EAS in the drawing of a stack.

client -> address of the service -> gateway, in a linked VPC or shared -> instances
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dashlink.diagram.model import Edge, Node
from dashlink.eas.gateway_plan import link_zone
from dashlink.eas.gateway_settings import EasGatewaySettings
from dashlink.eas.settings import EasServiceSettings
from dashlink.settings import StackSettings

_VPC_CLIENT = "client:vpc"
_ANYBODY = "client:anybody"
_SHARED = "target:eas-shared"


def service_node(name: str, service: EasServiceSettings, vpc: str) -> Node:
    """Return the node of a service's address; within VPCs it is in the group of the VPC."""
    group = vpc if service.access == "vpc" else ""
    detail = (f"{service.access} address",)
    return Node(f"eas:{name}", "upstreams", f"PAI-EAS {name}", detail, "upstream", group)


def eas_parts(
    settings: StackSettings, vpc: str, used: Iterable[str]
) -> tuple[list[Node], list[Edge]]:
    """Return the nodes and edges of services and gateways of PAI-EAS; none without them.

    Args:
        settings: Checked settings of the stack.
        vpc: The group of the VPC.
        used: Services that AI services call, by their names; the others have clients.
    """
    nodes: dict[str, Node] = {}
    edges: dict[Edge, None] = {}
    called = set(used)
    for name, gateway in sorted(settings.eas_gateways.items()):
        drawn = _gateway_node(name, gateway, settings, vpc)
        nodes[drawn.id] = drawn
        for client in _linked_clients(gateway):
            nodes[client.id] = client
            edges[Edge(client.id, drawn.id)] = None
    for name, service in sorted(settings.eas_services.items()):
        address = service_node(name, service, vpc)
        instances = Node(f"target:eas:{name}", "targets", name, _instances(service), "upstream")
        way = _way(service)
        for node in (address, instances, way):
            nodes.setdefault(node.id, node)
        if name not in called:
            client = _client(service, vpc)
            nodes[client.id] = client
            edges[Edge(client.id, address.id)] = None
        edges[Edge(address.id, way.id)] = None
        edges[Edge(way.id, instances.id)] = None
    return list(nodes.values()), list(edges)


def _gateway_node(
    name: str, gateway: EasGatewaySettings, settings: StackSettings, vpc: str
) -> Node:
    detail = [f"{gateway.replicas} nodes {gateway.instance_type}"]
    if gateway.id is not None:
        detail = [gateway.id]
    elif gateway.internet:
        detail.append("also on the internet")
    group = ""
    if gateway.id is None:
        zones = [link_zone(link, settings.network.zones) for link in gateway.links]
        own = [zone for zone in zones if zone is not None]
        detail += [f"in {zone}" for zone in own[:1]]
        group = vpc if own else ""
    return Node(
        f"eas-gateway:{name}", "upstreams", f"EAS gateway {name}", tuple(detail), "gateway", group
    )


def _linked_clients(gateway: EasGatewaySettings) -> Iterator[Node]:
    """Yield the clients of the further VPCs that a new gateway is linked to, and of peers."""
    links = gateway.links if gateway.id is None else ()
    for link in links:
        vpc_ids = [link.vpc_id, *(peer.vpc_id for peer in link.peers)]
        for vpc_id in vpc_ids:
            if isinstance(vpc_id, str):
                label = f"clients of {vpc_id}"
                yield Node(f"client:{vpc_id}", "clients", label, (), "client", f"VPC {vpc_id}")


def _way(service: EasServiceSettings) -> Node:
    """Return the node of the gateway that a service is reached by."""
    reference = service.deploy.gateway if service.deploy is not None else None
    if reference is not None:
        label = f"EAS gateway {reference}"
        return Node(f"eas-gateway:{reference}", "upstreams", label, (), "gateway")
    if service.deploy is None:
        return Node("target:eas", "upstreams", "gateway of PAI-EAS", ("as the service has it",))
    return Node(_SHARED, "upstreams", "shared gateway of PAI-EAS", ("in the whole region",))


def _instances(service: EasServiceSettings) -> tuple[str, ...]:
    deploy = service.deploy
    if deploy is None:
        return ("exists", service.name or "")
    return (_counted(deploy.instances), deploy.instance_type or deploy.resource or "")


def _client(service: EasServiceSettings, vpc: str) -> Node:
    if service.access == "internet":
        return Node(_ANYBODY, "clients", "any client", ("with the token",), "client")
    return Node(_VPC_CLIENT, "clients", "any client in the VPC", (), "client", vpc)


def _counted(instances: int) -> str:
    return "1 instance" if instances == 1 else f"{instances} instances"
