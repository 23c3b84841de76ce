"""What is looked up: a function for each type of the alicloud provider that dashlink declares."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from dashlink.recovery import access, connections, network
from dashlink.recovery.desired import Found, Inputs
from dashlink.recovery.reads import Reads

LookUp = Callable[[Reads, Inputs], Iterable[Found]]

VPC = "alicloud:vpc/network:Network"
VSWITCH = "alicloud:vpc/switch:Switch"
GROUP = "alicloud:ecs/securityGroup:SecurityGroup"
NAT_GATEWAY = "alicloud:vpc/natGateway:NatGateway"
EIP = "alicloud:ecs/eipAddress:EipAddress"
ENDPOINT = "alicloud:privatelink/vpcEndpoint:VpcEndpoint"
ENDPOINT_ZONE = "alicloud:privatelink/vpcEndpointZone:VpcEndpointZone"
ZONE = "alicloud:pvtz/zone:Zone"
RECORD = "alicloud:pvtz/zoneRecord:ZoneRecord"
GATEWAY = "alicloud:apig/gateway:Gateway"
PEERING = "alicloud:vpc/peerConnection:PeerConnection"
CEN = "alicloud:cen/instance:Instance"
ROUTER = "alicloud:cen/transitRouter:TransitRouter"
VPC_ATTACHMENT = "alicloud:cen/transitRouterVpcAttachment:TransitRouterVpcAttachment"
PEER_ATTACHMENT = "alicloud:cen/transitRouterPeerAttachment:TransitRouterPeerAttachment"

LOOK_UPS: Mapping[str, LookUp] = {
    VPC: network.vpcs,
    VSWITCH: network.vswitches,
    GROUP: network.security_groups,
    "alicloud:ecs/securityGroupRule:SecurityGroupRule": network.rules,
    NAT_GATEWAY: network.nat_gateways,
    EIP: network.eips,
    "alicloud:ecs/eipAssociation:EipAssociation": network.eip_associations,
    "alicloud:vpc/snatEntry:SnatEntry": network.snat_entries,
    "alicloud:vpc/routeEntry:RouteEntry": network.route_entries,
    ENDPOINT: access.endpoints,
    ENDPOINT_ZONE: access.endpoint_zones,
    ZONE: access.private_zones,
    RECORD: access.zone_records,
    "alicloud:pvtz/zoneAttachment:ZoneAttachment": access.zone_attachments,
    GATEWAY: access.gateways,
    PEERING: connections.peerings,
    "alicloud:vpc/peerConnectionAccepter:PeerConnectionAccepter": connections.accepters,
    CEN: connections.cens,
    ROUTER: connections.routers,
    VPC_ATTACHMENT: connections.vpc_attachments,
    PEER_ATTACHMENT: connections.peer_attachments,
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

GUARDED: frozenset[str] = frozenset(
    {
        VPC,
        VSWITCH,
        GROUP,
        NAT_GATEWAY,
        EIP,
        ENDPOINT,
        ENDPOINT_ZONE,
        ZONE,
        RECORD,
        GATEWAY,
        PEERING,
        CEN,
        ROUTER,
        VPC_ATTACHMENT,
        PEER_ATTACHMENT,
    }
)
"""Types that are looked up before each creation: a second one costs money, or ends in a conflict.
The cloud accepts a second request for the others, or the next `dashlink up` imports them."""

REPEATED: frozenset[str] = frozenset({NAT_GATEWAY, GATEWAY, ZONE})
"""Types whose creation the alicloud provider v1.285.0 sends again after a lost answer in a way that
the cloud takes for a new request: a NAT gateway with another client token
(resource_alicloud_nat_gateway.go), a gateway and a private zone with none
(resource_alicloud_apig_gateway.go, resource_alicloud_pvtz_zone.go)."""

DELETIONS: Mapping[str, str] = {
    VPC: "aliyun vpc DeleteVpc --RegionId {region} --VpcId {id}",
    VSWITCH: "aliyun vpc DeleteVSwitch --RegionId {region} --VSwitchId {id}",
    GROUP: "aliyun ecs DeleteSecurityGroup --RegionId {region} --SecurityGroupId {id}",
    NAT_GATEWAY: "aliyun vpc DeleteNatGateway --RegionId {region} --NatGatewayId {id}",
    EIP: "aliyun vpc ReleaseEipAddress --RegionId {region} --AllocationId {id}",
    ENDPOINT: "aliyun privatelink DeleteVpcEndpoint --RegionId {region} --EndpointId {id}",
    ZONE: "aliyun pvtz DeleteZone --ZoneId {id}",
    GATEWAY: "aliyun apig DELETE /v1/gateways/{id} --region {region}",
    CEN: "aliyun cbn DeleteCen --CenId {id}",
    PEERING: "aliyun vpcpeer DeleteVpcPeerConnection --region {region} --InstanceId {id}",
}
"""Command of the aliyun CLI that deletes a resource. Names of actions and parameters: SDKs vpc
7.2.2, ecs 7.11.8, privatelink 4.0.9, pvtz 1.5.0, apig 11.6.0, cbn 1.4.0, vpcpeer 2.0.5."""
