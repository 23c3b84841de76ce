"""Credentials, region and API hosts, resolved in the order of the alicloud provider.

    settings of the provider -> environment -> profile -> role assumed on top

Order and names are those of terraform-provider-alicloud v1.285.0 (`providerConfigure`), so that the
provider and dashlink never act as two accounts. The SDK's own chain is not used: it reads
ALIBABA_CLOUD_* only.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dashlink.cloud.keys import Credentials, StaticKey
from dashlink.errors import ConfigError, Fault

# Setting of the provider -> environment variables behind it; the first that is set wins.
_ENVIRONMENT: Mapping[str, tuple[str, ...]] = {
    "access_key": (
        "ALICLOUD_ACCESS_KEY",
        "ALIBABA_CLOUD_ACCESS_KEY_ID",
        "ALIBABACLOUD_ACCESS_KEY_ID",
    ),
    "secret_key": (
        "ALICLOUD_SECRET_KEY",
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET",
        "ALIBABACLOUD_ACCESS_KEY_SECRET",
    ),
    "security_token": (
        "ALICLOUD_SECURITY_TOKEN",
        "ALIBABA_CLOUD_SECURITY_TOKEN",
        "ALIBABACLOUD_SECURITY_TOKEN",
    ),
    "region": ("ALICLOUD_REGION", "ALIBABA_CLOUD_REGION"),
    "profile": ("ALICLOUD_PROFILE", "ALIBABA_CLOUD_PROFILE"),
    "shared_credentials_file": (
        "ALICLOUD_SHARED_CREDENTIALS_FILE",
        "ALIBABA_CLOUD_CREDENTIALS_FILE",
    ),
    "ecs_role_name": ("ALICLOUD_ECS_ROLE_NAME", "ALIBABA_CLOUD_ECS_METADATA"),
    "credentials_uri": ("ALICLOUD_CREDENTIALS_URI", "ALIBABA_CLOUD_CREDENTIALS_URI"),
}
# The same for the blocks `assume_role` and `assume_role_with_oidc`; read only where a block exists.
_ROLE_ENVIRONMENT: Mapping[str, tuple[str, ...]] = {
    "role_arn": ("ALICLOUD_ASSUME_ROLE_ARN", "ALIBABA_CLOUD_ROLE_ARN"),
    "session_name": ("ALICLOUD_ASSUME_ROLE_SESSION_NAME", "ALIBABA_CLOUD_ROLE_SESSION_NAME"),
    "session_expiration": ("ALICLOUD_ASSUME_ROLE_SESSION_EXPIRATION",),
    "oidc_provider_arn": ("ALIBABA_CLOUD_OIDC_PROVIDER_ARN",),
    "oidc_token_file": ("ALIBABA_CLOUD_OIDC_TOKEN_FILE",),
    "role_session_name": ("ALIBABA_CLOUD_ROLE_SESSION_NAME",),
}
_PRODUCTS = (
    "vpc",
    "ecs",
    "privatelink",
    "apig",
    "eas",
    "pvtz",
    "cbn",
    "vpcpeer",
    "modelstudio",
    "sts",
)
_DEFAULT_REGION = "cn-beijing"  # the provider's
# Modes of a profile that the SDK resolves itself, at each refresh.
_DYNAMIC_MODES = ("ChainableRamRoleArn", "CloudSSO", "External", "OAuth")


@dataclass(frozen=True)
class Account:
    """An account, a region and API hosts.

    Attributes:
        region: Region of all requests.
        credentials: The source of access keys, which refreshes what expires. Not in `repr`.
        hosts: API host by product code (``vpc``), where settings or environment name one.
        protocol: ``https``, or ``http`` where the settings choose it.
    """

    region: str
    credentials: Credentials = field(repr=False)
    hosts: Mapping[str, str] = field(default_factory=dict)
    protocol: str = "https"

    def host(self, product: str) -> str | None:
        """Return the API host of a product; None for its public one."""
        return self.hosts.get(product)


def resolve_account(
    settings: Mapping[str, Any], environment: Mapping[str, str] | None = None
) -> Account:
    """Return the account that the alicloud provider uses with these settings.

    Args:
        settings: The provider's settings as plain values; keys in snake_case, or in camelCase as in
            the `alicloud:` configuration.
        environment: Environment variables; None for those of the process.

    Raises:
        ConfigError: If there are no credentials, or they are incomplete.
    """
    if environment is None:
        environment = os.environ
    source = _Source(_set_values(settings), environment)
    region = source.text("region") or source.profile().get("region_id") or _DEFAULT_REGION
    return Account(
        region=str(region),
        credentials=_credentials(source),
        hosts=source.hosts(),
        protocol=str(source.settings.get("protocol", "https")).lower(),
    )


def _set_values(block: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of ``block`` that are set, keys in snake_case."""
    return {_snake(key): value for key, value in block.items() if value not in (None, "")}


def _snake(key: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in key)


@dataclass(frozen=True)
class _Source:
    """The provider's settings, and the environment behind them."""

    settings: Mapping[str, Any]
    environment: Mapping[str, str]

    def text(self, key: str) -> str:
        """Return a setting, else the first environment variable behind it, else an empty text."""
        setting = str(self.settings.get(key, "")).strip()
        return setting or self.variable(_ENVIRONMENT[key])

    def variable(self, names: Iterable[str]) -> str:
        """Return the first environment variable that is set, else an empty text."""
        for name in names:
            if self.environment.get(name):
                return self.environment[name]
        return ""

    def role_block(self, key: str) -> dict[str, Any] | None:
        """Return a nested block, completed by the environment; None where there is no such block.

        Pulumi passes an object; the shape of Terraform is a list of one.
        """
        block = self.settings.get(key)
        if isinstance(block, list):
            block = block[0] if block else None
        if not isinstance(block, Mapping):
            return None
        role: dict[str, Any] = {}
        for name, variables in _ROLE_ENVIRONMENT.items():
            value = self.variable(variables)
            if value:
                role[name] = value
        return role | _set_values(block)

    def hosts(self) -> dict[str, str]:
        """Return API hosts by product: from `endpoints`, else from the environment."""
        blocks = self.settings.get("endpoints")
        if not isinstance(blocks, list):
            blocks = [blocks]
        hosts = {}
        for product in _PRODUCTS:
            code = product.upper()
            host = self.variable((f"ALIBABA_CLOUD_ENDPOINT_{code}", f"{code}_ENDPOINT"))
            for block in blocks:
                if isinstance(block, Mapping) and block.get(product):
                    host = str(block[product])
            if host:
                hosts[product] = host
        return hosts

    def profile_file(self) -> Path:
        """Return the file of profiles: the aliyun CLI's, unless another one is set."""
        home = self.environment.get("HOME", str(Path.home()))
        named = self.text("shared_credentials_file")
        if named:
            return Path(named.replace("~", home, 1))
        return Path(home) / ".aliyun" / "config.json"

    def profile(self) -> Mapping[str, Any]:
        """Return the profile that is set; empty where none is.

        Raises:
            ConfigError: If the file cannot be read or has no such profile.
        """
        name = self.text("profile")
        if not name:
            return {}
        file = self.profile_file()
        try:
            profiles = json.loads(file.read_text(encoding="utf-8")).get("profiles", [])
        except (OSError, ValueError, AttributeError):
            problem = f"{file} does not exist or cannot be read"
            advice = f"Run `aliyun configure --profile {name}`."
            raise _config_error("alicloud:profile", problem, advice, name) from None
        for profile in profiles:
            if profile.get("name") == name:
                return dict(profile)
        advice = "Name one of its profiles."
        raise _config_error("alicloud:profile", f"{file} has no such profile", advice, name)


def _credentials(source: _Source) -> Credentials:
    """Return the credentials in force, a role on top of the base credentials included."""
    base = _base_credentials(source)
    role = {**_profile_role(source), **(source.role_block("assume_role") or {})}
    if not role:
        return base
    if not role.get("role_arn"):
        raise _config_error("alicloud:assumeRole", "names no role", "Write `roleArn`.")
    from dashlink.cloud import sdk_credentials  # noqa: PLC0415 - slow to import

    return sdk_credentials.of_role(role, base, source.hosts().get("sts"))


def _base_credentials(source: _Source) -> Credentials:
    """Return the credentials before a role is assumed."""
    access_key, secret_key, token = _static_keys(source)
    if access_key and secret_key:
        return StaticKey(access_key, secret_key, token)
    from dashlink.cloud import sdk_credentials  # noqa: PLC0415 - slow to import

    if source.profile().get("mode") in _DYNAMIC_MODES:
        return sdk_credentials.of_profile(source.text("profile"), source.profile_file())
    uri = source.text("credentials_uri")
    if uri:
        return sdk_credentials.of_uri(uri)
    role_name = _ecs_role_name(source)
    if role_name:
        return sdk_credentials.of_ecs_role(role_name)
    oidc = source.role_block("assume_role_with_oidc")
    if oidc:
        _require_oidc(oidc)
        return sdk_credentials.of_oidc(oidc, source.hosts().get("sts"))
    raise _config_error(
        "credentials",
        "none found",
        "Set ALICLOUD_ACCESS_KEY and ALICLOUD_SECRET_KEY, or a profile, a role or OIDC: "
        "docs/credentials.md.",
    )


def _static_keys(source: _Source) -> tuple[str, str, str]:
    """Return access key, secret key and token: each from settings, environment or profile."""
    profile = source.profile()
    mode = profile.get("mode")
    if mode == "EcsRamRole" or mode in _DYNAMIC_MODES:
        profile = {}
    token = source.text("security_token")
    if not token and mode == "StsToken":
        token = str(profile.get("sts_token") or "")
    return (
        source.text("access_key") or str(profile.get("access_key_id") or ""),
        source.text("secret_key") or str(profile.get("access_key_secret") or ""),
        token,
    )


def _ecs_role_name(source: _Source) -> str:
    role_name = source.text("ecs_role_name")
    profile = source.profile()
    if not role_name and profile.get("mode") == "EcsRamRole":
        role_name = str(profile.get("ram_role_name") or "")
    return role_name


def _profile_role(source: _Source) -> dict[str, Any]:
    """Return the role of a profile of mode RamRoleArn, else nothing."""
    profile = source.profile()
    if profile.get("mode") != "RamRoleArn":
        return {}
    return {
        "role_arn": profile.get("ram_role_arn"),
        "session_name": profile.get("ram_session_name"),
        "session_expiration": profile.get("expired_seconds"),
    }


def _require_oidc(role: Mapping[str, Any]) -> None:
    for key in ("oidc_provider_arn", "oidc_token_file", "role_arn"):
        if not role.get(key):
            advice = "Write it, or set its environment variable."
            raise _config_error("alicloud:assumeRoleWithOidc", f"{key} is missing", advice)


def _config_error(where: str, problem: str, advice: str, got: str | None = None) -> ConfigError:
    return ConfigError([Fault(where, problem, advice, got)])
