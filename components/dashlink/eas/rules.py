"""Rules of model services: what is refused, in files and programs alike, and what is a warning."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from dashlink.eas import deployment_rules
from dashlink.eas.catalog import NAME_PATTERN, SHARED_GATEWAY_ADVICE
from dashlink.eas.plan import is_far
from dashlink.eas.settings import EasServiceSettings
from dashlink.errors import Fault, shown
from dashlink.naming import ENTRY_NAME
from dashlink.types import is_region, region_faults

_OF_DEPLOYED = ("workspace_id", "token")
_WAY_OUT_ADVICE = (
    "Write `network: {egress: {}}`, which creates a NAT gateway and an EIP, unless all clients are "
    "elsewhere."
)


def find_faults(
    services: Mapping[str, EasServiceSettings],
    *,
    private_only: bool,
    region: str = "",
    zones: Collection[str] | None = None,
) -> Iterator[Fault]:
    """Yield every fault of the section ``eas_services``.

    Args:
        services: The section.
        private_only: Whether the stack refuses what is on the internet.
        region: Region of the stack; empty where it is unknown.
        zones: Zones of the network; None where they are unknown.
    """
    owners: dict[tuple[str, str], str] = {}
    for key, settings in services.items():
        where = f"eas_services.{key}"
        if not ENTRY_NAME.matches(key):
            yield Fault(where, "not a valid name", ENTRY_NAME.advice, shown(key))
        yield from _service_faults(where, settings, private_only=private_only)
        if settings.region is not None:
            yield from _region_faults(where, settings, region)
        if settings.deploy is not None:
            yield from deployment_rules.find_faults(f"{where}.deploy", settings.deploy, zones)
        if settings.name is None:
            continue
        place = (settings.region or region, settings.name)
        if place in owners:
            problem = f"eas_services.{owners[place]} already has this name"
            advice = "Names are unique in a region."
            yield Fault(f"{where}.name", problem, advice, settings.name)
        owners.setdefault(place, key)


def find_warnings(
    services: Mapping[str, EasServiceSettings], *, protected: bool, may_leave: bool = True
) -> Iterator[Fault]:
    """Yield what is accepted, and probably a mistake.

    Args:
        services: The section, without faults.
        protected: Whether the stack is protected against deletion, as production is.
        may_leave: Whether the VPC has a way out to the internet, or may have one.
    """
    for key, settings in services.items():
        if settings.access == "internet" and not may_leave:
            problem = "an address on the internet, to which the VPC has no way out"
            yield Fault(f"eas_services.{key}.access", problem, _WAY_OUT_ADVICE, "internet")
        if protected and settings.deploy is not None and settings.deploy.gateway is None:
            where = f"eas_services.{key}.deploy.gateway"
            yield Fault(where, "the shared gateway in a protected stack", SHARED_GATEWAY_ADVICE)


def _service_faults(
    where: str, settings: EasServiceSettings, *, private_only: bool
) -> Iterator[Fault]:
    if settings.name is not None and re.fullmatch(NAME_PATTERN, settings.name) is None:
        advice = "Use 3 to 63 lower-case letters, digits and underscores."
        yield Fault(f"{where}.name", "not a name of a service", advice, shown(settings.name))
    if private_only:
        yield from _public_faults(where, settings)
    if settings.deploy is not None:
        return
    if settings.name is None:
        advice = "Write the name of an existing service, or `deploy`."
        yield Fault(f"{where}.name", "missing", advice, code="missing")
    for key in _OF_DEPLOYED:
        if getattr(settings, key) is not None:
            problem = "not used without `deploy`: an existing service is never changed"
            yield Fault(f"{where}.{key}", problem, "Remove it.")


def _public_faults(where: str, settings: EasServiceSettings) -> Iterator[Fault]:
    """Yield the faults of what is on the internet, in a stack with `private_only`."""
    advice = "Remove it, or write `private_only: false`."
    if settings.access == "internet":
        problem = "an address on the internet in a stack with `private_only`"
        yield Fault(f"{where}.access", problem, advice, "internet")
    deploy = settings.deploy
    if deploy is None:
        return
    if deploy.internet and deploy.gateway is None:
        problem = "the shared gateway gives a service an address on the internet"
        own = "Write `gateway` of a private one, or `internet: false`."
        yield Fault(f"{where}.deploy.internet", problem, own, "true")
    for number, balancer in enumerate(deploy.nlb):
        if balancer.internet:
            problem = "a load balancer on the internet in a stack with `private_only`"
            yield Fault(f"{where}.deploy.nlb.{number}.internet", problem, advice, "true")


def _region_faults(where: str, settings: EasServiceSettings, region: str) -> Iterator[Fault]:
    path = f"{where}.region"
    yield from region_faults(str(settings.region), path)
    if settings.deploy is None or not is_region(str(settings.region)):
        return
    if region and is_far(settings, region):
        problem = f"a service is deployed in the region of the stack, {region}"
        advice = "Remove it, or deploy the service in a stack of that region and use it by name."
        yield Fault(path, problem, advice, settings.region)
