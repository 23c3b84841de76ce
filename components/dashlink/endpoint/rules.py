"""The rules of an endpoint: between its keys, its profile, its network and its region."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from dashlink.endpoint import catalog, existing, policy, workspace
from dashlink.endpoint.catalog import PROFILES, Profile, ResolvedEndpoint
from dashlink.endpoint.settings import EndpointSettings, PrivateNameSettings
from dashlink.errors import Fault, shown
from dashlink.network.catalog import MIN_ZONES, is_mainland
from dashlink.network.settings import IngressSettings
from dashlink.validation import most_similar

_MODEL_STUDIO = (catalog.DASHSCOPE, catalog.DASHSCOPE_FINANCE)


def find_faults(
    settings: EndpointSettings, region: str, network_zones: Sequence[str] | None
) -> Iterator[Fault]:
    """Find every fault of one endpoint; paths start inside it.

    Args:
        settings: The endpoint.
        region: Region of the stack.
        network_zones: Zones of the network; None where its own faults leave them unknown.
    """
    if settings.workspace is not None:
        yield from workspace.find_faults(settings, settings.workspace, region)
        return
    if settings.profile is not None and settings.profile not in PROFILES:
        advice = f"{_hint(settings.profile, PROFILES)}Known: {', '.join(sorted(PROFILES))}."
        yield Fault("profile", "unknown profile", advice, settings.profile)
    elif settings.id is None:
        yield from _service_faults(settings, region)
    if settings.id is None:
        yield from _zone_faults(settings.zones, network_zones)
    else:
        yield from existing.find_faults(settings, region)
    if settings.id is None or settings.service_region is not None:
        yield from _cross_region_faults(settings, region)
    if settings.policy is not None:
        yield from policy.find_faults(settings.policy)
    profile = catalog.profile_of(settings, region)
    if profile is not None:
        name = settings.private_name or PrivateNameSettings(mode=profile.mode)
        yield from _name_faults(settings, name, profile, settings.service_region or region)


def find_warnings(
    settings: EndpointSettings, region: str, vpc_id: object = None
) -> Iterator[Fault]:
    """Find every warning of one endpoint without faults; paths start inside it.

    Args:
        settings: The endpoint.
        region: Region of the stack.
        vpc_id: The VPC, where it is known.
    """
    if settings.workspace is not None:
        yield from workspace.find_warnings(settings.workspace, region, vpc_id)
    profile = catalog.profile_of(settings, region)
    if settings.policy is not None and profile in _MODEL_STUDIO:
        supported = " and ".join(policy.SERVICES_WITH_POLICIES)
        problem = (
            "Model Studio is not among the services that support an endpoint policy of one's own "
            f"(PrivateLink's documentation, 2025-12: only {supported})"
        )
        advice = "Try it before you rely on it: it may limit nothing."
        yield Fault("policy", problem, advice)


def find_shared_domains(
    endpoints: Mapping[str, ResolvedEndpoint | None],
) -> Iterator[tuple[str, Fault]]:
    """Find endpoints of one VPC with the same private domain.

    Yields:
        The name of the second endpoint, and its fault, whose path starts inside it.
    """
    owners: dict[str, str] = {}
    for name, endpoint in sorted(endpoints.items()):
        if endpoint is None or endpoint.private_domain is None:
            continue
        domain = endpoint.private_domain
        owner = owners.setdefault(domain, name)
        if owner != name:
            problem = f"the endpoint {owner} already has this private domain"
            advice = "Write `private_name: none` or another domain for one of the two."
            yield name, Fault("private_name", problem, advice, domain)


def find_closed_ports(
    endpoints: Mapping[str, ResolvedEndpoint | None], ingress: IngressSettings
) -> Iterator[Fault]:
    """Find endpoints that clients dial on a port that the security group does not open."""
    closed = []
    for name, endpoint in sorted(endpoints.items()):
        if endpoint is None or endpoint.is_existing:
            continue  # unknown, or behind a security group of its own
        if endpoint.port not in ingress.ports:
            closed.append(f"endpoints.{name}")
    if closed:
        problem = f"closes TCP 80, on which clients dial {', '.join(closed)} by http"
        advice = "Remove it, or give the endpoint a private name with https."
        yield Fault("network.ingress.https_only", problem, advice, "true")


def _service_faults(settings: EndpointSettings, region: str) -> Iterator[Fault]:
    service = settings.service
    service_id = settings.service_id
    if service is None and service_id is None:
        advice = (
            "Write `service`, e.g. com.aliyuncs.dashscope, or `service_id`; or `id` for an "
            "existing endpoint."
        )
        yield Fault("service", "neither the name nor the id of a service", advice)
    elif service is not None and service_id is not None:
        yield Fault("service_id", "used with `service`", "Remove one of the two.", service_id)
    elif service is not None:
        if service not in catalog.SERVICES and settings.profile is None:
            advice = f"{_hint(service, catalog.SERVICES)}For another service add `profile: plain`."
            yield Fault("service", "unknown service", advice, shown(service))
    elif service_id is not None and "*" in service_id:
        advice = "Copy the whole id from the PrivateLink console."
        yield Fault("service_id", "the id is masked", advice, service_id)
    elif catalog.profile_of(settings, region) is None:
        problem = f"the id alone does not imply the kind of service in {region}"
        yield Fault("profile", problem, f"Write one of {', '.join(sorted(PROFILES))}.")


def _zone_faults(
    zones: Sequence[str] | None, network_zones: Sequence[str] | None
) -> Iterator[Fault]:
    if zones is None:
        return
    if len(set(zones)) < MIN_ZONES:
        advice = "List two or more, or remove `zones` for all."
        yield Fault("zones", f"fewer than {MIN_ZONES} zones", advice, ", ".join(zones) or "none")
    for zone in sorted(set(zones)):
        if zones.count(zone) > 1:
            yield Fault("zones", "a zone is listed twice", "List each zone once.", zone)
    if network_zones is None:
        return
    for zone in zones:
        if zone not in network_zones:
            advice = f"Add it to `network.zones`, or use {', '.join(network_zones)}."
            yield Fault("zones", "the network has no vSwitch in this zone", advice, zone)


def _cross_region_faults(settings: EndpointSettings, region: str) -> Iterator[Fault]:
    other = settings.service_region
    bandwidth = settings.cross_region_bandwidth_mbps
    if other is None:
        if bandwidth is not None:
            problem = "bandwidth between regions without a second region"
            advice = "Add `service_region`, or remove it."
            yield Fault("cross_region_bandwidth_mbps", problem, advice, str(bandwidth))
    elif other == region:
        advice = "Remove it: it is for another region."
        yield Fault("service_region", "the region of the VPC itself", advice, other)
    elif region and is_mainland(other) != is_mainland(region):
        # Vendor guidance, second-hand (2026): cross-region endpoints do not cross the border.
        problem = f"across the border from {region}, which PrivateLink does not cross"
        advice = (
            "Connect the two regions by CEN instead, and create the endpoint in a VPC of the "
            "service's region."
        )
        yield Fault("service_region", problem, advice, other)


def _name_faults(
    settings: EndpointSettings, name: PrivateNameSettings, profile: Profile, service_region: str
) -> Iterator[Fault]:
    if name.mode == "none":
        yield from _no_name_faults(settings, name)
        return
    if name.domain is None and service_region not in profile.private_domains:
        domains = sorted(profile.private_domains.items())
        known = ", ".join(f"{region}: {domain}" for region, domain in domains)
        yield Fault(
            "private_name.domain",
            f"no private domain is known for {service_region}",
            "Write the domain that the PrivateLink console shows, or `private_name: none`. "
            f"Known: {known or 'none'}.",
        )
    if name.mode == "service":
        problem = "mode `service`: the platform creates the name, in the VPC of the endpoint only"
        yield from _unused_key_faults(name, ("ttl_seconds", "attach_to"), problem)


def _no_name_faults(settings: EndpointSettings, name: PrivateNameSettings) -> Iterator[Fault]:
    problem = "mode `none`: there is no private name"
    yield from _unused_key_faults(name, ("domain", "ttl_seconds", "attach_to"), problem)
    if settings.scheme == "https":
        advice = "Remove it for http, or use a private name."
        yield Fault("scheme", "the endpoint's own domain has no certificate", advice, "https")


def _unused_key_faults(
    name: PrivateNameSettings, keys: Iterable[str], problem: str
) -> Iterator[Fault]:
    for key in keys:
        if getattr(name, key):
            yield Fault(f"private_name.{key}", problem, "Remove it, or write mode `private-zone`.")


def _hint(name: str, known: Iterable[str]) -> str:
    similar = most_similar(name, known)
    return f"Did you mean {similar}? " if similar is not None else ""
