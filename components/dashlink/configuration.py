"""The configuration of the running stack, whole namespaces at a time."""

from __future__ import annotations

from pulumi.runtime import config as runtime_config


def values_of(namespace: str) -> dict[str, str]:
    """Return the texts of a namespace by key, without the prefix."""
    prefix = f"{namespace}:"
    values: dict[str, str] = {}
    for key, value in _all_values().items():
        if key.startswith(prefix):
            values[key.removeprefix(prefix)] = value
    return values


def keys_outside(namespace: str) -> dict[str, bool]:
    """Return whether each key of all other namespaces, with its prefix, is encrypted."""
    secret = _secret_keys()
    others = [key for key in _all_values() if not key.startswith(f"{namespace}:")]
    return {key: key in secret for key in others}


def secret_keys_of(namespace: str) -> frozenset[str]:
    """Return the keys of a namespace whose value is encrypted, wholly or in part."""
    secret = _secret_keys()
    return frozenset(key for key in values_of(namespace) if f"{namespace}:{key}" in secret)


def _secret_keys() -> set[str]:
    return {*runtime_config._SECRET_KEYS.get(), *runtime_config.get_config_secret_keys_env()}


def _all_values() -> dict[str, str]:
    return {**runtime_config.get_config_env(), **runtime_config.CONFIG.get()}
