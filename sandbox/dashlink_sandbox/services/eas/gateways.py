"""Dedicated gateways of the fully managed kind, and the VPCs that they are linked to.

Sources, beside those of the package: SDK models CreateGatewayRequest, DescribeGatewayResponseBody,
CreateGatewayIntranetLinkedVpcRequest, ListGatewayIntranetLinkedVpcResponseBody (2026-08). That a
gateway with services, or with linked VPCs, cannot be deleted is unverified for linked VPCs.
"""

from __future__ import annotations

from ipaddress import IPv4Network

from dashlink_sandbox.eas import EasGateway, LinkedVpc
from dashlink_sandbox.services.base import Answer, Call, timestamp
from dashlink_sandbox.services.eas.common import conflict, find_gateway, region_of
from dashlink_sandbox.services.paging import by_number
from dashlink_sandbox.wire.errors import check_choice, invalid, not_found

_TYPES = ("2c4g", "4c8g", "8c16g", "16c32g")
_INTERFACE_NUMBER = 30  # its address in a vSwitch's block


def create(call: Call) -> Answer:
    """CreateGateway."""
    body = call.body
    instance_type = str(body.get("InstanceType") or _TYPES[0])
    check_choice("InstanceType", instance_type, _TYPES)
    gateway_id = call.new_id("gw")
    row = EasGateway(
        gateway_id=gateway_id,
        name=str(body.get("Name") or gateway_id),
        region=region_of(call),
        instance_type=instance_type,
        replicas=int(body.get("Replicas") or 2),
        charge_type=str(body.get("ChargeType") or "PostPaid"),
        internet=bool(body.get("EnableInternet", False)),
        intranet=bool(body.get("EnableIntranet", True)),
        since=call.now,
        **call.ownership({}, ""),
    )
    call.state.eas_gateways[gateway_id] = row
    return {"GatewayId": gateway_id, "ClusterId": row.region, "Message": "The gateway is created."}


def update(call: Call) -> Answer:
    """UpdateGateway: absent fields change nothing."""
    row = _requested(call)
    body = call.body
    if "InstanceType" in body:
        check_choice("InstanceType", str(body["InstanceType"]), _TYPES)
        row.instance_type = str(body["InstanceType"])
    row.name = str(body.get("Name") or row.name)
    row.replicas = int(body.get("Replicas") or row.replicas)
    row.internet = bool(body.get("EnableInternet", row.internet))
    row.intranet = bool(body.get("EnableIntranet", row.intranet))
    row.is_default = bool(body.get("IsDefault", row.is_default))
    return {"GatewayId": row.gateway_id, "Message": "The gateway is updated."}


def delete(call: Call) -> Answer:
    """DeleteGateway: refused while a service uses it or a VPC is linked."""
    row = _requested(call)
    users = []
    for service in call.state.eas_services.values():
        if service.gateway_id == row.gateway_id:
            users.append(service.name)
    if users or row.linked:
        by = ", ".join([*users, *row.linked])
        raise conflict("GatewayInUse", f"The gateway is used by {by}.")
    row.status, row.since = "Deleting", call.now
    return {"GatewayId": row.gateway_id, "Message": "The gateway is being deleted."}


def describe(call: Call) -> Answer:
    """DescribeGateway: nothing about VPCs, which ListGatewayIntranetLinkedVpc returns."""
    return _shape(_requested(call))


def list_gateways(call: Call) -> Answer:
    """ListGateway."""
    rows = [row for row in call.state.eas_gateways.values() if row.owner == call.account.id]
    gateways, counts = by_number(call.params, rows, _shape, size=10, largest=100)
    return {"Gateways": gateways, **counts}


def link(call: Call) -> Answer:
    """CreateGatewayIntranetLinkedVpc: an interface in one vSwitch of a VPC of the region."""
    row = _requested(call)
    vpc_id, vswitch_id = call.params.required("VpcId"), call.params.required("VSwitchId")
    vpc, vswitch = call.state.vpcs.get(vpc_id), call.state.vswitches.get(vswitch_id)
    if vpc is None or vpc.region != row.region:
        raise invalid("VpcId", f"The VPC is not in {row.region}.")
    if vswitch is None or vswitch.vpc_id != vpc_id:
        raise invalid("VSwitchId", "The vSwitch is not in the VPC.")
    if vpc_id in row.linked:
        raise conflict("LinkedVpcExists", f"{vpc_id} is linked already.")
    block = IPv4Network(vswitch.cidr)
    row.linked[vpc_id] = LinkedVpc(
        vpc_id=vpc_id,
        vswitch_id=vswitch_id,
        address=str(block[min(_INTERFACE_NUMBER, block.num_addresses - 2)]),
        authoritative_dns=call.params.flag("EnableAuthoritativeDns"),
    )
    return {"GatewayId": row.gateway_id, "Message": "The VPC is linked."}


def unlink(call: Call) -> Answer:
    """DeleteGatewayIntranetLinkedVpc."""
    row = _requested(call)
    vpc_id = call.params.required("VpcId")
    if vpc_id not in row.linked:
        raise not_found("LinkedVpcNotFound", f"{vpc_id} is not linked.")
    del row.linked[vpc_id]
    return {"GatewayId": row.gateway_id, "Message": "The VPC is no longer linked."}


def list_linked(call: Call) -> Answer:
    """ListGatewayIntranetLinkedVpc."""
    row = _requested(call)
    rows = []
    for linked in row.linked.values():
        rows.append(
            {
                "VpcId": linked.vpc_id,
                "VSwitchId": linked.vswitch_id,
                "Ip": linked.address,
                "Status": linked.status,
                "AccountId": row.owner,
                "AuthoritativeDnsEnabled": linked.authoritative_dns,
            }
        )
    return {"GatewayId": row.gateway_id, "IntranetLinkedVpcList": rows}


def _requested(call: Call) -> EasGateway:
    region, gateway_id = call.params.required("ClusterId"), call.params.required("GatewayId")
    return find_gateway(call, region, gateway_id)


def _shape(row: EasGateway) -> Answer:
    return {
        "GatewayId": row.gateway_id,
        "GatewayName": row.name,
        "InstanceType": row.instance_type,
        "Replicas": row.replicas,
        "ChargeType": row.charge_type,
        "Status": row.status,
        "InternetEnabled": row.internet,
        "IntranetEnabled": row.intranet,
        "InternetDomain": row.internet_domain if row.internet else "",
        "IntranetDomain": row.intranet_domain if row.intranet else "",
        "IsDefault": row.is_default,
        "CreateTime": timestamp(row.created),
        "UpdateTime": timestamp(row.created),
        "Labels": [],
    }
