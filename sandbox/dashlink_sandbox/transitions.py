"""How states move on by themselves: everything that the cloud does in the background, in one place.

A record keeps the moment when its status came about; asked again later, :func:`settle` moves it along. Nothing sleeps
and nothing runs in between. The delays are short on purpose: long enough that a client sees the state in between and
has to poll, too short to wait for. The real cloud takes seconds to a minute.
"""

from __future__ import annotations

from collections.abc import Mapping

from dashlink_sandbox.gateways import Gateway
from dashlink_sandbox.state import Endpoint, EndpointZone, State, Vpc, VSwitch

VPC_SECONDS = 0.2  # Pending -> Available
VSWITCH_SECONDS = 0.0  # Pending -> Available: a provider that saw Pending would wait 3 s and learn nothing
ENDPOINT_SECONDS = 0.3  # Creating -> Active; Deleting -> gone
GATEWAY_SECONDS = 0.3  # Creating -> Running; Deleting -> gone
ZONE_SECONDS = 0.3  # Creating -> Connected, or Wait while the service has not accepted; Deleting -> gone

# What becomes of a zone that has been set up, by the endpoint's acceptance (ListVpcEndpointZones: ZoneStatus).
_ZONE_AFTER: Mapping[str, str] = {"accepted": "Connected", "waiting": "Wait", "rejected": "Disconnected"}


_ON_THE_WAY = {"Pending", "Creating", "Deleting", "Wait"}


def is_settled(state: State) -> bool:
    """Whether nothing is under way, so that :func:`settle` would change nothing."""
    records: list[Vpc | VSwitch | Endpoint | EndpointZone | Gateway] = [
        *state.vpcs.values(),
        *state.vswitches.values(),
        *state.gateways.values(),
    ]
    for endpoint in state.endpoints.values():
        records += [endpoint, *endpoint.zones.values()]
    return not any(record.status in _ON_THE_WAY for record in records)


def settle(state: State, now: float) -> None:
    """Move everything in ``state`` along to ``now`` (seconds since the epoch)."""
    for vpc in state.vpcs.values():
        if vpc.status == "Pending" and now >= vpc.since + VPC_SECONDS:
            vpc.status, vpc.since = "Available", now
    for vswitch in state.vswitches.values():
        if vswitch.status == "Pending" and now >= vswitch.since + VSWITCH_SECONDS:
            vswitch.status, vswitch.since = "Available", now
    for endpoint in list(state.endpoints.values()):
        _settle_endpoint(endpoint, now)
        if endpoint.status == "Deleting" and now >= endpoint.since + ENDPOINT_SECONDS:
            del state.endpoints[endpoint.endpoint_id]
    for gateway in list(state.gateways.values()):
        _settle_gateway(state, gateway, now)


def _settle_gateway(state: State, gateway: Gateway, now: float) -> None:
    """A gateway that goes takes its environments and services along."""
    if now < gateway.since + GATEWAY_SECONDS:
        return
    if gateway.status == "Creating":
        state.gateways[gateway.gateway_id] = gateway.model_copy(update={"status": "Running", "since": now})
    elif gateway.status == "Deleting":
        del state.gateways[gateway.gateway_id]
        for table in (state.environments, state.ai_services):
            for key in [key for key, row in table.items() if row.gateway_id == gateway.gateway_id]:
                del table[key]


def _settle_endpoint(endpoint: Endpoint, now: float) -> None:
    if endpoint.status == "Creating" and now >= endpoint.since + ENDPOINT_SECONDS:
        endpoint.status, endpoint.since = "Active", now
    for zone in list(endpoint.zones.values()):
        if now < zone.since + ZONE_SECONDS:
            continue
        if zone.status == "Deleting":
            del endpoint.zones[zone.zone_id]
        elif zone.status == "Wait" or (zone.status == "Creating" and endpoint.status == "Active"):
            _move_zone(zone, _ZONE_AFTER[endpoint.acceptance], now)
    endpoint.connection_status = _connection_status(endpoint)


def _move_zone(zone: EndpointZone, status: str, now: float) -> None:
    if zone.status != status:
        zone.status, zone.since = status, now


def _connection_status(endpoint: Endpoint) -> str:
    """The connection as a whole, from the acceptance and the zones (GetVpcEndpointAttribute: ConnectionStatus)."""
    zones = {zone.status for zone in endpoint.zones.values()}
    if endpoint.status == "Deleting":
        return "Deleting"
    if endpoint.acceptance == "waiting":
        return "Pending"
    if endpoint.acceptance == "rejected" or not zones:
        return "Disconnected"
    if "Connected" in zones:
        return "Connected"
    return "Connecting" if zones & {"Creating", "Wait"} else "Disconnected"
