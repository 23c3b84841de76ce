"""Lookup of the resources that a request names.

Codes and statuses: Alibaba Cloud's OpenAPI metadata of PrivateLink (2024-07-30), which states HTTP
400 for all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from dashlink_sandbox.records import Tagged
from dashlink_sandbox.services.base import Call
from dashlink_sandbox.services.privatelink.rules import check_active, check_settled
from dashlink_sandbox.state import Endpoint, EndpointService, SecurityGroup, Vpc, VSwitch
from dashlink_sandbox.wire.errors import ApiError

_Owned = TypeVar("_Owned", bound=Tagged)


def find_endpoint(call: Call) -> Endpoint:
    """Return the caller's endpoint ``EndpointId``.

    Raises:
        ApiError: EndpointNotFound.
    """
    endpoint_id = call.params.required("EndpointId")
    message = "The specified Endpoint does not exist."
    return _find(call, call.state.endpoints, endpoint_id, "EndpointNotFound", message)


def find_settled(call: Call) -> Endpoint:
    """Return the caller's endpoint ``EndpointId``, which must be Active.

    Raises:
        ApiError: EndpointNotFound, or EndpointOperationDenied in any other status.
    """
    endpoint = find_endpoint(call)
    check_settled(endpoint)
    return endpoint


def find_own_service(call: Call) -> EndpointService:
    """Return the caller's own endpoint service ``ServiceId``.

    Raises:
        ApiError: EndpointServiceNotFound.
    """
    service_id = call.params.required("ServiceId")
    message = "The specified Service does not exist."
    services = call.state.endpoint_services
    return _find(call, services, service_id, "EndpointServiceNotFound", message)


def find_active_service(call: Call) -> EndpointService:
    """Return the caller's own endpoint service ``ServiceId``, which must be Active.

    Raises:
        ApiError: EndpointServiceNotFound, or EndpointServiceOperationDenied in any other status.
    """
    service = find_own_service(call)
    check_active(service)
    return service


def find_vpc(call: Call) -> Vpc:
    """Return the caller's VPC ``VpcId``.

    Raises:
        ApiError: VpcNotFound.
    """
    vpc_id = call.params.required("VpcId")
    message = "The specified VPC does not exist."
    return _find(call, call.state.vpcs, vpc_id, "VpcNotFound", message)


def find_vswitch(call: Call, vswitch_id: str) -> VSwitch:
    """Return the caller's vSwitch with this id.

    Raises:
        ApiError: VSwitchNotFound.
    """
    message = "The specified VSwitch does not exist."
    return _find(call, call.state.vswitches, vswitch_id, "VSwitchNotFound", message)


def find_group(call: Call, group_id: str) -> SecurityGroup:
    """Return the caller's security group with this id.

    Raises:
        ApiError: SecurityGroupNotFound.
    """
    message = "The specified security group does not exist."
    return _find(call, call.state.security_groups, group_id, "SecurityGroupNotFound", message)


def _find(
    call: Call, records: Mapping[str, _Owned], record_id: str, code: str, message: str
) -> _Owned:
    try:
        return call.find(records, record_id, code, "")
    except ApiError as error:
        raise ApiError(code, message) from error
