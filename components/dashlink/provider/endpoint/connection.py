"""The connection of an endpoint: followed until every zone is Connected, read for drift; it makes nothing in the cloud.

Knows nothing of Pulumi: plain models in and out, the cloud behind `EndpointApi`, clock and pause given from outside.

States, by GetVpcEndpointAttribute and ListVpcEndpointZones (PrivateLink 2020-04-15, SDK 4.0.9):
    endpoint    Creating, Active, Pending, Deleting
    connection  Pending, Connecting, Connected, Disconnecting, Disconnected, Deleting, ServiceDeleted
    zone        Creating, Wait, Connected, Deleting, Disconnecting, Disconnected, Connecting
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from dashlink.cloud.credentials import Account
from dashlink.errors import CloudError, DashlinkError
from dashlink.provider.endpoint.privatelink import EndpointReading, PrivatelinkApi
from dashlink.provider.waiting import Waiting
from dashlink.resources.endpoint_connection import EndpointConnectionInputs, EndpointConnectionState

_FIRST_PAUSE_SECONDS = 1.0
_LONGEST_PAUSE_SECONDS = 10.0
_GROWTH = 1.5
_LOST = ("Disconnected", "Disconnecting")
_GONE = ("Deleting", "ServiceDeleted")


class EndpointApi(Protocol):
    """What is asked of the cloud."""

    def read(self, endpoint_id: str) -> EndpointReading | None:
        """The endpoint now; None where there is none of that id."""


def wait_until_connected(
    inputs: EndpointConnectionInputs, api: EndpointApi, waiting: Waiting
) -> EndpointConnectionState:
    """Follow the endpoint until every expected zone is Connected.

    Raises:
        CloudError: If it is gone, refused, locked, cancelled, or not connected in time; says why and what to do.
    """
    deadline = waiting.clock() + inputs.timeout_seconds
    pause = _FIRST_PAUSE_SECONDS
    told = ""
    while True:
        reading = api.read(inputs.endpoint_id)
        missing = _what_is_missing(inputs, reading)
        if reading is not None and not missing:
            return _state(inputs, reading)
        if waiting.cancelled():
            raise CloudError(
                f"{inputs.endpoint_id}: the wait was cancelled while {missing}. The next `up` waits again."
            )
        if waiting.clock() >= deadline:
            raise CloudError(_too_late(inputs, reading, missing))
        if missing != told:
            waiting.tell(f"waiting: {missing}")
            told = missing
        waiting.pause(min(pause, max(0.0, deadline - waiting.clock())))
        pause = min(pause * _GROWTH, _LONGEST_PAUSE_SECONDS)


def read_connection(
    inputs: EndpointConnectionInputs, api: EndpointApi
) -> EndpointConnectionState | None:
    """The connection now, for a refresh or an import; None where the endpoint is gone."""
    reading = api.read(inputs.endpoint_id)
    return (
        None if reading is None or reading.connection_status in _GONE else _state(inputs, reading)
    )


def _state(inputs: EndpointConnectionInputs, reading: EndpointReading) -> EndpointConnectionState:
    return EndpointConnectionState(
        connection_status=reading.connection_status,
        endpoint_domain=reading.endpoint_domain,
        service_id=reading.service_id,
        service_name=reading.service_name,
        zones={
            zone: reading.zones[zone] for zone in sorted(inputs.zone_ids) if zone in reading.zones
        },
    )


def _what_is_missing(inputs: EndpointConnectionInputs, reading: EndpointReading | None) -> str:
    """What stands between now and connected, a clause; empty when nothing does.

    Raises:
        CloudError: If waiting cannot help.
    """
    if reading is None:
        raise CloudError(
            f"{inputs.endpoint_id}: there is no such endpoint in {inputs.region}. `up --refresh` makes it again."
        )
    if reading.business_status == "FinancialLocked":
        raise CloudError(
            f"{inputs.endpoint_id}: locked for an overdue payment. Settle the account's bill, then `up` again."
        )
    if reading.connection_status in _GONE or reading.status == "Deleting":
        raise CloudError(
            f"{inputs.endpoint_id}: the endpoint or its service {reading.service_id} is being deleted. "
            "Ask the service's owner."
        )
    if reading.status != "Active":
        return f"the endpoint is {reading.status}"
    for zone in sorted(inputs.zone_ids):
        found = reading.zones.get(zone)
        if found is None:
            return f"zone {zone} is not in the endpoint"
        if not found.is_connected:
            return f"zone {zone} is {found.status}, the connection {reading.connection_status}"
    return (
        ""
        if reading.connection_status == "Connected"
        else f"the connection is {reading.connection_status}"
    )


def _too_late(
    inputs: EndpointConnectionInputs, reading: EndpointReading | None, missing: str
) -> str:
    """Why the time was not enough, and what to do."""
    where, seconds = inputs.endpoint_id, inputs.timeout_seconds
    if reading is None:
        return f"{where}: not there after {seconds} s. `up` again."
    statuses = {zone.status for zone in reading.zones.values()}
    service = reading.service_id or reading.service_name
    if reading.connection_status in _LOST and statuses & {*_LOST, "Wait"}:
        return (
            f"{where}: rejected or cut off by the owner of {service} ({missing}). "
            "Ask the owner to accept this endpoint, then `up` again: nothing is made twice."
        )
    if reading.connection_status == "Pending" or "Wait" in statuses:
        return (
            f"{where}: waiting for acceptance by the owner of {service} ({missing} after {seconds} s). "
            "Ask the owner to accept this endpoint, then `up` again: it resumes, nothing is made twice."
        )
    return (
        f"{where}: not connected after {seconds} s ({missing}). "
        "Look at the endpoint in the PrivateLink console; a larger `connection_timeout_seconds` waits longer."
    )


class EndpointConnectionHandler:
    """The wait for an endpoint's zones: its id is the endpoint's, it makes and deletes nothing."""

    token = "dashlink:endpoint:EndpointConnection"  # noqa: S105 - a type token
    inputs = EndpointConnectionInputs
    state = EndpointConnectionState
    replaces = frozenset({"endpoint_id", "region"})
    secrets: frozenset[str] = frozenset()
    kept: frozenset[str] = frozenset()
    stable = False
    deletes_first = False
    patient = True

    def create(
        self, inputs: EndpointConnectionInputs, account: Account, waiting: Waiting
    ) -> tuple[str, EndpointConnectionState]:
        """Wait until every zone is Connected."""
        api = PrivatelinkApi(account, inputs.region)
        return inputs.endpoint_id, wait_until_connected(inputs, api, waiting)

    def read(
        self, identity: str, inputs: EndpointConnectionInputs | None, account: Account
    ) -> tuple[EndpointConnectionInputs, EndpointConnectionState] | None:
        """The connection now; an import takes all zones that the endpoint has, in the provider's region.

        A zone that is not Connected is not among the inputs that are read: so a refresh shows it as a change, and the
        next `up` waits for it again.
        """
        if inputs is None:
            reading = PrivatelinkApi(account, account.region).read(identity)
            if reading is None:
                return None
            if not reading.zones:
                raise DashlinkError(
                    f"{identity}: the endpoint has no zone yet. Add its zones first."
                )
            inputs = EndpointConnectionInputs(
                endpoint_id=identity, region=account.region, zone_ids=tuple(sorted(reading.zones))
            )
        found = read_connection(inputs, PrivatelinkApi(account, inputs.region))
        if found is None:
            return None
        connected = tuple(
            zone
            for zone in inputs.zone_ids
            if zone in found.zones and found.zones[zone].is_connected
        )
        return inputs.model_copy(update={"zone_ids": connected}), found

    def update(
        self,
        identity: str,
        inputs: EndpointConnectionInputs,
        account: Account,
        waiting: Waiting,
    ) -> EndpointConnectionState:
        """Wait for the zones as they are wanted now."""
        return self.create(inputs, account, waiting)[1]

    def delete(self, identity: str, account: Account, waiting: Waiting) -> None:
        """Nothing: endpoint and zones are resources of their own."""

    def wanted(self, inputs: Mapping[str, Any], state: Mapping[str, Any]) -> Mapping[str, Any]:
        """A refresh took zones that were not Connected out of the inputs: the state still has them."""
        return {**inputs, "zoneIds": sorted({*inputs.get("zoneIds", ()), *state.get("zones", ())})}
