"""An endpoint's zones: in each, one network interface with an address of a vSwitch, and a name of its own."""

from __future__ import annotations

from dashlink_sandbox.services.base import Answer, Call
from dashlink_sandbox.services.paging import by_token
from dashlink_sandbox.services.privatelink import rules
from dashlink_sandbox.services.vpc import vswitches
from dashlink_sandbox.state import Endpoint, EndpointService, EndpointZone
from dashlink_sandbox.wire.errors import ApiError, not_found
from dashlink_sandbox.wire.params import Params

_NAMED = "com.aliyuncs."
_UNNAMED = "com.aliyuncs.privatelink."


def add(call: Call) -> Answer:
    """AddZoneToVpcEndpoint."""
    endpoint = _endpoint(call)
    rules.check_settled(endpoint)
    place(call, endpoint, call.params)
    return {}


def remove(call: Call) -> Answer:
    """RemoveZoneFromVpcEndpoint: it goes on in the background."""
    endpoint = _endpoint(call)
    rules.check_settled(endpoint)
    zone = endpoint.zones.get(call.params.required("ZoneId"))
    if zone is None:
        raise not_found("EndpointZoneNotFound", "The specified zone of the endpoint does not exist.")
    zone.status = "Deleting"
    zone.since = call.now
    return {}


def list_zones(call: Call) -> Answer:
    """ListVpcEndpointZones."""
    endpoint = _endpoint(call)
    page, beside = by_token(call.params, list(endpoint.zones.values()), size=50, largest=1000)
    return {"Zones": [_shape(endpoint, zone) for zone in page], **beside}


def place(call: Call, endpoint: Endpoint, wanted: Params) -> None:
    """Give ``endpoint`` the zone that ``wanted`` (ZoneId, VSwitchId, ip) asks for, with the next free address."""
    vswitch = vswitches.find(call, wanted.required("VSwitchId"))
    zone_id = wanted.text("ZoneId", vswitch.zone_id)
    service = call.state.endpoint_services[endpoint.service_id]
    rules.check_zone(endpoint, service, zone_id, vswitch)
    free = list(vswitches.free_addresses(call.state, vswitch))
    if not free:
        raise ApiError("InsufficientIpAddress", f"The vSwitch {vswitch.vswitch_id} has no free address.")  # unverified
    address = wanted.text("ip", free[0])
    rules.check_address(address, vswitch, free)
    endpoint_id, label = endpoint.endpoint_id, zone_label(service)
    endpoint.zones[zone_id] = EndpointZone(
        zone_id=zone_id,
        vswitch_id=vswitch.vswitch_id,
        eni_id=call.new_id("eni"),
        eni_ip=address,
        zone_domain=f"{endpoint_id}-{zone_id}.{label}.{endpoint.region}.privatelink.aliyuncs.com",
        status="Creating",
        since=call.now,
    )


def zone_label(service: EndpointService) -> str:
    """The service's label in endpoint domains: its short name if it has one, else its id.

    Sources: PrivateLink SDK 4.0.9 (``ep-X.epsrv-Y.<region>.privatelink.aliyuncs.com``); for dashscope its public guide.
    """
    name = service.service_name
    return service.service_id if name.startswith(_UNNAMED) else name.removeprefix(_NAMED).replace(".", "-")


def _endpoint(call: Call) -> Endpoint:
    return call.owned(call.state.endpoints, call.params.required("EndpointId"), "EndpointNotFound", "endpoint")


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
