"""Every resource that the provider serves."""

from __future__ import annotations

from typing import Any

from dashlink.provider.eas.addresses import EasAddressesHandler
from dashlink.provider.eas.gateway import EasGatewayHandler
from dashlink.provider.eas.gateway_existing import ExistingEasGatewayHandler
from dashlink.provider.eas.gateway_link import EasGatewayLinkHandler
from dashlink.provider.eas.service import EasServiceHandler
from dashlink.provider.endpoint.connection import EndpointConnectionHandler
from dashlink.provider.endpoint.foreign_contents import ForeignContentsHandler
from dashlink.provider.gateway.addresses import GatewayAddressesHandler
from dashlink.provider.gateway.ai_service import AiServiceHandler
from dashlink.provider.gateway.authorization import (
    ModelApiAuthorizationHandler,
    RetiredAuthorizationHandler,
)
from dashlink.provider.gateway.consumer import ConsumerHandler
from dashlink.provider.gateway.domain import DomainHandler
from dashlink.provider.gateway.model_api import ModelApiHandler
from dashlink.provider.handler import Handler

_HANDLERS: tuple[type[Handler[Any, Any]], ...] = (
    EndpointConnectionHandler,
    GatewayAddressesHandler,
    AiServiceHandler,
    ModelApiHandler,
    DomainHandler,
    ConsumerHandler,
    ModelApiAuthorizationHandler,
    RetiredAuthorizationHandler,
    EasServiceHandler,
    EasAddressesHandler,
    EasGatewayHandler,
    EasGatewayLinkHandler,
    ExistingEasGatewayHandler,
    ForeignContentsHandler,
)


def all_handlers() -> dict[str, Handler[Any, Any]]:
    """Return a handler for every resource, by its type token."""
    return {handler.contract.token: handler() for handler in _HANDLERS}
