"""Inputs, outputs and contract of `EndpointConnection`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final

from pydantic import Field

from dashlink.resources.contract import CREATE_ONLY, Contract, ResourceModel


class EndpointConnectionInputs(ResourceModel):
    """Inputs of `EndpointConnection`."""

    endpoint_id: Annotated[str, CREATE_ONLY]
    """Id of the endpoint (`ep-…`)."""
    region: Annotated[str, CREATE_ONLY]
    """Region of the endpoint."""
    zone_ids: Annotated[tuple[str, ...], Field(min_length=1)]
    """Zones that must be connected."""
    vswitch_ids: Mapping[str, str] | None = None
    """The vSwitch that a zone must be in, by zone; default: any."""
    timeout_seconds: Annotated[int, Field(ge=1)] = 600
    """Time limit of the wait, in seconds."""


class ConnectedZone(ResourceModel):
    """One zone of an endpoint, as the cloud reports it."""

    domain: Annotated[str, Field(alias="ZoneDomain")]
    """Domain name of the zone."""
    address: Annotated[str, Field(alias="EniIp")]
    """Private IPv4 address."""
    eni_id: Annotated[str, Field(alias="EniId")]
    """Id of the network interface (`eni-…`)."""
    vswitch_id: Annotated[str, Field(alias="VSwitchId")]
    """Id of the vSwitch (`vsw-…`)."""
    status: Annotated[str, Field(alias="ZoneStatus")]
    """Status of the zone: `Connected` once it works."""

    @property
    def is_connected(self) -> bool:
        """Whether the zone accepts connections."""
        return self.status == "Connected"


class EndpointConnectionState(ResourceModel):
    """Outputs of `EndpointConnection` that come from the cloud."""

    connection_status: str
    """Status of the connection: `Connected` once the service has accepted it."""
    endpoint_domain: str
    """Domain name of the endpoint."""
    service_id: str
    """Id of the endpoint service (`epsrv-…`)."""
    service_name: str
    """Name of the endpoint service."""
    zones: Mapping[str, ConnectedZone]
    """The expected zones that exist, by zone id."""


ENDPOINT_CONNECTION: Final = Contract(
    "dashlink:endpoint:EndpointConnection", EndpointConnectionInputs, EndpointConnectionState
)
