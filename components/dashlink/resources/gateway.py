"""The gateway's resources that the alicloud provider lacks, as a program declares them.

Each takes, by keyword, what its inputs model in `dashlink.resources.gateway_models` lists, outputs among them; keys are secret in
the state whatever they are given as. Use dashlink's provider with the account of your alicloud provider
(`dashlink.resources.provider.provider_for`, or `dashlink.Provider`).
"""

from __future__ import annotations

import re
from typing import Any, ClassVar

import pulumi
from pydantic import BaseModel
from pydantic.alias_generators import to_camel

from dashlink.resources import gateway_models as models


class _Managed(pulumi.CustomResource):
    """A resource of our own provider: its properties are those of its two models."""

    _token: ClassVar[str]
    _inputs: ClassVar[type[BaseModel]]
    _state: ClassVar[type[BaseModel]]
    _secret: ClassVar[tuple[str, ...]] = ()

    def __init__(
        self, resource_name: str, opts: pulumi.ResourceOptions | None = None, **properties: Any
    ) -> None:
        """Declare it.

        Raises:
            TypeError: A property is none of its own.
        """
        unknown = sorted(set(properties) - set(self._inputs.model_fields))
        if unknown:
            known = ", ".join(self._inputs.model_fields)
            msg = f"{type(self).__name__} has no {', '.join(unknown)}; it has {known}"
            raise TypeError(msg)
        for name in self._secret:
            if properties.get(name) is not None:
                properties[name] = pulumi.Output.secret(properties[name])
        everything = {
            **dict.fromkeys(self._inputs.model_fields),
            **dict.fromkeys(self._state.model_fields),
        }
        secrets = pulumi.ResourceOptions(
            additional_secret_outputs=[to_camel(name) for name in self._secret]
        )
        super().__init__(
            self._token,
            resource_name,
            {**everything, **properties},
            pulumi.ResourceOptions.merge(secrets, opts),
        )

    def translate_input_property(self, prop: str) -> str:
        """`gateway_id` is `gatewayId` on the wire."""
        return to_camel(prop)

    def translate_output_property(self, prop: str) -> str:
        """`gatewayId` is `gateway_id` in Python."""
        return re.sub(r"(?=[A-Z])", "_", prop).lower()


class GatewayAddresses(_Managed):
    """Ends when an AI gateway runs and has its addresses, or fails with the reason; it makes nothing in the cloud.

    Attributes:
        gateway_id: The gateway (`gw-…`).
        default_environment_id: Environment for Model APIs.
        intranet_addresses: Names of its load balancers within the VPC.
        internet_addresses: Names of its load balancers on the internet.
        vpc_id: Its VPC.
    """

    _token = "dashlink:gateway:GatewayAddresses"  # noqa: S105 - a type token
    _inputs = models.GatewayAddressesInputs
    _state = models.GatewayAddressesState
    gateway_id: pulumi.Output[str]
    default_environment_id: pulumi.Output[str]
    intranet_addresses: pulumi.Output[list[str]]
    internet_addresses: pulumi.Output[list[str]]
    vpc_id: pulumi.Output[str]


class AiService(_Managed):
    """What Model APIs send to: a model service with its address and keys. Its id is the service's (`svc-…`).

    Keys are replaced in place, all at once. A refresh shows a key that is not the stack's; keys come back masked.
    """

    _token = "dashlink:gateway:AiService"  # noqa: S105 - a type token
    _inputs = models.AiServiceInputs
    _state = models.AiServiceState
    _secret = ("api_keys", "bedrock", "vertex")
    service_id: pulumi.Output[str]


class ModelApi(_Managed):
    """A Model API of an AI gateway, deployed. Its id is the API's (`api-…`)."""

    _token = "dashlink:gateway:ModelApi"  # noqa: S105 - a type token
    _inputs = models.ModelApiInputs
    _state = models.ModelApiState
    _secret = ("cache",)
    http_api_id: pulumi.Output[str]


class Domain(_Managed):
    """A domain of AI gateways. Its id is the domain's (`d-…`)."""

    _token = "dashlink:gateway:Domain"  # noqa: S105 - a type token
    _inputs = models.DomainInputs
    _state = models.DomainState
    domain_id: pulumi.Output[str]


class Consumer(_Managed):
    """Somebody who calls Model APIs, with credentials. Its id is the consumer's (`cs-…`)."""

    _token = "dashlink:gateway:Consumer"  # noqa: S105 - a type token
    _inputs = models.ConsumerInputs
    _state = models.ConsumerState
    _secret = ("api_keys", "key_pairs", "jwt")
    consumer_id: pulumi.Output[str]


class ConsumerAuthorization(_Managed):
    """A consumer's right to call one Model API. Its id is `<consumer>/<rule>`."""

    _token = "dashlink:gateway:ConsumerAuthorization"  # noqa: S105 - a type token
    _inputs = models.ConsumerAuthorizationInputs
    _state = models.ConsumerAuthorizationState
    rule_id: pulumi.Output[str]
