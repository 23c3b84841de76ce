"""`EndpointConnection`: waits for the zones of an endpoint. Creates nothing in the cloud.

Statuses, by GetVpcEndpointAttribute and ListVpcEndpointZones (PrivateLink 2020-04-15, SDK 4.0.9):
    endpoint    Creating, Active, Pending, Deleting
    connection  Pending, Connecting, Connected, Disconnecting, Disconnected, Deleting,
                ServiceDeleted
    zone        Creating, Wait, Connected, Deleting, Disconnecting, Disconnected, Connecting
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from dashlink.errors import CloudError, DashlinkError
from dashlink.provider.endpoint.privatelink import EndpointReading, PrivatelinkApi
from dashlink.provider.handler import WaitHandler
from dashlink.provider.waiting import Operation, Pending, wait_until
from dashlink.resources.models.endpoint_connection import (
    ENDPOINT_CONNECTION,
    EndpointConnectionInputs,
    EndpointConnectionState,
)

if TYPE_CHECKING:
    from dashlink.cloud.credentials import Account

_LOST = ("Disconnected", "Disconnecting")
_GONE = ("Deleting", "ServiceDeleted")


class EndpointConnectionHandler(WaitHandler[EndpointConnectionInputs, EndpointConnectionState]):
    """Waits for the zones of an endpoint; the id is the endpoint's."""

    contract = ENDPOINT_CONNECTION
    changes_state: ClassVar[Mapping[str, Collection[str]]] = {
        "connection_status": ("zone_ids", "vswitch_ids"),
        "zones": ("zone_ids", "vswitch_ids"),
    }

    def create(
        self, inputs: EndpointConnectionInputs, operation: Operation
    ) -> tuple[str, EndpointConnectionState]:
        """Wait until every zone is connected."""
        api = PrivatelinkApi(operation.account, inputs.region)
        return inputs.endpoint_id, wait_until_connected(inputs, api, operation)

    def read(
        self,
        identity: str,
        inputs: EndpointConnectionInputs | None,
        state: EndpointConnectionState | None,
        operation: Operation,
    ) -> tuple[EndpointConnectionInputs, EndpointConnectionState] | None:
        """Return the connection; an import takes all zones, in the provider's region.

        A zone that is not connected is left out of the inputs, and one in another vSwitch has that
        one: a refresh shows it as a change, and the next `up` waits for it again.
        """
        if inputs is None:
            inputs = _imported(identity, operation.account)
        if inputs is None:
            return None
        state = read_connection(inputs, PrivatelinkApi(operation.account, inputs.region))
        if state is None:
            return None
        connected = []
        for zone_id in inputs.zone_ids:
            if zone_id in state.zones and state.zones[zone_id].is_connected:
                connected.append(zone_id)
        found: dict[str, Any] = {"zone_ids": tuple(connected)}
        if inputs.vswitch_ids is not None:
            found["vswitch_ids"] = dict(inputs.vswitch_ids)
            for zone_id in inputs.vswitch_ids.keys() & state.zones.keys():
                found["vswitch_ids"][zone_id] = state.zones[zone_id].vswitch_id
        return inputs.model_copy(update=found), state

    def desired(self, inputs: Mapping[str, Any], state: Mapping[str, Any]) -> Mapping[str, Any]:
        """Add the zones that a refresh has left out of the inputs; the state still has them."""
        zone_ids = {*inputs.get("zoneIds", ()), *state.get("zones", ())}
        return {**inputs, "zoneIds": sorted(zone_ids)}


def wait_until_connected(
    inputs: EndpointConnectionInputs, api: PrivatelinkApi, operation: Operation
) -> EndpointConnectionState:
    """Wait until every expected zone is connected.

    Raises:
        CloudError: If the endpoint does not exist, was refused or locked, is not connected in time,
            or the wait is cancelled. The message has the reason and what to do.
    """

    def probe() -> EndpointConnectionState | Pending:
        reading = _usable(inputs, api.read(inputs.endpoint_id))
        missing = _missing(inputs, reading)
        if missing:
            return Pending(missing, _timed_out(inputs, reading, missing))
        return _state(inputs, reading)

    return wait_until(probe, operation, subject=inputs.endpoint_id, seconds=inputs.timeout_seconds)


def read_connection(
    inputs: EndpointConnectionInputs, api: PrivatelinkApi
) -> EndpointConnectionState | None:
    """Return the connection, or None if the endpoint does not exist or is being deleted."""
    reading = api.read(inputs.endpoint_id)
    if reading is None or reading.connection_status in _GONE:
        return None
    return _state(inputs, reading)


def _imported(endpoint_id: str, account: Account) -> EndpointConnectionInputs | None:
    reading = PrivatelinkApi(account, account.region).read(endpoint_id)
    if reading is None:
        return None
    if not reading.zones:
        raise DashlinkError(f"{endpoint_id}: the endpoint has no zones. Add its zones first.")
    return EndpointConnectionInputs(
        endpoint_id=endpoint_id, region=account.region, zone_ids=tuple(sorted(reading.zones))
    )


def _state(inputs: EndpointConnectionInputs, reading: EndpointReading) -> EndpointConnectionState:
    existing = sorted(reading.zones.keys() & set(inputs.zone_ids))
    return EndpointConnectionState(
        connection_status=reading.connection_status,
        endpoint_domain=reading.endpoint_domain,
        service_id=reading.service_id,
        service_name=reading.service_name,
        zones={zone_id: reading.zones[zone_id] for zone_id in existing},
    )


def _usable(inputs: EndpointConnectionInputs, reading: EndpointReading | None) -> EndpointReading:
    """Return the reading of an endpoint that can still be connected.

    Raises:
        CloudError: If it cannot.
    """
    endpoint_id = inputs.endpoint_id
    if reading is None:
        raise CloudError(
            f"{endpoint_id}: there is no such endpoint in {inputs.region}. "
            "If the stack has created it, `up --refresh` creates it again; if the settings name it "
            "by `id`, write that of another."
        )
    if reading.business_status == "FinancialLocked":
        raise CloudError(
            f"{endpoint_id}: locked for an overdue payment. "
            "Settle the account's bill, then `up` again."
        )
    if reading.connection_status in _GONE or reading.status == "Deleting":
        raise CloudError(
            f"{endpoint_id}: the endpoint or its service {reading.service_id} is being deleted. "
            "Ask the service's owner."
        )
    return reading


def _missing(inputs: EndpointConnectionInputs, reading: EndpointReading) -> str:
    """Return what is not connected yet, a clause; empty if everything is."""
    if reading.status != "Active":
        return f"the endpoint is {reading.status}"
    for zone_id in sorted(inputs.zone_ids):
        zone = reading.zones.get(zone_id)
        if zone is None:
            return f"zone {zone_id} is not in the endpoint"
        if not zone.is_connected:
            return f"zone {zone_id} is {zone.status}, the connection {reading.connection_status}"
        vswitch_id = (inputs.vswitch_ids or {}).get(zone_id, zone.vswitch_id)
        if zone.vswitch_id != vswitch_id:
            return f"zone {zone_id} is in {zone.vswitch_id}, not in {vswitch_id}"
    if reading.connection_status != "Connected":
        return f"the connection is {reading.connection_status}"
    return ""


def _timed_out(inputs: EndpointConnectionInputs, reading: EndpointReading, missing: str) -> str:
    """Return why the endpoint is not connected in time, and what to do."""
    endpoint_id = inputs.endpoint_id
    after = f"after {inputs.timeout_seconds} s"
    owner = f"the owner of {reading.service_id or reading.service_name}"
    statuses = {zone.status for zone in reading.zones.values()}
    if reading.connection_status in _LOST and statuses & {*_LOST, "Wait"}:
        return (
            f"{endpoint_id}: rejected or disconnected by {owner} ({missing}). "
            "Ask the owner to accept this endpoint, then `up` again: nothing is created twice."
        )
    if reading.connection_status == "Pending" or "Wait" in statuses:
        return (
            f"{endpoint_id}: waiting for acceptance by {owner} ({missing} {after}). Ask the owner "
            "to accept this endpoint, then `up` again: it resumes, nothing is created twice."
        )
    return (
        f"{endpoint_id}: not connected {after} ({missing}). Look at the endpoint in the "
        "PrivateLink console; a larger `connection_timeout_seconds` waits longer."
    )
