"""Spellings of the keys of a service JSON: primary keys, and the others that are accepted.

Source: llumnix-project/llumnix, pkg/sysdef/consts/api.go (0da40528): each row has the primary key
first. Paths are dotted.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

_PRIMARY: Mapping[str, tuple[str, ...]] = {
    "metadata.name": ("name",),
    "credential.token": ("token",),
    "credential.docker_auth": ("dockerAuth",),
    "networking.gateway": ("metadata.gateway",),
    "networking.path": ("metadata.path",),
    "networking.traffic_state": ("metadata.traffic_state",),
    "networking.disable_internet_endpoint": ("metadata.disable_internet_endpoint",),
    "networking.enable_https": ("metadata.enable_https",),
    "networking.enable_http2": ("metadata.enable_http2",),
    "networking.enable_grpc": ("metadata.enable_grpc",),
    "rpc.keepalive": ("metadata.rpc.keepalive",),
    "rpc.rate_limit": ("metadata.rpc.rate_limit",),
    "rpc.max_queue_size": ("metadata.max_queue_size",),
    "rpc.io_threads": ("metadata.io_threads",),
    "rpc.worker_threads": ("metadata.worker_threads", "metadata.workers"),
    "rpc.enable_sigterm": ("metadata.rpc.enable_sigterm",),
    "rpc.batching.max_batch_size": ("metadata.batching.max_batch_size",),
    "rpc.batching.max_batch_timeout": ("metadata.batching.max_batch_timeout",),
    "autoscaler": ("metadata.autoscaler",),
    "runtime.cuda": ("metadata.cuda",),
    "runtime.termination_grace_period": ("metadata.eas.termination_grace_period",),
}


def with_primary_keys(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return a service JSON with every other spelling replaced by the primary key."""
    config = deepcopy(dict(body))
    for key, aliases in _PRIMARY.items():
        for alias in aliases:
            value = _take(config, alias)
            if value is not None:
                _put(config, key, value)
    return config


def without_token(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return a service JSON without its token, which an export hides."""
    config = deepcopy(dict(body))
    for path in ("token", "credential.token"):
        _take(config, path)
    return config


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
        inner = config.setdefault(head, {})
        if not isinstance(inner, dict):
            return
        config = inner
    config.setdefault(last, value)
