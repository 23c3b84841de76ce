"""Checks of endpoints: whether the cloud offers the service to the account, and in which zones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dashlink.endpoint.catalog import DASHSCOPE, WORKSPACE_REGIONS, profile_of
from dashlink.endpoint.settings import EndpointSettings
from dashlink.errors import Fault
from dashlink.naming import has_tags_of
from dashlink.network.catalog import MIN_ZONES
from dashlink.preflight.answers import Answers
from dashlink.preflight.cloud import CloudLookups
from dashlink.preflight.lookups import OfferedService
from dashlink.settings import StackSettings

_ANOTHER_REGION = "Choose a region that offers it, or reach it from here with `service_region`"
_GUIDE = "docs/model-studio.md"


def endpoints_without_service(
    settings: StackSettings, answers: Answers, cloud: CloudLookups, owner: str
) -> dict[str, str]:
    """Return the id of each endpoint that the stack has to a service that is not offered any more.

    Such an endpoint stays: Alibaba Cloud's documents say so of Model Studio (2026).

    Args:
        settings: Validated settings of the stack.
        answers: The services of the endpoints.
        cloud: Is asked only about services that are not offered.
        owner: `<project>-<stack>`, by which the stack's own endpoints are recognized.
    """
    own = {}
    for key, endpoint in settings.endpoints.items():
        if key not in answers.services:
            continue  # an existing endpoint
        if not owner or answers.services[key].result() is not None:
            continue
        for existing in cloud.endpoints(None, endpoint.service):
            is_of_service = endpoint.service_id in (None, existing.service_id)
            if is_of_service and has_tags_of(owner, existing.tags):
                own[key] = existing.endpoint_id
    return own


def endpoint_faults(
    settings: StackSettings, answers: Answers, region: str, own: Mapping[str, str]
) -> Iterator[Fault]:
    """Yield the faults of every new endpoint.

    Args:
        settings: Validated settings of the stack.
        answers: The services of the endpoints.
        region: Region of the stack.
        own: Endpoints that the stack has, of `endpoints_without_service`.
    """
    for key, endpoint in settings.endpoints.items():
        if key not in answers.services:
            continue  # an existing endpoint
        service = answers.services[key].result()
        if service is None:
            if key not in own:
                yield _not_offered(f"endpoints.{key}", endpoint, region)
            continue
        where = f"endpoints.{key}.zones" if endpoint.zones else "network.zones"
        for zone in endpoint.zones or settings.network.zones:
            if zone not in service.zones:
                yield _zone_not_offered(where, zone, service)


def endpoint_warnings(
    settings: StackSettings, region: str, own: Mapping[str, str]
) -> Iterator[Fault]:
    """Yield a warning for each endpoint of the stack whose service is not offered any more."""
    for key, endpoint_id in own.items():
        endpoint = settings.endpoints[key]
        problem = (
            f"not offered any more in {endpoint.service_region or region}; the stack's "
            f"endpoint {endpoint_id} stays"
        )
        advice = "Do not delete or replace it: the cloud may refuse another."
        value = endpoint.service or endpoint.service_id
        yield Fault(f"endpoints.{key}", problem, advice, value)


def _not_offered(where: str, endpoint: EndpointSettings, region: str) -> Fault:
    service_region = endpoint.service_region or region
    problem = f"not offered to this account in {service_region}"
    if endpoint.service_id is None:
        advice = f"{_ANOTHER_REGION}."
        if profile_of(endpoint, region) is DASHSCOPE:
            advice = f"{_model_studio_advice(service_region)}. {_ANOTHER_REGION}."
        return Fault(f"{where}.service", problem, advice, endpoint.service)
    advice = (
        "Check the id in the PrivateLink console. A finance or partner service is visible only to "
        "accounts on its allow-list: ask the service's owner (for Model Studio, Alibaba Cloud "
        "support) to add yours."
    )
    return Fault(f"{where}.service_id", problem, advice, endpoint.service_id)


def _model_studio_advice(region: str) -> str:
    """Return the two ways to Model Studio without a new endpoint, with the lines to write."""
    place = "here" if region in WORKSPACE_REGIONS else f"in {' or '.join(WORKSPACE_REGIONS)}"
    return (
        "Use Model Studio without a new endpoint. Either by a private connection of a workspace, "
        f"which its console creates {place}: write `workspace: {{workspace_id: ws-…, host: …}}` "
        "with the private host that the console shows. Or by an endpoint that the VPC has: write "
        "`id: ep-…` and `private_name: service`. Both in place of `service` "
        f"({_GUIDE})"
    )


def _zone_not_offered(where: str, zone: str, service: OfferedService) -> Fault:
    advice = f"It is offered in {', '.join(service.zones) or 'no zone'}."
    if len(service.zones) >= MIN_ZONES:
        advice += " Use two or more of these, or name them in the endpoint's own `zones`."
    name = service.service_name or service.service_id
    return Fault(where, f"{name} is not offered in this zone", advice, zone)
