"""`EndpointConnection`: waits until the zones of a PrivateLink endpoint are connected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

from dashlink.resources.base import DashlinkResource
from dashlink.resources.models.endpoint_connection import ENDPOINT_CONNECTION


class EndpointConnection(DashlinkResource):
    """Waits until the zones of a PrivateLink endpoint are connected. Creates nothing in the cloud.

    The creation fails with the reason if they are not connected in time. A refresh shows a zone
    that has lost its connection. The id is the endpoint's.
    """

    contract = ENDPOINT_CONNECTION

    endpoint_id: pulumi.Output[str]
    region: pulumi.Output[str]
    zone_ids: pulumi.Output[list[str]]
    vswitch_ids: pulumi.Output[dict[str, str] | None]
    timeout_seconds: pulumi.Output[int]
    connection_status: pulumi.Output[str]
    endpoint_domain: pulumi.Output[str]
    service_id: pulumi.Output[str]
    service_name: pulumi.Output[str]
    zones: pulumi.Output[dict[str, dict[str, Any]]]

    def __init__(
        self,
        resource_name: str,
        *,
        endpoint_id: pulumi.Input[str],
        region: pulumi.Input[str],
        zone_ids: pulumi.Input[Sequence[pulumi.Input[str]]],
        vswitch_ids: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None = None,
        timeout_seconds: pulumi.Input[int] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare the wait; the arguments are the fields of `EndpointConnectionInputs`."""
        arguments = locals()
        # Another order of the zones is no change.
        arguments["zone_ids"] = pulumi.Output.from_input(zone_ids).apply(sorted)
        super().__init__(resource_name, arguments, opts)
