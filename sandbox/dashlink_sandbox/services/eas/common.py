"""Lookups that services and gateways of PAI-EAS share."""

from __future__ import annotations

import re

from dashlink_sandbox.eas import EasGateway, EasService
from dashlink_sandbox.services.base import Call
from dashlink_sandbox.wire.errors import ApiError, not_found

_HOST = re.compile(r"pai-eas\.(?P<region>[a-z0-9-]+)\.")
_DEFAULT_REGION = "cn-beijing"
_CONFLICT = 409


def region_of(call: Call, vpc_id: str = "") -> str:
    """Return the region of a creation: by the host, else by its VPC, else the first region.

    The cloud knows it by the host alone.
    """
    match = _HOST.match(call.host)
    if match is not None:
        return match["region"]
    vpc = call.state.vpcs.get(vpc_id)
    return vpc.region if vpc is not None else _DEFAULT_REGION


def service_named(call: Call, region: str, name: str) -> EasService | None:
    """Return the account's service of this name in a region."""
    for row in call.state.eas_services.values():
        if (row.owner, row.region, row.name) == (call.account.id, region, name):
            return row
    return None


def requested_service(call: Call) -> EasService:
    """Return the service in the path.

    Raises:
        ApiError: InvalidService.NotFound.
    """
    region, name = call.params.required("ClusterId"), call.params.required("ServiceName")
    row = service_named(call, region, name)
    if row is None:
        raise not_found("InvalidService.NotFound", f"The service {name} is not found in {region}.")
    return row


def find_gateway(call: Call, region: str, gateway_id: str) -> EasGateway:
    """Return the account's gateway in a region.

    Raises:
        ApiError: InvalidGateway.NotFound (unverified).
    """
    row = call.state.eas_gateways.get(gateway_id)
    if row is None or (row.owner, row.region) != (call.account.id, region):
        raise not_found("InvalidGateway.NotFound", f"The gateway {gateway_id} is not found.")
    return row


def conflict(code: str, message: str) -> ApiError:
    """HTTP 409: the name exists, or the resource is in use."""
    return ApiError(code, message, _CONFLICT)
