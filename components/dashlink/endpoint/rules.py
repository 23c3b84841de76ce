"""The rules between the keys of an endpoint, its profile, its network and its region. Pure: settings in, faults out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches

from dashlink.endpoint.catalog import PROFILES, SERVICES, Profile, is_mainland, profile_of
from dashlink.endpoint.settings import EndpointSettings, PrivateNameSettings
from dashlink.errors import Fault, shown

_FEWEST_ZONES = 2


def find_faults(
    settings: EndpointSettings, region: str, network_zones: Sequence[str] | None
) -> Iterator[Fault]:
    """Every fault of one endpoint; paths start inside it.

    Args:
        settings: The endpoint.
        region: Region of the stack.
        network_zones: Zones of the network; None where the network's own faults leave them unknown.
    """
    yield from _service_faults(settings, region)
    yield from _zone_faults(settings, network_zones)
    yield from _cross_region_faults(settings, region)
    profile = profile_of(settings, region)
    if profile is not None:
        name = settings.private_name or PrivateNameSettings(mode=profile.mode)
        yield from _name_faults(settings, name, profile, settings.service_region or region)


def _service_faults(settings: EndpointSettings, region: str) -> Iterator[Fault]:
    if settings.profile is not None and settings.profile not in PROFILES:
        known = ", ".join(sorted(PROFILES))
        yield Fault(
            "profile",
            "unknown profile",
            f"{likeliest(settings.profile, PROFILES)}Known: {known}.",
            settings.profile,
        )
        return
    if settings.service is None and settings.service_id is None:
        yield Fault(
            "service",
            "neither a service's name nor its id",
            "Write `service`, e.g. com.aliyuncs.dashscope, or `service_id`.",
        )
    elif settings.service is not None and settings.service_id is not None:
        yield Fault(
            "service_id",
            "beside the service's name",
            "Keep the name or the id.",
            settings.service_id,
        )
    elif (
        settings.service is not None
        and settings.service not in SERVICES
        and settings.profile is None
    ):
        advice = f"{likeliest(settings.service, SERVICES)}For another service write `profile: plain` beside it."
        yield Fault("service", "not a service that dashlink knows", advice, shown(settings.service))
    elif settings.service_id is not None and "*" in settings.service_id:
        yield Fault(
            "service_id",
            "the id is masked",
            "Copy the whole id from the PrivateLink console.",
            settings.service_id,
        )
    elif settings.service_id is not None and profile_of(settings, region) is None:
        yield Fault(
            "profile",
            f"an id alone does not tell in {region} what kind of service it is",
            f"Write one of {', '.join(sorted(PROFILES))}.",
        )


def _zone_faults(
    settings: EndpointSettings, network_zones: Sequence[str] | None
) -> Iterator[Fault]:
    if settings.zones is None:
        return
    if len(set(settings.zones)) < _FEWEST_ZONES:
        named = ", ".join(settings.zones) or "none"
        yield Fault(
            "zones",
            f"fewer than {_FEWEST_ZONES} zones",
            "Name two or more, or leave `zones` out for all.",
            named,
        )
    for zone in sorted({zone for zone in settings.zones if settings.zones.count(zone) > 1}):
        yield Fault("zones", "a zone is named twice", "Name each zone once.", zone)
    for zone in settings.zones:
        if network_zones is not None and zone not in network_zones:
            advice = f"Add it to `network.zones`, or use {', '.join(network_zones)}."
            yield Fault("zones", "the network has no vSwitch in this zone", advice, zone)


def _cross_region_faults(settings: EndpointSettings, region: str) -> Iterator[Fault]:
    other = settings.service_region
    if settings.cross_region_bandwidth_mbps is not None and other is None:
        yield Fault(
            "cross_region_bandwidth_mbps",
            "bandwidth between regions without a second region",
            "Add `service_region`, or remove it.",
            str(settings.cross_region_bandwidth_mbps),
        )
    if other is None:
        return
    if other == region:
        yield Fault(
            "service_region", "the VPC's own region", "Remove it: it is for another region.", other
        )
    elif region and is_mainland(other) != is_mainland(region):
        # Vendor guidance, second-hand (2026): cross-region endpoints stay on one side of the border.
        yield Fault(
            "service_region",
            f"across the border from {region}, where PrivateLink does not lead",
            "Join the two regions by CEN instead, and put the endpoint into a VPC of the service's region.",
            other,
        )


def _name_faults(
    settings: EndpointSettings, name: PrivateNameSettings, profile: Profile, service_region: str
) -> Iterator[Fault]:
    if name.mode == "none":
        yield from _no_name_faults(settings, name)
        return
    if name.domain is None and service_region not in profile.private_domains:
        known = ", ".join(
            f"{region}: {domain}" for region, domain in sorted(profile.private_domains.items())
        )
        yield Fault(
            "private_name.domain",
            f"no private domain is known for {service_region}",
            f"Write the one that the PrivateLink console shows, or `private_name: none`. Known: {known or 'none'}.",
        )
    if name.mode == "service":
        for key, value in (
            ("ttl_seconds", name.ttl_seconds),
            ("attach_to", name.attach_to or None),
        ):
            if value is not None:
                yield Fault(
                    f"private_name.{key}",
                    "in mode `service` the platform makes the name, in the endpoint's VPC alone",
                    "Remove it, or write mode `private-zone`.",
                )


def _no_name_faults(settings: EndpointSettings, name: PrivateNameSettings) -> Iterator[Fault]:
    for key, value in (
        ("domain", name.domain),
        ("ttl_seconds", name.ttl_seconds),
        ("attach_to", name.attach_to or None),
    ):
        if value is not None:
            yield Fault(
                f"private_name.{key}",
                "in mode `none` there is no private name",
                "Remove it, or write mode `private-zone`.",
            )
    if settings.scheme == "https":
        yield Fault(
            "scheme",
            "the endpoint's own domain has no certificate",
            "Remove it for http, or give the endpoint a private name.",
            "https",
        )


def likeliest(word: str, known: Iterable[str]) -> str:
    """`Did you mean …? ` where one of ``known`` is near ``word``, else nothing."""
    near = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"Did you mean {near[0]}? " if near else ""
