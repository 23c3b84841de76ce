"""Endpoint services, as their users see them."""

from __future__ import annotations

from dashlink_sandbox.services.base import Answer, Call
from dashlink_sandbox.services.paging import by_token
from dashlink_sandbox.services.privatelink import rules
from dashlink_sandbox.state import EndpointService
from dashlink_sandbox.wire.errors import missing, not_found


def list_for_end_user(call: Call) -> Answer:
    """ListVpcEndpointServicesByEndUser: the region's services that the account may use."""
    services = _matching(call, call.params.text("ServiceRegionId", call.region().id))
    if call.params.text("ServiceType", "Interface") != "Interface":
        services = []
    page, counts = by_token(call.params, services, _shape)
    return {"Services": page, **counts}


def list_own(call: Call) -> Answer:
    """ListVpcEndpointServices: the account's own services; no account of the sandbox has any."""
    call.region()
    page, counts = by_token(call.params, (), _shape)
    return {"Services": page, **counts}


def find_service(call: Call, region: str) -> EndpointService:
    """Return the service of ``region`` that the request names, by ServiceId or by ServiceName.

    Raises:
        ApiError: EndpointServiceNotFound, also if the account is not on the service's allow-list.
    """
    if "ServiceId" not in call.params and "ServiceName" not in call.params:
        raise missing("ServiceName")
    services = _matching(call, region)
    if not services:
        message = "The specified endpoint service does not exist or is not open to you."
        raise not_found("EndpointServiceNotFound", message)
    return services[0]


def _matching(call: Call, region: str) -> list[EndpointService]:
    services = []
    for service in call.state.endpoint_services.values():
        if (
            service.region == region
            and call.params.text("ServiceId", service.service_id) == service.service_id
            and call.params.text("ServiceName", service.service_name) == service.service_name
            and rules.is_open_to(service, call.account.id)
        ):
            services.append(service)
    return services


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
