"""Lookup of the endpoint that a request names."""

from __future__ import annotations

from dashlink_sandbox.services.base import Call
from dashlink_sandbox.services.privatelink.rules import check_settled
from dashlink_sandbox.state import Endpoint


def find_endpoint(call: Call) -> Endpoint:
    """Return the caller's endpoint ``EndpointId``.

    Raises:
        ApiError: EndpointNotFound.
    """
    endpoint_id = call.params.required("EndpointId")
    return call.find(call.state.endpoints, endpoint_id, "EndpointNotFound", "endpoint")


def find_settled(call: Call) -> Endpoint:
    """Return the caller's endpoint ``EndpointId``, which must be Active.

    Raises:
        ApiError: EndpointNotFound, or EndpointOperationDenied in any other status.
    """
    endpoint = find_endpoint(call)
    check_settled(endpoint)
    return endpoint
