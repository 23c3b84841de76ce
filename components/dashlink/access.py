"""`PrivateModelAccess`: network, endpoints and AI gateway of a stack as one component."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import pulumi

from dashlink.clients.formats import formats
from dashlink.clients.outputs import VERSION
from dashlink.component import CheckedComponent
from dashlink.configuration import secret_keys_of, values_of
from dashlink.eas.component import EasAccess, EasAccessArgs
from dashlink.eas.gateway_component import EasGatewayAccess, EasGatewayAccessArgs
from dashlink.endpoint.attached import connected_to, merged
from dashlink.endpoint.catalog import resolve_endpoint
from dashlink.endpoint.component import PrivateEndpoint, PrivateEndpointArgs
from dashlink.endpoint.settings import AttachedVpc, EndpointSettings, PrivateNameSettings
from dashlink.gateway.component import ModelGateway, ModelGatewayArgs
from dashlink.gateway.domain import CONNECTED_NOTE
from dashlink.maas.plan import OF_ADDRESSES, maas_outputs
from dashlink.naming import default_tags
from dashlink.network.component import Network, NetworkArgs
from dashlink.network.connections import VpcConnections, VpcConnectionsArgs
from dashlink.network.egress_component import Egress, EgressArgs
from dashlink.resources.foreign_contents import ForeignContents, ZoneContentsArgs
from dashlink.resources.provider import provider_for
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
        connections: Routes to the connected VPCs; None where the settings have none.
        egress: The way out to the internet; None where the settings have none.
        endpoints: Endpoints by their name in the settings.
        eas_gateways: Dedicated gateways of PAI-EAS by their name in the settings.
        eas_services: Model services of PAI-EAS by their name in the settings.
        model_gateway: The AI gateway with its Model APIs; None where the settings have none.
        outputs: Outputs of the stack by key, in the shape of `dashlink.clients.outputs.Outputs`.
            They contain no secret.
        notes: Sentences that the user should read once, without repetition.
        warnings: Settings that are accepted and probably a mistake, one line each.

    Raises:
        ConfigError: If the settings have faults: all of them.
    """

    network: Network
    connections: VpcConnections | None
    egress: Egress | None
    endpoints: Mapping[str, PrivateEndpoint]
    eas_gateways: Mapping[str, EasGatewayAccess]
    eas_services: Mapping[str, EasAccess]
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
        self.connections = self._create_connections()
        self.egress = self._create_egress()
        vpc_ids = self.connections.vpc_ids if self.connections else {}
        self._connected = connected_to(args.settings.network, vpc_ids)
        self.endpoints = {
            key: self._create_endpoint(key) for key in sorted(args.settings.endpoints)
        }
        self.eas_gateways = {
            key: self._create_eas_gateway(key) for key in sorted(args.settings.eas_gateways)
        }
        self.eas_services = {
            key: self._create_eas_service(key) for key in sorted(args.settings.eas_services)
        }
        self.model_gateway = self._create_model_gateway()
        self._declare_contents()
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

    def _create_connections(self) -> VpcConnections | None:
        if not self._settings.network.connected_vpcs:
            return None
        args = VpcConnectionsArgs(
            settings=self._settings.network,
            region=self._region,
            vpc_id=self.network.vpc_id,
            vswitch_ids=self.network.vswitch_ids,
            route_table_id=self.network.route_table_id,
            tags=self._tags,
            resource_group_id=self._settings.resource_group_id,
        )
        return VpcConnections(f"{self._name}-connections", args, self._child)

    def _create_egress(self) -> Egress | None:
        if self._settings.network.egress is None:
            return None
        args = EgressArgs(
            settings=self._settings.network,
            vpc_id=self.network.vpc_id,
            vswitch_ids=self.network.vswitch_ids,
            tags=self._tags,
            resource_group_id=self._settings.resource_group_id,
        )
        return Egress(f"{self._name}-egress", args, self._child)

    def _create_endpoint(self, key: str) -> PrivateEndpoint:
        args = PrivateEndpointArgs(
            settings=_named_in(self._connected, self._settings.endpoints[key], self._region),
            region=self._region,
            vpc_id=self.network.vpc_id,
            vswitch_ids=self.network.vswitch_ids,
            security_group_ids=[self.network.security_group_id],
            tags=self._tags,
            resource_group_id=self._settings.resource_group_id,
        )
        return PrivateEndpoint(f"{self._name}-{key}", args, self._child)

    def _create_eas_gateway(self, key: str) -> EasGatewayAccess:
        args = EasGatewayAccessArgs(
            key=key,
            settings=self._settings.eas_gateways[key],
            region=self._region,
            vpc_id=self.network.vpc_id,
            vswitch_ids=self.network.vswitch_ids,
            tags=self._tags,
            private_only=self._settings.private_only,
        )
        return EasGatewayAccess(f"{self._name}-eas-gateway-{key}", args, self._child)

    def _create_eas_service(self, key: str) -> EasAccess:
        deploy = self._settings.eas_services[key].deploy
        gateway = self.eas_gateways.get((deploy and deploy.gateway) or "")
        args = EasAccessArgs(
            key=key,
            settings=self._settings.eas_services[key],
            region=self._region,
            vpc_id=self.network.vpc_id,
            vswitch_ids=self.network.vswitch_ids,
            security_group_ids=[self.network.security_group_id],
            gateway_id=None if gateway is None else gateway.gateway_id,
            tags=self._tags,
            private_only=self._settings.private_only,
        )
        return EasAccess(f"{self._name}-eas-{key}", args, self._child)

    def _create_model_gateway(self) -> ModelGateway | None:
        config = self._settings.gateway_config
        if config.is_empty:
            return None
        args = ModelGatewayArgs(
            config=config,
            region=self._region,
            vpc_id=self.network.vpc_id,
            vswitch_ids=self.network.vswitch_ids,
            endpoints={key: _addressed(one) for key, one in self.endpoints.items()},
            eas_services=self.eas_services,
            maas_services=self._settings.maas_services,
            connected_vpcs=self._connected,
            tags=self._tags,
            resource_group_id=self._settings.resource_group_id,
        )
        return ModelGateway(f"{self._name}-gateway", args, self._child)

    def _declare_contents(self) -> None:
        """Declare what the stack's own security group, zones and endpoints contain."""
        zones: list[ZoneContentsArgs] = []
        providers = []
        for component in (*self.endpoints.values(), self.model_gateway):
            if component is not None:
                zones += component.private_zones
                providers.append(component.provider)
        endpoint_ids = []
        for key, endpoint in self.endpoints.items():
            settings = self._settings.endpoints[key]
            is_own = settings.id is None and settings.workspace is None
            if is_own and settings.policy is None:
                endpoint_ids.append(endpoint.endpoint_id)
        rules = self.network.rules
        if rules is None and not zones and not endpoint_ids:
            return
        known = [provider for provider in providers if provider is not None]
        provider = known[0] if known else provider_for(self, self._name, self._region)
        ForeignContents(
            f"{self._name}-contents",
            region=self._region,
            security_group_id=None if rules is None else self.network.security_group_id,
            rules=rules,
            private_zones=zones,
            endpoint_ids=endpoint_ids,
            keep_foreign=self._settings.keep_foreign,
            opts=pulumi.ResourceOptions(parent=self, provider=provider),
        )

    def _endpoint_outputs(self) -> dict[str, pulumi.Output[dict[str, Any]]]:
        return {key: endpoint.outputs for key, endpoint in self.endpoints.items()}

    def _collect_notes(self) -> tuple[str, ...]:
        notes: dict[str, None] = {}
        if self.connections is not None:
            notes.update(dict.fromkeys(self.connections.notes))
        for endpoint in self.endpoints.values():
            notes.update(dict.fromkeys(endpoint.notes))
        if self.model_gateway is not None:
            notes.update(dict.fromkeys(self.model_gateway.notes))
            if self._connected:
                notes[CONNECTED_NOTE] = None
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
        if self._settings.client_ca_file is not None:
            outputs["client_ca_file"] = self._settings.client_ca_file
        if self.connections is not None:
            outputs["connected_vpcs"] = _connected_outputs(self._settings, self.connections)
        if self.egress is not None:
            outputs["egress"] = {
                "nat_gateway_id": self.egress.nat_gateway_id,
                "addresses": self.egress.addresses,
            }
        if self.eas_gateways:
            gateways = self.eas_gateways.items()
            outputs["eas_gateways"] = {key: gateway.outputs for key, gateway in gateways}
        if self.eas_services:
            services = self.eas_services.items()
            outputs["eas_services"] = {key: service.outputs for key, service in services}
        if self._settings.maas_services:
            outputs["maas_services"] = self._maas_outputs()
        if self.model_gateway is not None:
            outputs["gateway"] = self.model_gateway.outputs
            outputs["model_apis"] = dict(self.model_gateway.api_outputs)
        return outputs

    def _maas_outputs(self) -> dict[str, dict[str, pulumi.Input[Any]]]:
        """Return the outputs of the services of MaaS, of which only addresses may be unknown."""
        outputs: dict[str, dict[str, pulumi.Input[Any]]] = {}
        for key, settings in sorted(self._settings.maas_services.items()):
            outputs[key] = dict(maas_outputs(settings))
            if self.egress is not None:
                known = self.egress.addresses.apply(partial(maas_outputs, settings))
                for name in OF_ADDRESSES:
                    outputs[key][name] = known[name]
        return outputs


def _addressed(endpoint: PrivateEndpoint) -> pulumi.Output[dict[str, Any]]:
    """Return what a gateway needs of an endpoint: without its zones, which may be unknown."""
    return endpoint.base_urls.apply(lambda urls: {"base_urls": urls})


def _named_in(
    connected: tuple[AttachedVpc, ...], endpoint: EndpointSettings, region: str
) -> EndpointSettings:
    """Return an endpoint whose private name resolves in every connected VPC too.

    One attachment resource has all VPCs of a private zone, since it owns the zone's whole list. The
    host of a workspace's connection needs its addresses for that.
    """
    workspace = endpoint.workspace
    if workspace is not None and workspace.addresses:
        attached = tuple(merged(workspace.attach_to, connected))
        changed_workspace = workspace.model_copy(update={"attach_to": attached})
        return endpoint.model_copy(update={"workspace": changed_workspace})
    if resolve_endpoint(endpoint, region).mode != "private-zone":
        return endpoint
    name = endpoint.private_name or PrivateNameSettings(mode="private-zone")
    attached = tuple(merged(name.attach_to, connected))
    changed_name = name.model_copy(update={"attach_to": attached})
    return endpoint.model_copy(update={"private_name": changed_name})


def _connected_outputs(
    settings: StackSettings, connections: VpcConnections
) -> dict[str, dict[str, pulumi.Input[Any]]]:
    outputs: dict[str, dict[str, pulumi.Input[Any]]] = {}
    for key, connected in sorted(settings.network.connected_vpcs.items()):
        outputs[key] = {
            "vpc_id": connections.vpc_ids[key],
            "vswitch_ids": dict(connections.connected_vswitch_ids[key]),
            "region": connected.region,
            "cidr": str(connected.cidr),
            "over": connected.over,
            "acceptance": connected.acceptance,
            "connection_id": connections.connection_ids[key],
            "cen_id": connections.cen_id if connected.over == "cen" else None,
        }
    return outputs
