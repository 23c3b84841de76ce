"""Send every request of the preflight at once; the checks wait for the answers that they need."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Executor, Future
from dataclasses import dataclass

from dashlink.endpoint.catalog import resolve_endpoint
from dashlink.network.settings import NetworkSettings
from dashlink.preflight import lookups
from dashlink.preflight.cloud import CloudLookups
from dashlink.settings import StackSettings


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


@dataclass(frozen=True)
class Answers:
    """What the checks need of the cloud.

    Attributes:
        services: The endpoint service of each endpoint, by the endpoint's key.
        network: The existing network; None for a new VPC.
        gateway: The existing gateway; None for a new one.
        model_apis: Every API of the account; None where the stack has no Model API.
    """

    services: Mapping[str, Future[lookups.OfferedService | None]]
    network: NetworkAnswers | None
    gateway: Future[lookups.ExistingGateway | None] | None
    model_apis: Future[tuple[lookups.ExistingApi, ...]] | None


def request_answers(
    settings: StackSettings, cloud: CloudLookups, region: str, pool: Executor
) -> Answers:
    """Submit the requests that ``settings`` call for to ``pool``, without waiting for answers."""
    services = {}
    for key, endpoint in settings.endpoints.items():
        resolved = resolve_endpoint(endpoint, region)
        services[key] = pool.submit(
            cloud.endpoint_service,
            name=resolved.service_name,
            service_id=resolved.service_id,
            service_region=endpoint.service_region,
        )
    gateway = None
    if settings.gateway is not None and isinstance(settings.gateway.id, str):
        gateway = pool.submit(cloud.gateway, settings.gateway.id)
    return Answers(
        services=services,
        network=_network_answers(settings.network, cloud, pool),
        gateway=gateway,
        model_apis=pool.submit(cloud.model_apis) if settings.model_apis else None,
    )


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
