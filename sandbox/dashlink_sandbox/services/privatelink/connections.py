"""Connections of endpoints to an account's own endpoint services, as the services' owner sees them.

Sources: SDK 4.0.9 (ranges of the bandwidth, TrafficControlMode, statuses); Alibaba Cloud's OpenAPI
metadata (2024-07-30: codes); the acceptance tests of the alicloud provider v1.285.0 (a connection
of an endpoint without zones becomes Connected, and Disconnected again).
"""

from __future__ import annotations

from functools import partial

from dashlink_sandbox.services.base import Answer, Call, timestamp
from dashlink_sandbox.services.paging import by_token
from dashlink_sandbox.services.privatelink.endpoints import bandwidth_mbps
from dashlink_sandbox.services.privatelink.lookup import find_active_service, find_own_service
from dashlink_sandbox.services.privatelink.service_resources import resource_of
from dashlink_sandbox.services.privatelink.zones import find_zone
from dashlink_sandbox.state import Endpoint, EndpointService, EndpointZone
from dashlink_sandbox.wire.errors import ApiError, invalid

_SMALLEST_MBPS = 100
_LARGEST_MBPS = {"slb": 10_240, "alb": 25_000, "nlb": 50_000, "gwlb": 25_000}
_LIMITED, _SCALED = "BandwidthLimit", "Scalability"
# The modes of each resource type, the default first; those of ALB are unverified.
_MODES = {
    "slb": (_LIMITED,),
    "alb": (_LIMITED,),
    "nlb": (_SCALED, _LIMITED),
    "gwlb": (_SCALED,),
}
_CHANGING = ("Connecting", "Disconnecting", "Deleting")


def enable(call: Call) -> Answer:
    """EnableVpcEndpointConnection: accept a connection."""
    service, endpoint = _requested(call)
    for zone_id in endpoint.zones:
        if zone_id not in service.zones:
            message = (
                "The operation is not allowed because of there are no resource in some available "
                "zones of endpoint service."
            )
            raise ApiError("OperationDenied.NoAvailableServiceResource", message)
    _limit(call, service, endpoint)
    endpoint.acceptance = "accepted"
    endpoint.enabled = True
    endpoint.connection_modified = call.now
    for zone in endpoint.zones.values():
        if zone.status == "Disconnected":
            _move(call, zone, "Wait")
    return {}


def disable(call: Call) -> Answer:
    """DisableVpcEndpointConnection: reject a connection, or end it."""
    _, endpoint = _requested(call)
    endpoint.acceptance = "rejected"
    endpoint.enabled = False
    endpoint.connection_modified = call.now
    for zone in endpoint.zones.values():
        if zone.status != "Deleting":
            _move(call, zone, "Disconnected")
    return {}


def enable_zone(call: Call) -> Answer:
    """EnableVpcEndpointZoneConnection: connect a disconnected zone of a connected endpoint."""
    _, endpoint = _requested(call)
    zone = find_zone(endpoint, call.params.required("ZoneId"))
    _check_zone(endpoint, zone, "Disconnected")
    _move(call, zone, "Wait")
    return {}


def disable_zone(call: Call) -> Answer:
    """DisableVpcEndpointZoneConnection: disconnect one zone."""
    _, endpoint = _requested(call)
    zone = find_zone(endpoint, call.params.required("ZoneId"))
    _check_zone(endpoint, zone, "Connected")
    _move(call, zone, "Disconnected")
    return {}


def update(call: Call) -> Answer:
    """UpdateVpcEndpointConnectionAttribute: the bandwidth, and how traffic is limited."""
    service, endpoint = _requested(call)
    _limit(call, service, endpoint)
    endpoint.connection_modified = call.now
    return {}


def list_connections(call: Call) -> Answer:
    """ListVpcEndpointConnections: to one of the account's services, or to all."""
    call.region()
    services = {}
    for service in call.own(call.state.endpoint_services):
        services[service.service_id] = service
    if "ServiceId" in call.params:
        service = find_own_service(call)
        services = {service.service_id: service}
    rows = []
    for endpoint in call.state.endpoints.values():
        if endpoint.service_id in services:
            row = _shape(call, services[endpoint.service_id], endpoint)
            if _matches(call, row):
                rows.append(row)
    page, counts = by_token(call.params, rows, dict)
    counts["TotalCount"] = str(counts["TotalCount"])
    return {"Connections": page, **counts}


def _requested(call: Call) -> tuple[EndpointService, Endpoint]:
    """Return the service and the endpoint of the connection, which must not be changing.

    Raises:
        ApiError: EndpointServiceNotFound, EndpointConnectionNotFound, or
            EndpointConnectionOperationDenied.
    """
    service = find_active_service(call)
    endpoint = call.state.endpoints.get(call.params.required("EndpointId"))
    if endpoint is None or endpoint.service_id != service.service_id:
        message = "The specified endpoint connection does not exist."
        raise ApiError("EndpointConnectionNotFound", message)
    if endpoint.status == "Creating" or endpoint.connection_status in _CHANGING:
        raise ApiError("EndpointConnectionOperationDenied", "The endpoint is being connected.")
    return service, endpoint


def _limit(call: Call, service: EndpointService, endpoint: Endpoint) -> None:
    """Set what the request says of the connection's bandwidth."""
    kind = service.resource_type
    limits = (_SMALLEST_MBPS, _LARGEST_MBPS[kind])
    mbps = call.params.number("Bandwidth", endpoint.bandwidth_mbps, *limits)
    mode = call.params.text("TrafficControlMode", endpoint.traffic_control or _MODES[kind][0])
    if mode not in _MODES[kind]:
        message = f"The TrafficControlMode of {kind} must be one of {', '.join(_MODES[kind])}."
        raise invalid("TrafficControlMode", message)
    endpoint.bandwidth_mbps = mbps
    endpoint.traffic_control = mode


def _check_zone(endpoint: Endpoint, zone: EndpointZone, status: str) -> None:
    if endpoint.connection_status != "Connected":
        where = f"{endpoint.endpoint_id} [{endpoint.connection_status}]"
        message = f"The status of {where} is incorrect."
        raise ApiError("IncorrectStatus.VpcEndpointConnection", message)
    if zone.status != status:
        message = f"The status of {zone.zone_id} [{zone.status}] is incorrect."
        raise ApiError("IncorrectStatus.VpcEndpointZone", message)


def _move(call: Call, zone: EndpointZone, status: str) -> None:
    zone.status = status
    zone.since = call.now


def _matches(call: Call, row: Answer) -> bool:
    params = call.params
    for name in ("ConnectionStatus", "EndpointId", "EndpointOwnerId", "ResourceGroupId"):
        if name in params and params.text(name) != str(row[name]):
            return False
    for name in ("EniId", "ResourceId"):
        values = [zone[name] for zone in row["Zones"]]
        if name in params and params.text(name) not in values:
            return False
    return True


def _shape(call: Call, service: EndpointService, endpoint: Endpoint) -> Answer:
    zones = map(partial(_zone_shape, service), endpoint.zones.values())
    return {
        "ServiceId": service.service_id,
        "ServiceRegionId": service.region,
        "EndpointId": endpoint.endpoint_id,
        "EndpointOwnerId": int(endpoint.owner),
        "EndpointRegionId": endpoint.region,
        "EndpointVpcId": endpoint.vpc_id,
        "ConnectionStatus": endpoint.connection_status,
        "Bandwidth": bandwidth_mbps(call.state, endpoint),
        "TrafficControlMode": endpoint.traffic_control or _MODES[service.resource_type][0],
        "ModifiedTime": timestamp(endpoint.connection_modified),
        "ResourceGroupId": endpoint.resource_group_id,
        "ResourceOwner": service.owner == endpoint.owner,
        "Zones": list(zones),
    }


def _zone_shape(service: EndpointService, zone: EndpointZone) -> Answer:
    return {
        "ZoneId": zone.zone_id,
        "ZoneStatus": zone.status,
        "ZoneDomain": zone.zone_domain,
        "VSwitchId": zone.vswitch_id,
        "EniId": zone.eni_id,
        "ResourceId": resource_of(service, zone.zone_id),
    }
