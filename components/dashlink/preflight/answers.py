"""Send every request of the preflight at once; the checks wait for the answers that they need."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import Executor, Future
from dataclasses import dataclass

from dashlink.endpoint.catalog import ResolvedEndpoint, resolve_endpoint
from dashlink.endpoint.settings import EndpointSettings
from dashlink.gateway.domain import zone_name
from dashlink.network.settings import NetworkSettings
from dashlink.preflight import lookups
from dashlink.preflight.cloud import CloudLookups
from dashlink.settings import StackSettings
from dashlink.types import VpcId


@dataclass(frozen=True)
class NetworkAnswers:
    """Answers on an existing network; ids that are unknown until the deployment have none.

    Attributes:
        vpc: The VPC.
        vpc_vswitches: All vSwitches of the VPC; None where the stack creates no vSwitch.
        vswitches: The vSwitches that the settings name, by zone.
        security_group: The security group; None where the settings name none.
    """

    vpc: Future[lookups.ExistingVpc | None]
    vpc_vswitches: Future[tuple[lookups.ExistingVSwitch, ...]] | None
    vswitches: Mapping[str, Future[lookups.ExistingVSwitch | None]]
    security_group: Future[lookups.ExistingSecurityGroup | None] | None


ZoneKey = tuple[str, str, str]
"""Path of a name in the settings, the name of its private zone, and a VPC that resolves it."""


@dataclass(frozen=True)
class Answers:
    """What the checks need of the cloud.

    Attributes:
        services: The endpoint service of each new endpoint, by the endpoint's key.
        adopted: The existing endpoints that the settings name, by the endpoint's key; none of ids
            that are unknown until the deployment.
        network: The existing network; None for a new VPC.
        gateway: The existing gateway; None for a new one.
        gateway_tags: Tags of every gateway; None for an existing gateway, or for no new domain.
        model_apis: Every API of the account; None where the stack has no Model API.
        zones: Private zones that existing VPCs have for names that the stack creates.
        endpoints: Endpoints of the existing VPC to the same service, by the endpoint's key.
        domains: Id of the account's domain by the name of a new one.
        consumers: Consumer of the account by the key of the stack's.
    """

    services: Mapping[str, Future[lookups.OfferedService | None]]
    adopted: Mapping[str, Future[lookups.AdoptedEndpoint | None]]
    network: NetworkAnswers | None
    gateway: Future[lookups.ExistingGateway | None] | None
    gateway_tags: Future[tuple[Mapping[str, str], ...]] | None
    model_apis: Future[tuple[lookups.ExistingApi, ...]] | None
    zones: Mapping[ZoneKey, Future[lookups.ExistingZone | None]]
    endpoints: Mapping[str, Future[tuple[lookups.ExistingEndpoint, ...]]]
    domains: Mapping[str, Future[str | None]]
    consumers: Mapping[str, Future[lookups.ExistingConsumer | None]]


def request_answers(
    settings: StackSettings, cloud: CloudLookups, region: str, pool: Executor
) -> Answers:
    """Submit the requests that ``settings`` call for to ``pool``, without waiting for answers."""
    services = {}
    adopted = {}
    for key, endpoint in settings.endpoints.items():
        resolved = resolve_endpoint(endpoint, region)
        if resolved.is_existing:
            if isinstance(endpoint.id, str):
                adopted[key] = pool.submit(cloud.endpoint, endpoint.id)
            continue
        services[key] = pool.submit(
            cloud.endpoint_service,
            name=resolved.service_name,
            service_id=resolved.service_id,
            service_region=endpoint.service_region,
        )
    gateway = None
    if settings.gateway is not None and isinstance(settings.gateway.id, str):
        gateway = pool.submit(cloud.gateway, settings.gateway.id)
    zones = {}
    for zone_key in _zone_keys(settings, region):
        zones[zone_key] = pool.submit(cloud.private_zone, zone_key[1], zone_key[2])
    domains = {}
    for name, domain in settings.domains.items():
        if domain.id is None:
            domains[name] = pool.submit(cloud.domain, name)
    consumers = {}
    for key, consumer in settings.consumers.items():
        consumers[key] = pool.submit(cloud.consumer, consumer.name or key)
    return Answers(
        services=services,
        adopted=adopted,
        network=_network_answers(settings.network, cloud, pool),
        gateway=gateway,
        gateway_tags=pool.submit(cloud.gateway_tags) if domains and gateway is None else None,
        model_apis=pool.submit(cloud.model_apis) if settings.model_apis or domains else None,
        zones=zones,
        endpoints=_endpoint_answers(settings, cloud, region, pool),
        domains=domains,
        consumers=consumers,
    )


def _zone_keys(settings: StackSettings, region: str) -> Iterator[ZoneKey]:
    """Yield every name that the stack creates a private zone for, with each existing VPC of it."""
    network = settings.network
    for key, endpoint in settings.endpoints.items():
        yield from _zone_keys_of_endpoint(f"endpoints.{key}", endpoint, settings, region)
    for name, domain in settings.domains.items():
        if domain.name_by == "private-zone":
            for vpc_id in (network.vpc_id, *domain.attach_to, *_connected_ids(network)):
                if isinstance(vpc_id, str):
                    yield f"domains.{name}.name_by", zone_name(name), vpc_id


def _zone_keys_of_endpoint(
    where: str, endpoint: EndpointSettings, settings: StackSettings, region: str
) -> Iterator[ZoneKey]:
    resolved = resolve_endpoint(endpoint, region)
    if resolved.mode == "private-zone" and resolved.private_domain is not None:
        for vpc_id in _vpc_ids(settings, resolved):
            yield f"{where}.private_name", resolved.private_domain, vpc_id
    if endpoint.workspace is not None:
        for attached in endpoint.workspace.attach_to:
            if isinstance(attached.vpc_id, str):
                yield f"{where}.workspace.attach_to", endpoint.workspace.host, attached.vpc_id


def _vpc_ids(settings: StackSettings, endpoint: ResolvedEndpoint) -> list[str]:
    """Return the known VPCs that resolve an endpoint's name: own, attached and connected ones."""
    network = settings.network
    vpc_ids = [network.vpc_id]
    for attached in endpoint.attach_to:
        vpc_ids.append(attached.vpc_id)
    vpc_ids += _connected_ids(network)
    return [vpc_id for vpc_id in vpc_ids if isinstance(vpc_id, str)]


def _connected_ids(network: NetworkSettings) -> list[VpcId | None]:
    """Return the connected VPCs in which private names are attached."""
    connected = network.connected_vpcs.values()
    return [one.vpc_id for one in connected if one.is_of_stack]


def _endpoint_answers(
    settings: StackSettings, cloud: CloudLookups, region: str, pool: Executor
) -> dict[str, Future[tuple[lookups.ExistingEndpoint, ...]]]:
    vpc_id = settings.network.vpc_id
    endpoints = {}
    for key, endpoint in settings.endpoints.items():
        resolved = resolve_endpoint(endpoint, region)
        if resolved.mode == "private-zone" and resolved.service_name and isinstance(vpc_id, str):
            endpoints[key] = pool.submit(cloud.endpoints, vpc_id, resolved.service_name)
    return endpoints


def _network_answers(
    network: NetworkSettings, cloud: CloudLookups, pool: Executor
) -> NetworkAnswers | None:
    if not isinstance(network.vpc_id, str):
        return None
    vswitches = {}
    for zone, vswitch_id in network.vswitch_ids.items():
        if isinstance(vswitch_id, str):
            vswitches[zone] = pool.submit(cloud.vswitch, vswitch_id)
    security_group = None
    if isinstance(network.security_group_id, str):
        security_group = pool.submit(cloud.security_group, network.security_group_id)
    return NetworkAnswers(
        vpc=pool.submit(cloud.vpc, network.vpc_id),
        vpc_vswitches=(pool.submit(cloud.vswitches, network.vpc_id) if network.vswitches else None),
        vswitches=vswitches,
        security_group=security_group,
    )
