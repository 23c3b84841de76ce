"""The resource of our own provider that a program declares for an endpoint."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import pulumi
from pydantic import Field
from pydantic.alias_generators import to_camel

from dashlink.types import ResourceModel


class EndpointConnectionInputs(ResourceModel):
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


class EndpointConnectionState(ResourceModel):
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


class EndpointConnection(pulumi.CustomResource):
    """Ends when every zone of an endpoint is Connected, or fails with the reason.

    It makes nothing in the cloud. A refresh shows a zone that lost its connection.

    Attributes:
        endpoint_id: The endpoint (`ep-…`).
        connection_status: `Connected` once the service has accepted.
        endpoint_domain: The endpoint's own domain name.
        service_id: Id of the endpoint service.
        service_name: Name of the endpoint service.
        zones: By zone: `domain`, `address`, `eni_id`, `vswitch_id`, `status`.
    """

    endpoint_id: pulumi.Output[str]
    connection_status: pulumi.Output[str]
    endpoint_domain: pulumi.Output[str]
    service_id: pulumi.Output[str]
    service_name: pulumi.Output[str]
    zones: pulumi.Output[Mapping[str, Mapping[str, str]]]

    def __init__(
        self,
        name: str,
        *,
        endpoint_id: pulumi.Input[str],
        region: str,
        zone_ids: Sequence[str],
        timeout_seconds: int = 600,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare the wait.

        Args:
            name: Logical name.
            endpoint_id: The endpoint to follow; changing it makes a new resource.
            region: Region of the endpoint; changing it makes a new resource.
            zone_ids: The zones that must be Connected; their order means nothing.
            timeout_seconds: How long to wait for them.
            opts: Pulumi's options; give it dashlink's provider and the endpoint's zones to follow.
        """
        properties = {
            "endpoint_id": endpoint_id,
            "region": region,
            "zone_ids": sorted(zone_ids),
            "timeout_seconds": timeout_seconds,
            **dict.fromkeys(
                ("connection_status", "endpoint_domain", "service_id", "service_name", "zones")
            ),
        }
        super().__init__("dashlink:endpoint:EndpointConnection", name, properties, opts)

    def translate_input_property(self, prop: str) -> str:
        """`endpoint_id` is `endpointId` on the wire."""
        return to_camel(prop)

    def translate_output_property(self, prop: str) -> str:
        """`endpointId` is `endpoint_id` in Python; zone ids, keys of a map, stay as they are."""
        return re.sub(r"(?=[A-Z])", "_", prop).lower()
