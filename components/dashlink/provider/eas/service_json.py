"""Compare service JSON: what a program wrote with what the cloud returns.

The cloud may return another spelling of a key than the one that was written, and adds labels and
the workspace although nobody wrote them. Neither is a difference, nor are an empty object, an empty
list, and `"1"` for `1`; every other key is a difference.

Sources: llumnix-project/llumnix, pkg/sysdef/consts/api.go (primary keys, other spellings, keys that
an export hides); acceptance tests of terraform-provider-alicloud v1.285.0 (what the cloud adds, and
that it returns `metadata.rpc.keepalive` as it was written); "JSON deployment", 2026 (the token is
hidden on export).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Collection, Mapping
from copy import deepcopy
from typing import Any

from dashlink.errors import DashlinkError

_ADDED = ("labels", "workspace_id", "metadata.workspace_id", "metadata.name", "credential.token")
_DOCKER_AUTH = "credential.docker_auth"
_HIDDEN = "*"  # no letter of base64: a value that is shown in part
# Other spelling -> primary key; both are dotted paths.
_ALIASES = {
    "name": "metadata.name",
    "token": "credential.token",
    "dockerAuth": _DOCKER_AUTH,
    "private_token": "credential.private_token",
    "generate_token": "credential.generate_token",
    "osscredentials": "credential.oss",
    "role_arn": "credential.role_arn",
    "metadata.gateway": "networking.gateway",
    "metadata.path": "networking.path",
    "metadata.traffic_state": "networking.traffic_state",
    "metadata.disable_internet_endpoint": "networking.disable_internet_endpoint",
    "metadata.enable_https": "networking.enable_https",
    "metadata.enable_http2": "networking.enable_http2",
    "metadata.enable_grpc": "networking.enable_grpc",
    "metadata.rpc.keepalive": "rpc.keepalive",
    "metadata.rpc.rate_limit": "rpc.rate_limit",
    "metadata.rpc.mirror": "rpc.mirror",
    "metadata.rpc.decompressor": "rpc.decompressor",
    "metadata.rpc.enable_sigterm": "rpc.enable_sigterm",
    "metadata.rpc.retries": "rpc.retries",
    "metadata.rpc.health_check_path": "rpc.health_check_path",
    "metadata.rpc.health_check_port": "rpc.health_check_port",
    "metadata.rpc.enable_service_hang_detect": "rpc.enable_service_hang_detect",
    "metadata.rpc.service_hang_detect_period": "rpc.service_hang_detect_period",
    "metadata.max_queue_size": "rpc.max_queue_size",
    "metadata.io_threads": "rpc.io_threads",
    "metadata.workers": "rpc.worker_threads",
    "metadata.worker_threads": "rpc.worker_threads",
    "metadata.batching.max_batch_size": "rpc.batching.max_batch_size",
    "metadata.batching.max_batch_timeout": "rpc.batching.max_batch_timeout",
    "metadata.autoscaler": "autoscaler",
    "metadata.cronscaler": "cronscaler",
    "metadata.cuda": "runtime.cuda",
    "baseimage": "runtime.base_image",
    "worker_image": "runtime.worker_image",
    "metadata.eas.termination_grace_period": "runtime.termination_grace_period",
    "metadata.eas.handlers.disable_failure_handler": "eas.handlers.disable_failure_handler",
    "metadata.eas.enabled_model_verification": "eas.enabled_model_verification",
    "metadata.eas.scheduler.policy": "scheduling.policy",
    "metadata.eas.scheduler.scatter_key": "scheduling.topology_key",
    "metadata.eas.scheduler.enable_cpuset": "scheduling.enable_cpuset",
    "metadata.scheduling.spread.policy": "scheduling.spread.policy",
    "metadata.scheduling.priority": "scheduling.priority",
    "metadata.scheduling.pack": "scheduling.pack",
    "metadata.scheduling.node_affinity": "scheduling.node_affinity",
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


def comparable(config: Mapping[str, Any], secret_names: Collection[str] = ()) -> dict[str, Any]:
    """Return a service JSON by its primary keys, without what the cloud adds and without secrets.

    Args:
        config: The service JSON.
        secret_names: Variables of the first container whose values are secrets.
    """
    primary = _by_primary_keys(config)
    for path in (*_ADDED, _DOCKER_AUTH):
        _take(primary, path)
    container = _first_container(primary)
    if "env" in container:
        rows = [row for row in container["env"] or () if row.get("name") not in secret_names]
        container["env"] = rows
    result: dict[str, Any] = _without_empty(primary)
    return result


def same(
    one: Mapping[str, Any], other: Mapping[str, Any], secret_names: Collection[str] = ()
) -> bool:
    """Return whether two service JSONs are equal but for spelling and secrets."""
    before, after = comparable(one, secret_names), comparable(other, secret_names)
    return bool(_as_texts(before) == _as_texts(after))


def text_of(config: Mapping[str, Any]) -> str:
    """Return a service JSON as text, the same for equal values."""
    return json.dumps(config, sort_keys=True, ensure_ascii=False)


def complete(
    config: Mapping[str, Any],
    name: str,
    workspace_id: str | None,
    *,
    token: str | None,
    docker_auth: str | None,
    secrets: Mapping[str, str],
) -> dict[str, Any]:
    """Return the service JSON to send: with name, workspace and secrets.

    Args:
        config: The service JSON as the program wrote it.
        name: Name of the service.
        workspace_id: PAI workspace; None for the account's.
        token: Token that callers send; None for the cloud's.
        docker_auth: Login of a registry, `user:password` or base64.
        secrets: Values of secret variables of the first container by name.
    """
    sent = deepcopy(dict(config))
    metadata = sent.setdefault("metadata", {})
    metadata["name"] = name
    sent.pop("name", None)
    if workspace_id is not None:
        metadata["workspace_id"] = workspace_id
    if token is not None:
        sent["token"] = token
    if docker_auth is not None:
        sent["dockerAuth"] = encoded_login(docker_auth)
    if secrets:
        container = _first_container(sent)
        rows = [row for row in container.get("env") or () if row.get("name") not in secrets]
        for variable, value in sorted(secrets.items()):
            rows.append({"name": variable, "value": value})
        container["env"] = rows
    return sent


def encoded_login(login: str) -> str:
    """Return the login of a registry as the cloud takes it: base64 of `user:password`."""
    if ":" not in login:
        return login  # base64 has no colon
    return base64.b64encode(login.encode()).decode()


def returned_login(config: Mapping[str, Any], known: str | None) -> str | None:
    """Return the login of a registry in the cloud, spelled as ``known`` where it is the same.

    A cloud that hides the login returns nothing, or asterisks: it is ``known`` then.
    """
    login = _take(_by_primary_keys(config), _DOCKER_AUTH)
    if login is None or _HIDDEN in str(login):
        return known
    if known is not None and encoded_login(known) == login:
        return known
    return str(login)


def variables_of(config: Mapping[str, Any]) -> dict[str, str]:
    """Return the variables of the first container by name."""
    rows = _first_container(config).get("env") or ()
    return {str(row.get("name")): str(row.get("value")) for row in rows}


def _by_primary_keys(config: Mapping[str, Any]) -> dict[str, Any]:
    copy = deepcopy(dict(config))
    for alias, key in _ALIASES.items():
        value = _take(copy, alias)
        if value is not None:
            _put(copy, key, value)
    return copy


def _first_container(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the first container, an object of ``config``; a new object where it has none."""
    containers = config.get("containers")
    if isinstance(containers, list) and containers and isinstance(containers[0], dict):
        container: dict[str, Any] = containers[0]
        return container
    return {}


def _without_empty(value: Any) -> Any:
    """Return a value without the keys whose value is null, an empty object or an empty list."""
    if isinstance(value, list):
        return [_without_empty(item) for item in value]
    if not isinstance(value, Mapping):
        return value
    result = {}
    for key, item in value.items():
        inner = _without_empty(item)
        if inner not in (None, {}, []):
            result[key] = inner
    return result


def _as_texts(value: Any) -> Any:
    """Return a value whose numbers and booleans are texts: `1` equals `"1"`, `true` `"true"`."""
    if isinstance(value, Mapping):
        return {key: _as_texts(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_as_texts(item) for item in value]
    return str(value).lower() if isinstance(value, bool) else str(value)


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
