"""Endpoint services, as someone sees them who wants to use one."""

from __future__ import annotations

from collections.abc import Iterator

from dashlink_sandbox.services.base import Answer, Call
from dashlink_sandbox.services.paging import by_token
from dashlink_sandbox.services.privatelink import rules
from dashlink_sandbox.state import EndpointService
from dashlink_sandbox.wire.errors import missing


def list_for_end_user(call: Call) -> Answer:
    """ListVpcEndpointServicesByEndUser: the region's services that are open to the calling account."""
    region = call.params.text("ServiceRegionId", call.region().id)
    kind = call.params.text("ServiceType", "Interface")
    found = [row for row in _asked(call, region) if kind == "Interface"]
    page, beside = by_token(call.params, found, size=50, largest=1000)
    return {"Services": [_shape(service) for service in page], **beside}


def list_own(call: Call) -> Answer:
    """ListVpcEndpointServices: the account's own services. In the sandbox nobody has any."""
    call.region()
    none: list[Answer] = []
    page, beside = by_token(call.params, none, size=50, largest=1000)
    return {"Services": page, **beside}


def find_service(call: Call, region: str) -> EndpointService:
    """The service of ``region`` that the request names, by ServiceId or by ServiceName.

    Raises:
        ApiError: EndpointServiceNotFound, also where the account is not on the service's allow-list.
    """
    if "ServiceId" not in call.params and "ServiceName" not in call.params:
        raise missing("ServiceName")
    service = next(_asked(call, region), None)
    if service is None:
        raise rules.service_not_found()
    return service


def _asked(call: Call, region: str) -> Iterator[EndpointService]:
    for service in call.state.endpoint_services.values():
        if (
            service.region == region
            and call.params.text("ServiceId", service.service_id) == service.service_id
            and call.params.text("ServiceName", service.service_name) == service.service_name
            and rules.is_open_to(service, call.account.id)
        ):
            yield service


def _shape(service: EndpointService) -> Answer:
    return {
        "ServiceId": service.service_id,
        "ServiceName": service.service_name,
        "ServiceDomain": f"{service.service_id}.{service.region}.privatelink.aliyuncs.com",
        "ServiceType": "Interface",
        "ServiceResourceType": service.resource_type,
        "Zones": service.zones,
        "AutoAcceptEnabled": service.auto_accept,
        "Payer": "Endpoint",
        "AddressIpVersion": "IPv4",
        "ServiceSupportIPv6": False,
        "VpcEndpointPolicySupported": True,
        "ZoneAffinityEnabled": True,
        "ResourceGroupId": "",
        "Tags": [],
    }
