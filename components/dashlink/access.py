"""`PrivateModelAccess`: network, endpoints and AI gateway of a stack as one component."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi

from dashlink.clients.formats import formats
from dashlink.clients.outputs import VERSION
from dashlink.component import CheckedComponent
from dashlink.configuration import secret_keys_of, values_of
from dashlink.endpoint.component import PrivateEndpoint, PrivateEndpointArgs
from dashlink.gateway.component import ModelGateway, ModelGatewayArgs
from dashlink.naming import default_tags
from dashlink.network.component import Network, NetworkArgs
from dashlink.settings import ConfigKeys, StackSettings, find_faults, find_warnings


@dataclass(frozen=True, kw_only=True)
class PrivateModelAccessArgs:
    """Arguments of `PrivateModelAccess`.

    Attributes:
        settings: Settings of a stack, from `dashlink.load_settings` or built by the program.
        region: Region of all resources (``cn-beijing``), the same as that of the provider.
    """

    settings: StackSettings
    region: str


class PrivateModelAccess(CheckedComponent):
    """Private access from one VPC to the model services of a stack.

    The settings are checked as those of a file are, before the first resource is registered.

    Attributes:
        network: The network, new or existing.
        endpoints: Endpoints by their name in the settings.
        model_gateway: The AI gateway with its Model APIs; None where the settings have none.
        outputs: Outputs of the stack by key, in the shape of `dashlink.clients.outputs.Outputs`.
            They contain no secret.
        notes: Sentences that the user should read once, without repetition.
        warnings: Settings that are accepted and probably a mistake, one line each.

    Raises:
        ConfigError: If the settings have faults: all of them.
    """

    network: Network
    endpoints: Mapping[str, PrivateEndpoint]
    model_gateway: ModelGateway | None
    outputs: Mapping[str, pulumi.Input[Any]]
    notes: tuple[str, ...]
    warnings: tuple[str, ...]

    def __init__(
        self, name: str, args: PrivateModelAccessArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        keys = ConfigKeys(all=values_of("dashlink"), secret=secret_keys_of("dashlink"))
        faults = find_faults(args.settings, args.region, client_formats=formats(), keys=keys)
        super().__init__("dashlink:access:PrivateModelAccess", name, opts, faults=faults)
        self._settings = args.settings
        self._region = args.region
        tags = default_tags(pulumi.get_project(), pulumi.get_stack())
        self._tags = {**tags, **args.settings.tags}
        self._child = pulumi.ResourceOptions(parent=self, protect=args.settings.protected or None)
        self.network = self._create_network()
        self.endpoints = {
            key: self._create_endpoint(key) for key in sorted(args.settings.endpoints)
        }
        self.model_gateway = self._create_model_gateway()
        self.notes = self._collect_notes()
        self.warnings = tuple(map(str, find_warnings(args.settings, args.region)))
        self.outputs = self._collect_outputs()
        self.register_outputs(dict(self.outputs))

    def _create_network(self) -> Network:
        args = NetworkArgs(
            settings=self._settings.network,
            tags=self._tags,
            resource_group_id=self._settings.resource_group_id,
        )
        return Network(self._name, args, self._child)

    def _create_endpoint(self, key: str) -> PrivateEndpoint:
        args = PrivateEndpointArgs(
            settings=self._settings.endpoints[key],
            region=self._region,
            vpc_id=self.network.vpc_id,
            vswitch_ids=self.network.vswitch_ids,
            security_group_ids=[self.network.security_group_id],
            tags=self._tags,
            resource_group_id=self._settings.resource_group_id,
        )
        return PrivateEndpoint(f"{self._name}-{key}", args, self._child)

    def _create_model_gateway(self) -> ModelGateway | None:
        config = self._settings.gateway_config
        if config.is_empty:
            return None
        args = ModelGatewayArgs(
            config=config,
            region=self._region,
            vpc_id=self.network.vpc_id,
            vswitch_ids=self.network.vswitch_ids,
            endpoints=self._endpoint_outputs(),
            tags=self._tags,
            resource_group_id=self._settings.resource_group_id,
        )
        return ModelGateway(f"{self._name}-gateway", args, self._child)

    def _endpoint_outputs(self) -> dict[str, pulumi.Output[dict[str, Any]]]:
        return {key: endpoint.outputs for key, endpoint in self.endpoints.items()}

    def _collect_notes(self) -> tuple[str, ...]:
        notes: dict[str, None] = {}
        for endpoint in self.endpoints.values():
            notes.update(dict.fromkeys(endpoint.notes))
        if self.model_gateway is not None:
            notes.update(dict.fromkeys(self.model_gateway.notes))
        return tuple(notes)

    def _collect_outputs(self) -> dict[str, pulumi.Input[Any]]:
        outputs: dict[str, pulumi.Input[Any]] = {
            "version": VERSION,
            "stack": pulumi.get_stack(),
            "region": self._region,
            "vpc_id": self.network.vpc_id,
            "vswitch_ids": dict(self.network.vswitch_ids),
            "security_group_id": self.network.security_group_id,
            "endpoints": self._endpoint_outputs(),
            "clients": sorted(self._settings.clients),
        }
        if self.model_gateway is not None:
            outputs["gateway"] = self.model_gateway.outputs
            outputs["model_apis"] = dict(self.model_gateway.api_outputs)
        return outputs
