"""What the program of a stack reads from Pulumi's configuration: its settings and its account.

The whole `dashlink:` namespace is read, not single keys, so that misspelt keys are reported.
"""

from __future__ import annotations

import json
from typing import Any

import pulumi

from dashlink.clients.formats import formats
from dashlink.cloud.credentials import Account, resolve_account
from dashlink.configuration import keys_outside, secret_keys_of, values_of
from dashlink.naming import physical_name
from dashlink.settings import StackSettings, load_settings


def read_settings() -> tuple[StackSettings, str]:
    """Return the checked settings of the running stack, and its region.

    Raises:
        ConfigError: With every fault of the settings.
    """
    region = pulumi.Config("alicloud").get("region") or ""
    settings = load_settings(
        values_of("dashlink"),
        region=region,
        secret_keys=secret_keys_of("dashlink"),
        other_keys=keys_outside("dashlink"),
        source=settings_file(),
        client_formats=formats(),
    )
    return settings, region


def settings_file() -> str:
    """Return the path of the file with the settings, as errors show it."""
    return f"stacks/Pulumi.{pulumi.get_stack()}.yaml"


def stack_owner() -> str:
    """Return the prefix of the names of the stack's resources: project and stack."""
    return physical_name(pulumi.get_project(), pulumi.get_stack())


def alicloud_account() -> Account:
    """Return the account of the alicloud provider in this stack.

    Raises:
        ConfigError: If there are no credentials.
    """
    settings = {key: _value(text) for key, text in values_of("alicloud").items()}
    return resolve_account(settings)


def _value(text: str) -> Any:
    """Decode a value: Pulumi passes objects and lists as JSON text."""
    if text.startswith(("{", "[")):
        return json.loads(text)
    return text
