"""An endpoint's zones: each has a network interface with a vSwitch address, and a domain name."""

from __future__ import annotations

from functools import partial

from dashlink_sandbox.services.base import Answer, Call
from dashlink_sandbox.services.paging import by_token
from dashlink_sandbox.services.privatelink import rules
from dashlink_sandbox.services.privatelink.lookup import (
    find_endpoint,
    find_settled,
    find_vswitch,
)
from dashlink_sandbox.services.vpc import vswitches
from dashlink_sandbox.state import Endpoint, EndpointService, EndpointZone
from dashlink_sandbox.wire.errors import ApiError
from dashlink_sandbox.wire.params import Params

_NAMED = "com.aliyuncs."
_UNNAMED = "com.aliyuncs.privatelink."


def add(call: Call) -> Answer:
    """AddZoneToVpcEndpoint."""
    place(call, find_settled(call), call.params)
    return {}


def remove(call: Call) -> Answer:
    """RemoveZoneFromVpcEndpoint: continues in the background."""
    endpoint = find_settled(call)
    zone = find_zone(endpoint, call.params.required("ZoneId"))
    zone.status = "Deleting"
    zone.since = call.now
    return {}


def list_zones(call: Call) -> Answer:
    """ListVpcEndpointZones."""
    endpoint = find_endpoint(call)
    zones = list(endpoint.zones.values())
    page, counts = by_token(call.params, zones, partial(_shape, endpoint))
    return {"Zones": page, **counts}


def find_zone(endpoint: Endpoint, zone_id: str) -> EndpointZone:
    """Return a zone of ``endpoint``.

    Raises:
        ApiError: EndpointZoneNotFound.
    """
    if zone_id not in endpoint.zones:
        message = "The specified zone of Endpoint does not exist."
        raise ApiError("EndpointZoneNotFound", message)
    return endpoint.zones[zone_id]


def place(call: Call, endpoint: Endpoint, params: Params) -> None:
    """Add a zone to ``endpoint``, with the next free address unless one is requested.

    Args:
        call: The call.
        endpoint: The endpoint.
        params: ZoneId, VSwitchId and ip of the zone.
    """
    vswitch = find_vswitch(call, params.required("VSwitchId"))
    zone_id = params.text("ZoneId", vswitch.zone_id)
    service = call.state.endpoint_services.get(endpoint.service_id)
    if service is None:
        message = "The specified Service is already deleted."
        raise ApiError("EndpointServiceDeleted", message)
    rules.check_zone(endpoint, service, zone_id, vswitch)
    free = list(vswitches.free_addresses(call.state, vswitch))
    if not free:
        message = "The specified resource of VSwitchIp is not enough."
        raise ApiError("ResourceNotEnough.VSwitchIp", message)
    address = params.text("ip", free[0])
    rules.check_address(address, vswitch, free)
    suffix = f"{zone_label(service)}.{endpoint.region}.privatelink.aliyuncs.com"
    endpoint.zones[zone_id] = EndpointZone(
        zone_id=zone_id,
        vswitch_id=vswitch.vswitch_id,
        eni_id=call.new_id("eni"),
        eni_ip=address,
        zone_domain=f"{endpoint.endpoint_id}-{zone_id}.{suffix}",
        status="Creating",
        since=call.now,
    )


def zone_label(service: EndpointService) -> str:
    """Return the service's label in endpoint domains: its short name if it has one, else its id.

    Sources: PrivateLink SDK 4.0.9 (``ep-X.epsrv-Y.<region>.privatelink.aliyuncs.com``); for
    dashscope its public guide.
    """
    name = service.service_name
    if name.startswith(_UNNAMED):
        return service.service_id
    return name.removeprefix(_NAMED).replace(".", "-")


def _shape(endpoint: Endpoint, zone: EndpointZone) -> Answer:
    return {
        "ZoneId": zone.zone_id,
        "VSwitchId": zone.vswitch_id,
        "EniId": zone.eni_id,
        "EniIp": zone.eni_ip,
        "ZoneDomain": zone.zone_domain,
        "ZoneStatus": zone.status,
        "RegionId": endpoint.region,
    }
