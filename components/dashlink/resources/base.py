"""Base class of the resources that dashlink's own provider serves."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

import pulumi
from pydantic.alias_generators import to_camel

from dashlink.resources.contract import Contract


class DashlinkResource(pulumi.CustomResource):
    """A resource of dashlink's own provider; its properties are those of its contract.

    Every input is an output too. Pass dashlink's provider in the options
    (`dashlink.resources.provider.provider_for`, or an explicit `dashlink.Provider`).

    Attributes:
        contract: Token, models and marks of the resource.
    """

    contract: ClassVar[Contract[Any, Any]]

    def __init__(
        self, resource_name: str, arguments: Mapping[str, Any], opts: pulumi.ResourceOptions | None
    ) -> None:
        """Register the resource.

        Args:
            resource_name: Logical name.
            arguments: Inputs by their Python names; other names are ignored, so `locals()` will do.
            opts: Pulumi's options.
        """
        contract = self.contract
        secret = contract.secret_fields()
        properties = dict.fromkeys(contract.output_fields())
        for name in contract.inputs.model_fields:
            value = arguments[name]
            if value is not None and name in secret:
                value = pulumi.Output.secret(value)
            properties[name] = value
        if secret:
            secret_outputs = pulumi.ResourceOptions(
                additional_secret_outputs=[to_camel(name) for name in sorted(secret)]
            )
            opts = pulumi.ResourceOptions.merge(secret_outputs, opts)
        super().__init__(contract.token, resource_name, properties, opts)

    def translate_input_property(self, prop: str) -> str:
        """Return the property's name in Pulumi: `gatewayId` for `gateway_id`."""
        return to_camel(prop)

    def translate_output_property(self, prop: str) -> str:
        """Return the property's name in Python: `gateway_id` for `gatewayId`."""
        return re.sub(r"(?=[A-Z])", "_", prop).lower()
