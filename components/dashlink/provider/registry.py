"""Every resource that the provider serves."""

from __future__ import annotations

from typing import Any

from dashlink.provider.endpoint.connection import EndpointConnectionHandler
from dashlink.provider.gateway.addresses import GatewayAddressesHandler
from dashlink.provider.gateway.callers_crud import (
    ConsumerAuthorizationHandler,
    ConsumerHandler,
    DomainHandler,
)
from dashlink.provider.gateway.crud import AiServiceHandler, ModelApiHandler
from dashlink.provider.handler import Handler


def all_handlers() -> dict[str, Handler[Any, Any]]:
    """Every kind by its token."""
    kinds: tuple[Handler[Any, Any], ...] = (
        EndpointConnectionHandler(),
        GatewayAddressesHandler(),
        AiServiceHandler(),
        ModelApiHandler(),
        DomainHandler(),
        ConsumerHandler(),
        ConsumerAuthorizationHandler(),
    )
    return {kind.token: kind for kind in kinds}
