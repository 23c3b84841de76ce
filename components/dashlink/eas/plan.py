"""Decisions on a model service: its name, its service JSON, its URLs. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from dashlink.eas.catalog import (
    GATEWAY_KINDS,
    LARGEST_BODY,
    PROTOCOL_PATHS,
    SHARED_GATEWAY,
    UNVERIFIED_INTERNET,
    UNVERIFIED_SCALING,
)
from dashlink.eas.settings import EasDeployment, EasServiceSettings
from dashlink.naming import physical_name

_LONGEST_NAME = 63
Json = dict[str, Any]


def service_name(project: str, stack: str, key: str, settings: EasServiceSettings) -> str:
    """Return the service's name in its region."""
    if settings.name is not None:
        return settings.name
    name = physical_name(project, stack, key, limit=_LONGEST_NAME)
    return re.sub(r"[^a-z0-9]", "_", name.lower())


def service_json(deploy: EasDeployment, networking: Mapping[str, str] | None = None) -> Json:
    """Return the service JSON of a deployment, without the name.

    Args:
        deploy: The deployment.
        networking: vpc_id, vswitch_id and security_group_id of the instances; None for none.
    """
    config: Json = {"metadata": _metadata(deploy)}
    if deploy.image is not None:
        config["containers"] = [_container(deploy)]
    if deploy.processor is not None:
        config["processor"] = deploy.processor
        config["model_path"] = deploy.model_path
    cloud: Json = {}
    if deploy.instance_type is not None:
        cloud["computing"] = {"instances": [{"type": deploy.instance_type}]}
    if networking is not None:
        cloud["networking"] = dict(networking)
    rpc = {
        "rate_limit": deploy.rate_limit,
        "keepalive": deploy.keepalive_ms,
        "max_queue_size": deploy.max_queue_size,
    }
    network: Json = {"gateway": deploy.gateway}
    if not deploy.internet:
        network["disable_internet_endpoint"] = True
    sections = {"cloud": cloud, "rpc": rpc, "networking": network, "storage": _storage(deploy)}
    for key, section in sections.items():
        written = _written(section)
        if written:
            config[key] = written
    scaling = deploy.autoscaling
    if scaling is not None:
        config["autoscaler"] = {
            "min": scaling.min_instances,
            "max": scaling.max_instances,
            "strategies": {"qps": scaling.qps},
        }
    return _merged(config, deploy.extra)


def eas_outputs(
    name: str,
    service_id: str,
    settings: EasServiceSettings,
    gateways: Sequence[Mapping[str, Any]],
) -> Json:
    """Return the outputs of a service, in the shape of `EasServiceOutputs`.

    Args:
        name: Name of the service.
        service_id: Id of the service.
        settings: Its settings.
        gateways: kind, gateway_id, vpc_urls and internet_urls of each gateway.
    """
    base = _base_url(settings, gateways)
    notes = [f"A gateway refuses requests above {LARGEST_BODY}."]
    urls = {}
    if base is None:
        notes.append(f"The service has no address for `access: {settings.access}`.")
    else:
        urls["predict"] = base
        for protocol in settings.protocols:
            urls[protocol] = f"{base}{PROTOCOL_PATHS[protocol]}"
    unverified = []
    deploy = settings.deploy
    if deploy is not None and not deploy.internet:
        unverified.append(UNVERIFIED_INTERNET)
    if deploy is not None and deploy.autoscaling is not None:
        unverified.append(UNVERIFIED_SCALING)
    if any(row["kind"] == SHARED_GATEWAY for row in gateways):
        notes.append("The shared gateway's VPC address works in every VPC of the region alone.")
    return {
        "name": name,
        "service_id": service_id,
        "base_urls": urls,
        "gateways": [dict(row) for row in gateways],
        "default_model": settings.default_model,
        "unverified": unverified,
        "notes": notes,
    }


def _base_url(settings: EasServiceSettings, gateways: Sequence[Mapping[str, Any]]) -> str | None:
    """Return the URL that clients use, of a dedicated gateway first; it ends in the service."""
    for kind in GATEWAY_KINDS:
        for row in gateways:
            urls = row[f"{settings.access}_urls"]
            if row["kind"] == kind and urls:
                return str(urls[0]).rstrip("/")
    return None


def _metadata(deploy: EasDeployment) -> Json:
    metadata = {
        "instance": deploy.instances,
        "resource": deploy.resource,
        "cpu": deploy.cpu,
        "memory": deploy.memory_mb,
        "gpu": deploy.gpu,
    }
    written: Json = _written(metadata)
    return written


def _container(deploy: EasDeployment) -> Json:
    container = {"image": deploy.image, "port": deploy.port, "command": deploy.command}
    variables = []
    for name, value in sorted(deploy.environment.items()):
        variables.append({"name": name, "value": value})
    written: Json = _written({**container, "env": variables or None})
    return written


def _storage(deploy: EasDeployment) -> list[Json]:
    rows = []
    for mount in deploy.storage:
        oss = {"path": mount.oss, "readOnly": mount.read_only}
        rows.append({"mount_path": mount.mount_path, "oss": oss})
    return rows


def _written(section: Any) -> Any:
    """Return a section without the keys that are None."""
    if not isinstance(section, Mapping):
        return section
    return {key: value for key, value in section.items() if value is not None}


def _merged(config: Mapping[str, Any], extra: Mapping[str, Any]) -> Json:
    """Return ``config`` with ``extra`` over it, objects merged key by key."""
    merged = dict(config)
    for key, value in extra.items():
        before = merged.get(key)
        if isinstance(before, Mapping) and isinstance(value, Mapping):
            merged[key] = _merged(before, value)
        else:
            merged[key] = value
    return merged
