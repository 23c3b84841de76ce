"""Checks of existing endpoints: whether they are what the settings state, and connected."""

from __future__ import annotations

from collections.abc import Iterator

from dashlink.endpoint.catalog import DASHSCOPE, DASHSCOPE_FINANCE, SERVICES, Profile, profile_of
from dashlink.endpoint.settings import EndpointSettings
from dashlink.errors import Fault
from dashlink.preflight.answers import Answers
from dashlink.preflight.lookups import AdoptedEndpoint
from dashlink.settings import StackSettings

_CONNECTED = ("Connected", "Connecting")


def adopted_faults(settings: StackSettings, answers: Answers, region: str) -> Iterator[Fault]:
    """Yield the faults of every existing endpoint.

    Args:
        settings: Validated settings of the stack.
        answers: The existing endpoints.
        region: Region of the stack.
    """
    for key, answer in answers.adopted.items():
        where = f"endpoints.{key}"
        endpoint = settings.endpoints[key]
        found = answer.result()
        if found is None:
            advice = f"Copy it from the PrivateLink console, of an endpoint in {region}."
            problem = f"there is no such endpoint in {region}"
            yield Fault(f"{where}.id", problem, advice, str(endpoint.id))
            continue
        vpc_id = settings.network.vpc_id
        if isinstance(vpc_id, str) and vpc_id != found.vpc_id:
            problem = f"not in the stack's VPC, but in {found.vpc_id}"
            advice = f"Use an endpoint of {vpc_id}, or write `network: {{vpc_id: {found.vpc_id}}}`."
            yield Fault(f"{where}.id", problem, advice, found.endpoint_id)
        yield from _service_faults(where, endpoint, found, region)
        for zone in endpoint.zones or settings.network.zones:
            if zone not in found.zones:
                yield _zone_fault(f"{where}.zones", zone, found)


def adopted_warnings(settings: StackSettings, answers: Answers) -> Iterator[Fault]:
    """Yield warnings for existing endpoints that are not connected, or perhaps in another VPC."""
    for key, answer in answers.adopted.items():
        found = answer.result()
        if found is None:
            continue
        if found.connection_status not in _CONNECTED:
            problem = f"its connection is {found.connection_status}; `up` waits for it"
            advice = f"Ask the owner of {_service_of(found)} to accept the endpoint."
            yield Fault(f"endpoints.{key}.id", problem, advice, found.endpoint_id)
        if settings.network.vpc_id is None:
            problem = f"in {found.vpc_id}, and the stack creates its own VPC"
            advice = (
                f"Write `network: {{vpc_id: {found.vpc_id}}}` unless that VPC is the stack's own: "
                "clients of another VPC do not reach the endpoint."
            )
            yield Fault(f"endpoints.{key}.id", problem, advice, found.endpoint_id)


def _service_faults(
    where: str, endpoint: EndpointSettings, found: AdoptedEndpoint, region: str
) -> Iterator[Fault]:
    """Compare profile and region of the settings with the service of the endpoint."""
    expected = profile_of(endpoint, region)
    if not _fits(expected, found):
        actual = SERVICES.get(found.service_name)
        advice = "Write `profile: plain`, with `base_paths`, or use another endpoint."
        if actual is not None:
            advice = f"Write `profile: {actual.name}`."
        name = expected.name if expected is not None else "none"
        problem = f"its service is {_service_of(found)}, which is not of the profile {name}"
        yield Fault(f"{where}.id", problem, advice, found.endpoint_id)
    service_region = endpoint.service_region or region
    if found.service_region != service_region:
        problem = f"its service is in {found.service_region}, not in {service_region}"
        advice = f"Write `service_region: {found.service_region}`."
        if found.service_region == region:
            advice = "Remove `service_region`."
        yield Fault(f"{where}.service_region", problem, advice, found.endpoint_id)


def _fits(profile: Profile | None, found: AdoptedEndpoint) -> bool:
    """Return whether an endpoint's service can be of a profile, as far as its name shows it."""
    if profile is DASHSCOPE:
        return SERVICES.get(found.service_name) is DASHSCOPE
    if profile is DASHSCOPE_FINANCE:
        return SERVICES.get(found.service_name) is None
    return True


def _service_of(found: AdoptedEndpoint) -> str:
    return found.service_name or found.service_id


def _zone_fault(where: str, zone: str, found: AdoptedEndpoint) -> Fault:
    advice = "Add zones to the endpoint in the PrivateLink console."
    if found.zones:
        zones = ", ".join(found.zones)
        advice = f"Write `zones: [{zones}]`, or add the zone in the PrivateLink console."
    return Fault(where, f"{found.endpoint_id} is not in this zone", advice, zone)
