"""Background transitions: every status that the cloud changes by itself, in one place.

A record stores the time at which its status was set; a later read calls :func:`settle`, which moves
it along. Nothing sleeps and nothing runs in between. The delays are short on purpose: long enough
that a client sees the intermediate status and has to poll, too short to wait for. The real cloud
takes seconds to a minute.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dashlink_sandbox.eas import ROUTE_SECONDS, EasGateway, EasService
from dashlink_sandbox.gateways import AiService, Environment, Gateway
from dashlink_sandbox.load_balancers import LoadBalancer
from dashlink_sandbox.state import (
    Endpoint,
    EndpointService,
    EndpointZone,
    ResolverEndpoint,
    State,
    Vpc,
    VSwitch,
)

VPC_SECONDS = 0.2  # Pending -> Available
# Pending -> Available: a provider that saw Pending would wait 3 s and learn nothing.
VSWITCH_SECONDS = 0.0
ENDPOINT_SECONDS = 0.3  # Creating -> Active; Deleting -> deleted
SERVICE_SECONDS = 0.2  # endpoint services: Creating -> Active; Deleting -> deleted
BALANCER_SECONDS = 0.2  # Provisioning -> Active
RESOLVER_SECONDS = 0.2  # INIT or CHANGE_INIT -> SUCCESS
GATEWAY_SECONDS = 0.3  # Creating or Restarting -> Running; Deleting -> deleted
# The own security group of a gateway outlives it ("whose cleanup lags gateway Delete": acceptance
# tests of the alicloud provider, 81c43b6, 2026-08-21); for how long, no source states.
GATEWAY_GROUP_SECONDS = 2.0
EAS_SECONDS = 0.3  # a status of `_EAS_NEXT` -> the next one; Deleting -> deleted
# Creating -> Connected, or Wait until the service accepts; Deleting -> deleted.
ZONE_SECONDS = 0.3

# The next status of a zone that has been set up, by the endpoint's acceptance
# (ListVpcEndpointZones: ZoneStatus).
_ZONE_AFTER: Mapping[str, str] = {
    "accepted": "Connected",
    "waiting": "Wait",
    "rejected": "Disconnected",
}

_GatewayTable = dict[str, Environment] | dict[str, AiService]
_Moving = (
    Vpc | VSwitch | Endpoint | EndpointZone | EndpointService | LoadBalancer | ResolverEndpoint
)
# The next status of services and gateways of PAI-EAS.
_EAS_NEXT: Mapping[str, str] = {
    "Creating": "Running",
    "Updating": "Running",
    "Starting": "Running",
    "Stopping": "Stopped",
    "Waiting": "Running",
}
_INTERNET_NEXT: Mapping[str, str] = {"Creating": "Running", "Deleting": "Deleted"}
_TRANSITIONAL = {
    "Waiting",
    "Updating",
    "Starting",
    "Stopping",
    "Pending",
    "Creating",
    "Deleting",
    "Wait",
    "Provisioning",
    "Restarting",
    "INIT",
    "CHANGE_INIT",
}


def is_settled(state: State) -> bool:
    """Whether no transition is in progress, so that :func:`settle` would change nothing."""
    records: list[_Moving | Gateway | EasService | EasGateway] = [
        *state.eas_services.values(),
        *state.eas_gateways.values(),
        *state.vpcs.values(),
        *state.vswitches.values(),
        *state.endpoint_services.values(),
        *state.load_balancers.values(),
        *state.resolver_endpoints.values(),
        *state.gateways.values(),
    ]
    for endpoint in state.endpoints.values():
        records += [endpoint, *endpoint.zones.values()]
    if any(group.deleted_at is not None for group in state.security_groups.values()):
        return False
    for eas_gateway in state.eas_gateways.values():
        links = {link.status for link in eas_gateway.linked.values()}
        if not _TRANSITIONAL.isdisjoint({eas_gateway.internet_status, *links}):
            return False
    return _TRANSITIONAL.isdisjoint(record.status for record in records)


def settle(state: State, now: float) -> None:
    """Apply every transition of ``state`` that is due at ``now`` (seconds since the epoch)."""
    _become("Available", "Pending", state.vpcs.values(), VPC_SECONDS, now)
    _become("Available", "Pending", state.vswitches.values(), VSWITCH_SECONDS, now)
    _become("Active", "Provisioning", state.load_balancers.values(), BALANCER_SECONDS, now)
    _become("Active", "Creating", state.endpoint_services.values(), SERVICE_SECONDS, now)
    for status in ("INIT", "CHANGE_INIT"):
        _become("SUCCESS", status, state.resolver_endpoints.values(), RESOLVER_SECONDS, now)
    for service in list(state.endpoint_services.values()):
        if service.status == "Deleting" and now >= service.since + SERVICE_SECONDS:
            del state.endpoint_services[service.service_id]
    for endpoint in list(state.endpoints.values()):
        _settle_endpoint(endpoint, now)
        if endpoint.service_id not in state.endpoint_services:
            endpoint.connection_status = "ServiceDeleted"
        if endpoint.status == "Deleting" and now >= endpoint.since + ENDPOINT_SECONDS:
            del state.endpoints[endpoint.endpoint_id]
    for gateway in list(state.gateways.values()):
        _settle_gateway(state, gateway, now)
    _settle_eas(state, now)
    for group in list(state.security_groups.values()):
        if group.deleted_at is not None and now >= group.deleted_at:
            del state.security_groups[group.security_group_id]


def _become(status: str, old: str, records: Iterable[_Moving], seconds: float, now: float) -> None:
    """Give the records that have had the status ``old`` for so many seconds their next status."""
    for record in records:
        if record.status == old and now >= record.since + seconds:
            _move(record, status, now)


def _settle_gateway(state: State, gateway: Gateway, now: float) -> None:
    """Start a gateway, or delete it with its environments and services."""
    if now < gateway.since + GATEWAY_SECONDS:
        return
    gateway_id = gateway.gateway_id
    if gateway.status in ("Creating", "Restarting"):
        running = gateway.model_copy(update={"status": "Running", "since": now})
        state.gateways[gateway_id] = running
    elif gateway.status == "Deleting":
        del state.gateways[gateway_id]
        group = state.security_groups.get(gateway.security_group_id)
        if group is not None:
            group.deleted_at = now + GATEWAY_GROUP_SECONDS
        tables: tuple[_GatewayTable, ...] = (state.environments, state.ai_services)
        for table in tables:
            for key in list(table):
                if table[key].gateway_id == gateway_id:
                    del table[key]


def _settle_eas(state: State, now: float) -> None:
    """Move services and gateways of PAI-EAS on; a service's route follows its first start."""
    for key, service in list(state.eas_services.items()):
        if _settle_eas_row(service, now):
            del state.eas_services[key]
        elif service.status == "Running" and not service.ready:
            service.ready = now + ROUTE_SECONDS
    for key, gateway in list(state.eas_gateways.items()):
        _settle_eas_access(gateway, now)
        if _settle_eas_row(gateway, now):
            del state.eas_gateways[key]


def _settle_eas_access(gateway: EasGateway, now: float) -> None:
    """Move the links of a gateway and its access from the internet on."""
    for link in gateway.linked.values():
        if link.status == "Creating" and now >= link.since + EAS_SECONDS:
            link.status = "Running"
    moving = gateway.internet_status in _INTERNET_NEXT
    if moving and now >= gateway.updated + EAS_SECONDS:
        gateway.internet_status = _INTERNET_NEXT[gateway.internet_status]


def _settle_eas_row(row: EasService | EasGateway, now: float) -> bool:
    """Move a record on; return whether it is deleted now."""
    if now < row.since + EAS_SECONDS:
        return False
    if row.status in _EAS_NEXT:
        row.status, row.since = _EAS_NEXT[row.status], now
    return row.status == "Deleting"


def _settle_endpoint(endpoint: Endpoint, now: float) -> None:
    if endpoint.status == "Creating" and now >= endpoint.since + ENDPOINT_SECONDS:
        _move(endpoint, "Active", now)
    for zone in list(endpoint.zones.values()):
        if now < zone.since + ZONE_SECONDS:
            continue
        if zone.status == "Deleting":
            del endpoint.zones[zone.zone_id]
        elif zone.status == "Wait" or (zone.status == "Creating" and endpoint.status == "Active"):
            status = _ZONE_AFTER[endpoint.acceptance]
            if zone.status != status:
                _move(zone, status, now)
    endpoint.connection_status = _connection_status(endpoint)


def _move(record: _Moving, status: str, now: float) -> None:
    record.status = status
    record.since = now


def _connection_status(endpoint: Endpoint) -> str:
    """The status of the connection as a whole (GetVpcEndpointAttribute: ConnectionStatus)."""
    zones = {zone.status for zone in endpoint.zones.values()}
    if endpoint.status == "Deleting":
        return "Deleting"
    if endpoint.acceptance == "waiting":
        return "Pending"
    if endpoint.acceptance == "rejected":
        return "Disconnected"
    if "Connected" in zones or (not zones and endpoint.enabled):
        return "Connected"
    if zones & {"Creating", "Wait"}:
        return "Connecting"
    return "Disconnected"
