"""Inputs, outputs and contract of `GatewayAddresses`."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field

from dashlink.cloud.words import NetworkAccess
from dashlink.resources.contract import CREATE_ONLY, SERVER_DEFAULT, Contract, ResourceModel


class GatewayAddressesInputs(ResourceModel):
    """Inputs of `GatewayAddresses`."""

    gateway_id: Annotated[str, CREATE_ONLY]
    """Id of the gateway (`gw-…`)."""
    environment_id: Annotated[str | None, CREATE_ONLY] = None
    """Environment for the Model APIs (`env-…`); default: the gateway's own."""
    network_access: Annotated[NetworkAccess | None, SERVER_DEFAULT] = None
    """Networks from which the gateway can be reached, as the API names them; null: as they are."""
    timeout_seconds: Annotated[int, Field(ge=1)] = 900
    """Time limit of the wait, in seconds."""


class GatewayAddressesState(ResourceModel):
    """Outputs of `GatewayAddresses` that come from the cloud."""

    status: Annotated[str, Field(alias="status")]
    """Status of the gateway: `Running` once it works."""
    default_environment_id: Annotated[str, Field(alias="environments.0.environmentId")]
    """Environment that Model APIs are deployed to (`env-…`)."""
    intranet_addresses: tuple[str, ...]
    """Domain names of the load balancers inside the VPC."""
    internet_addresses: tuple[str, ...]
    """Domain names of the load balancers on the internet; empty for a private gateway."""
    vpc_id: Annotated[str, Field(alias="vpc.vpcId")]
    """VPC of the gateway (`vpc-…`)."""
    version: Annotated[str, Field(alias="version")]
    """Version of the gateway's engine."""


GATEWAY_ADDRESSES: Final = Contract(
    "dashlink:gateway:GatewayAddresses", GatewayAddressesInputs, GatewayAddressesState
)
"""`GatewayAddresses`: a gateway that runs, with its addresses in the expected networks."""
