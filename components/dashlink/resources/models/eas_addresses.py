"""Inputs, outputs and contract of `EasAddresses`."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field

from dashlink.resources.contract import CREATE_ONLY, Contract, ResourceModel, SecretText


class EasGatewayAddresses(ResourceModel):
    """The addresses of a service at one gateway."""

    kind: str
    """Kind of the gateway: `DefaultGateway` (shared), `PrivateGateway`, `Nlb`, `Nacos`."""
    gateway_id: str
    """Id of the gateway; `default` for the shared one."""
    vpc_urls: tuple[str, ...]
    """URLs within VPCs; each ends in the service's name."""
    internet_urls: tuple[str, ...]
    """URLs on the internet; each ends in the service's name."""
    path_type: str = "Service"
    """What the URLs end in: the `Service`, or the `Group` of services that it is a member of."""
    port: int | None = None
    """Port of a load balancer's listener; null for a gateway, whose URLs have the default port."""


class EasAddressesInputs(ResourceModel):
    """Inputs of `EasAddresses`."""

    name: Annotated[str, CREATE_ONLY]
    """Name of the service."""
    service_id: Annotated[str | None, CREATE_ONLY] = None
    """Id of the service that the stack creates; a new one is waited for again."""
    trigger: SecretText | None = None
    """Any text; another one waits again, and reads addresses and token again."""
    probe: bool = True
    """Wait until an address answers, where it can be reached from here."""
    timeout_seconds: Annotated[int, Field(ge=1)] = 900
    """Time limit of the wait, in seconds."""


class EasAddressesState(ResourceModel):
    """Outputs of `EasAddresses` that come from the cloud."""

    found_service_id: str
    """Id of the service (`eas-m-…`)."""
    status: str
    """Status of the service: `Running` once it works."""
    gateways: tuple[EasGatewayAddresses, ...]
    """Addresses of the service by gateway."""
    queue_vpc_urls: tuple[str, ...] = ()
    """URLs of an asynchronous service's queue within VPCs."""
    queue_internet_urls: tuple[str, ...] = ()
    """URLs of an asynchronous service's queue on the internet."""
    access_token: SecretText
    """Token that callers send in `Authorization`."""


EAS_ADDRESSES: Final = Contract("dashlink:eas:EasAddresses", EasAddressesInputs, EasAddressesState)
"""`EasAddresses`: a model service that runs and answers, with its addresses and its token."""
