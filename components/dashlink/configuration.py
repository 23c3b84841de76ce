"""The configuration of the running stack, whole namespaces at a time."""

from __future__ import annotations

from pulumi.runtime import config as runtime_config


def values_of(namespace: str) -> dict[str, str]:
    """Return the texts of a namespace by key, without the prefix."""
    prefix = f"{namespace}:"
    values: dict[str, str] = {}
    for source in (runtime_config.get_config_env(), runtime_config.CONFIG.get()):
        for key, value in source.items():
            if key.startswith(prefix):
                values[key.removeprefix(prefix)] = value
    return values


def secret_keys_of(namespace: str) -> frozenset[str]:
    """Return the keys of a namespace whose value is encrypted, wholly or in part."""
    secret = {*runtime_config._SECRET_KEYS.get(), *runtime_config.get_config_secret_keys_env()}
    return frozenset(key for key in values_of(namespace) if f"{namespace}:{key}" in secret)
