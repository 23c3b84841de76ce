"""`AiGateway` and `ModelGateway`: an AI gateway, alone or with everything on it.

    AiGateway     Gateway of alicloud (or an existing one) -> GatewayAddresses, ready when it runs
    ModelGateway  AiGateway -> AiService -> ModelApi -> ModelApiAuthorization, all its consumers
                  AiGateway -> Domain -> PrivateZone, record, attachment

Both run the rules of the settings before they declare the first resource. An AI service of an
endpoint of the stack gets its address from the endpoint's outputs, so it is created when the
endpoint is connected.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

import pulumi
from pulumi_alicloud import apig, pvtz

from dashlink.cloud.words import (
    BOTH_NETWORKS,
    BOTH_NETWORKS_AT_CREATION,
    GATEWAY_TYPE,
    INTRANET,
    PAYMENT,
    PRIVATE_NETWORK,
    ZONES_BY_ID,
    NetworkAccess,
    spelled,
)
from dashlink.component import TaggedComponent
from dashlink.configuration import secret_keys_of, values_of
from dashlink.eas.component import EasAccess
from dashlink.endpoint.attached import merged
from dashlink.endpoint.settings import AttachedVpc
from dashlink.errors import ConfigError, Fault
from dashlink.gateway import ai_gateway, rules
from dashlink.gateway.ai_gateway import LONGEST_NAME, GatewaySettings
from dashlink.gateway.ai_service import AiServiceSettings, first_protocol
from dashlink.gateway.config import SECTIONS, GatewayConfig
from dashlink.gateway.consumer import JWT_UNVERIFIED, ConsumerSettings, consumer_inputs
from dashlink.gateway.context import RuleContext, known_id
from dashlink.gateway.domain import DomainSettings, domain_inputs, zone_name
from dashlink.gateway.model_api.inputs import model_api_inputs, terms_of
from dashlink.gateway.model_api.outputs import (
    Listed,
    model_api_outputs,
    notes_of,
    route_messages,
)
from dashlink.gateway.model_api.plan import auth_of, choices_of
from dashlink.gateway.model_api.settings import ModelApiSettings
from dashlink.gateway.model_api.unverified import Verified, joined, unverified_values
from dashlink.gateway.model_services import eas_address, maas_address
from dashlink.gateway.service_inputs import (
    endpoint_address,
    protocols_used,
    service_inputs,
    service_terms,
)
from dashlink.maas.settings import MaasServiceSettings
from dashlink.naming import MAX_REMARK_LENGTH, ownership_mark, physical_name
from dashlink.redaction import missing_secrets, references_in
from dashlink.resources.ai_service import AiService
from dashlink.resources.authorization import ModelApiAuthorization
from dashlink.resources.consumer import Consumer
from dashlink.resources.domain import Domain
from dashlink.resources.foreign_contents import ZoneContentsArgs
from dashlink.resources.gateway_addresses import GatewayAddresses
from dashlink.resources.model_api import ModelApi
from dashlink.resources.provider import provider_for
from dashlink.types import SecretRef

_SettingsT = TypeVar("_SettingsT")
_DeclaredT = TypeVar("_DeclaredT")


@dataclass(frozen=True, kw_only=True)
class AiGatewayArgs:
    """Arguments of an `AiGateway`.

    Attributes:
        settings: Settings of the gateway; with an id no gateway is created.
        region: Region of the VPC (``cn-beijing``); the provider must be of the same region.
        vpc_id: VPC of the gateway (``vpc-…``).
        vswitch_ids: vSwitch by zone; the gateway uses the first two, or those of the settings.
        tags: Tags; those of the settings override them.
        resource_group_id: Resource group (``rg-…``), unless the settings have one.
    """

    settings: GatewaySettings
    region: str
    vpc_id: pulumi.Input[str]
    vswitch_ids: Mapping[str, pulumi.Input[str]]
    tags: Mapping[str, str] = field(default_factory=dict)
    resource_group_id: str | None = None


class AiGateway(TaggedComponent):
    """An AI gateway, new or existing.

    Attributes:
        gateway_id: Id of the gateway (``gw-…``), known when the gateway is ready.
        environment_id: Environment of its Model APIs (``env-…``).
        intranet_addresses: DNS names of its load balancers within the VPC.
        internet_addresses: DNS names of its load balancers on the internet; empty if it is private.
        vpc_id: VPC of the gateway (``vpc-…``).
        addresses: The resource that waits for the gateway.

    Raises:
        ConfigError: With every fault of the settings.
    """

    gateway_id: pulumi.Output[str]
    environment_id: pulumi.Output[str]
    intranet_addresses: pulumi.Output[list[str]]
    internet_addresses: pulumi.Output[list[str]]
    vpc_id: pulumi.Output[str]
    addresses: GatewayAddresses

    def __init__(
        self, name: str, args: AiGatewayArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        settings = args.settings.with_zones(tuple(args.vswitch_ids))
        context = RuleContext(zones=tuple(args.vswitch_ids))
        super().__init__(
            "dashlink:gateway:AiGateway",
            name,
            opts,
            settings=settings,
            defaults=args,
            faults=ai_gateway.find_faults(settings, context),
        )
        self._args = args
        self._settings = settings
        self.addresses = self._declare_addresses()
        self.gateway_id = self.addresses.gateway_id
        self.environment_id = self.addresses.default_environment_id
        self.intranet_addresses = self.addresses.intranet_addresses
        self.internet_addresses = self.addresses.internet_addresses
        self.vpc_id = self.addresses.vpc_id
        self.register_outputs(
            {"gateway_id": self.gateway_id, "environment_id": self.environment_id}
        )

    def _declare_addresses(self) -> GatewayAddresses:
        gateway_id = self._settings.id
        network_access: NetworkAccess | None = None
        if gateway_id is None:
            gateway_id = self._declare_gateway().id
            network_access = BOTH_NETWORKS if self._settings.internet else PRIVATE_NETWORK
        provider = provider_for(self, self._name, self._args.region)
        return GatewayAddresses(
            f"{self._name}-addresses",
            gateway_id=gateway_id,
            environment_id=self._settings.environment_id,
            network_access=network_access,
            timeout_seconds=self._settings.ready_timeout_seconds,
            opts=pulumi.ResourceOptions(parent=self, provider=provider),
        )

    def _declare_gateway(self) -> apig.Gateway:
        settings = self._settings
        zones = [
            apig.GatewayZoneArgs(zone_id=zone, vswitch_id=self._args.vswitch_ids[zone])
            for zone in sorted(settings.zones or ())
        ]
        return apig.Gateway(
            f"{self._name}-gateway",
            gateway_name=settings.name or self._physical_name(limit=LONGEST_NAME),
            gateway_type=GATEWAY_TYPE,
            payment_type=PAYMENT,
            spec=settings.spec,
            vpc=apig.GatewayVpcArgs(vpc_id=self._args.vpc_id),
            zone_config=apig.GatewayZoneConfigArgs(select_option=ZONES_BY_ID),
            zones=zones,
            network_access_config=apig.GatewayNetworkAccessConfigArgs(
                type=BOTH_NETWORKS_AT_CREATION if settings.internet else INTRANET
            ),
            log_config=apig.GatewayLogConfigArgs(
                sls=apig.GatewayLogConfigSlsArgs(enable=settings.access_log is True)
            ),
            resource_group_id=self._resource_group_id,
            tags=self._tags,
            # alicloud v1.285.0 plans updates of network access and log, and sends neither:
            # GatewayAddresses changes the network access; no known request changes the log.
            opts=pulumi.ResourceOptions(
                parent=self,
                protect=settings.deletion_protection or None,
                replace_on_changes=["logConfig"],
            ),
        )


@dataclass(frozen=True, kw_only=True)
class ModelGatewayArgs:
    """Arguments of a `ModelGateway`.

    Attributes:
        config: The gateway with everything on it.
        region: Region of the VPC (``cn-beijing``); the provider must be of the same region.
        vpc_id: VPC of the gateway and of its private names (``vpc-…``).
        vswitch_ids: vSwitch by zone; the gateway uses the first two, or those of the settings.
        endpoints: Outputs of the endpoints that AI services use (`PrivateEndpoint.outputs`),
            by name.
        eas_services: Model services of PAI-EAS that AI services use, by name.
        maas_services: Model services of MaaS that AI services use, by name.
        connected_vpcs: Further VPCs with a route to the gateway, in which every private name of a
            domain resolves, beside those of the domain's own `attach_to`.
        tags: Tags of all resources that support them.
        resource_group_id: Resource group of the resources (``rg-…``).
    """

    config: GatewayConfig
    region: str
    vpc_id: pulumi.Input[str]
    vswitch_ids: Mapping[str, pulumi.Input[str]]
    endpoints: Mapping[str, pulumi.Output[dict[str, Any]]] = field(default_factory=dict)
    eas_services: Mapping[str, EasAccess] = field(default_factory=dict)
    maas_services: Mapping[str, MaasServiceSettings] = field(default_factory=dict)
    connected_vpcs: Sequence[AttachedVpc] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    resource_group_id: str | None = None


class ModelGateway(TaggedComponent):
    """An AI gateway with its AI services, domains, consumers and Model APIs.

    Attributes:
        gateway: The gateway.
        services: AI services by their name in the settings.
        domains: Id of each domain (``d-…``), by domain name.
        consumers: Consumers by their name in the settings.
        apis: Model APIs by their name in the settings.
        outputs: Outputs of the gateway: the shape of `dashlink.clients.outputs.GatewayOutputs`.
        api_outputs: By API, the shape of `dashlink.clients.outputs.ModelApiOutputs`.
        provider: dashlink's provider of its resources.
        private_zones: The private zones of the domains, each with its records.
        notes: Notes for people, sentences without repetition.
        warnings: Settings that are accepted and probably a mistake, one line each.

    Raises:
        ConfigError: With every fault of the settings.
    """

    gateway: AiGateway
    services: Mapping[str, AiService]
    domains: Mapping[str, pulumi.Input[str]]
    consumers: Mapping[str, Consumer]
    apis: Mapping[str, ModelApi]
    outputs: pulumi.Output[dict[str, Any]]
    api_outputs: Mapping[str, pulumi.Output[dict[str, Any]]]
    provider: pulumi.ProviderResource
    private_zones: list[ZoneContentsArgs]
    notes: tuple[str, ...]
    warnings: tuple[str, ...]

    def __init__(
        self, name: str, args: ModelGatewayArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        self._config = args.config.with_zones(tuple(args.vswitch_ids))
        context = RuleContext(
            zones=tuple(args.vswitch_ids),
            vpc_id=known_id(args.vpc_id),
            endpoints=dict.fromkeys(args.endpoints),
            eas_services=dict.fromkeys(args.eas_services),
            maas_services=args.maas_services,
        )
        super().__init__(
            "dashlink:gateway:ModelGateway",
            name,
            opts,
            settings=args,  # it has no tags and no resource group of its own
            defaults=args,
            faults=[
                *rules.find_faults(self._config, context),
                *_secret_faults(self._config, args.maas_services),
            ],
        )
        self._args = args
        self._stack = (pulumi.get_project(), pulumi.get_stack())
        self._mark = ownership_mark(physical_name(*self._stack))
        settings = self._config.gateway or GatewaySettings()
        self._spellings = settings.spellings
        self._protocols = protocols_used(self._config)
        provider = provider_for(self, name, args.region)
        self.provider = provider
        self._own = pulumi.ResourceOptions(parent=self, provider=provider)
        self.gateway = self._declare_gateway(settings, provider)
        self.private_zones = []
        config = self._config
        self.services = _each(config.ai_services, self._declare_service)
        self.domains = _each(config.domains, self._declare_domain)
        self.consumers = _each(config.consumers, self._declare_consumer)
        self.apis = _each(config.model_apis, self._declare_api)
        self.outputs = self._gateway_outputs()
        self.api_outputs = {key: self._api_outputs(key) for key in self.apis}
        self.notes = notes_of(config)
        warnings = rules.find_warnings(config, args.maas_services, region=args.region)
        self.warnings = tuple(map(str, warnings))
        self._report_routes()
        self.register_outputs({"gateway": self.outputs, "model_apis": dict(self.api_outputs)})

    def _declare_gateway(
        self, settings: GatewaySettings, provider: pulumi.ProviderResource
    ) -> AiGateway:
        args = AiGatewayArgs(
            settings=settings,
            region=self._args.region,
            vpc_id=self._args.vpc_id,
            vswitch_ids=self._args.vswitch_ids,
            tags=self._tags,
            resource_group_id=self._resource_group_id,
        )
        opts = pulumi.ResourceOptions(parent=self, providers=[provider])
        return AiGateway(f"{self._name}-ai", args, opts)

    def _declare_service(self, key: str, settings: AiServiceSettings) -> AiService:
        inputs = service_inputs(settings, self._spellings, _secret, self._protocols.get(key, ()))
        inputs.update(self._target_of(settings))
        return AiService(
            f"{self._name}-service-{key}",
            gateway_id=self.gateway.gateway_id,
            name=physical_name(*self._stack, key, limit=LONGEST_NAME),
            resource_group_id=self._resource_group_id,
            **inputs,
            opts=self._own,
        )

    def _target_of(self, settings: AiServiceSettings) -> dict[str, Any]:
        """Return the address of an AI service, and the keys that a model service has."""
        protocol = first_protocol(settings)
        if settings.endpoint is not None:
            address_of = partial(endpoint_address, settings=settings, spellings=self._spellings)
            return {"address": self._args.endpoints[settings.endpoint].apply(address_of)}
        if settings.eas_service is not None:
            name = settings.eas_service
            access = self._args.eas_services[name]
            address = access.outputs.apply(partial(_eas_address, name=name, protocol=protocol))
            return {"address": address, "api_keys": [access.token]}
        if settings.maas is not None:
            service = self._args.maas_services[settings.maas]
            keys = [_secret(service.api_key)]
            return {"address": maas_address(service, protocol), "api_keys": keys}
        return {"address": settings.base_url}

    def _declare_domain(self, name: str, settings: DomainSettings) -> pulumi.Input[str]:
        """Declare a domain and its private name; return the id of the domain."""
        logical_name = f"{self._name}-domain-{name.replace('*', '_any')}"  # no `_` in domain names
        if settings.name_by == "private-zone":
            self._declare_private_name(logical_name, name, settings)
        if settings.id is not None:
            return settings.id
        domain = Domain(
            logical_name,
            **domain_inputs(name, settings),
            resource_group_id=self._resource_group_id,
            opts=self._own,
        )
        return domain.id

    def _declare_private_name(self, logical_name: str, name: str, settings: DomainSettings) -> None:
        zone = pvtz.Zone(
            f"{logical_name}-zone",
            zone_name=zone_name(name),
            remark=physical_name("dashlink-gateway", self._name, limit=MAX_REMARK_LENGTH),
            resource_group_id=self._resource_group_id,
            tags=self._tags,
            opts=self._child_deleted_first,
        )
        host = "*" if name.startswith("*.") else "@"
        pvtz.ZoneRecord(
            f"{logical_name}-record",
            zone_id=zone.id,
            rr=host,
            type="CNAME",
            value=self.gateway.intranet_addresses.apply(_first),
            ttl=settings.ttl_seconds,
            opts=self._child_deleted_first,
        )
        self.private_zones.append({"zone_id": zone.id, "hosts": [f"{host} CNAME"]})
        region = self._args.region
        vpcs = [pvtz.ZoneAttachmentVpcArgs(vpc_id=self._args.vpc_id, region_id=region)]
        named = [AttachedVpc(vpc_id=vpc_id, region=region) for vpc_id in settings.attach_to]
        for further in merged(named, self._args.connected_vpcs):
            attached = pvtz.ZoneAttachmentVpcArgs(vpc_id=further.vpc_id, region_id=further.region)
            vpcs.append(attached)
        pvtz.ZoneAttachment(
            f"{logical_name}-attachment", zone_id=zone.id, vpcs=vpcs, opts=self._child
        )

    def _declare_consumer(self, key: str, settings: ConsumerSettings) -> Consumer:
        inputs = consumer_inputs(key, settings, _secret)
        inputs["description"] = settings.description or self._mark
        return Consumer(f"{self._name}-consumer-{key}", **inputs, opts=self._own)

    def _declare_api(self, key: str, settings: ModelApiSettings) -> ModelApi:
        service_ids = {name: service.id for name, service in self.services.items()}
        domain_ids = [self.domains[domain] for domain in dict.fromkeys(settings.domains)]
        inputs = model_api_inputs(settings, service_ids, self._spellings, _secret)
        inputs["description"] = settings.description or self._mark
        inputs["resource_group_id"] = settings.resource_group_id or self._resource_group_id
        api = ModelApi(
            f"{self._name}-api-{key}",
            name=settings.name or key,
            gateway_id=self.gateway.gateway_id,
            environment_id=self.gateway.environment_id,
            domain_ids=pulumi.Output.all(*domain_ids).apply(sorted),
            **inputs,
            opts=self._own,
        )
        if settings.consumers:
            consumer_ids = [self.consumers[consumer].id for consumer in settings.consumers]
            ModelApiAuthorization(
                f"{self._name}-api-{key}-consumers",
                model_api_id=api.id,
                environment_id=self.gateway.environment_id,
                consumer_ids=pulumi.Output.all(*consumer_ids).apply(sorted),
                resource_type=spelled("authorization.model-api", self._spellings),
                opts=self._own,
            )
        return api

    def _gateway_outputs(self) -> pulumi.Output[dict[str, Any]]:
        return pulumi.Output.all(
            gateway_id=self.gateway.gateway_id,
            environment_id=self.gateway.environment_id,
            addresses=self.gateway.intranet_addresses,
            internet_addresses=self.gateway.internet_addresses,
        ).apply(dict)

    def _api_outputs(self, key: str) -> pulumi.Output[dict[str, Any]]:
        api_settings = self._config.model_apis[key]
        terms = terms_of(api_settings) | service_terms(api_settings, self._config)

        def document(api_id: str, listed: Listed, verified: Verified) -> dict[str, Any]:
            sentences = unverified_values(api_settings, terms, self._spellings, verified)
            if auth_of(api_settings) == "jwt":
                sentences = (*sentences, JWT_UNVERIFIED)
            return model_api_outputs(api_id, key, self._config, sentences, listed, verified)

        api = self.apis[key]
        words = [api.verified]
        for _, choice in choices_of(api_settings):
            words.append(self.services[choice.service].verified)
        verified_words = pulumi.Output.all(*words).apply(joined)
        known = pulumi.Output.all(api_id=api.id, listed=api.routes, verified=verified_words)
        return known.apply(lambda values: document(**values))

    def _report_routes(self) -> None:
        """Report, after a deployment, the routes that are not as expected."""

        def report(listed: Mapping[str, Listed]) -> None:
            for message in route_messages(self._config, listed):
                pulumi.log.info(message, self)

        if self.apis and not pulumi.runtime.is_dry_run():
            routes = {key: api.routes for key, api in self.apis.items()}
            pulumi.Output.all(**routes).apply(report)


def _secret_faults(
    config: GatewayConfig, maas_services: Mapping[str, MaasServiceSettings]
) -> Iterator[Fault]:
    """Find references to secrets that the configuration of the stack lacks."""
    keys = values_of("dashlink")
    secret_keys = secret_keys_of("dashlink")
    for section in SECTIONS:
        references = references_in(getattr(config, section.key), section.key)
        yield from missing_secrets(references, keys, secret_keys)
    references = references_in(maas_services, "maas_services")
    yield from missing_secrets(references, keys, secret_keys)


def _each(
    entries: Mapping[str, _SettingsT], declare: Callable[[str, _SettingsT], _DeclaredT]
) -> dict[str, _DeclaredT]:
    """Declare the resource of each entry, in the order of the names."""
    return {key: declare(key, settings) for key, settings in sorted(entries.items())}


def _eas_address(outputs: Mapping[str, Any], name: str, protocol: str) -> str:
    """Return the address of an EAS service; an error of it is reported without a traceback."""
    try:
        return eas_address(outputs, name, protocol)
    except ConfigError as error:
        raise pulumi.RunError(str(error)) from None


def _first(addresses: Sequence[str]) -> str:
    return addresses[0] if addresses else ""


def _secret(reference: Any) -> pulumi.Output[str]:
    """The secret that a reference names, or the output of a program, as a secret."""
    if isinstance(reference, SecretRef):
        return pulumi.Config("dashlink").require_secret(reference.config)
    return pulumi.Output.secret(reference)
