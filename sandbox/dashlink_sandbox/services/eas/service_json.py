"""The service JSON: its primary keys, its rules, and how an update changes it.

Sources: "JSON deployment" (help centre, 2026): required keys, values, the ports 8080 and 9090;
llumnix-project/llumnix commit fd281459, pkg/sysdef/consts/api.go: the other spellings of keys. The
texts of errors are second-hand.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from dashlink_sandbox.services.base import Call
from dashlink_sandbox.wire.errors import invalid, missing

_NAME = re.compile(r"[a-z0-9_]{3,63}")
_RESERVED_PORTS = (8080, 9090)
_NETWORKING = ("vpc_id", "vswitch_id", "security_group_id")
# Other spelling -> primary key.
_ALIASES = {
    "name": "metadata.name",
    "metadata.gateway": "networking.gateway",
    "metadata.rpc.keepalive": "rpc.keepalive",
    "metadata.rpc.rate_limit": "rpc.rate_limit",
    "metadata.autoscaler": "autoscaler",
    "metadata.disable_internet_endpoint": "networking.disable_internet_endpoint",
    "credential.token": "token",
}


def with_primary_keys(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return a service JSON with every other spelling replaced by the primary key."""
    config = deepcopy(dict(body))
    for alias, key in _ALIASES.items():
        value = _take(config, alias)
        if value is not None:
            _put(config, key, value)
    return config


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
    if not config.get("containers") and not config.get("processor"):
        raise missing("containers")
    if config.get("processor") and not config.get("model_path"):
        raise missing("model_path")
    for container in config.get("containers") or ():
        if container.get("port") in _RESERVED_PORTS:
            raise invalid("containers.port", "The ports 8080 and 9090 are reserved.")
    if not metadata.get("resource") and not _computing(config):
        raise missing("cloud.computing.instances")
    _check_networking(call, (config.get("cloud") or {}).get("networking"))


def _computing(config: Mapping[str, Any]) -> Any:
    computing = (config.get("cloud") or {}).get("computing") or {}
    return computing.get("instances") or computing.get("instance_type")


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


def _take(config: dict[str, Any], path: str) -> Any:
    """Remove the value at a dotted path, with objects that become empty; None if absent."""
    head, _, rest = path.partition(".")
    if not rest:
        return config.pop(head, None)
    inner = config.get(head)
    if not isinstance(inner, dict):
        return None
    value = _take(inner, rest)
    if value is not None and not inner:
        del config[head]
    return value


def _put(config: dict[str, Any], path: str, value: Any) -> None:
    """Set the value at a dotted path, unless the path has one."""
    *heads, last = path.split(".")
    for head in heads:
        config = config.setdefault(head, {})
    config.setdefault(last, value)
