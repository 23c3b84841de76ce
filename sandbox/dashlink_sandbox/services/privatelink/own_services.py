"""Endpoint services of an account: what their owner creates, changes and deletes.

transitions.py does what follows a request: Creating becomes Active, and a Deleting service
disappears.

Sources: SDK 4.0.9 (values, ranges, defaults); Alibaba Cloud's OpenAPI metadata (2024-07-30: codes,
the order of deletion); the alicloud provider v1.285.0 (a service without resources is Active and
takes endpoints).
"""

from __future__ import annotations

from dashlink_sandbox.services.base import Answer, Call, timestamp
from dashlink_sandbox.services.paging import by_token
from dashlink_sandbox.services.privatelink import rules
from dashlink_sandbox.services.privatelink.endpoint_services import service_domain
from dashlink_sandbox.services.privatelink.lookup import find_active_service, find_own_service
from dashlink_sandbox.services.privatelink.service_resources import attach_to
from dashlink_sandbox.services.tags import tag_list
from dashlink_sandbox.state import EndpointService
from dashlink_sandbox.wire.errors import ApiError, not_found

_RESOURCE_TYPES = ("slb", "alb", "nlb", "gwlb")
_PAYERS = ("Endpoint", "EndpointService")
_IP_VERSIONS = ("IPv4", "DualStack")
_DUAL_STACK_TYPES = ("nlb", "gwlb")
_CONNECTED = ("Connecting", "Connected", "Disconnecting")
_SMALLEST_BANDWIDTH_MBPS, _LARGEST_BANDWIDTH_MBPS = 100, 10_240
_FILTERS = {
    "AddressIpVersion": "address_ip_version",
    "ResourceGroupId": "resource_group_id",
    "ServiceId": "service_id",
    "ServiceName": "service_name",
    "ServiceResourceType": "resource_type",
    "ServiceStatus": "status",
}
_FLAGS = {
    "AutoAcceptEnabled": "auto_accept",
    "ServiceSupportIPv6": "support_ipv6",
    "ZoneAffinityEnabled": "zone_affinity_enabled",
}


def create(call: Call) -> Answer:
    """CreateVpcEndpointService, with the resources that the request names."""
    region = call.region().id
    params = call.params
    service_id = call.new_id("epsrv")
    service = EndpointService(
        service_id=service_id,
        service_name=f"com.aliyuncs.privatelink.{region}.{service_id}",
        region=region,
        zones=[],
        resource_type=params.one_of("ServiceResourceType", _RESOURCE_TYPES, "slb"),
        payer=params.one_of("Payer", _PAYERS, "Endpoint"),
        auto_accept=False,
        allow_listed_accounts=[],
        zone_affinity_enabled=False,
        supported_regions=_regions(call, "SupportedRegionList"),
        status="Creating",
        since=call.now,
        **call.new_record(),
    )
    _change(call, service)
    for resource in params.elements("Resource"):
        attach_to(call, service, resource)
    call.state.endpoint_services[service_id] = service
    return _shape(service)


def describe(call: Call) -> Answer:
    """GetVpcEndpointServiceAttribute."""
    service = find_own_service(call)
    return {**_shape(service), "Zones": service.zones}


def list_own(call: Call) -> Answer:
    """ListVpcEndpointServices: the account's own services in the region."""
    call.region()
    services = []
    for service in call.select(call.state.endpoint_services, _FILTERS):
        if _matches(call, service):
            services.append(service)
    page, counts = by_token(call.params, services, _row)
    return {"Services": page, **counts}


def update(call: Call) -> Answer:
    """UpdateVpcEndpointServiceAttribute."""
    service = find_active_service(call)
    old_version = service.address_ip_version
    _change(call, service)
    if old_version == "DualStack" and service.address_ip_version == "IPv4":
        message = "The EndpointService is not allowed for downgrade."
        raise ApiError("EndpointServiceDowngradeNotAllowed", message)
    removed = _regions(call, "DeleteSupportedRegionSet")
    regions = [region for region in service.supported_regions or () if region not in removed]
    added = _regions(call, "AddSupportedRegionSet")
    service.supported_regions = [*regions, *(region for region in added if region not in regions)]
    return {}


def delete(call: Call) -> Answer:
    """DeleteVpcEndpointService: refused with resources or a connection; ends in the background."""
    service = find_active_service(call)
    if service.resources:
        message = "The specified EndpointService already contains a resource."
        raise ApiError("EndpointServiceDependenceViolation", message)
    for endpoint in call.state.endpoints.values():
        is_connected = endpoint.connection_status in _CONNECTED
        if endpoint.service_id == service.service_id and is_connected:
            message = "You cannot delete EndpointService with Endpoint connected."
            raise ApiError("EndpointServiceConnectionDependence", message)
    service.status = "Deleting"
    service.since = call.now
    return {}


def _change(call: Call, service: EndpointService) -> None:
    """Set the fields that both creation and update may set."""
    params = call.params
    description = params.changed("ServiceDescription", service.description)
    rules.check_description("ServiceDescription", description)
    service.description = description
    for name, field in _FLAGS.items():
        if name in params:
            setattr(service, field, params.flag(name))
    limits = (_SMALLEST_BANDWIDTH_MBPS, _LARGEST_BANDWIDTH_MBPS)
    mbps = params.number("ConnectBandwidth", service.connect_bandwidth_mbps, *limits)
    service.connect_bandwidth_mbps = mbps
    version = params.one_of("AddressIpVersion", _IP_VERSIONS, service.address_ip_version)
    if version == "DualStack" and service.resource_type not in _DUAL_STACK_TYPES:
        message = "The param supportIpv6 of EndpointService is forbidden."
        raise ApiError("EndpointServiceNotSupportIpv6", message)
    service.address_ip_version = version


def _regions(call: Call, name: str) -> list[str]:
    regions = call.params.texts(name)
    for region in regions:
        if region not in call.catalog.regions:
            message = f"The specified region {region} does not exist."
            raise not_found("InvalidRegionId.NotFound", message)  # unverified
    return regions


def _matches(call: Call, service: EndpointService) -> bool:
    """Whether a service has the request's flags, resource and business status."""
    params = call.params
    for name, field in _FLAGS.items():
        if name in params and params.flag(name) is not getattr(service, field):
            return False
    if params.text("ServiceBusinessStatus", "Normal") != "Normal":
        return False
    resources = {resource.resource_id for resource in service.resources}
    return "ResourceId" not in params or params.text("ResourceId") in resources


def _row(service: EndpointService) -> Answer:
    return {**_shape(service), "Tags": tag_list(service.tags)}


def _shape(service: EndpointService) -> Answer:
    regions = []
    for region in service.supported_regions or ():
        regions.append(
            {
                "SupportedRegionId": region,
                "ServiceRegionId": service.region,
                "RegionServiceStatus": "Available",
                "RegionBusinessStatus": "Normal",
            }
        )
    shape = {
        "ServiceId": service.service_id,
        "ServiceName": service.service_name,
        "ServiceDomain": service_domain(service),
        "ServiceDescription": service.description,
        "ServiceStatus": service.status,
        "ServiceBusinessStatus": "Normal",
        "ServiceType": rules.endpoint_type_of(service),
        "ServiceResourceType": service.resource_type,
        "ServiceSupportIPv6": service.support_ipv6,
        "AddressIpVersion": service.address_ip_version,
        "AutoAcceptEnabled": service.auto_accept,
        "ZoneAffinityEnabled": service.zone_affinity_enabled,
        "Payer": service.payer,
        "MinBandwidth": _SMALLEST_BANDWIDTH_MBPS,
        "MaxBandwidth": _LARGEST_BANDWIDTH_MBPS,
        "CreateTime": timestamp(service.created),
        "RegionId": service.region,
        "ResourceGroupId": service.resource_group_id,
        "SupportedRegionSet": regions,
    }
    # The alicloud provider's documentation: only services of CLB return the default bandwidth.
    if service.resource_type == "slb":
        shape["ConnectBandwidth"] = service.connect_bandwidth_mbps
    return shape
