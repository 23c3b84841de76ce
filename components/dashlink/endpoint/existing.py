"""The rules of an existing endpoint, which the stack uses as it is.

It was created in the console, by Terraform or by another stack.
"""

from __future__ import annotations

from collections.abc import Iterator

from dashlink.endpoint.catalog import profile_of
from dashlink.endpoint.settings import EndpointSettings
from dashlink.errors import Fault, shown
from dashlink.types import zone_in_region

_OF_A_NEW_ENDPOINT = (
    "service",
    "service_id",
    "cross_region_bandwidth_mbps",
    "policy",
    "deletion_protection",
    "name",
    "description",
    "resource_group_id",
    "tags",
)
"""Keys that only the creation or a change of an endpoint can use."""


def find_faults(settings: EndpointSettings, region: str) -> Iterator[Fault]:
    """Find the faults of an endpoint with an `id`, except those of its private name.

    Args:
        settings: The endpoint.
        region: Region of the stack, and of the endpoint.
    """
    for key in _OF_A_NEW_ENDPOINT:
        value = getattr(settings, key)
        if value:
            problem = "used with `id`, and an existing endpoint is never changed"
            text = shown(value) if isinstance(value, str | int) else None
            yield Fault(key, problem, "Remove it, or remove `id` for a new endpoint.", text)
    yield from _zone_faults(settings, region)
    profile = profile_of(settings, region)
    if settings.private_name is None and profile is not None and profile.private_domains:
        problem = "missing: no API shows whether the console's switch (custom service domain) is on"
        advice = (
            "Write `service` if the switch is on, or if you have created the name; `private-zone` "
            "to create the name in a private zone; `none` for http on the endpoint's own domain."
        )
        yield Fault("private_name", problem, advice)


def _zone_faults(settings: EndpointSettings, region: str) -> Iterator[Fault]:
    zones = settings.zones
    if zones is None:
        return
    if not zones:
        advice = "List the zones of the endpoint, or remove `zones` for those of the network."
        yield Fault("zones", "no zone in it", advice)
    for zone in sorted(set(zones)):
        if zones.count(zone) > 1:
            yield Fault("zones", "a zone is listed twice", "List each zone once.", zone)
        if not zone_in_region(zone, region):
            advice = f"List the endpoint's zones in {region}."
            yield Fault("zones", f"not a zone of {region}", advice, zone)
