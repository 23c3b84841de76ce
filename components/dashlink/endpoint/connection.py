"""The connection of an endpoint: followed until every zone is Connected, read for drift; it makes nothing in the cloud.

Knows nothing of Pulumi: plain models in and out, the cloud behind `EndpointApi`, clock and pause given from outside.

States, by GetVpcEndpointAttribute and ListVpcEndpointZones (PrivateLink 2020-04-15, SDK 4.0.9):
    endpoint    Creating, Active, Pending, Deleting
    connection  Pending, Connecting, Connected, Disconnecting, Disconnected, Deleting, ServiceDeleted
    zone        Creating, Wait, Connected, Deleting, Disconnecting, Disconnected, Connecting
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from pydantic import Field

from dashlink.errors import CloudError
from dashlink.types import ResourceModel

_FIRST_PAUSE_SECONDS = 1.0
_LONGEST_PAUSE_SECONDS = 10.0
_GROWTH = 1.5
_LOST = ("Disconnected", "Disconnecting")
_GONE = ("Deleting", "ServiceDeleted")


class ConnectionInputs(ResourceModel):
    """What is to be connected."""

    endpoint_id: str
    """The endpoint (`ep-…`)."""
    region: str
    """Region of the endpoint."""
    zone_ids: tuple[str, ...] = Field(min_length=1)
    """The zones that must be Connected."""
    timeout_seconds: int = Field(default=600, ge=1)
    """How long to wait for them."""


class ConnectedZone(ResourceModel):
    """One zone of an endpoint, as the cloud tells it."""

    domain: str
    """The zone's own domain name."""
    address: str
    """Private IPv4 address."""
    eni_id: str
    """Id of the network interface."""
    vswitch_id: str
    """The vSwitch that it is in."""
    status: str
    """`Connected` once it works."""

    @property
    def is_connected(self) -> bool:
        """Whether the zone works."""
        return self.status == "Connected"


class ConnectionState(ResourceModel):
    """What the cloud says of the endpoint."""

    connection_status: str
    """`Connected` once the service has accepted."""
    endpoint_domain: str
    """The endpoint's own domain name."""
    service_id: str
    """Id of the endpoint service (`epsrv-…`)."""
    service_name: str
    """Name of the endpoint service."""
    zones: Mapping[str, ConnectedZone]
    """The expected zones that are there, by id."""


@dataclass(frozen=True)
class EndpointReading:
    """One look at an endpoint with all of its zones."""

    status: str
    connection_status: str
    business_status: str
    endpoint_domain: str
    service_id: str
    service_name: str
    zones: Mapping[str, ConnectedZone]


class EndpointApi(Protocol):
    """What is asked of the cloud."""

    def read(self, endpoint_id: str) -> EndpointReading | None:
        """The endpoint now; None where there is none of that id."""


@dataclass(frozen=True)
class Waiting:
    """How a wait runs.

    Attributes:
        tell: Gets a sentence when what is waited for changes.
        cancelled: Whether to stop now.
        clock: Seconds, monotonic.
        pause: Waits for some seconds, less when cancelled.
        urn: The resource that the run is about.
    """

    tell: Callable[[str], None]
    cancelled: Callable[[], bool]
    clock: Callable[[], float] = time.monotonic
    pause: Callable[[float], object] = time.sleep
    urn: str = ""


def wait_until_connected(inputs: ConnectionInputs, api: EndpointApi, waiting: Waiting) -> ConnectionState:
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


def read_connection(inputs: ConnectionInputs, api: EndpointApi) -> ConnectionState | None:
    """The connection now, for a refresh or an import; None where the endpoint is gone."""
    reading = api.read(inputs.endpoint_id)
    return None if reading is None or reading.connection_status in _GONE else _state(inputs, reading)


def _state(inputs: ConnectionInputs, reading: EndpointReading) -> ConnectionState:
    return ConnectionState(
        connection_status=reading.connection_status,
        endpoint_domain=reading.endpoint_domain,
        service_id=reading.service_id,
        service_name=reading.service_name,
        zones={zone: reading.zones[zone] for zone in sorted(inputs.zone_ids) if zone in reading.zones},
    )


def _what_is_missing(inputs: ConnectionInputs, reading: EndpointReading | None) -> str:
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
    return "" if reading.connection_status == "Connected" else f"the connection is {reading.connection_status}"


def _too_late(inputs: ConnectionInputs, reading: EndpointReading | None, missing: str) -> str:
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
