"""Rules of a deployment: what is refused, in files and programs alike.

Sources: "JSON deployment", "Health check" (advanced configuration) and "NLB access" (help centre,
2026), as the catalog has them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from dashlink.eas.blocks import EasHealthCheck
from dashlink.eas.catalog import BALANCED_PORT, BALANCER_ZONES, RESERVED_PORTS
from dashlink.eas.settings import EasDeployment
from dashlink.errors import Fault, shown

_CHECKS = ("startup_check", "liveness_check", "readiness_check")
_OF_IMAGE = (
    *("command", "script", "port", "environment", "secret_environment", "docker_auth"),
    *_CHECKS,
)
_OF_GROUP = ("cpu", "memory_mb", "gpu")
_PLACES = ("instance_type", "resource", "quota_id")


def find_faults(
    where: str, deploy: EasDeployment, zones: Collection[str] | None
) -> Iterator[Fault]:
    """Yield every fault of a deployment.

    Args:
        where: Path of the deployment.
        deploy: The deployment.
        zones: Zones of the network; None where they are unknown.
    """
    yield from _container_faults(where, deploy)
    yield from _place_faults(where, deploy)
    yield from _network_faults(where, deploy, zones)
    yield from _scaling_faults(where, deploy)
    yield from _extra_faults(f"{where}.extra", deploy)


def _container_faults(where: str, deploy: EasDeployment) -> Iterator[Fault]:
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
    if deploy.command is not None and deploy.script is not None:
        advice = "Write one of command and script."
        yield Fault(f"{where}.script", "both of it and command", advice)
    for name in sorted(set(deploy.environment) & set(deploy.secret_environment)):
        advice = "Write it once."
        yield Fault(f"{where}.secret_environment.{name}", "in environment too", advice)
    for key in _CHECKS:
        check = getattr(deploy, key)
        if check is not None:
            yield from _check_faults(f"{where}.{key}", check, deploy.port)


def _check_faults(where: str, check: EasHealthCheck, port: int | None) -> Iterator[Fault]:
    if check.command and check.path is not None:
        yield Fault(f"{where}.command", "both of it and path", "Write one.")
    elif check.command and check.port is not None:
        yield Fault(f"{where}.port", "not used with a command", "Remove it.", str(check.port))
    elif not check.command and check.port is None and port is None:
        advice = "Write it, or `port` of the deployment."
        yield Fault(f"{where}.port", "missing", advice, code="missing")


def _place_faults(where: str, deploy: EasDeployment) -> Iterator[Fault]:
    written = [key for key in _PLACES if getattr(deploy, key) is not None]
    if len(written) != 1 and not (not written and _has_computing(deploy)):
        advice = "Write one of instance_type, resource and quota_id."
        problem = f"more than one place: {', '.join(written)}" if written else "no place to run"
        yield Fault(f"{where}.instance_type", problem, advice)
    for key in _OF_GROUP:
        grouped = deploy.resource is not None or deploy.quota_id is not None
        if getattr(deploy, key) is not None and not grouped:
            advice = "Remove it: an instance type has its own."
            yield Fault(f"{where}.{key}", "only used with `resource` or `quota_id`", advice)
    if deploy.spot_price_limit is not None and deploy.instance_type is None:
        yield Fault(f"{where}.spot_price_limit", "only used with `instance_type`", "Remove it.")
    if deploy.quota_type is not None and deploy.quota_id is None:
        yield Fault(f"{where}.quota_type", "only used with `quota_id`", "Remove it.")
    rolling = deploy.rolling_update
    for key in ("max_surge", "max_unavailable"):
        value = getattr(rolling, key, None)
        if value is not None and re.fullmatch(r"\d+%?", str(value)) is None:
            advice = "Write a number of instances, or a share such as 2%."
            yield Fault(f"{where}.rolling_update.{key}", "not a number", advice, shown(value))


def _network_faults(
    where: str, deploy: EasDeployment, zones: Collection[str] | None
) -> Iterator[Fault]:
    for key in ("vpc_zones", "nlb"):
        if getattr(deploy, key) and not deploy.in_vpc:
            yield Fault(f"{where}.{key}", "only used with `in_vpc`", "Write `in_vpc: true`.")
    for number, zone in enumerate(deploy.vpc_zones):
        if zones is not None and zone not in zones:
            advice = f"Use zones of the network: {', '.join(sorted(zones))}."
            yield Fault(
                f"{where}.vpc_zones.{number}", "not a zone of the network", advice, shown(zone)
            )
    used = deploy.vpc_zones or zones
    if deploy.nlb and used is not None and len(set(used)) < BALANCER_ZONES:
        advice = f"Use at least {BALANCER_ZONES} zones of the network."
        yield Fault(f"{where}.nlb", "a load balancer needs several zones", advice, str(len(used)))
    ports = set()
    for number, balancer in enumerate(deploy.nlb):
        path = f"{where}.nlb.{number}.port"
        if balancer.port == BALANCED_PORT:
            yield Fault(path, "reserved by PAI-EAS", "Use another port.", str(balancer.port))
        if (balancer.id, balancer.port) in ports:
            problem = "another listener of the load balancer has it"
            yield Fault(path, problem, "Use another port.", str(balancer.port))
        ports.add((balancer.id, balancer.port))
    limits = deploy.gateway_limits
    if limits is not None and not limits.model_fields_set:
        advice = "Write requests_per_second or concurrent_requests, or remove it."
        yield Fault(f"{where}.gateway_limits", "no limit in it", advice)


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
    if "dockerAuth" in deploy.extra:
        advice = "Write `docker_auth: {config: key}` of the deployment."
        yield Fault(where, "has the login of a registry in plain text", advice)


def _has_computing(deploy: EasDeployment) -> bool:
    cloud = deploy.extra.get("cloud")
    return isinstance(cloud, Mapping) and "computing" in cloud
