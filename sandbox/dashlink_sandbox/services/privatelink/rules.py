"""What PrivateLink allows. Pure: each rule raises the cloud's error or says nothing.

Sources: help.aliyun.com, PrivateLink API "CreateVpcEndpoint", "AddZoneToVpcEndpoint", "DeleteVpcEndpoint" (2025; the
last one names OperationDenied.EndpointProtected and wants the zones gone first); the codes that the alicloud provider
v1.285.0 waits for (EndpointNotFound, EndpointZoneNotFound, EndpointServiceNotFound, EndpointOperationDenied). Other
codes are unverified and marked so.
"""

from __future__ import annotations

import json
from ipaddress import IPv4Address, IPv4Network

from dashlink_sandbox.state import Endpoint, EndpointService, VSwitch
from dashlink_sandbox.wire.errors import ApiError, invalid, not_found


def is_open_to(service: EndpointService, account_id: str) -> bool:
    """Whether the service has no allow-list or has the account on it. To others it does not exist (unverified)."""
    return service.allow_listed_accounts is None or account_id in service.allow_listed_accounts


def service_not_found() -> ApiError:
    """No service of this name or id that the account may use."""
    return not_found("EndpointServiceNotFound", "The specified endpoint service does not exist or is not open to you.")


def check_settled(endpoint: Endpoint) -> None:
    """Refuse to change an endpoint that is still being created or already being deleted."""
    if endpoint.status != "Active":
        raise ApiError("EndpointOperationDenied", f"The endpoint is {endpoint.status}; its status allows no operation.")


def check_deletable(endpoint: Endpoint) -> None:
    """Refuse to delete an endpoint that is protected or still has zones."""
    check_settled(endpoint)
    if endpoint.protected:
        raise ApiError(
            "OperationDenied.EndpointProtected", "The operation is not allowed because of EndpointProtected."
        )
    if endpoint.zones:
        raise ApiError("EndpointOperationDenied", "The endpoint still has zones. Remove them first.")


def check_zone(endpoint: Endpoint, service: EndpointService, zone_id: str, vswitch: VSwitch) -> None:
    """Refuse a zone that the service or the vSwitch does not have, or that the endpoint has already.

    Across regions the zones of the service say nothing about the endpoint's (unverified). All codes are unverified.
    """
    if vswitch.vpc_id != endpoint.vpc_id or vswitch.zone_id != zone_id:
        raise invalid("VSwitchId", f"The vSwitch {vswitch.vswitch_id} is not in the endpoint's VPC and zone {zone_id}.")
    if service.region == endpoint.region and zone_id not in service.zones:
        raise ApiError("EndpointServiceZoneNotSupported", f"The endpoint service does not offer the zone {zone_id}.")
    if zone_id in endpoint.zones:
        raise ApiError("EndpointZoneAlreadyExists", f"The endpoint has the zone {zone_id} already.")


def check_address(address: str, vswitch: VSwitch, free: list[str]) -> None:
    """Refuse an address for the endpoint's interface that is not free in the vSwitch (codes unverified)."""
    try:
        inside = IPv4Address(address) in IPv4Network(vswitch.cidr)
    except ValueError as error:
        raise invalid("ip") from error
    if not inside or address not in free:
        raise invalid("ip", f"The address {address} is not free in {vswitch.vswitch_id} ({vswitch.cidr}).")


def check_policy(document: str) -> None:
    """Refuse an endpoint policy that is not a JSON object (code unverified)."""
    try:
        good = not document or isinstance(json.loads(document), dict)
    except ValueError:
        good = False
    if not good:
        raise invalid("PolicyDocument")
