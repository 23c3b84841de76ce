"""VpcPeer 2022-01-01: connections of two VPCs, in one region or two.

Sources: the calls, statuses and error codes of the alicloud provider v1.285.0
(resource_alicloud_vpc_peer_connection*.go, service_alicloud_vpc_peer_v2.go); SDK vpcpeer 2.0.5.
"""

from __future__ import annotations

from dashlink_sandbox.services.base import Service
from dashlink_sandbox.services.tags import Tags
from dashlink_sandbox.services.vpcpeer import connections

_TAGS = Tags({"peerconnection": "peer_connections"}, nested=False)

SERVICE = Service(
    "VpcPeer",
    "2022-01-01",
    {
        "CreateVpcPeerConnection": connections.create,
        "GetVpcPeerConnectionAttribute": connections.describe,
        "ListVpcPeerConnections": connections.list_connections,
        "AcceptVpcPeerConnection": connections.accept,
        "RejectVpcPeerConnection": connections.reject,
        "ModifyVpcPeerConnection": connections.modify,
        "DeleteVpcPeerConnection": connections.delete,
        "TagResources": _TAGS.tag,
        "UnTagResources": _TAGS.untag,
        "ListTagResources": _TAGS.list_tags,
        "MoveResourceGroup": _TAGS.move,
    },
)
