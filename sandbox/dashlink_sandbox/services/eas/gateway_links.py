"""The VPCs that a fully managed gateway is linked to, their peers, and the zones for links.

Sources, beside those of the package: repository aliyun/alibabacloud-sdk, eas-20210701/main.tea
(2026-08), models of CreateGatewayIntranetLinkedVpc, its Peer, and ListGatewayIntranetSupportedZone
("the zones that are supported by the region"): parameters, fields, statuses Creating and Running.
No source lists the zones of a region: here all but its first one, where it has more than two.
Codes are unverified, and so is that a VPC is linked once.
"""

from __future__ import annotations

import json
from ipaddress import IPv4Network
from typing import Any

from dashlink_sandbox.eas import EasGateway, LinkedVpc, PeerVpc
from dashlink_sandbox.services.base import Answer, Call
from dashlink_sandbox.services.eas.common import conflict
from dashlink_sandbox.services.eas.gateway_access import open_list
from dashlink_sandbox.services.eas.gateways import requested
from dashlink_sandbox.wire.errors import invalid, not_found

_INTERFACE_NUMBER = 30  # of the first link in a vSwitch's block
_FEW_ZONES = 2


def link(call: Call) -> Answer:
    """CreateGatewayIntranetLinkedVpc: an interface in one vSwitch of a VPC of the region."""
    row = requested(call)
    if row.kind != "managed" or row.status != "Running" or not row.intranet:
        raise conflict("GatewayStatusConflict", "The gateway takes no links now.")
    vpc_id, vswitch_id = call.params.required("VpcId"), call.params.required("VSwitchId")
    vpc, vswitch = call.state.vpcs.get(vpc_id), call.state.vswitches.get(vswitch_id)
    account_id = call.params.text("AccountId", call.account.id)
    if vpc is None or vpc.region != row.region or vpc.owner != account_id:
        raise invalid("VpcId", f"The VPC is not in {row.region}, or not of {account_id}.")
    if vswitch is None or vswitch.vpc_id != vpc_id:
        raise invalid("VSwitchId", "The vSwitch is not in the VPC.")
    if vswitch.zone_id not in zones_of(call, row):
        raise invalid("VSwitchId", f"The zone {vswitch.zone_id} is not supported.")
    if vpc_id in row.linked:
        raise conflict("LinkedVpcExists", f"{vpc_id} is linked already.")
    row.linked[vpc_id] = LinkedVpc(
        vpc_id=vpc_id,
        vswitch_id=vswitch_id,
        address=_free_address(call, vswitch_id, vswitch.cidr),
        account_id=account_id,
        security_group_id=call.new_id("sg"),
        authoritative_dns=call.params.flag("EnableAuthoritativeDns"),
        status="Creating",
        since=call.now,
        acl=open_list(call),
    )
    return {
        "GatewayId": row.gateway_id,
        "Message": "Successfully add intranet linked vpc for gateway",
    }


def unlink(call: Call) -> Answer:
    """DeleteGatewayIntranetLinkedVpc: the list and the peers of the VPC end with it."""
    row = requested(call)
    del row.linked[linked_vpc(row, call.params.required("VpcId")).vpc_id]
    return {
        "GatewayId": row.gateway_id,
        "Message": "Successfully delete intranet linked vpc for gateway",
    }


def list_linked(call: Call) -> Answer:
    """ListGatewayIntranetLinkedVpc."""
    row = requested(call)
    rows = []
    for linked in row.linked.values():
        rows.append(
            {
                "VpcId": linked.vpc_id,
                "VSwitchId": linked.vswitch_id,
                "Ip": linked.address,
                "SecurityGroupId": linked.security_group_id,
                "Status": linked.status,
                "AccountId": linked.account_id or row.owner,
                "AuthoritativeDnsEnabled": linked.authoritative_dns,
            }
        )
    return {"GatewayId": row.gateway_id, "IntranetLinkedVpcList": rows}


def supported_zones(call: Call) -> Answer:
    """ListGatewayIntranetSupportedZone."""
    return {"Zones": list(zones_of(call, requested(call)))}


def add_peers(call: Call) -> Answer:
    """CreateGatewayIntranetLinkedVpcPeer: the network to a peer is its owner's business."""
    row = requested(call)
    linked = linked_vpc(row, call.params.required("VpcId"))
    known = {peer.vpc_id for peer in linked.peers}
    for peer in _peers(call):
        vpc = call.state.vpcs.get(peer.vpc_id)
        if vpc is None or vpc.region != peer.region:
            raise invalid("PeerVpcs", f"There is no {peer.vpc_id} in {peer.region}.")
        if peer.vpc_id in known:
            raise conflict("PeerVpcExists", f"{peer.vpc_id} is a peer already.")
        linked.peers.append(peer)
    return {"GatewayId": row.gateway_id, "Message": "Successfully add intranet linked vpc Peer"}


def remove_peers(call: Call) -> Answer:
    """DeleteGatewayIntranetLinkedVpcPeer."""
    row = requested(call)
    linked = linked_vpc(row, call.params.required("VpcId"))
    removed = {peer.vpc_id for peer in _peers(call)}
    linked.peers = [peer for peer in linked.peers if peer.vpc_id not in removed]
    return {"GatewayId": row.gateway_id, "Message": "Successfully delete intranet linked vpc Peer"}


def list_peers(call: Call) -> Answer:
    """ListGatewayIntranetLinkedVpcPeer: of one linked VPC, or of all."""
    row = requested(call)
    only = call.params.text("VpcId")
    rows = []
    for linked in row.linked.values():
        peers = []
        for peer in linked.peers:
            peers.append({"VpcId": peer.vpc_id, "Region": peer.region, "Status": peer.status})
        if only in ("", linked.vpc_id) and peers:
            rows.append({"VpcId": linked.vpc_id, "PeerVpcs": peers})
    return {"GatewayId": row.gateway_id, "PeerVpcList": rows}


def linked_vpc(row: EasGateway, vpc_id: str) -> LinkedVpc:
    """Return the link of a VPC.

    Raises:
        ApiError: LinkedVpcNotFound (unverified).
    """
    if vpc_id not in row.linked:
        raise not_found("LinkedVpcNotFound", f"{vpc_id} is not linked.")
    return row.linked[vpc_id]


def zones_of(call: Call, row: EasGateway) -> tuple[str, ...]:
    """Return the zones of the gateway's region that take links."""
    zones = call.catalog.regions[row.region].zones
    return zones[1:] if len(zones) > _FEW_ZONES else zones


def _peers(call: Call) -> list[PeerVpc]:
    try:
        rows: list[dict[str, Any]] = json.loads(call.params.required("PeerVpcs"))
        return [PeerVpc(vpc_id=row["VpcId"], region=row["Region"]) for row in rows]
    except (ValueError, TypeError, KeyError) as error:
        raise invalid("PeerVpcs") from error


def _free_address(call: Call, vswitch_id: str, cidr: str) -> str:
    """Return an address of the vSwitch's block that no other link has."""
    used = set()
    for gateway in call.state.eas_gateways.values():
        for linked in gateway.linked.values():
            if linked.vswitch_id == vswitch_id:
                used.add(linked.address)
    block = IPv4Network(cidr)
    number = min(_INTERFACE_NUMBER, block.num_addresses - 2)
    while str(block[number]) in used and number > 1:
        number -= 1
    return str(block[number])
