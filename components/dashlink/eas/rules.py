"""Rules of model services: what is refused, in files and programs alike, and what is a warning."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from dashlink.eas.catalog import NAME_PATTERN, RESERVED_PORTS, SHARED_GATEWAY_ADVICE
from dashlink.eas.settings import EasDeployment, EasServiceSettings
from dashlink.errors import Fault, shown
from dashlink.naming import ENTRY_NAME

_OF_DEPLOYED = ("workspace_id", "token")
_OF_IMAGE = ("command", "port", "environment")
_OF_GROUP = ("cpu", "memory_mb", "gpu")


def find_faults(
    services: Mapping[str, EasServiceSettings], *, private_only: bool
) -> Iterator[Fault]:
    """Yield every fault of the section ``eas_services``."""
    owners: dict[str, str] = {}
    for key, settings in services.items():
        where = f"eas_services.{key}"
        if not ENTRY_NAME.matches(key):
            yield Fault(where, "not a valid name", ENTRY_NAME.advice, shown(key))
        yield from _service_faults(where, settings, private_only=private_only)
        name = settings.name
        if name is not None and name in owners:
            problem = f"eas_services.{owners[name]} already has this name"
            yield Fault(f"{where}.name", problem, "Names are unique in a region.", name)
        if name is not None:
            owners.setdefault(name, key)


def find_warnings(
    services: Mapping[str, EasServiceSettings], *, protected: bool
) -> Iterator[Fault]:
    """Yield what is accepted, and probably a mistake: the shared gateway in production.

    Args:
        services: The section, without faults.
        protected: Whether the stack is protected against deletion, as production is.
    """
    for key, settings in services.items():
        if protected and settings.deploy is not None and settings.deploy.gateway is None:
            where = f"eas_services.{key}.deploy.gateway"
            yield Fault(where, "the shared gateway in a protected stack", SHARED_GATEWAY_ADVICE)


def _service_faults(
    where: str, settings: EasServiceSettings, *, private_only: bool
) -> Iterator[Fault]:
    if settings.name is not None and re.fullmatch(NAME_PATTERN, settings.name) is None:
        advice = "Use 3 to 63 lower-case letters, digits and underscores."
        yield Fault(f"{where}.name", "not a name of a service", advice, shown(settings.name))
    if private_only and settings.access == "internet":
        advice = "Remove it, or write `private_only: false`."
        problem = "an address on the internet in a stack with `private_only`"
        yield Fault(f"{where}.access", problem, advice, "internet")
    if settings.deploy is not None:
        yield from _deployment_faults(f"{where}.deploy", settings.deploy)
        if private_only and settings.deploy.internet and settings.deploy.gateway is None:
            problem = "the shared gateway gives a service an address on the internet"
            advice = "Write `gateway` of a private one, or `internet: false`."
            yield Fault(f"{where}.deploy.internet", problem, advice, "true")
        return
    if settings.name is None:
        advice = "Write the name of an existing service, or `deploy`."
        yield Fault(f"{where}.name", "missing", advice, code="missing")
    for key in _OF_DEPLOYED:
        if getattr(settings, key) is not None:
            problem = "not used without `deploy`: an existing service is never changed"
            yield Fault(f"{where}.{key}", problem, "Remove it.")


def _deployment_faults(where: str, deploy: EasDeployment) -> Iterator[Fault]:
    has_containers = deploy.image is not None or "containers" in deploy.extra
    if has_containers == (deploy.processor is not None or "processor" in deploy.extra):
        yield Fault(f"{where}.image", "neither or both of image and processor", "Write one.")
    if deploy.processor is not None and deploy.model_path is None:
        yield Fault(f"{where}.model_path", "missing", "A processor needs one.", code="missing")
    for key in _OF_IMAGE:
        if getattr(deploy, key) and not has_containers:
            yield Fault(f"{where}.{key}", "only used with an image", "Remove it.")
    if deploy.port in RESERVED_PORTS:
        yield Fault(f"{where}.port", "reserved by PAI-EAS", "Use another port.", str(deploy.port))
    if (deploy.instance_type is None) == (deploy.resource is None) and not _has_computing(deploy):
        advice = "Write one of instance_type and resource."
        yield Fault(f"{where}.instance_type", "neither or both of it and resource", advice)
    for key in _OF_GROUP:
        if getattr(deploy, key) is not None and deploy.resource is None:
            advice = "Remove it: an instance type has its own."
            yield Fault(f"{where}.{key}", "only used with `resource`", advice)
    yield from _scaling_faults(where, deploy)
    yield from _extra_faults(f"{where}.extra", deploy)


def _scaling_faults(where: str, deploy: EasDeployment) -> Iterator[Fault]:
    scaling = deploy.autoscaling
    if scaling is not None and scaling.min_instances > scaling.max_instances:
        problem = f"more than max_instances, {scaling.max_instances}"
        got = str(scaling.min_instances)
        yield Fault(f"{where}.autoscaling.min_instances", problem, "Write less.", got)
    if scaling is not None and scaling.min_instances == 0 and deploy.gateway is not None:
        problem = "no scaling from zero behind a dedicated gateway"
        yield Fault(f"{where}.autoscaling.min_instances", problem, "Write at least 1.", "0")


def _extra_faults(where: str, deploy: EasDeployment) -> Iterator[Fault]:
    metadata = deploy.extra.get("metadata")
    if "name" in deploy.extra or (isinstance(metadata, Mapping) and "name" in metadata):
        advice = "Write it there."
        yield Fault(where, "has the name, which is `name` of the service", advice)
    if "token" in deploy.extra or "credential" in deploy.extra:
        advice = "Write `token: {config: key}` of the service."
        yield Fault(where, "has the token in plain text", advice)


def _has_computing(deploy: EasDeployment) -> bool:
    cloud = deploy.extra.get("cloud")
    return isinstance(cloud, Mapping) and "computing" in cloud
