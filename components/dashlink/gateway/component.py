r"""`AiGateway` and `ModelGateway`: the gateway itself, and everything that a stack says of it.

    AiGateway      alicloud Gateway (or an existing one) -> GatewayAddresses (ends when it runs)
    ModelGateway   AiGateway -> AiService per service -> ModelApi per API -> ConsumerAuthorization per consumer and API
                             \-> Domain per domain -> PrivateZone, record, attachment

An AI service that stands for an endpoint of the stack takes its address from that endpoint's outputs, so it is made
only when the endpoint is connected.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
from pulumi_alicloud import apig, pvtz

from dashlink.component import TaggedComponent
from dashlink.gateway.catalog import doubts, spelled
from dashlink.gateway.config import GatewayConfig
from dashlink.gateway.outputs import model_api_outputs, notes_of
from dashlink.gateway.settings import (
    AiServiceSettings,
    ConsumerSettings,
    DomainSettings,
    GatewaySettings,
    ModelApiSettings,
)
from dashlink.gateway.translate import (
    api_properties,
    cache_properties,
    service_properties,
    words_used,
)
from dashlink.naming import physical_name
from dashlink.resources.gateway import (
    AiService,
    Consumer,
    ConsumerAuthorization,
    Domain,
    GatewayAddresses,
    ModelApi,
)
from dashlink.resources.provider import provider_for
from dashlink.types import SecretRef

_ZONES = 2
_LONGEST_NAME = 64


@dataclass(frozen=True, kw_only=True)
class AiGatewayArgs:
    """What an `AiGateway` is made from.

    Attributes:
        settings: The gateway as it is written; with an id nothing is made.
        region: Region of the VPC; the provider in force must be of the same region.
        vpc_id: VPC of the gateway.
        vswitch_ids: vSwitch by zone; the gateway takes the first two, or those that the settings name.
        tags: Tags below those of the settings.
        resource_group_id: Resource group, unless the settings name one.
    """

    settings: GatewaySettings
    region: str
    vpc_id: pulumi.Input[str]
    vswitch_ids: Mapping[str, pulumi.Input[str]]
    tags: Mapping[str, str] = field(default_factory=dict)
    resource_group_id: str | None = None


class AiGateway(TaggedComponent):
    """An AI gateway, made or existing, that runs.

    Attributes:
        gateway_id: Its id (``gw-…``), known when it runs.
        environment_id: Environment that Model APIs are deployed to (``env-…``).
        intranet_addresses: Names of its load balancers within the VPC.
        internet_addresses: Names of its load balancers on the internet; empty for a private one.
        vpc_id: Its VPC.
    """

    gateway_id: pulumi.Output[str]
    environment_id: pulumi.Output[str]
    intranet_addresses: pulumi.Output[list[str]]
    internet_addresses: pulumi.Output[list[str]]
    vpc_id: pulumi.Output[str]

    def __init__(
        self, name: str, args: AiGatewayArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(
            "dashlink:gateway:AiGateway", name, opts, settings=args.settings, defaults=args
        )
        self._args = args
        settings = args.settings
        self.addresses = GatewayAddresses(
            f"{name}-addresses",
            gateway_id=settings.id if settings.id is not None else self._make().id,
            environment_id=settings.environment_id,
            timeout_seconds=settings.ready_timeout_seconds,
            opts=pulumi.ResourceOptions(
                parent=self, provider=provider_for(self, name, args.region)
            ),
        )
        self.gateway_id = self.addresses.gateway_id
        self.environment_id = self.addresses.default_environment_id
        self.intranet_addresses = self.addresses.intranet_addresses
        self.internet_addresses = self.addresses.internet_addresses
        self.vpc_id = self.addresses.vpc_id
        self.register_outputs(
            {"gateway_id": self.gateway_id, "environment_id": self.environment_id}
        )

    def _make(self) -> apig.Gateway:
        settings = self._args.settings
        zones = settings.zones or tuple(self._args.vswitch_ids)[:_ZONES]
        return apig.Gateway(
            f"{self._name}-gateway",
            gateway_name=settings.name or self._physical_name(limit=_LONGEST_NAME),
            gateway_type="AI",
            payment_type="PayAsYouGo",
            spec=settings.spec,
            vpc=apig.GatewayVpcArgs(vpc_id=self._args.vpc_id),
            zone_config=apig.GatewayZoneConfigArgs(select_option="Manual"),
            zones=[
                apig.GatewayZoneArgs(zone_id=zone, vswitch_id=self._args.vswitch_ids[zone])
                for zone in sorted(zones)
            ],
            network_access_config=apig.GatewayNetworkAccessConfigArgs(
                type="InternetAndIntranet" if settings.internet else "Intranet"
            ),
            log_config=apig.GatewayLogConfigArgs(
                sls=apig.GatewayLogConfigSlsArgs(enable=settings.access_log)
            ),
            resource_group_id=self._resource_group_id,
            tags=self._tags,
            # The alicloud gateway sends neither after its birth (v1.285.0), though it shows an update.
            opts=pulumi.ResourceOptions(
                parent=self,
                protect=settings.deletion_protection or None,
                replace_on_changes=["networkAccessConfig", "logConfig"],
            ),
        )


@dataclass(frozen=True, kw_only=True)
class ModelGatewayArgs:
    """What a `ModelGateway` is made from.

    Attributes:
        part: Everything that the settings say of the gateway.
        region: Region of the VPC; the provider in force must be of the same region.
        vpc_id: VPC of the gateway and of its private names.
        vswitch_ids: vSwitch by zone.
        endpoints: By name, the outputs of the endpoints that services may stand for (`PrivateEndpoint.outputs`).
        tags: Tags of everything that can carry them.
        resource_group_id: Resource group of what is made.
    """

    part: GatewayConfig
    region: str
    vpc_id: pulumi.Input[str]
    vswitch_ids: Mapping[str, pulumi.Input[str]]
    endpoints: Mapping[str, pulumi.Output[dict[str, Any]]] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    resource_group_id: str | None = None


@dataclass(frozen=True)
class _Unmarked:
    tags: Mapping[str, str] = field(default_factory=dict)
    resource_group_id: str | None = None


class ModelGateway(TaggedComponent):
    """An AI gateway with its AI services, domains, consumers and Model APIs.

    Attributes:
        gateway: The gateway.
        services: AI services by their name in the settings.
        domains: Id of each domain, by name.
        consumers: Consumers by their name in the settings.
        apis: Model APIs by their name in the settings.
        outputs: What `up` promises of the gateway: the shape of `dashlink.clients.outputs.GatewayOutputs`.
        api_outputs: By API, the shape of `dashlink.clients.outputs.ModelApiOutputs`.
        notes: What a person should be told once.
    """

    gateway: AiGateway
    services: Mapping[str, AiService]
    domains: Mapping[str, pulumi.Input[str]]
    consumers: Mapping[str, Consumer]
    apis: Mapping[str, ModelApi]
    outputs: pulumi.Output[dict[str, Any]]
    api_outputs: Mapping[str, pulumi.Output[dict[str, Any]]]
    notes: tuple[str, ...]

    def __init__(
        self, name: str, args: ModelGatewayArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(
            "dashlink:gateway:ModelGateway", name, opts, settings=_Unmarked(), defaults=args
        )
        self._args = args
        self._part = args.part
        settings = args.part.gateway or GatewaySettings()
        self._words = settings.spellings
        provider = provider_for(self, name, args.region)
        own = pulumi.ResourceOptions(parent=self, providers=[provider])
        self._own = pulumi.ResourceOptions(parent=self, provider=provider)
        gateway_args = AiGatewayArgs(
            settings=settings,
            region=args.region,
            vpc_id=args.vpc_id,
            vswitch_ids=args.vswitch_ids,
            tags=self._tags,
            resource_group_id=self._resource_group_id,
        )
        self.gateway = AiGateway(f"{name}-ai", gateway_args, own)
        parts = args.part
        self.services = {
            key: self._service(key, value) for key, value in sorted(parts.ai_services.items())
        }
        self.domains = {
            key: self._domain(key, value) for key, value in sorted(parts.domains.items())
        }
        self.consumers = {
            key: self._consumer(key, value) for key, value in sorted(parts.consumers.items())
        }
        self.apis = {key: self._api(key, value) for key, value in sorted(parts.model_apis.items())}
        self._promise()

    def _service(self, key: str, settings: AiServiceSettings) -> AiService:
        endpoint = (
            self._args.endpoints[settings.endpoint] if settings.endpoint is not None else None
        )
        address: Any = (
            settings.base_url
            if endpoint is None
            else endpoint.apply(lambda told: told["base_urls"]["openai"])
        )
        bedrock, vertex = settings.bedrock, settings.vertex
        return AiService(
            f"{self._name}-service-{key}",
            self._own,
            gateway_id=self.gateway.gateway_id,
            name=self._limited_name(key),
            resource_group_id=self._resource_group_id,
            address=address,
            api_keys=[_secret(reference) for reference in settings.api_keys],
            bedrock=bedrock
            and {
                "region": bedrock.region,
                "access_key": _secret(bedrock.access_key),
                "secret_key": _secret(bedrock.secret_key),
            },
            vertex=vertex
            and {
                "project_id": vertex.project_id,
                "region": vertex.region,
                "auth_key": _secret(vertex.auth_key),
                "auth_service": vertex.auth_service,
            },
            **service_properties(settings, self._words),
        )

    def _domain(self, name: str, settings: DomainSettings) -> pulumi.Input[str]:
        """The domain's id, with the private name that leads to the gateway."""
        key = name.replace("*", "_any")  # no name has an underscore
        if settings.id is not None:
            domain_id: pulumi.Input[str] = settings.id
        else:
            domain_id = Domain(
                f"{self._name}-domain-{key}",
                self._own,
                name=name,
                protocol=settings.scheme.upper(),
                certificate_id=settings.certificate_id,
                force_https=settings.force_https,
                tls_min=settings.tls_min,
                resource_group_id=self._resource_group_id,
            ).id
        if settings.name_by == "private-zone":
            self._name_domain(f"{self._name}-domain-{key}", name, settings)
        return domain_id

    def _name_domain(self, logical: str, name: str, settings: DomainSettings) -> None:
        zone = pvtz.Zone(
            f"{logical}-zone",
            zone_name=name.removeprefix("*."),
            remark=f"dashlink: leads to the AI gateway {self._name}",
            resource_group_id=self._resource_group_id,
            tags=self._tags,
            opts=self._alone,
        )
        pvtz.ZoneRecord(
            f"{logical}-record",
            zone_id=zone.id,
            rr="*" if name.startswith("*.") else "@",
            type="CNAME",
            value=self.gateway.intranet_addresses.apply(
                lambda addresses: addresses[0] if addresses else ""
            ),
            ttl=settings.ttl_seconds,
            opts=self._child,
        )
        vpcs: Sequence[pulumi.Input[str]] = (self._args.vpc_id, *settings.attach_to)
        pvtz.ZoneAttachment(
            f"{logical}-attachment",
            zone_id=zone.id,
            vpcs=[
                pvtz.ZoneAttachmentVpcArgs(vpc_id=vpc_id, region_id=self._args.region)
                for vpc_id in vpcs
            ],
            opts=self._child,
        )

    def _consumer(self, key: str, settings: ConsumerSettings) -> Consumer:
        jwt = settings.jwt
        return Consumer(
            f"{self._name}-consumer-{key}",
            self._own,
            name=settings.name or key,
            description=settings.description or self._mark(),
            enabled=settings.enabled,
            api_keys=[_secret(reference) for reference in settings.api_keys],
            api_key_headers=list(settings.api_key_headers),
            api_key_query=settings.api_key_query,
            key_pairs=[
                {"access_key": pair.access_key, "secret_key": _secret(pair.secret_key)}
                for pair in settings.ak_sk
            ],
            jwt=jwt
            and {
                "jwks": _secret(jwt.jwks),
                "header": jwt.header,
                "prefix": jwt.prefix,
                "claim": jwt.claim,
                "value": jwt.value or settings.name or key,
            },
        )

    def _api(self, key: str, settings: ModelApiSettings) -> ModelApi:
        service_ids = {name: service.id for name, service in self.services.items()}
        ids = [self.domains[domain] for domain in dict.fromkeys(settings.domains)]
        properties = api_properties(settings, service_ids, self._words)
        group = properties.pop("resource_group_id") or self._resource_group_id
        api = ModelApi(
            f"{self._name}-api-{key}",
            self._own,
            name=settings.name or key,
            gateway_id=self.gateway.gateway_id,
            environment_id=self.gateway.environment_id,
            domain_ids=pulumi.Output.all(*ids).apply(sorted),
            description=settings.description or self._mark(),
            resource_group_id=group,
            cache=self._cache(settings, service_ids),
            **properties,
        )
        for consumer in settings.consumers:
            ConsumerAuthorization(
                f"{self._name}-api-{key}-for-{consumer}",
                self._own,
                consumer_id=self.consumers[consumer].id,
                model_api_id=api.id,
                environment_id=self.gateway.environment_id,
                resource_type=spelled("authorization.model-api", self._words),
            )
        return api

    def _cache(
        self, settings: ModelApiSettings, service_ids: Mapping[str, Any]
    ) -> dict[str, Any] | None:
        cache = settings.cache
        if cache is None:
            return None
        password = cache.redis.password if cache.redis is not None else None
        return {
            **cache_properties(cache, service_ids, self._words),
            "redis_password": password and _secret(password),
            "vector_key": cache.vector_key and _secret(cache.vector_key),
        }

    def _limited_name(self, key: str) -> str:
        return physical_name(pulumi.get_project(), pulumi.get_stack(), key, limit=_LONGEST_NAME)

    def _mark(self) -> str:
        """By this description dashlink knows what it has made."""
        return f"dashlink: {physical_name(pulumi.get_project(), pulumi.get_stack())}"

    def _promise(self) -> None:
        self.outputs = pulumi.Output.all(
            gateway_id=self.gateway.gateway_id,
            environment_id=self.gateway.environment_id,
            addresses=self.gateway.intranet_addresses,
            internet_addresses=self.gateway.internet_addresses,
        ).apply(dict)
        self.api_outputs = {
            key: api.id.apply(
                lambda api_id, key=key: model_api_outputs(  # type: ignore[misc]  # the key of this turn
                    api_id,
                    key,
                    self._part,
                    doubts(words_used(self._part.model_apis[key]), self._words),
                )
            )
            for key, api in self.apis.items()
        }
        self.notes = notes_of(self._part)
        self.register_outputs({"gateway": self.outputs, "model_apis": dict(self.api_outputs)})


def _secret(reference: Any) -> pulumi.Output[str]:
    """A secret by its reference in the stack's configuration, or an output that a program handed over."""
    if isinstance(reference, SecretRef):
        return pulumi.Config("dashlink").require_secret(reference.config)
    return pulumi.Output.secret(reference)
