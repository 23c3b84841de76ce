"""NAT gateways: of the internet, with EIPs and SNAT entries; of a VPC, without them.

Sources: help.aliyun.com, VPC API "CreateNatGateway", "DeleteNatGateway" with their error codes
(2023-07), SDK vpc 7.2.2 (Normal and PrePaid gateways are not for sale); the alicloud provider
v1.285.0, resource_alicloud_nat_gateway.go, and its page of alicloud_nat_gateway: an enhanced
internet NAT gateway adds the route 0.0.0.0/0 to the VPC's route table. That this is the system
route table, that a route which exists already stays, and that the route is deleted with the gateway
is unverified, as are the codes of this module that no comment has a source for.
"""

from __future__ import annotations

from functools import partial

from dashlink_sandbox.nat import NatGateway
from dashlink_sandbox.services.base import Answer, Call, is_valid_name, timestamp
from dashlink_sandbox.services.paging import by_number
from dashlink_sandbox.services.tags import tag_list
from dashlink_sandbox.services.vpc import rules, vpcs, vswitches
from dashlink_sandbox.state import RouteEntry
from dashlink_sandbox.wire.errors import ApiError, check_choice, invalid

INTERNET = "internet"
_NETWORK_TYPES = (INTERNET, "intranet")
_BIND_MODES = ("MULTI_BINDED", "NAT")
_AVAILABILITY = ("CrossAZ", "SingleAZ")
_DEFAULT_ROUTE = "0.0.0.0/0"
_HOP_TYPE = "NatGateway"
_FILTERS = {
    "NatGatewayId": "nat_gateway_id",
    "VpcId": "vpc_id",
    "ZoneId": "zone_id",
    "Name": "name",
    "Status": "status",
    "NetworkType": "network_type",
    "ResourceGroupId": "resource_group_id",
}


def create(call: Call) -> Answer:
    """CreateNatGateway: an enhanced one, pay-as-you-go, in a vSwitch of the VPC."""
    region = call.region()
    vpc = vpcs.find_available(call, call.params.required("VpcId"))
    _check_names(call)
    vswitch = vswitches.find(call, call.params.required("VSwitchId"))
    if vswitch.vpc_id != vpc.vpc_id:
        message = f"The vSwitch {vswitch.vswitch_id} is not in {vpc.vpc_id}."
        raise ApiError("InvalidParameter.VSwitchId", message)
    if vswitch.status != "Available":  # the provider's retries
        raise ApiError("VswitchStatusError", "The status of the vSwitch is not Available.")
    used = len(vpcs.records_of(call.state.nat_gateways, vpc.vpc_id))
    call.check_quota("nat_gateways_per_vpc", used, "QuotaExceeded.NatGateway")
    gateway = NatGateway(
        nat_gateway_id=call.new_id("ngw"),
        region=region.id,
        vpc_id=vpc.vpc_id,
        vswitch_id=vswitch.vswitch_id,
        zone_id=vswitch.zone_id,
        address=next(vswitches.free_addresses(call.state, vswitch)),
        eni_id=call.new_id("eni"),
        snat_table_id=call.new_id("stb"),
        forward_table_id=call.new_id("ftb"),
        network_type=call.params.one_of("NetworkType", _NETWORK_TYPES, _NETWORK_TYPES[0]),
        name=call.params.text("Name"),
        description=call.params.text("Description"),
        eip_bind_mode=call.params.one_of("EipBindMode", _BIND_MODES, _BIND_MODES[0]),
        availability_mode=call.params.one_of("AvailabilityMode", _AVAILABILITY, _AVAILABILITY[0]),
        icmp_reply_enabled=_icmp(call, default=True),
        since=call.now,
        **call.new_record(),
    )
    call.state.nat_gateways[gateway.nat_gateway_id] = gateway
    if gateway.network_type == INTERNET:
        _add_default_route(call, gateway)
    return {
        "NatGatewayId": gateway.nat_gateway_id,
        "SnatTableIds": {"SnatTableId": [gateway.snat_table_id]},
        "ForwardTableIds": {"ForwardTableId": [gateway.forward_table_id]},
    }


def list_gateways(call: Call) -> Answer:
    """DescribeNatGateways: by id, VPC, zone, name, status, type, group and tags."""
    rows = call.select(call.state.nat_gateways, _FILTERS)
    page, counts = by_number(call.params, rows, partial(_shape, call), size=10, largest=50)
    return {"NatGateways": {"NatGateway": page}, **counts}


def list_zones(call: Call) -> Answer:
    """ListEnhanhcedNatGatewayAvailableZones, so spelt: every zone of the region."""
    rows = [{"ZoneId": zone, "LocalName": zone} for zone in call.region().zones]
    return {"Zones": rows}


def modify(call: Call) -> Answer:
    """ModifyNatGatewayAttribute: name, description, replies to ICMP and the binding of EIPs."""
    gateway = find_available(call, call.params.required("NatGatewayId"))
    _check_names(call)
    gateway.name = call.params.changed("Name", gateway.name)
    gateway.description = call.params.changed("Description", gateway.description)
    gateway.icmp_reply_enabled = _icmp(call, default=gateway.icmp_reply_enabled)
    mode = call.params.one_of("EipBindMode", _BIND_MODES, gateway.eip_bind_mode)
    if mode not in (gateway.eip_bind_mode, "NAT"):
        # The provider's page: MULTI_BINDED becomes NAT, and never the reverse.
        raise invalid("EipBindMode", "The mode NAT cannot be changed.")
    gateway.eip_bind_mode = mode
    return {}


def delete(call: Call) -> Answer:
    """DeleteNatGateway: refused while it has EIPs, SNAT entries or routes, without Force."""
    gateway = find(call, call.params.required("NatGatewayId"))
    gateway_id = gateway.nat_gateway_id
    if gateway.status != "Available":
        message = f"The status of {gateway_id} is {gateway.status}."
        raise ApiError("IncorrectStatus.NatGateway", message)
    if gateway.protected:
        message = "The instance cannot be deleted because of deletion protection."
        raise ApiError("InvalidOperation.DeletionProtection", message)
    _check_routes(call, gateway)
    entries = [one for one in call.state.snat_entries.values() if one.nat_gateway_id == gateway_id]
    eips = [one for one in call.state.eips.values() if one.instance_id == gateway_id]
    if not call.params.flag("Force"):
        if entries:
            raise _dependency("SnatEntry", gateway_id)
        if eips:
            message = "There are Eips on specified NatGateway, please unbind it first."
            raise ApiError("DependencyViolation.EIPS", message)
    for eip in eips:
        eip.status, eip.since = "Unassociating", call.now
    for entry in entries:
        entry.status, entry.since = "Deleting", call.now
    gateway.status, gateway.since = "Deleting", call.now
    return {}


def protect(call: Call) -> Answer:
    """DeletionProtection: of a NAT gateway or an EIP."""
    record_id = call.params.required("InstanceId")
    kind = call.params.required("Type")
    check_choice("Type", kind, ("NATGW", "EIP"))
    enabled = call.params.flag("ProtectionEnable")
    if kind == "NATGW":
        find(call, record_id).protected = enabled
    else:
        code = "InvalidAllocationId.NotFound"
        call.find(call.state.eips, record_id, code, "EIP").protected = enabled
    return {}


def find(call: Call, gateway_id: str) -> NatGateway:
    """Return the caller's NAT gateway with this id.

    Raises:
        ApiError: InvalidNatGatewayId.NotFound (the provider's code of an absent one).
    """
    records = call.state.nat_gateways
    return call.find(records, gateway_id, "InvalidNatGatewayId.NotFound", "NAT gateway")


def find_available(call: Call, gateway_id: str) -> NatGateway:
    """Return the caller's NAT gateway with this id, which is to be changed.

    Raises:
        ApiError: InvalidNatGatewayId.NotFound, IncorrectStatus.NATGW (the provider's retries).
    """
    gateway = find(call, gateway_id)
    if gateway.status != "Available":
        message = f"The status of {gateway_id} is {gateway.status}."
        raise ApiError("IncorrectStatus.NATGW", message)
    return gateway


def _check_routes(call: Call, gateway: NatGateway) -> None:
    """Refuse to delete a gateway to which a user's route leads."""
    for table in vpcs.records_of(call.state.route_tables, gateway.vpc_id):
        for entry in table.entries:
            if entry.next_hop_id == gateway.nat_gateway_id and not entry.automatic:
                raise _dependency("RouterEntry", gateway.nat_gateway_id)


def _add_default_route(call: Call, gateway: NatGateway) -> None:
    vpc = call.state.vpcs[gateway.vpc_id]
    table = call.state.route_tables[vpc.route_table_id]
    if any(entry.cidr == _DEFAULT_ROUTE for entry in table.entries):
        return
    entry = RouteEntry(
        entry_id=call.new_id("rte"),
        cidr=_DEFAULT_ROUTE,
        next_hop_type=_HOP_TYPE,
        next_hop_id=gateway.nat_gateway_id,
        changed=call.now,
        automatic=True,
    )
    table.entries.append(entry)


def _icmp(call: Call, *, default: bool) -> bool:
    if "IcmpReplyEnabled" in call.params:
        return call.params.flag("IcmpReplyEnabled")
    return default


def _check_names(call: Call) -> None:
    if not is_valid_name(call.params.text("Name")):
        raise ApiError("InvalidParameter.Name.Malformed", "The specified Name is not valid.")
    if not rules.is_valid_description(call.params.text("Description")):
        message = "The specified Description is not valid."
        raise ApiError("InvalidParameter.Description.Malformed", message)


def _dependency(kind: str, gateway_id: str) -> ApiError:
    message = f"The specified resource of {gateway_id} depends on {kind}."
    return ApiError(f"DependencyViolation.{kind}", message)


def _shape(call: Call, gateway: NatGateway) -> Answer:
    addresses = []
    for eip in call.state.eips.values():
        if eip.instance_id == gateway.nat_gateway_id:
            row = {"AllocationId": eip.allocation_id, "IpAddress": eip.address}
            addresses.append({**row, "UsingStatus": "Idle", "SnatEntryEnabled": True})
    private = {
        "EniInstanceId": gateway.eni_id,
        "EniType": "indirect",
        "IzNo": gateway.zone_id,
        "PrivateIpAddress": gateway.address,
        "VswitchId": gateway.vswitch_id,
    }
    return {
        "NatGatewayId": gateway.nat_gateway_id,
        "Name": gateway.name,
        "Description": gateway.description,
        "RegionId": gateway.region,
        "VpcId": gateway.vpc_id,
        "Status": gateway.status,
        "BusinessStatus": "Normal",
        "NatType": "Enhanced",
        "NetworkType": gateway.network_type,
        "EipBindMode": gateway.eip_bind_mode,
        "AvailabilityMode": gateway.availability_mode,
        "IcmpReplyEnabled": gateway.icmp_reply_enabled,
        "PrivateLinkEnabled": False,
        "DeletionProtection": gateway.protected,
        "InstanceChargeType": "PostPaid",
        "InternetChargeType": "PayByLcu",
        "Spec": "",
        "CreationTime": timestamp(gateway.created),
        "ExpiredTime": "",
        "ResourceGroupId": gateway.resource_group_id,
        "SnatTableIds": {"SnatTableId": [gateway.snat_table_id]},
        "ForwardTableIds": {"ForwardTableId": [gateway.forward_table_id]},
        "NatGatewayPrivateInfo": private,
        "IpLists": {"IpList": addresses},
        "Tags": {"Tag": tag_list(gateway.tags, "TagKey", "TagValue")},
    }
