"""Routes of a route table: to a HaVip, a peering, a transit router or a NAT gateway; the system's.

Sources: help.aliyun.com, VPC API "CreateRouteEntry" with its error codes (2025-12), SDK vpc 7.2.2.
"""

from __future__ import annotations

from ipaddress import IPv4Network

from dashlink_sandbox.services.base import Answer, Call, is_valid_name, timestamp
from dashlink_sandbox.services.paging import by_token
from dashlink_sandbox.services.vpc import rules, vpcs
from dashlink_sandbox.state import RouteEntry, RouteTable
from dashlink_sandbox.wire.errors import ApiError, missing, not_found

_SERVICES = IPv4Network("100.64.0.0/10")  # addresses of cloud services
_HA_VIP = "HaVip"
_PEER, _ATTACHMENT = "VpcPeer", "Attachment"
_NAT_GATEWAY = "NatGateway"
# CreateRouteEntry: the types of a next hop. The sandbox has the four that are named above.
_NEXT_HOP_TYPES = (
    "Instance",
    _HA_VIP,
    "RouterInterface",
    "NetworkInterface",
    "VpnGateway",
    "IPv6Gateway",
    _NAT_GATEWAY,
    _ATTACHMENT,
    _PEER,
    "Ipv4Gateway",
    "GatewayEndpoint",
    "Ecr",
    "GatewayLoadBalancerEndpoint",
    "RouteTargetGroup",
)


def create(call: Call) -> Answer:
    """CreateRouteEntry."""
    table = _table(call, call.params.required("RouteTableId"))
    cidr = _destination(call, table, call.params.required("DestinationCidrBlock"))
    _check_names(call)
    if any(entry.cidr == cidr for entry in table.entries):
        message = f"A route entry already exists, which CIDR is '{cidr}'."
        raise ApiError("RouterEntryConflict.Duplicated", message)
    call.check_quota("routes_per_table", len(table.entries), "QuotaExceeded")
    kind = call.params.text("NextHopType", _NEXT_HOP_TYPES[0])
    _check_next_hop(call, table, kind, call.params.required("NextHopId"))
    entry = RouteEntry(
        entry_id=call.new_id("rte"),
        cidr=cidr,
        next_hop_type=kind,
        next_hop_id=call.params.required("NextHopId"),
        name=call.params.text("RouteEntryName"),
        description=call.params.text("Description"),
        changed=call.now,
    )
    table.entries.append(entry)
    return {"RouteEntryId": entry.entry_id}


def modify(call: Call) -> Answer:
    """ModifyRouteEntry: name, description and next hop."""
    table, entry = _requested(call)
    _check_names(call)
    entry.name = call.params.changed("RouteEntryName", entry.name)
    entry.description = call.params.changed("Description", entry.description)
    kind = call.params.text("NewNextHopType", entry.next_hop_type)
    hop_id = call.params.text("NewNextHopId", entry.next_hop_id)
    _check_next_hop(call, table, kind, hop_id)
    entry.next_hop_type, entry.next_hop_id = kind, hop_id
    entry.changed = call.now
    return {}


def delete(call: Call) -> Answer:
    """DeleteRouteEntry: by id, or by table, destination and perhaps next hop."""
    table, entry = _requested(call)
    if call.params.text("NextHopId", entry.next_hop_id) != entry.next_hop_id:
        raise _absent()
    table.entries = [other for other in table.entries if other is not entry]
    return {}


def list_entries(call: Call) -> Answer:
    """DescribeRouteEntryList: the routes of one table, by destination, type, next hop and name."""
    table = _table(call, call.params.required("RouteTableId"), "InvalidRouteTable.NotFound")
    rows = []
    for row in all_entries(call, table):
        hops = row["NextHops"]["NextHop"]
        values = {
            "DestinationCidrBlock": row["DestinationCidrBlock"],
            "RouteEntryId": row["RouteEntryId"],
            "RouteEntryName": row["RouteEntryName"],
            "RouteEntryType": row["Type"],
            "IpVersion": row["IpVersion"].lower(),
            "NextHopType": hops[0]["NextHopType"],
            "NextHopId": hops[0]["NextHopId"],
        }
        if all(call.params.text(name, value) == value for name, value in values.items()):
            rows.append(row)
    page, counts = by_token(call.params, rows, dict, size=10, largest=100, length_name="MaxResult")
    counts.pop("TotalCount")
    counts.pop("MaxResults")
    return {"RouteEntrys": {"RouteEntry": page}, **counts}


def list_published(call: Call) -> Answer:
    """ListVpcPublishedRouteEntries: none, as the sandbox has nothing to publish routes to."""
    _table(call, call.params.required("RouteTableId"))
    call.params.required("TargetType")
    return {"RouteEntries": []}


def all_entries(call: Call, table: RouteTable) -> list[Answer]:
    """List the routes of a table: the system's, to each vSwitch and to services, then its own."""
    rows = []
    for vswitch in vpcs.records_of(call.state.vswitches, table.vpc_id):
        for cidr in (vswitch.cidr, vswitch.ipv6_cidr):
            if cidr:
                entry = _system_entry(f"rte-{vswitch.vswitch_id}", cidr, "local")
                rows.append(_shape(table, entry, "System"))
    rows.append(_shape(table, _system_entry(table.table_id, str(_SERVICES), "service"), "System"))
    return rows + [_shape(table, entry, "Custom") for entry in table.entries]


def _system_entry(entry_id: str, cidr: str, kind: str) -> RouteEntry:
    return RouteEntry(entry_id=entry_id, cidr=cidr, next_hop_type=kind, next_hop_id="")


def _destination(call: Call, table: RouteTable, text: str) -> str:
    """Return the destination of a route, which may be an address.

    Raises:
        ApiError: It is no IPv4 block, is one of the cloud's services, or is within a vSwitch.
    """
    try:
        network = IPv4Network(text)
    except ValueError as error:
        message = "Specified CIDR block is not valid."
        raise ApiError("InvalidCidrBlock.Malformed", message) from error
    if network == _SERVICES:
        raise ApiError("InvalidCidrBlock", "Specified CIDR block is not valid.")
    for vswitch in vpcs.records_of(call.state.vswitches, table.vpc_id):
        if rules.is_within(str(network), [vswitch.cidr]):
            raise ApiError("InvalidCidrBlock", "Specified CIDR block is not valid.")
    return str(network)


def _check_next_hop(call: Call, table: RouteTable, kind: str, hop_id: str) -> None:
    if kind not in _NEXT_HOP_TYPES:
        raise ApiError("InvalidNextHopType", 'Specified parameter "NextHopType" is not valid.')
    if kind == _PEER and hop_id in call.state.peer_connections:
        _check_peering(call, table, hop_id)
        return
    attachment = call.state.router_attachments.get(hop_id)
    if kind == _ATTACHMENT and attachment is not None and attachment.vpc_id == table.vpc_id:
        return
    gateway = call.state.nat_gateways.get(hop_id)
    if kind == _NAT_GATEWAY and gateway is not None and gateway.vpc_id == table.vpc_id:
        return
    vip = call.state.ha_vips.get(hop_id)
    if kind != _HA_VIP or vip is None:
        raise ApiError("InvalidNextHop.NotFound", "Specified next hop does not exist.")
    if vip.vpc_id != table.vpc_id:
        message = "The HaVip and RouteTable are mismatched."
        raise ApiError("Mismatch.HaVipIdAndRouteTableId", message)


def _check_peering(call: Call, table: RouteTable, hop_id: str) -> None:
    """Refuse a peering of other VPCs, and one that is not active (alicloud provider v1.285.0)."""
    connection = call.state.peer_connections[hop_id]
    if not connection.other_side(table.vpc_id):
        raise ApiError("InvalidNextHop.NotFound", "Specified next hop does not exist.")
    if connection.status != "Activated":
        message = f"The status of the peer connection is {connection.status}."
        raise ApiError("IncorrectStatus.VpcPeer", message)


def _check_names(call: Call) -> None:
    if not is_valid_name(call.params.text("RouteEntryName")):
        message = "Specified RouteEntry name is not valid."
        raise ApiError("InvalidRouteEntryName.Malformed", message)
    if not rules.is_valid_description(call.params.text("Description")):
        message = "The specified Description is not valid."
        raise ApiError("InvalidParameter.Description.Malformed", message)


def _requested(call: Call) -> tuple[RouteTable, RouteEntry]:
    """Return the custom route that the request names, by its id or its destination."""
    entry_id = call.params.text("RouteEntryId")
    cidr = call.params.text("DestinationCidrBlock")
    table_id = call.params.text("RouteTableId")
    if not entry_id and not (cidr and table_id):
        raise missing("RouteEntryId")
    if cidr and "/" not in cidr:
        cidr = f"{cidr}/32"  # CreateRouteEntry: an address counts as a host
    for table in call.own(call.state.route_tables):
        for entry in table.entries:
            named = entry.entry_id == entry_id if entry_id else entry.cidr == cidr
            if named and table_id in ("", table.table_id):
                return table, entry
    raise _absent()


def _table(call: Call, table_id: str, code: str = "InvalidRouteTableId.NotFound") -> RouteTable:
    return call.find(call.state.route_tables, table_id, code, "route table")


def _absent() -> ApiError:
    return not_found("InvalidRouteEntry.NotFound", "Specified routeEntry not exist.")


def _shape(table: RouteTable, entry: RouteEntry, kind: str) -> Answer:
    hop = {
        "NextHopType": entry.next_hop_type,
        "NextHopId": entry.next_hop_id,
        "Enabled": 1,
        "Weight": 0,
        "NextHopRegionId": "",
    }
    return {
        "RouteTableId": table.table_id,
        "RouteEntryId": entry.entry_id,
        "RouteEntryName": entry.name,
        "Description": entry.description,
        "DestinationCidrBlock": entry.cidr,
        "IpVersion": "ipv6" if ":" in entry.cidr else "ipv4",
        "Type": kind,
        "Status": "Available",
        "NextHopType": entry.next_hop_type,
        "InstanceId": entry.next_hop_id,
        "GmtModified": timestamp(entry.changed),
        "NextHops": {"NextHop": [hop]},
    }
