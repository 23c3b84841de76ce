"""The load balancers behind an account's own endpoint services.

Sources: SDK 4.0.9 (ZoneId is required for all but CLB; at most 20 resources); Alibaba Cloud's
OpenAPI metadata (2024-07-30: codes).
"""

from __future__ import annotations

from functools import partial

from dashlink_sandbox.load_balancers import LoadBalancer
from dashlink_sandbox.services.base import Answer, Call
from dashlink_sandbox.services.paging import by_token
from dashlink_sandbox.services.privatelink.lookup import find_active_service, find_own_service
from dashlink_sandbox.state import EndpointService, ServiceResource
from dashlink_sandbox.wire.errors import ApiError
from dashlink_sandbox.wire.params import Params

_CLASSIC = "slb"
_LABELS = {"slb": "CLB", "nlb": "NLB"}


def attach(call: Call) -> Answer:
    """AttachResourceToVpcEndpointService."""
    attach_to(call, find_active_service(call), call.params)
    return {}


def attach_to(call: Call, service: EndpointService, params: Params) -> None:
    """Add a load balancer to ``service``.

    Args:
        call: The call.
        service: The service.
        params: ResourceId, ResourceType and ZoneId of the load balancer.
    """
    kind = params.required("ResourceType")
    if kind != service.resource_type:
        message = "the service resource type not equal request type."
        raise ApiError("EndpointServiceResourceTypeNotEqual", message)
    balancer = _balancer(call, kind, params.required("ResourceId"))
    used = len(service.resources)
    call.check_quota("resources_per_endpoint_service", used, "QuotaMisMatched")
    if service.address_ip_version == "DualStack" and balancer.address_ip_version == "ipv4":
        message = "The resource is not support ipv6."
        raise ApiError("ServiceResourceNotSupportIpv6", message)
    resource = ServiceResource(
        resource_id=balancer.load_balancer_id,
        resource_type=kind,
        zone_id=_zone_id(balancer, params),
    )
    if _find(service, resource.resource_id, resource.zone_id) is not None:
        message = "The specified resource already exists."
        raise ApiError("EndpointServiceResourceExist", message)
    _replace(service, [*service.resources, resource])


def detach(call: Call) -> Answer:
    """DetachResourceFromVpcEndpointService: refused for the last one of a connected zone."""
    service = find_active_service(call)
    resource = _requested(call, service)
    remaining = [row for row in service.resources if row is not resource]
    zones = {row.zone_id for row in remaining}
    for endpoint in call.state.endpoints.values():
        zone = endpoint.zones.get(resource.zone_id)
        is_connected = zone is not None and zone.status == "Connected"
        if endpoint.service_id != service.service_id or not is_connected:
            continue
        if resource.zone_id not in zones:
            message = "You cannot delete EndpointService with Endpoint connected."
            raise ApiError("EndpointServiceConnectionDependence", message)
    _replace(service, remaining)
    return {}


def update(call: Call) -> Answer:
    """UpdateVpcEndpointServiceResourceAttribute: whether new endpoints get the resource."""
    service = find_active_service(call)
    resource = _requested(call, service)
    call.params.required("AutoAllocatedEnabled")
    resource.auto_allocated = call.params.flag("AutoAllocatedEnabled")
    siblings = [row for row in service.resources if row.zone_id == resource.zone_id]
    if not any(row.auto_allocated for row in siblings):
        message = (
            "The specified endpoint service must have at least one automatically allocated "
            "resource in one zone."
        )
        raise ApiError("ResourceAutoAllocateViolation", message)
    return {}


def list_resources(call: Call) -> Answer:
    """ListVpcEndpointServiceResources."""
    service = find_own_service(call)
    shape = partial(_shape, call, service)
    page, counts = by_token(call.params, service.resources, shape)
    return {"Resources": page, **counts}


def resource_of(service: EndpointService, zone_id: str) -> str:
    """Return the id of the resource that serves endpoints in a zone; empty if there is none."""
    for resource in service.resources:
        if resource.zone_id == zone_id and resource.auto_allocated:
            return resource.resource_id
    return ""


def _balancer(call: Call, kind: str, resource_id: str) -> LoadBalancer:
    """Return the account's load balancer in the requested region.

    Raises:
        ApiError: LoadBalancerNotFound; Sandbox.UnsupportedParameter for ALB and GWLB, which the
            sandbox does not have.
    """
    if kind not in _LABELS:
        message = f"The sandbox has no load balancers of ResourceType {kind}."
        raise ApiError("Sandbox.UnsupportedParameter", message)
    balancer = call.state.load_balancers.get(resource_id)
    own = call.own(call.state.load_balancers)
    if balancer is None or balancer not in own or balancer.kind != kind:
        message = "The specified load balancer does not exist."
        raise ApiError("LoadBalancerNotFound", message)
    if balancer.address_type != "intranet":
        message = "The specified SLB does not support PrivateLink."
        raise ApiError("LoadBalancerNotSupportPrivateLink", message)
    return balancer


def _zone_id(balancer: LoadBalancer, params: Params) -> str:
    """Return the zone of a resource: the requested one, for a CLB its primary zone by default."""
    zones = [zone.zone_id for zone in balancer.zones]
    zone_id = params.text("ZoneId")
    if not zone_id and balancer.kind == _CLASSIC:
        return zones[0]
    zone_id = params.required("ZoneId")
    if zone_id not in zones:
        message = f"The specified endpoint service does not support the zone {zone_id}."
        raise ApiError("EndpointServiceNotSupportedZone", message)
    return zone_id


def _requested(call: Call, service: EndpointService) -> ServiceResource:
    resource_id = call.params.required("ResourceId")
    resource = _find(service, resource_id, call.params.text("ZoneId"))
    if resource is None:
        message = "The specified service resource is not found."
        raise ApiError("EndpointServiceResourceNotFound", message)
    return resource


def _find(service: EndpointService, resource_id: str, zone_id: str) -> ServiceResource | None:
    for resource in service.resources:
        if resource.resource_id == resource_id and zone_id in ("", resource.zone_id):
            return resource
    return None


def _replace(service: EndpointService, resources: list[ServiceResource]) -> None:
    """Set the resources of a service, and the zones that follow from them."""
    service.resources = resources
    service.zones = sorted({resource.zone_id for resource in resources})


def _shape(call: Call, service: EndpointService, resource: ServiceResource) -> Answer:
    balancer = call.state.load_balancers[resource.resource_id]
    zone = balancer.zone(resource.zone_id)
    related = 0
    for endpoint in call.state.endpoints.values():
        if endpoint.service_id == service.service_id and resource.zone_id in endpoint.zones:
            related += 1
    return {
        "ResourceId": resource.resource_id,
        "ResourceType": resource.resource_type,
        "ZoneId": resource.zone_id,
        "RegionId": service.region,
        "VpcId": balancer.vpc_id,
        "VSwitchId": zone.vswitch_id,
        "Ip": zone.address,
        "AutoAllocatedEnabled": resource.auto_allocated,
        "RelatedEndpointCount": related,
        "RelatedDeprecatedEndpointCount": 0,
        "ResourceSupportIPv6": balancer.address_ip_version != "ipv4",
    }
