"""The service JSON of a deployment. Pure.

Source of its keys: "JSON deployment" (help centre, 2026), "Health check" (advanced configuration,
help centre, 2026), "NLB access" (2026-05); `networking.disable_internet_endpoint`:
llumnix-project/llumnix, pkg/sysdef/consts/api.go.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashlink.eas.blocks import EasAutoscaling, EasBalancer, EasGatewayLimits, EasHealthCheck
from dashlink.eas.settings import EasDeployment

Json = dict[str, Any]
_CHECK_NUMBERS = (
    "initial_delay_seconds",
    "period_seconds",
    "timeout_seconds",
    "success_threshold",
    "failure_threshold",
)


def service_json(deploy: EasDeployment, networking: Mapping[str, str] | None = None) -> Json:
    """Return the service JSON of a deployment, without the name and without secrets.

    Args:
        deploy: The deployment.
        networking: vpc_id, vswitch_id and security_group_id of the instances; None for none.
    """
    config: Json = {"metadata": _metadata(deploy)}
    if deploy.image is not None:
        config["containers"] = [_container(deploy)]
    sections = {
        "processor": deploy.processor,
        "model_path": deploy.model_path,
        "cloud": _cloud(deploy, networking),
        "rpc": {
            "rate_limit": deploy.rate_limit,
            "keepalive": deploy.keepalive_ms,
            "max_queue_size": deploy.max_queue_size,
        },
        "networking": _networking(deploy),
        "runtime": {"termination_grace_period": deploy.termination_grace_seconds},
        "storage": _storage(deploy),
        "autoscaler": _autoscaler(deploy.autoscaling),
    }
    for key, section in sections.items():
        written = _written(section)
        if written:
            config[key] = written
    return _merged(config, deploy.extra)


def _metadata(deploy: EasDeployment) -> Json:
    metadata = {
        "instance": deploy.instances,
        "resource": deploy.resource,
        "quota_id": deploy.quota_id,
        "quota_type": deploy.quota_type,
        "cpu": deploy.cpu,
        "memory": deploy.memory_mb,
        "gpu": deploy.gpu,
        "shm_size": deploy.shm_size_gb,
    }
    rolling = deploy.rolling_update
    if rolling is not None:
        written = {"max_surge": rolling.max_surge, "max_unavailable": rolling.max_unavailable}
        metadata["rolling_strategy"] = _written(written)
    return _object(metadata)


def _container(deploy: EasDeployment) -> Json:
    variables = []
    for name, value in sorted(deploy.environment.items()):
        variables.append({"name": name, "value": value})
    container: Json = {
        "image": deploy.image,
        "port": deploy.port,
        "command": deploy.command,
        "script": deploy.script,
        "env": variables or None,
    }
    for name in ("startup_check", "liveness_check", "readiness_check"):
        check = getattr(deploy, name)
        if check is not None:
            container[name] = _check(check, deploy.port)
    return _object(container)


def _check(check: EasHealthCheck, container_port: int | None) -> Json:
    port = check.port or container_port
    numbers: Json = {name: getattr(check, name) for name in _CHECK_NUMBERS}
    if check.command:
        numbers["exec"] = {"command": list(check.command)}
    elif check.path is not None:
        numbers["http_get"] = {"path": check.path, "port": port}
    else:
        numbers["tcp_socket"] = {"port": port}
    return _object(numbers)


def _cloud(deploy: EasDeployment, networking: Mapping[str, str] | None) -> Json:
    cloud: Json = {}
    if deploy.instance_type is not None:
        row = {"type": deploy.instance_type, "spot_price_limit": deploy.spot_price_limit}
        cloud["computing"] = {"instances": [_written(row)]}
    if networking is not None:
        cloud["networking"] = dict(networking)
    return cloud


def _networking(deploy: EasDeployment) -> Json:
    return {
        "gateway": deploy.gateway,
        "gateway_policy": _policy(deploy.gateway_limits),
        "nlb": [_balancer(one) for one in deploy.nlb] or None,
        "disable_internet_endpoint": None if deploy.internet else True,
    }


def _policy(limits: EasGatewayLimits | None) -> Json | None:
    if limits is None:
        return None
    policy = {}
    for key, limit in (
        ("rate_limit", limits.requests_per_second),
        ("concurrency_limit", limits.concurrent_requests),
    ):
        if limit is not None:
            policy[key] = {"enable": True, "limit": limit}
    return policy or None


def _balancer(balancer: EasBalancer) -> Json:
    net_type = "internet" if balancer.internet else "intranet"
    return {"id": balancer.id, "listener_port": balancer.port, "netType": net_type}


def _autoscaler(scaling: EasAutoscaling | None) -> Json | None:
    if scaling is None:
        return None
    autoscaler: Json = {"min": scaling.min_instances, "max": scaling.max_instances}
    if scaling.spelling == "strategies":
        autoscaler["strategies"] = {"qps": scaling.qps}
    else:
        autoscaler["scaleStrategies"] = [{"metricName": "qps", "threshold": scaling.qps}]
    return autoscaler


def _storage(deploy: EasDeployment) -> list[Json]:
    rows = []
    for mount in deploy.storage:
        oss = {"path": mount.oss, "readOnly": mount.read_only}
        rows.append({"mount_path": mount.mount_path, "oss": oss})
    return rows


def _object(section: Mapping[str, Any]) -> Json:
    """Return an object without the keys that are None."""
    return {key: value for key, value in section.items() if value is not None}


def _written(section: Any) -> Any:
    """Return a section without the keys that are None; other values as they are."""
    return _object(section) if isinstance(section, Mapping) else section


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
