"""Private access from a VPC to model services, as Pulumi components.

The names below are the public surface. They are imported when first used, so that `dashlink render` and other commands
that need no Pulumi start without it.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dashlink.access import PrivateModelAccess, PrivateModelAccessArgs
    from dashlink.endpoint.component import PrivateEndpoint, PrivateEndpointArgs
    from dashlink.endpoint.settings import EndpointSettings, PrivateNameSettings
    from dashlink.errors import CloudError, ConfigError, DashlinkError, OutputsError, RenderError
    from dashlink.gateway.ai_gateway import GatewaySettings
    from dashlink.gateway.ai_service import AiServiceSettings
    from dashlink.gateway.component import AiGateway, AiGatewayArgs, ModelGateway, ModelGatewayArgs
    from dashlink.gateway.config import GatewayConfig
    from dashlink.gateway.consumer import ConsumerSettings
    from dashlink.gateway.domain import DomainSettings
    from dashlink.gateway.model_api.settings import ModelApiSettings
    from dashlink.network.component import Network, NetworkArgs
    from dashlink.network.settings import IngressSettings, NetworkSettings
    from dashlink.resources.ai_service import AiService
    from dashlink.resources.authorization import ConsumerAuthorization
    from dashlink.resources.consumer import Consumer
    from dashlink.resources.domain import Domain
    from dashlink.resources.endpoint_connection import EndpointConnection
    from dashlink.resources.gateway_addresses import GatewayAddresses
    from dashlink.resources.model_api import ModelApi
    from dashlink.resources.provider import Provider
    from dashlink.settings import StackSettings, load_settings

__version__ = "0.1.0"

_HOMES = {
    "AiGateway": "dashlink.gateway.component",
    "AiGatewayArgs": "dashlink.gateway.component",
    "AiService": "dashlink.resources.ai_service",
    "AiServiceSettings": "dashlink.gateway.ai_service",
    "CloudError": "dashlink.errors",
    "ConfigError": "dashlink.errors",
    "Consumer": "dashlink.resources.consumer",
    "ConsumerAuthorization": "dashlink.resources.authorization",
    "ConsumerSettings": "dashlink.gateway.consumer",
    "DashlinkError": "dashlink.errors",
    "Domain": "dashlink.resources.domain",
    "DomainSettings": "dashlink.gateway.domain",
    "EndpointConnection": "dashlink.resources.endpoint_connection",
    "EndpointSettings": "dashlink.endpoint.settings",
    "GatewayAddresses": "dashlink.resources.gateway_addresses",
    "GatewayConfig": "dashlink.gateway.config",
    "GatewaySettings": "dashlink.gateway.ai_gateway",
    "IngressSettings": "dashlink.network.settings",
    "ModelApi": "dashlink.resources.model_api",
    "ModelApiSettings": "dashlink.gateway.model_api.settings",
    "ModelGateway": "dashlink.gateway.component",
    "ModelGatewayArgs": "dashlink.gateway.component",
    "Network": "dashlink.network.component",
    "NetworkArgs": "dashlink.network.component",
    "NetworkSettings": "dashlink.network.settings",
    "OutputsError": "dashlink.errors",
    "PrivateEndpoint": "dashlink.endpoint.component",
    "PrivateEndpointArgs": "dashlink.endpoint.component",
    "PrivateModelAccess": "dashlink.access",
    "PrivateModelAccessArgs": "dashlink.access",
    "PrivateNameSettings": "dashlink.endpoint.settings",
    "Provider": "dashlink.resources.provider",
    "RenderError": "dashlink.errors",
    "StackSettings": "dashlink.settings",
    "load_settings": "dashlink.settings",
}

__all__ = [
    "AiGateway",
    "AiGatewayArgs",
    "AiService",
    "AiServiceSettings",
    "CloudError",
    "ConfigError",
    "Consumer",
    "ConsumerAuthorization",
    "ConsumerSettings",
    "DashlinkError",
    "Domain",
    "DomainSettings",
    "EndpointConnection",
    "EndpointSettings",
    "GatewayAddresses",
    "GatewayConfig",
    "GatewaySettings",
    "IngressSettings",
    "ModelApi",
    "ModelApiSettings",
    "ModelGateway",
    "ModelGatewayArgs",
    "Network",
    "NetworkArgs",
    "NetworkSettings",
    "OutputsError",
    "PrivateEndpoint",
    "PrivateEndpointArgs",
    "PrivateModelAccess",
    "PrivateModelAccessArgs",
    "PrivateNameSettings",
    "Provider",
    "RenderError",
    "StackSettings",
    "__version__",
    "load_settings",
]


def __getattr__(name: str) -> Any:
    """Import the home of a public name when it is first asked for."""
    if name not in _HOMES:
        msg = f"module 'dashlink' has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(import_module(_HOMES[name]), name)
