"""VPC peering connections. The routes over one are the caller's, on both sides."""

from __future__ import annotations

from functools import partial

from dashlink_sandbox.routers import PeerConnection
from dashlink_sandbox.services.base import Answer, Call, timestamp
from dashlink_sandbox.services.paging import by_token
from dashlink_sandbox.services.tags import tag_list
from dashlink_sandbox.wire.errors import ApiError, check_choice, not_found

_UNLIMITED = -1  # within a region (SDK vpcpeer 2.0.5)
_DEFAULT_MBPS = 1024  # between regions (SDK vpcpeer 2.0.5)
_LARGEST_MBPS = 10_000  # unverified
_LINKS = ("Platinum", "Gold")


def create(call: Call) -> Answer:
    """CreateVpcPeerConnection. Codes for a second connection and the same VPC: unverified."""
    region = call.region().id
    vpc = call.find(call.state.vpcs, call.params.required("VpcId"), "ResourceNotFound.VpcId", "VPC")
    other_id = call.params.required("AcceptingVpcId")
    other_region = call.params.required("AcceptingRegionId")
    owner = call.params.text("AcceptingAliUid", call.account.id)
    other = call.state.vpcs.get(other_id)
    if other is None or (other.region, other.owner) != (other_region, owner):
        message = f"The VPC {other_id} does not exist in {other_region}."
        raise not_found("ResourceNotFound.AcceptingVpcId", message)
    if other_id == vpc.vpc_id:
        raise ApiError("IllegalParam.AcceptingVpcId", "A VPC has no peering with itself.")
    for connection in call.state.peer_connections.values():
        if connection.other_side(vpc.vpc_id) == other_id:
            raise ApiError("ResourceAlreadyExist.VpcPeer", "The two VPCs have a connection.")
    connection = PeerConnection(
        connection_id=call.new_id("pcc"),
        region=region,
        vpc_id=vpc.vpc_id,
        accepting_region=other_region,
        accepting_vpc_id=other_id,
        accepting_owner=owner,
        name=call.params.text("Name"),
        description=call.params.text("Description"),
        bandwidth=_bandwidth(call, _UNLIMITED if region == other_region else _DEFAULT_MBPS),
        link_type=_link_type(call, "" if region == other_region else "Gold"),
        since=call.now,
        **call.new_record(),
    )
    call.state.peer_connections[connection.connection_id] = connection
    return {"InstanceId": connection.connection_id}


def describe(call: Call) -> Answer:
    """GetVpcPeerConnectionAttribute: also for the accepting account, in either region."""
    return _shape(call, _find(call))


def list_connections(call: Call) -> Answer:
    """ListVpcPeerConnections: of the account, by id, name and VPCs."""
    rows = []
    for connection in call.state.peer_connections.values():
        ids = call.params.texts("VpcId")
        has_vpc = not ids or connection.vpc_id in ids or connection.accepting_vpc_id in ids
        is_named = call.params.text("InstanceId") in ("", connection.connection_id)
        if has_vpc and is_named and _is_visible(call, connection):
            rows.append(connection)
    page, counts = by_token(call.params, rows, partial(_shape, call), size=20, largest=100)
    return {"VpcPeerConnects": page, **counts}


def accept(call: Call) -> Answer:
    """AcceptVpcPeerConnection: by the account of the accepting VPC."""
    _answer(call, "Updating")
    return {}


def reject(call: Call) -> Answer:
    """RejectVpcPeerConnection: by the account of the accepting VPC."""
    _answer(call, "Rejected")
    return {}


def modify(call: Call) -> Answer:
    """ModifyVpcPeerConnection: name, description, bandwidth and link type."""
    connection = _find(call)
    connection.name = call.params.changed("Name", connection.name)
    connection.description = call.params.changed("Description", connection.description)
    connection.bandwidth = _bandwidth(call, connection.bandwidth)
    connection.link_type = _link_type(call, connection.link_type)
    return {}


def delete(call: Call) -> Answer:
    """DeleteVpcPeerConnection: refused while a route leads to it, unless Force is set."""
    connection = _find(call)
    for table in call.state.route_tables.values():
        routes = [one for one in table.entries if one.next_hop_id != connection.connection_id]
        if len(routes) != len(table.entries):
            if not call.params.flag("Force"):
                message = "The connection has route entries."
                raise ApiError("OperationDenied.RouteEntryExist", message)
            table.entries = routes
    del call.state.peer_connections[connection.connection_id]
    return {}


def _answer(call: Call, status: str) -> None:
    connection = _find(call)
    if connection.status != "Accepting" or connection.accepting_owner != call.account.id:
        message = f"The status of the connection is {connection.status}."
        raise ApiError("IncorrectStatus.VpcPeer", message)
    connection.status = status
    connection.since = call.now


def _find(call: Call) -> PeerConnection:
    connection = call.state.peer_connections.get(call.params.required("InstanceId"))
    if connection is None or not _is_visible(call, connection):
        message = "The specified connection does not exist."
        raise not_found("ResourceNotFound.InstanceId", message)
    return connection


def _is_visible(call: Call, connection: PeerConnection) -> bool:
    return call.account.id in (connection.owner, connection.accepting_owner)


def _bandwidth(call: Call, default: int) -> int:
    if call.params.text("Bandwidth") == str(_UNLIMITED):
        return _UNLIMITED
    return call.params.number("Bandwidth", default, 1, _LARGEST_MBPS)


def _link_type(call: Call, default: str) -> str:
    kind = call.params.text("LinkType", default)
    check_choice("LinkType", kind, ("", *_LINKS))
    return kind


def _shape(call: Call, connection: PeerConnection) -> Answer:
    return {
        "InstanceId": connection.connection_id,
        "Name": connection.name,
        "Description": connection.description,
        "RegionId": connection.region,
        "AcceptingRegionId": connection.accepting_region,
        "OwnerId": int(connection.owner),
        "AcceptingOwnerUid": int(connection.accepting_owner),
        "Vpc": _vpc_shape(call, connection.vpc_id),
        "AcceptingVpc": _vpc_shape(call, connection.accepting_vpc_id),
        "Bandwidth": connection.bandwidth,
        "LinkType": connection.link_type,
        "Status": connection.status,
        "BizStatus": "Normal",
        "GmtCreate": timestamp(connection.created),
        "ResourceGroupId": connection.resource_group_id,
        "Tags": tag_list(connection.tags),
    }


def _vpc_shape(call: Call, vpc_id: str) -> Answer:
    vpc = call.state.vpcs.get(vpc_id)
    blocks = [vpc.cidr, *vpc.secondary_cidrs] if vpc is not None else []
    return {"VpcId": vpc_id, "Ipv4Cidrs": blocks}
