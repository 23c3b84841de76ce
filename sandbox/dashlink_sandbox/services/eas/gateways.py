"""Dedicated gateways: fully managed ones, made here, and ALB ones, made by the admin API alone.

Sources, beside those of the package: repository aliyun/alibabacloud-sdk, eas-20210701/main.tea
(2026-08), models and paths of CreateGateway, UpdateGateway, DescribeGateway, DeleteGateway,
ListGateway, UpdateGatewayLabel, DeleteGatewayLabel: parameters, fields, statuses, and that VpcId
and VSwitchIds are for application-type gateways alone; "Application" is its example of GatewayType.
"Call services through a dedicated gateway" (2025-12): a change of type or nodes takes minutes; its
status meanwhile, Waiting, is unverified. That a gateway with services, or with linked VPCs, cannot
be deleted is unverified, and so is that there is one default gateway.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from dashlink_sandbox.eas import EasGateway
from dashlink_sandbox.services.base import Answer, Call, timestamp
from dashlink_sandbox.services.eas.common import conflict, find_gateway, region_of
from dashlink_sandbox.services.eas.gateway_access import open_list
from dashlink_sandbox.services.paging import by_number
from dashlink_sandbox.wire.errors import ApiError, check_choice, invalid, missing

_TYPES = ("2c4g", "4c8g", "8c16g", "16c32g")
_CHARGES = ("PrePaid", "PostPaid")
_APPLICATION = "Application"
_MOST_NODES = 100
_SIZE = 100  # "The default value is 100": SDK model ListGatewayRequest


def create(call: Call) -> Answer:
    """CreateGateway: by default within VPCs, and not on the internet."""
    body = call.body
    if "GatewayType" in body:
        message = "No source lists the values of GatewayType."
        raise ApiError("Sandbox.UnsupportedParameter", message)
    instance_type = str(body.get("InstanceType") or _TYPES[0])
    check_choice("InstanceType", instance_type, _TYPES)
    charge_type = str(body.get("ChargeType") or "PostPaid")
    check_choice("ChargeType", charge_type, _CHARGES)
    gateway_id = call.new_id("gw")
    row = EasGateway(
        gateway_id=gateway_id,
        name=str(body.get("Name") or gateway_id),
        region=region_of(call),
        resource_name=call.params.text("ResourceName"),
        instance_type=instance_type,
        replicas=_nodes(body, 2),
        charge_type=charge_type,
        intranet=bool(body.get("EnableIntranet", True)),
        since=call.now,
        updated=call.now,
        **call.ownership({}, ""),
    )
    if call.dialect["eas-gateway-hosts"] == "owner":
        row.host_label = f"{gateway_id}-{row.owner}"
    _set_internet(call, row, on=bool(body.get("EnableInternet", False)))
    call.state.eas_gateways[gateway_id] = row
    return {"GatewayId": gateway_id, "ClusterId": row.region, "Message": "The gateway is created."}


def update(call: Call) -> Answer:
    """UpdateGateway: absent fields change nothing."""
    row = requested(call)
    body = call.body
    if row.status != "Running":
        raise conflict("GatewayStatusConflict", f"The gateway is {row.status}.")
    before = (row.instance_type, row.replicas)
    if "InstanceType" in body:
        check_choice("InstanceType", str(body["InstanceType"]), _TYPES)
        row.instance_type = str(body["InstanceType"])
    row.replicas = _nodes(body, row.replicas)
    row.name = str(body.get("Name") or row.name)
    row.intranet = bool(body.get("EnableIntranet", row.intranet))
    row.ssl_redirection = bool(body.get("EnableSSLRedirection", row.ssl_redirection))
    _set_network(row, body)
    _set_internet(call, row, on=bool(body.get("EnableInternet", row.internet)))
    _set_default(call, row, on=bool(body.get("IsDefault", row.is_default)))
    row.updated = call.now
    if (row.instance_type, row.replicas) != before:
        row.status, row.since = "Waiting", call.now
    return {"GatewayId": row.gateway_id, "Message": "Gateway is updated"}


def delete(call: Call) -> Answer:
    """DeleteGateway: refused while a service uses it or a VPC is linked."""
    row = requested(call)
    users = []
    for service in call.state.eas_services.values():
        if service.gateway_id == row.gateway_id:
            users.append(service.name)
    if users or row.linked:
        by = ", ".join([*users, *row.linked])
        raise conflict("GatewayInUse", f"The gateway is used by {by}.")
    row.status, row.since = "Deleting", call.now
    return {"GatewayId": row.gateway_id, "Message": f"Gateway {row.gateway_id} is deleted"}


def describe(call: Call) -> Answer:
    """DescribeGateway: nothing about VPCs, which ListGatewayIntranetLinkedVpc returns."""
    return _shape(requested(call))


def list_gateways(call: Call) -> Answer:
    """ListGateway: filtered by id, name, labels, status and GatewayType."""
    try:
        labels = json.loads(call.params.text("Label", "{}"))
    except ValueError as error:
        raise invalid("Label") from error
    rows = []
    for row in call.state.eas_gateways.values():
        if row.owner == call.account.id and _matches(call, row, labels):
            rows.append(row)
    gateways, counts = by_number(call.params, rows, _shape, size=_SIZE, largest=_SIZE)
    return {"Gateways": gateways, **counts}


def update_labels(call: Call) -> Answer:
    """UpdateGatewayLabel: adds and replaces labels."""
    row = requested(call)
    labels = call.body.get("Labels")
    if not isinstance(labels, Mapping) or not labels:
        raise missing("Labels")
    row.tags = {**row.tags, **{str(key): str(value) for key, value in labels.items()}}
    return {"Message": f"Succeed to update gateway {row.gateway_id} labels."}


def delete_labels(call: Call) -> Answer:
    """DeleteGatewayLabel."""
    row = requested(call)
    removed = call.params.json_list("LabelKeys")
    row.tags = {key: value for key, value in row.tags.items() if key not in removed}
    return {"Message": "Succeed to delete gateway labels."}


def requested(call: Call) -> EasGateway:
    """Return the gateway in the path.

    Raises:
        ApiError: InvalidGateway.NotFound (unverified).
    """
    region, gateway_id = call.params.required("ClusterId"), call.params.required("GatewayId")
    return find_gateway(call, region, gateway_id)


def _nodes(body: Mapping[str, Any], old: int) -> int:
    nodes = body.get("Replicas", old)
    if not isinstance(nodes, int) or not 1 <= nodes <= _MOST_NODES:
        raise invalid("Replicas")
    return nodes


def _set_network(row: EasGateway, body: Mapping[str, Any]) -> None:
    vpc_id, vswitch_ids = body.get("VpcId"), body.get("VSwitchIds")
    if (vpc_id or vswitch_ids) and row.kind != "application":
        raise invalid("VpcId", "Only application-type gateways have a VPC.")
    row.vpc_id = str(vpc_id or row.vpc_id)
    row.vswitch_ids = list(vswitch_ids or row.vswitch_ids)


def _set_internet(call: Call, row: EasGateway, *, on: bool) -> None:
    """Open or close the gateway's access from the internet; it takes a moment."""
    if on == row.internet:
        return
    row.internet = on
    row.internet_status = "Creating" if on else "Deleting"
    row.updated = call.now
    if on and not row.internet_acl:
        row.internet_acl = open_list(call)


def _set_default(call: Call, row: EasGateway, *, on: bool) -> None:
    if on:
        for other in call.state.eas_gateways.values():
            if (other.owner, other.region) == (row.owner, row.region):
                other.is_default = False
    row.is_default = on


def _matches(call: Call, row: EasGateway, labels: Mapping[str, str]) -> bool:
    kind = _APPLICATION if row.kind == "application" else ""
    for name, value in {
        "GatewayId": row.gateway_id,
        "GatewayName": row.name,
        "Status": row.status,
        "GatewayType": kind,
        "ResourceName": row.resource_name,
    }.items():
        if name in call.params and call.params.text(name) != value:
            return False
    return all(row.tags.get(key) == value for key, value in labels.items())


def _shape(row: EasGateway) -> Answer:
    labels = []
    for key, value in row.tags.items():
        labels.append({"LabelKey": key, "LabelValue": value})
    managed = row.kind == "managed"
    shape: Answer = {
        "GatewayId": row.gateway_id,
        "GatewayName": row.name,
        "InstanceType": row.instance_type if managed else "",
        "Replicas": row.replicas if managed else 0,
        "ChargeType": row.charge_type,
        "Status": row.status,
        "InternetEnabled": row.internet,
        "IntranetEnabled": row.intranet,
        "InternetDomain": row.internet_domain if row.internet else "",
        "IntranetDomain": row.intranet_domain if row.intranet else "",
        "IsDefault": row.is_default,
        "SSLRedirectionEnabled": row.ssl_redirection,
        "CreateTime": timestamp(row.created),
        "UpdateTime": timestamp(row.updated or row.created),
        "Labels": labels,
    }
    if row.internet_status:
        shape["InternetStatus"] = row.internet_status
    return shape
