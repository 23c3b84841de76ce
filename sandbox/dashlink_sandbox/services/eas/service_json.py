"""The service JSON: its rules, and how an update changes it.

Sources: "JSON deployment" (help centre, 2026): required keys, values, the ports 8080 and 9090;
"Health check" (advanced configuration, help centre, 2026): one method for each check; "NLB access"
(2026-05): two vSwitches or more, no listener on 8080; acceptance tests of
terraform-provider-alicloud v1.285.0: a service with metadata.cpu and metadata.memory needs neither
an instance type nor a resource group. The texts of errors are second-hand.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from dashlink_sandbox.services.base import Call
from dashlink_sandbox.wire.errors import invalid, missing

_NAME = re.compile(r"[a-z0-9_]{3,63}")
_RESERVED_PORTS = (8080, 9090)
_NETWORKING = ("vpc_id", "vswitch_id", "security_group_id")
_CHECKS = ("startup_check", "liveness_check", "readiness_check")
_ZONES_OF_A_BALANCER = 2
_METHODS = ("http_get", "tcp_socket", "exec")


def merged(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``old`` with the keys of ``new``, objects merged: an absent key stays."""
    result = dict(old)
    for key, value in new.items():
        before = result.get(key)
        if isinstance(before, Mapping) and isinstance(value, Mapping):
            result[key] = merged(before, value)
        else:
            result[key] = value
    return result


def check(call: Call, config: Mapping[str, Any]) -> None:
    """Refuse a service JSON that the cloud refuses.

    Raises:
        ApiError: HTTP 400, with the key in the message.
    """
    metadata = config.get("metadata") or {}
    if not metadata.get("name"):
        raise missing("metadata.name")
    if _NAME.fullmatch(str(metadata["name"])) is None:
        raise invalid("metadata.name", "Use 3 to 63 lower-case letters, digits and underscores.")
    instances = metadata.get("instance")
    if not isinstance(instances, int) or instances < 0:
        raise invalid("metadata.instance", "It must be a number of instances.")
    processor = config.get("processor") or config.get("processor_path")
    if not config.get("containers") and not processor:
        raise missing("containers")
    if processor and not config.get("model_path"):
        raise missing("model_path")
    for container in config.get("containers") or ():
        _check_container(container)
    if not _has_instances(config):
        raise missing("cloud.computing.instances")
    cloud_networking = (config.get("cloud") or {}).get("networking") or {}
    _check_networking(call, cloud_networking)
    _check_balancers((config.get("networking") or {}).get("nlb") or (), cloud_networking)


def _has_instances(config: Mapping[str, Any]) -> bool:
    """Whether it has a group, a quota, an instance type, or cores and memory."""
    metadata = config["metadata"]
    computing = (config.get("cloud") or {}).get("computing") or {}
    return bool(
        metadata.get("resource")
        or metadata.get("quota_id")
        or computing.get("instances")
        or computing.get("instance_type")
        or (metadata.get("cpu") and metadata.get("memory"))
    )


def _check_container(container: Mapping[str, Any]) -> None:
    if container.get("port") in _RESERVED_PORTS:
        raise invalid("containers.port", "The ports 8080 and 9090 are reserved.")
    if container.get("command") and container.get("script"):
        raise invalid("containers.script", "Only one of command and script is allowed.")
    for name in _CHECKS:
        check = container.get(name)
        if check is not None and len([key for key in _METHODS if key in check]) != 1:
            raise invalid(f"containers.{name}", "Use one of http_get, tcp_socket and exec.")


def _check_balancers(rows: Iterable[Mapping[str, Any]], networking: Mapping[str, Any]) -> None:
    for row in rows:
        if row.get("listener_port") == _RESERVED_PORTS[0]:
            raise invalid("networking.nlb.listener_port", "The port 8080 is reserved.")
        vswitch_ids = str(networking.get("vswitch_id") or "").split(",")
        if len(vswitch_ids) < _ZONES_OF_A_BALANCER:
            raise invalid("cloud.networking.vswitch_id", "An NLB needs vSwitches in two zones.")


def _check_networking(call: Call, networking: Mapping[str, Any] | None) -> None:
    if not networking:
        return
    if not all(networking.get(key) for key in _NETWORKING):
        raise invalid("cloud.networking", "vpcId, vswId and securityGroupId are required")
    if networking["vpc_id"] not in call.state.vpcs:
        raise invalid("cloud.networking.vpc_id", "The VPC does not exist.")
    for vswitch_id in str(networking["vswitch_id"]).split(","):
        vswitch = call.state.vswitches.get(vswitch_id)
        if vswitch is None or vswitch.vpc_id != networking["vpc_id"]:
            raise invalid("cloud.networking.vswitch_id", "The vSwitch is not in the VPC.")
    if networking["security_group_id"] not in call.state.security_groups:
        raise invalid("cloud.networking.security_group_id", "The group does not exist.")
