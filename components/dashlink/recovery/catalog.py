"""What is looked up: a function for each type of the alicloud provider that dashlink declares."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from dashlink.recovery import access, connections, network
from dashlink.recovery.desired import Found, Inputs
from dashlink.recovery.reads import Reads

LookUp = Callable[[Reads, Inputs], Iterable[Found]]

GATEWAY = "alicloud:apig/gateway:Gateway"

LOOK_UPS: Mapping[str, LookUp] = {
    "alicloud:vpc/network:Network": network.vpcs,
    "alicloud:vpc/switch:Switch": network.vswitches,
    "alicloud:ecs/securityGroup:SecurityGroup": network.security_groups,
    "alicloud:ecs/securityGroupRule:SecurityGroupRule": network.rules,
    "alicloud:vpc/natGateway:NatGateway": network.nat_gateways,
    "alicloud:ecs/eipAddress:EipAddress": network.eips,
    "alicloud:ecs/eipAssociation:EipAssociation": network.eip_associations,
    "alicloud:vpc/snatEntry:SnatEntry": network.snat_entries,
    "alicloud:vpc/routeEntry:RouteEntry": network.route_entries,
    "alicloud:privatelink/vpcEndpoint:VpcEndpoint": access.endpoints,
    "alicloud:privatelink/vpcEndpointZone:VpcEndpointZone": access.endpoint_zones,
    "alicloud:pvtz/zone:Zone": access.private_zones,
    "alicloud:pvtz/zoneRecord:ZoneRecord": access.zone_records,
    "alicloud:pvtz/zoneAttachment:ZoneAttachment": access.zone_attachments,
    GATEWAY: access.gateways,
    "alicloud:vpc/peerConnection:PeerConnection": connections.peerings,
    "alicloud:vpc/peerConnectionAccepter:PeerConnectionAccepter": connections.accepters,
    "alicloud:cen/instance:Instance": connections.cens,
    "alicloud:cen/transitRouter:TransitRouter": connections.routers,
    "alicloud:cen/transitRouterVpcAttachment:TransitRouterVpcAttachment": (
        connections.vpc_attachments
    ),
    "alicloud:cen/transitRouterPeerAttachment:TransitRouterPeerAttachment": (
        connections.peer_attachments
    ),
    "alicloud:cen/transitRouterRouteTableAssociation:TransitRouterRouteTableAssociation": (
        connections.associations
    ),
    "alicloud:cen/transitRouterRouteTablePropagation:TransitRouterRouteTablePropagation": (
        connections.propagations
    ),
}
"""Look-up by type token."""

UNREADABLE: frozenset[str] = frozenset({GATEWAY})
"""Types of which the API does not return every create-only field: the network access, the zone
selection and the access log of a gateway (alicloud provider v1.285.0,
resource_alicloud_apig_gateway.go). They are imported with the inputs of the settings as their
state, then refreshed: a plain import would let the next `up` replace them."""
