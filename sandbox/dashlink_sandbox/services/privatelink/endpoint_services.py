"""Endpoint services, as their users see them."""

from __future__ import annotations

from dashlink_sandbox.services.base import Answer, Call
from dashlink_sandbox.services.paging import by_token
from dashlink_sandbox.services.privatelink import rules
from dashlink_sandbox.services.tags import tag_list
from dashlink_sandbox.state import EndpointService
from dashlink_sandbox.wire.errors import ApiError, missing


def list_for_end_user(call: Call) -> Answer:
    """ListVpcEndpointServicesByEndUser: the region's services that the account may use."""
    region = call.params.text("ServiceRegionId", call.region().id)
    kind = call.params.text("ServiceType", "Interface")
    services = []
    for service in _matching(call, region):
        is_open = rules.is_open_to(service, call.account.id) and service.status == "Active"
        if is_open and rules.endpoint_type_of(service) == kind:
            services.append(service)
    page, counts = by_token(call.params, services, _shape)
    return {"Services": page, **counts}


def find_service(call: Call, region: str) -> EndpointService:
    """Return the service of ``region`` that the request names, by ServiceId or by ServiceName.

    Raises:
        ApiError: EndpointServiceNotFound, also if the service does not support the region of the
            request (unverified).
    """
    if "ServiceId" not in call.params and "ServiceName" not in call.params:
        raise missing("ServiceName")
    services = _matching(call, region)
    if not services:
        message = "The specified Service does not exist."
        raise ApiError("EndpointServiceNotFound", message)
    return services[0]


def service_domain(service: EndpointService) -> str:
    """Return the domain of a service."""
    return f"{service.service_id}.{service.region}.privatelink.aliyuncs.com"


def _matching(call: Call, region: str) -> list[EndpointService]:
    services = []
    for service in call.state.endpoint_services.values():
        if (
            service.region == region
            and call.params.text("ServiceId", service.service_id) == service.service_id
            and call.params.text("ServiceName", service.service_name) == service.service_name
            and _supports(service, call.region().id)
        ):
            services.append(service)
    return services


def _supports(service: EndpointService, region: str) -> bool:
    """Whether endpoints of ``region`` may connect to the service."""
    regions = service.supported_regions
    return regions is None or region == service.region or region in regions


def _shape(service: EndpointService) -> Answer:
    return {
        "ServiceId": service.service_id,
        "ServiceName": service.service_name,
        "ServiceDomain": service_domain(service),
        "ServiceType": rules.endpoint_type_of(service),
        "ServiceResourceType": service.resource_type,
        "Zones": service.zones,
        "AutoAcceptEnabled": service.auto_accept,
        "Payer": service.payer,
        "AddressIpVersion": service.address_ip_version,
        "ServiceSupportIPv6": service.support_ipv6,
        "VpcEndpointPolicySupported": not service.owner,  # the cloud's own services (unverified)
        "ZoneAffinityEnabled": service.zone_affinity_enabled,
        "ResourceGroupId": service.resource_group_id,
        "Tags": tag_list(service.tags),
    }
