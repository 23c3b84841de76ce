"""Checks of endpoints: whether the cloud offers the service to the account, and in which zones."""

from __future__ import annotations

from collections.abc import Iterator

from dashlink.endpoint.settings import EndpointSettings
from dashlink.errors import Fault
from dashlink.network.catalog import MIN_ZONES
from dashlink.preflight.answers import Answers
from dashlink.preflight.lookups import OfferedService
from dashlink.settings import StackSettings


def endpoint_faults(settings: StackSettings, answers: Answers, region: str) -> Iterator[Fault]:
    """Yield the faults of every endpoint."""
    for key, endpoint in settings.endpoints.items():
        service = answers.services[key].result()
        if service is None:
            yield _not_offered(f"endpoints.{key}", endpoint, region)
            continue
        where = f"endpoints.{key}.zones" if endpoint.zones else "network.zones"
        for zone in endpoint.zones or settings.network.zones:
            if zone not in service.zones:
                yield _zone_not_offered(where, zone, service)


def _not_offered(where: str, endpoint: EndpointSettings, region: str) -> Fault:
    problem = f"not offered to this account in {endpoint.service_region or region}"
    if endpoint.service_id is None:
        advice = "Choose a region that offers it, or reach it from here with `service_region`."
        return Fault(f"{where}.service", problem, advice, endpoint.service)
    advice = (
        "Check the id in the PrivateLink console. A finance or partner service is visible only to "
        "accounts on its allow-list: ask the service's owner (for Model Studio, Alibaba Cloud "
        "support) to add yours."
    )
    return Fault(f"{where}.service_id", problem, advice, endpoint.service_id)


def _zone_not_offered(where: str, zone: str, service: OfferedService) -> Fault:
    advice = f"It is offered in {', '.join(service.zones) or 'no zone'}."
    if len(service.zones) >= MIN_ZONES:
        advice += " Use two or more of these, or name them in the endpoint's own `zones`."
    name = service.service_name or service.service_id
    return Fault(where, f"{name} is not offered in this zone", advice, zone)
