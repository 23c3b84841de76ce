"""`GatewayAddresses`: the addresses of an AI gateway that runs."""

from __future__ import annotations

import pulumi

from dashlink.cloud.words import NetworkAccess
from dashlink.resources.base import DashlinkResource
from dashlink.resources.models.gateway_addresses import GATEWAY_ADDRESSES


class GatewayAddresses(DashlinkResource):
    """Waits until an AI gateway runs and has its addresses; adds or removes one on the internet.

    With `network_access` the gateway's addresses are changed in place where they differ; without,
    nothing is changed. The creation fails with the reason if the gateway does not run in time. The
    deletion leaves the gateway as it is. The id is the gateway's.
    """

    contract = GATEWAY_ADDRESSES

    gateway_id: pulumi.Output[str]
    environment_id: pulumi.Output[str | None]
    network_access: pulumi.Output[NetworkAccess | None]
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
        network_access: pulumi.Input[NetworkAccess] | None = None,
        timeout_seconds: pulumi.Input[int] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare the wait; the arguments are the fields of `GatewayAddressesInputs`."""
        super().__init__(resource_name, locals(), opts)
