"""`GatewayAddresses`: waits until an AI gateway runs and has its addresses."""

from __future__ import annotations

import pulumi

from dashlink.resources.base import DashlinkResource
from dashlink.resources.models.gateway_addresses import GATEWAY_ADDRESSES


class GatewayAddresses(DashlinkResource):
    """Waits until an AI gateway runs and has its addresses. Creates nothing in the cloud.

    The creation fails with the reason if the gateway does not run in time. The id is the gateway's.
    """

    contract = GATEWAY_ADDRESSES

    gateway_id: pulumi.Output[str]
    environment_id: pulumi.Output[str | None]
    timeout_seconds: pulumi.Output[int]
    status: pulumi.Output[str]
    default_environment_id: pulumi.Output[str]
    intranet_addresses: pulumi.Output[list[str]]
    internet_addresses: pulumi.Output[list[str]]
    vpc_id: pulumi.Output[str]
    version: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        *,
        gateway_id: pulumi.Input[str],
        environment_id: pulumi.Input[str] | None = None,
        timeout_seconds: pulumi.Input[int] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare the wait; the arguments are the fields of `GatewayAddressesInputs`."""
        super().__init__(resource_name, locals(), opts)
