"""`PrivateModelAccess`: the whole job as one component: network, endpoints, AI gateway, what `up` promises."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi

from dashlink.clients.outputs import VERSION
from dashlink.endpoint.component import PrivateEndpoint, PrivateEndpointArgs
from dashlink.gateway.component import ModelGateway, ModelGatewayArgs
from dashlink.naming import default_tags
from dashlink.network.component import Network, NetworkArgs
from dashlink.settings import StackSettings


@dataclass(frozen=True, kw_only=True)
class PrivateModelAccessArgs:
    """What a `PrivateModelAccess` is made from.

    Attributes:
        settings: The settings of a stack, as `dashlink.settings.load_settings` gives them or made in code.
        region: Region of everything (``cn-beijing``); the provider in force must be of the same region.
    """

    settings: StackSettings
    region: str


class PrivateModelAccess(pulumi.ComponentResource):
    """Private access from one VPC to the model services of a stack.

    Attributes:
        network: The network, made or existing.
        endpoints: The endpoints by their name in the settings.
        model_gateway: The AI gateway with everything on it; None where the settings say nothing of one.
        outputs: What `up` promises, key by key: the shape of `dashlink.clients.outputs.Outputs`. No secret is in it.
        notes: What a person should be told once, plain sentences, without repetition.
    """

    network: Network
    endpoints: Mapping[str, PrivateEndpoint]
    model_gateway: ModelGateway | None
    outputs: Mapping[str, pulumi.Input[Any]]
    notes: tuple[str, ...]

    def __init__(
        self, name: str, args: PrivateModelAccessArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("dashlink:access:PrivateModelAccess", name, None, opts)
        self._name = name
        self._args = args
        self._tags = {
            **default_tags(pulumi.get_project(), pulumi.get_stack()),
            **args.settings.tags,
        }
        self._child = pulumi.ResourceOptions(parent=self, protect=args.settings.protected or None)
        self.network = self._make_network()
        self.endpoints = self._make_endpoints()
        self.model_gateway = self._make_model_gateway()
        notes = [note for endpoint in self.endpoints.values() for note in endpoint.notes]
        notes += self.model_gateway.notes if self.model_gateway is not None else ()
        self.notes = tuple(dict.fromkeys(notes))
        self.outputs = self._promise()
        self.register_outputs(dict(self.outputs))

    def _make_network(self) -> Network:
        args = NetworkArgs(
            settings=self._args.settings.network,
            tags=self._tags,
            resource_group_id=self._args.settings.resource_group_id,
        )
        return Network(self._name, args, self._child)

    def _make_endpoints(self) -> dict[str, PrivateEndpoint]:
        return {
            key: PrivateEndpoint(
                f"{self._name}-{key}",
                PrivateEndpointArgs(
                    settings=settings,
                    region=self._args.region,
                    vpc_id=self.network.vpc_id,
                    vswitch_ids=self.network.vswitch_ids,
                    security_group_ids=[self.network.security_group_id],
                    tags=self._tags,
                    resource_group_id=self._args.settings.resource_group_id,
                ),
                self._child,
            )
            for key, settings in sorted(self._args.settings.endpoints.items())
        }

    def _make_model_gateway(self) -> ModelGateway | None:
        part = self._args.settings.gateway_config
        if part.is_empty:
            return None
        args = ModelGatewayArgs(
            part=part,
            region=self._args.region,
            vpc_id=self.network.vpc_id,
            vswitch_ids=self.network.vswitch_ids,
            endpoints={key: endpoint.outputs for key, endpoint in self.endpoints.items()},
            tags=self._tags,
            resource_group_id=self._args.settings.resource_group_id,
        )
        return ModelGateway(f"{self._name}-gateway", args, self._child)

    def _promise(self) -> dict[str, pulumi.Input[Any]]:
        return {
            "version": VERSION,
            "stack": pulumi.get_stack(),
            "region": self._args.region,
            "vpc_id": self.network.vpc_id,
            "vswitch_ids": dict(self.network.vswitch_ids),
            "security_group_id": self.network.security_group_id,
            "endpoints": {key: endpoint.outputs for key, endpoint in self.endpoints.items()},
            "clients": sorted(self._args.settings.clients),
            **self._promise_of_gateway(),
        }

    def _promise_of_gateway(self) -> dict[str, pulumi.Input[Any]]:
        if self.model_gateway is None:
            return {}
        return {
            "gateway": self.model_gateway.outputs,
            "model_apis": dict(self.model_gateway.api_outputs),
        }
