"""Validation of endpoints. Pure: each rule raises the cloud's error or returns nothing.

Sources: Alibaba Cloud's OpenAPI metadata of PrivateLink (2024-07-30), which has the codes of each
action; SDK 4.0.9 for values and ranges. What neither of them states is marked unverified.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from ipaddress import IPv4Address, IPv4Network

from dashlink_sandbox.state import Endpoint, EndpointService, VSwitch
from dashlink_sandbox.wire.errors import ApiError, invalid

_NAME = re.compile(r"[A-Za-z\u4e00-\u9fff][\w-]{1,127}")
_SHORTEST_DESCRIPTION, _LONGEST_DESCRIPTION = 2, 256
_ARN = re.compile(r"acs:ram:[^:]*:(\d+|\*):.*")
_ANY_ACCOUNT = "*"


def is_open_to(service: EndpointService, account_id: str) -> bool:
    """Whether the account may see and use the service.

    It may if it owns the service, if the service has no allow-list, or if the list has the account.
    """
    if service.owner == account_id or service.allow_listed_accounts is None:
        return True
    listed = {*service.allow_listed_accounts, *map(account_of, service.allow_listed_arns)}
    return account_id in listed or _ANY_ACCOUNT in listed


def account_of(arn: str) -> str:
    """Return the account of a resource name ``acs:ram:*:<account>:*``; ``*`` is every account.

    Raises:
        ApiError: IllegalParamFormat.UserArn (unverified).
    """
    match = _ARN.fullmatch(arn)
    if match is None:
        message = f"The param format of {arn!r} is illegal."
        raise ApiError("IllegalParamFormat.UserArn", message)
    return match.group(1)


def check_name(name: str) -> None:
    """Refuse an endpoint's name that does not start with a letter, or has other characters.

    It has 2 to 128 letters, digits, hyphens and underscores; empty is no name. The code is
    unverified.
    """
    if name and _NAME.fullmatch(name) is None:
        raise invalid("EndpointName")


def check_description(name: str, text: str) -> None:
    """Refuse a description that is a URL, or has not 2 to 256 characters; the code is unverified.

    Args:
        name: The parameter's name.
        text: The description; empty is none.
    """
    fits = _SHORTEST_DESCRIPTION <= len(text) <= _LONGEST_DESCRIPTION
    if text and (not fits or text.startswith(("http://", "https://"))):
        raise invalid(name)


def check_active(service: EndpointService) -> None:
    """Refuse to change an endpoint service that is being created or deleted."""
    if service.status != "Active":
        message = "The specified operation of endpoint service is not allowed."
        raise ApiError("EndpointServiceOperationDenied", message)


def check_usable(service: EndpointService, account_id: str, endpoint_type: str) -> None:
    """Refuse a service that an endpoint of this type and account cannot connect to."""
    if not is_open_to(service, account_id):
        message = "The specified endpoint service is not authorized to user."
        raise ApiError("EndpointServiceNotAuthorized", message)
    if service.status != "Active":
        message = f"The status of {service.service_id} [{service.status}] is incorrect."
        raise ApiError("IncorrectStatus.VpcEndpointService", message)
    if endpoint_type != endpoint_type_of(service):
        message = f"The EndpointType is mismatched for {endpoint_type} and {service.service_id}."
        raise ApiError("Mismatch.EndpointType", message)


def endpoint_type_of(service: EndpointService) -> str:
    """Return the type of a service's endpoints, which follows from the type of its resources."""
    return "GatewayLoadBalancer" if service.resource_type == "gwlb" else "Interface"


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
        message = "The specified endpoint has dependent zone(s)."
        raise ApiError("EndpointDependenceViolation", message)


def check_zone(
    endpoint: Endpoint, service: EndpointService, zone_id: str, vswitch: VSwitch
) -> None:
    """Refuse a zone without the service or the vSwitch, or one that the endpoint has already.

    Across regions the service's zones do not restrict the endpoint's (unverified). The code for a
    vSwitch elsewhere is unverified.
    """
    if vswitch.vpc_id != endpoint.vpc_id or vswitch.zone_id != zone_id:
        where = f"the endpoint's VPC and zone {zone_id}"
        raise invalid("VSwitchId", f"The vSwitch {vswitch.vswitch_id} is not in {where}.")
    if service.region == endpoint.region and zone_id not in service.zones:
        message = f"The specified endpoint service does not support the zone {zone_id}."
        raise ApiError("EndpointServiceNotSupportedZone", message)
    if zone_id in endpoint.zones:
        message = f"The zone {zone_id} is duplicated for the Endpoint."
        raise ApiError("EndpointZoneDuplicated", message)


def check_address(address: str, vswitch: VSwitch, free: Collection[str]) -> None:
    """Refuse an interface address that is not free in the vSwitch."""
    try:
        inside = IPv4Address(address) in IPv4Network(vswitch.cidr)
    except ValueError:
        inside = False
    if not inside or address not in free:
        vswitch_id = vswitch.vswitch_id
        message = f"The IP address {address} is unavailable in {vswitch_id} ({vswitch.cidr})."
        raise ApiError("EniIpUnavailable", message)


def check_ip_version(version: str, service: EndpointService) -> None:
    """Refuse DualStack where an account's own service has IPv4 only (the code is unverified)."""
    if version != "IPv4" and service.owner and service.address_ip_version == "IPv4":
        message = "The specified Service does not support DualStack."
        raise invalid("AddressIpVersion", message)


def check_policy(document: str) -> None:
    """Refuse an endpoint policy that is not a JSON object (code unverified)."""
    try:
        is_object = not document or isinstance(json.loads(document), dict)
    except ValueError:
        is_object = False
    if not is_object:
        raise invalid("PolicyDocument")
