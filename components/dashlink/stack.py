"""What a program of a stack reads from Pulumi's configuration: its settings and the account that is in force.

The whole `dashlink:` namespace is read, not single keys, so that a misspelt key is found.
"""

from __future__ import annotations

import json
from typing import Any

import pulumi
from pulumi.runtime import config as runtime_config

from dashlink.clients.render import formats
from dashlink.cloud.credentials import Account, resolve_account
from dashlink.naming import physical_name
from dashlink.settings import StackSettings, load_settings


def read_settings() -> tuple[StackSettings, str]:
    """The checked settings of the stack that runs, and its region.

    Raises:
        ConfigError: With every fault of the settings.
    """
    region = pulumi.Config("alicloud").get("region") or ""
    settings = load_settings(
        _namespace("dashlink"),
        region=region,
        secret_keys=_secret_keys("dashlink"),
        source=settings_file(),
        client_formats=formats(),
    )
    return settings, region


def settings_file() -> str:
    """The file that the settings are written in, as errors name it."""
    return f"stacks/Pulumi.{pulumi.get_stack()}.yaml"


def stack_owner() -> str:
    """How the names of what this stack makes begin: by project and stack."""
    return physical_name(pulumi.get_project(), pulumi.get_stack())


def alicloud_account() -> Account:
    """The account that the alicloud provider uses in this stack, for the requests of our own.

    Raises:
        ConfigError: If no credentials can be found.
    """
    return resolve_account({key: _value(text) for key, text in _namespace("alicloud").items()})


def _namespace(name: str) -> dict[str, str]:
    prefix = f"{name}:"
    known = {**runtime_config.get_config_env(), **runtime_config.CONFIG.get()}
    return {
        key.removeprefix(prefix): value for key, value in known.items() if key.startswith(prefix)
    }


def _secret_keys(name: str) -> frozenset[str]:
    secret = {*runtime_config._SECRET_KEYS.get(), *runtime_config.get_config_secret_keys_env()}
    return frozenset(key for key in _namespace(name) if f"{name}:{key}" in secret)


def _value(text: str) -> Any:
    """Pulumi hands nested settings over as JSON text, plain ones as they are."""
    return json.loads(text) if text.startswith(("{", "[")) else text
