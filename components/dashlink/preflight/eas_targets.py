"""Checks of AI services at an EAS service of the stack: does the AI gateway resolve its address?

The name of a dedicated gateway of EAS resolves in the VPCs that are linked to it and in their
peers; that of the shared gateway in every VPC of the region. The AI gateway may exist, in another
VPC than the stack's.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future
from typing import Any

from dashlink.eas.gateway_plan import is_gateway_id
from dashlink.eas.gateway_settings import EasGatewaySettings
from dashlink.eas.settings import EasServiceSettings
from dashlink.errors import Fault
from dashlink.preflight.answers import Answers
from dashlink.preflight.cloud import CloudLookups
from dashlink.preflight.eas import EasAnswers
from dashlink.preflight.eas_gateways import reached_vpcs
from dashlink.preflight.lookups import ExistingEasService
from dashlink.settings import StackSettings


def eas_target_warnings(
    settings: StackSettings, services: EasAnswers, answers: Answers, cloud: CloudLookups
) -> Iterator[Fault]:
    """Yield a warning for each AI service whose EAS gateway does not reach the AI gateway's VPC.

    Args:
        settings: Validated settings of the stack.
        services: Existing EAS services by their key.
        answers: The existing AI gateway, if there is one.
        cloud: Looks up the VPCs that are linked.
    """
    own = _vpc_of_gateway(settings, answers)
    if not (own is None or isinstance(own, str)):
        return  # the output of another resource
    for name, ai_service in sorted(settings.ai_services.items()):
        key = ai_service.eas_service
        if key is None or settings.eas_services[key].access != "vpc":
            continue
        vpc_ids = _reached(settings, key, services, cloud)
        if vpc_ids is not None and own not in vpc_ids:
            problem = (
                "the service is behind a dedicated gateway whose name does not resolve in the VPC "
                f"of the AI gateway, {own or 'a new one'}"
            )
            advice = "Link that VPC to it (`eas_gateways.<name>.links`), or write its peers."
            yield Fault(f"ai_services.{name}.eas_service", problem, advice, key)


def _vpc_of_gateway(settings: StackSettings, answers: Answers) -> Any:
    """Return the VPC of the AI gateway; None for a new one."""
    gateway = answers.gateway and answers.gateway.result()
    return gateway.vpc_id if gateway else settings.network.vpc_id


def _reached(
    settings: StackSettings, key: str, services: EasAnswers, cloud: CloudLookups
) -> frozenset[Any] | None:
    """Return the VPCs in which the service's address resolves; None for all, and if unknown."""
    service = settings.eas_services[key]
    gateway = _gateway_of(service, services.get(key))
    declared = settings.eas_gateways.get(gateway)
    if declared is not None and declared.id is None:
        return _linked(declared, settings.network.vpc_id)
    if declared is not None:
        gateway = str(declared.id)
    if not is_gateway_id(gateway):
        return None  # the shared one
    if service.region is not None:
        cloud = cloud.in_region(service.region)
    return reached_vpcs(cloud, gateway)


def _gateway_of(
    service: EasServiceSettings, answer: Future[ExistingEasService | None] | None
) -> str:
    """Return the gateway of a service, its id or its name in the settings; empty for none."""
    if service.deploy is not None:
        return service.deploy.gateway or ""
    found = answer and answer.result()
    return found.gateway_id if found else ""


def _linked(gateway: EasGatewaySettings, own: Any) -> frozenset[Any] | None:
    """Return the VPCs that a gateway of the stack is linked to, None for a new one among them."""
    vpc_ids: set[Any] = set()
    for link in gateway.links:
        if link.authoritative_dns:
            return None
        vpc_ids.add(link.vpc_id or own)
        vpc_ids.update(peer.vpc_id for peer in link.peers)
    return frozenset(vpc_ids)
