"""Validation of endpoints. Pure: each rule raises the cloud's error or returns nothing.

Sources: help.aliyun.com, PrivateLink API "CreateVpcEndpoint", "AddZoneToVpcEndpoint",
"DeleteVpcEndpoint" (2025; the last one names OperationDenied.EndpointProtected and requires that
the zones are removed first); the codes that the alicloud provider v1.285.0 waits for
(EndpointNotFound, EndpointZoneNotFound, EndpointServiceNotFound, EndpointOperationDenied). Other
codes are unverified and marked so.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from ipaddress import IPv4Address, IPv4Network

from dashlink_sandbox.state import Endpoint, EndpointService, VSwitch
from dashlink_sandbox.wire.errors import ApiError, invalid


def is_open_to(service: EndpointService, account_id: str) -> bool:
    """Whether the service has no allow-list, or has the account on it.

    For other accounts the service does not exist (unverified).
    """
    return service.allow_listed_accounts is None or account_id in service.allow_listed_accounts


def check_settled(endpoint: Endpoint) -> None:
    """Refuse to change an endpoint that is being created or deleted."""
    if endpoint.status != "Active":
        message = f"The endpoint is {endpoint.status}; its status allows no operation."
        raise ApiError("EndpointOperationDenied", message)


def check_protection(endpoint: Endpoint, role: str) -> None:
    """Refuse to change or delete a protected endpoint that another role created.

    Sources: SDK 4.0.9, ProtectedEnabled "takes effect only when the request is made by using
    Security Token Service (STS)"; the alicloud provider's documentation: only the creator can
    modify or delete the endpoint then. That sessions of one role are one creator is open.

    Args:
        endpoint: The endpoint.
        role: The role whose temporary key made the request; empty for an account's own key.
    """
    if endpoint.protected and endpoint.creator and endpoint.creator != role:
        message = "The operation is not allowed because of EndpointProtected."
        raise ApiError("OperationDenied.EndpointProtected", message)


def check_without_zones(endpoint: Endpoint) -> None:
    """Refuse to delete an endpoint that still has zones."""
    if endpoint.zones:
        message = "The endpoint still has zones. Remove them first."
        raise ApiError("EndpointOperationDenied", message)


def check_zone(
    endpoint: Endpoint, service: EndpointService, zone_id: str, vswitch: VSwitch
) -> None:
    """Refuse a zone without the service or the vSwitch, or one that the endpoint has already.

    Across regions the service's zones do not restrict the endpoint's (unverified). All codes are
    unverified.
    """
    if vswitch.vpc_id != endpoint.vpc_id or vswitch.zone_id != zone_id:
        where = f"the endpoint's VPC and zone {zone_id}"
        raise invalid("VSwitchId", f"The vSwitch {vswitch.vswitch_id} is not in {where}.")
    if service.region == endpoint.region and zone_id not in service.zones:
        message = f"The endpoint service does not offer the zone {zone_id}."
        raise ApiError("EndpointServiceZoneNotSupported", message)
    if zone_id in endpoint.zones:
        message = f"The endpoint has the zone {zone_id} already."
        raise ApiError("EndpointZoneAlreadyExists", message)


def check_address(address: str, vswitch: VSwitch, free: Collection[str]) -> None:
    """Refuse an interface address that is not free in the vSwitch (codes unverified)."""
    try:
        inside = IPv4Address(address) in IPv4Network(vswitch.cidr)
    except ValueError as error:
        raise invalid("ip") from error
    if not inside or address not in free:
        vswitch_id = vswitch.vswitch_id
        message = f"The address {address} is not free in {vswitch_id} ({vswitch.cidr})."
        raise invalid("ip", message)


def check_policy(document: str) -> None:
    """Refuse an endpoint policy that is not a JSON object (code unverified)."""
    try:
        is_object = not document or isinstance(json.loads(document), dict)
    except ValueError:
        is_object = False
    if not is_object:
        raise invalid("PolicyDocument")
