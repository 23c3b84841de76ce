"""Compare service JSON: what a program wrote with what the cloud returns.

The cloud replaces other spellings of keys by their primary ones, and adds labels and the workspace
although nobody wrote them. Neither is a difference; every other key is one.

Sources: llumnix-project/llumnix commit fd281459, pkg/sysdef/consts/api.go (spellings); acceptance
tests of terraform-provider-alicloud v1.285.0 (what the cloud adds); "JSON deployment", 2026 (the
token is hidden on export).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from dashlink.errors import DashlinkError

_ADDED = (
    "labels",
    "workspace_id",
    "metadata.workspace_id",
    "metadata.name",
    "token",
    "credential.token",
)
# Other spelling -> primary key.
_ALIASES = {
    "name": "metadata.name",
    "metadata.gateway": "networking.gateway",
    "metadata.disable_internet_endpoint": "networking.disable_internet_endpoint",
    "metadata.path": "networking.path",
    "metadata.traffic_state": "networking.traffic_state",
    "networking.enable_grpc": "metadata.enable_grpc",
    "metadata.rpc.keepalive": "rpc.keepalive",
    "metadata.rpc.rate_limit": "rpc.rate_limit",
    "metadata.rpc.max_queue_size": "rpc.max_queue_size",
    "metadata.rpc.worker_threads": "rpc.worker_threads",
    "metadata.rpc.io_threads": "rpc.io_threads",
    "metadata.rpc.proxy_path": "rpc.proxy_path",
    "metadata.eas.termination_grace_period": "runtime.termination_grace_period",
    "metadata.autoscaler": "autoscaler",
    "credential.docker_auth": "dockerAuth",
}


def parse(config: str) -> dict[str, Any]:
    """Return a service JSON.

    Raises:
        DashlinkError: If the text is not a JSON object.
    """
    try:
        parsed = json.loads(config)
    except ValueError:
        parsed = None
    if not isinstance(parsed, dict):
        raise DashlinkError("config: not a JSON object. Write the service JSON as an object.")
    return parsed


def comparable(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return a service JSON by its primary keys, without what the cloud adds."""
    copy = deepcopy(dict(config))
    for alias, key in _ALIASES.items():
        value = _take(copy, alias)
        if value is not None:
            _put(copy, key, value)
    for path in _ADDED:
        _take(copy, path)
    return copy


def same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Return whether two service JSONs say the same."""
    return comparable(one) == comparable(other)


def text_of(config: Mapping[str, Any]) -> str:
    """Return a service JSON as text, the same for equal values."""
    return json.dumps(config, sort_keys=True, ensure_ascii=False)


def complete(
    config: Mapping[str, Any], name: str, workspace_id: str | None, token: str | None
) -> dict[str, Any]:
    """Return the service JSON to send: with name, workspace and token."""
    sent = deepcopy(dict(config))
    metadata = sent.setdefault("metadata", {})
    metadata["name"] = name
    sent.pop("name", None)
    if workspace_id is not None:
        metadata["workspace_id"] = workspace_id
    if token is not None:
        sent["token"] = token
    return sent


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
