"""Which account acts: one resolver for everything of ours, in the order of the alicloud provider.

    settings of the provider -> environment -> profile -> role taken on top

The order and the names are those of terraform-provider-alicloud v1.285.0 (`providerConfigure`), so that the provider
and our own requests never act as two accounts. The SDK's own chain is not used: it reads ALIBABA_CLOUD_* only.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from alibabacloud_credentials.client import Client as CredentialsClient
from alibabacloud_credentials.models import Config as CredentialsConfig
from alibabacloud_credentials.provider import (
    CLIProfileCredentialsProvider,
    RamRoleArnCredentialsProvider,
)

from dashlink.errors import ConfigError, Fault

# Key of the provider's settings -> environment variables that stand in for it, the first that is set wins.
ENVIRONMENT: Mapping[str, tuple[str, ...]] = {
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
# Within an `assume_role` or `assume_role_with_oidc` block that is there; the provider reads none of these without it.
_ROLE_ENVIRONMENT: Mapping[str, tuple[str, ...]] = {
    "role_arn": ("ALICLOUD_ASSUME_ROLE_ARN", "ALIBABA_CLOUD_ROLE_ARN"),
    "session_name": ("ALICLOUD_ASSUME_ROLE_SESSION_NAME", "ALIBABA_CLOUD_ROLE_SESSION_NAME"),
    "session_expiration": ("ALICLOUD_ASSUME_ROLE_SESSION_EXPIRATION",),
    "oidc_provider_arn": ("ALIBABA_CLOUD_OIDC_PROVIDER_ARN",),
    "oidc_token_file": ("ALIBABA_CLOUD_OIDC_TOKEN_FILE",),
    "role_session_name": ("ALIBABA_CLOUD_ROLE_SESSION_NAME",),
}
_PRODUCTS = ("vpc", "ecs", "privatelink", "apig", "sts")
_DEFAULT_REGION = "cn-beijing"  # the provider's
_SESSION_SECONDS = 3600
_DYNAMIC_MODES = ("ChainableRamRoleArn", "CloudSSO", "External", "OAuth")


@dataclass(frozen=True)
class Account:
    """An account, a region and the API hosts in force.

    Attributes:
        region: Region of all requests.
        credentials: The SDK's credentials client; it refreshes what expires. Not shown in `repr`.
        hosts: API host by product code (``vpc``), where settings or environment name one.
        protocol: ``https``, or ``http`` where settings say so.
    """

    region: str
    credentials: CredentialsClient = field(repr=False)
    hosts: Mapping[str, str] = field(default_factory=dict)
    protocol: str = "https"

    def host(self, product: str) -> str | None:
        """The API host of a product; None where the SDK's own is meant."""
        return self.hosts.get(product)


def resolve_account(
    settings: Mapping[str, Any], environment: Mapping[str, str] | None = None
) -> Account:
    """The account that the alicloud provider would use with these settings.

    Args:
        settings: The provider's settings, snake_case or camelCase keys as in `alicloud:` configuration; plain values.
        environment: Environment variables; None: the process's own.

    Raises:
        ConfigError: If no credentials can be found, or what names them is incomplete.
    """
    env = os.environ if environment is None else environment
    chosen = _Chosen(
        {_snake(key): value for key, value in settings.items() if value not in (None, "")}, env
    )
    return Account(
        region=chosen.text("region") or str(chosen.profile().get("region_id") or _DEFAULT_REGION),
        credentials=_credentials(chosen),
        hosts=chosen.hosts(),
        protocol=str(chosen.settings.get("protocol", "https")).lower(),
    )


def _snake(key: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in key)


@dataclass(frozen=True)
class _Chosen:
    """The provider's settings with the environment behind them."""

    settings: Mapping[str, Any]
    env: Mapping[str, str]

    def text(self, key: str) -> str:
        """A setting, or the first environment variable that stands in for it."""
        own = str(self.settings.get(key, "")).strip()
        return own or next((self.env[name] for name in ENVIRONMENT[key] if self.env.get(name)), "")

    def block(self, key: str) -> dict[str, Any] | None:
        """A nested block; Pulumi hands it over as an object, Terraform's shape is a list of one."""
        value = self.settings.get(key)
        if isinstance(value, list):
            value = value[0] if value else None
        if not isinstance(value, Mapping):
            return None
        given = {_snake(name): item for name, item in value.items() if item not in (None, "")}
        behind = {
            name: next(self.env[variable] for variable in variables if self.env.get(variable))
            for name, variables in _ROLE_ENVIRONMENT.items()
            if any(self.env.get(variable) for variable in variables)
        }
        return {**behind, **given}

    def hosts(self) -> dict[str, str]:
        """API host by product: the `endpoints` block, else the environment by the provider's names."""
        given = self.settings.get("endpoints")
        blocks = [
            block
            for block in (given if isinstance(given, list) else [given])
            if isinstance(block, Mapping)
        ]
        written = {
            product: str(block[product])
            for block in blocks
            for product in _PRODUCTS
            if block.get(product)
        }
        named = {
            product: self.env.get(f"ALIBABA_CLOUD_ENDPOINT_{product.upper()}")
            or self.env.get(f"{product.upper()}_ENDPOINT")
            for product in _PRODUCTS
        }
        return {**{product: host for product, host in named.items() if host}, **written}

    def profile_file(self) -> Path:
        """Where profiles lie: the aliyun CLI's configuration."""
        named = self.text("shared_credentials_file")
        home = self.env.get("HOME", str(Path.home()))
        return (
            Path(named.replace("~", home, 1)) if named else Path(home) / ".aliyun" / "config.json"
        )

    def profile(self) -> Mapping[str, Any]:
        """The profile that is named; empty where none is."""
        name = self.text("profile")
        if not name:
            return {}
        file = self.profile_file()
        try:
            profiles = json.loads(file.read_text(encoding="utf-8")).get("profiles", [])
        except (OSError, ValueError, AttributeError):
            raise _fault(
                "alicloud:profile",
                f"{file} is not there or cannot be read",
                f"Run `aliyun configure --profile {name}`.",
                name,
            ) from None
        for found in profiles:
            if found.get("name") == name:
                return dict(found)
        raise _fault(
            "alicloud:profile", f"{file} has no such profile", "Name one of its profiles.", name
        )


def _credentials(chosen: _Chosen) -> CredentialsClient:
    base = _base_credentials(chosen)
    role = {**(_profile_role(chosen) or {}), **(chosen.block("assume_role") or {})}
    return _assume(role, base, chosen.hosts().get("sts")) if role else base


def _base_credentials(chosen: _Chosen) -> CredentialsClient:
    """Who acts before a role is taken."""
    access_key, secret_key, token = _static_keys(chosen)
    if access_key and secret_key:
        return _keys(access_key, secret_key, token)
    profile = chosen.profile()
    if profile.get("mode") in _DYNAMIC_MODES:
        provider = CLIProfileCredentialsProvider(
            profile_name=chosen.text("profile"),
            profile_file=str(chosen.profile_file()),
            allow_config_force_rewrite=False,
        )
        return CredentialsClient(provider=provider)
    if uri := chosen.text("credentials_uri"):
        return CredentialsClient(CredentialsConfig(type="credentials_uri", credentials_uri=uri))
    of_profile = profile.get("ram_role_name") if profile.get("mode") == "EcsRamRole" else ""
    if role_name := chosen.text("ecs_role_name") or of_profile:
        return CredentialsClient(CredentialsConfig(type="ecs_ram_role", role_name=role_name))
    if oidc := chosen.block("assume_role_with_oidc"):
        return _by_oidc(oidc, chosen.hosts().get("sts"))
    raise _fault(
        "credentials",
        "none found",
        "Set ALICLOUD_ACCESS_KEY and ALICLOUD_SECRET_KEY, or a profile, a role or OIDC: docs/credentials.md.",
    )


def _static_keys(chosen: _Chosen) -> tuple[str, str, str]:
    """Keys from settings and environment, each with the profile behind it."""
    profile = chosen.profile()
    mode = profile.get("mode")
    if mode == "EcsRamRole" or mode in _DYNAMIC_MODES:
        profile = {}
    token = str(profile.get("sts_token") or "") if mode == "StsToken" else ""
    return (
        chosen.text("access_key") or str(profile.get("access_key_id") or ""),
        chosen.text("secret_key") or str(profile.get("access_key_secret") or ""),
        chosen.text("security_token") or token,
    )


def _profile_role(chosen: _Chosen) -> dict[str, Any] | None:
    profile = chosen.profile()
    if profile.get("mode") != "RamRoleArn":
        return None
    return {
        "role_arn": profile.get("ram_role_arn"),
        "session_name": profile.get("ram_session_name"),
        "session_expiration": profile.get("expired_seconds"),
    }


def _keys(access_key: str, secret_key: str, token: str) -> CredentialsClient:
    return CredentialsClient(
        CredentialsConfig(
            type="sts" if token else "access_key",
            access_key_id=access_key,
            access_key_secret=secret_key,
            security_token=token or None,
        )
    )


def _assume(
    role: Mapping[str, Any], base: CredentialsClient, sts_host: str | None
) -> CredentialsClient:
    """A role on top of ``base``, whatever that is: the provider takes it so too."""
    if not role.get("role_arn"):
        raise _fault("alicloud:assumeRole", "names no role", "Write `roleArn`.")
    provider = RamRoleArnCredentialsProvider(
        credentials_provider=base.cloud_credential.provider,
        role_arn=role["role_arn"],
        role_session_name=role.get("session_name") or "dashlink",
        duration_seconds=int(role.get("session_expiration") or _SESSION_SECONDS),
        policy=role.get("policy"),
        external_id=role.get("external_id"),
        sts_endpoint=sts_host,
    )
    return CredentialsClient(provider=provider)


def _by_oidc(block: Mapping[str, Any], sts_host: str | None) -> CredentialsClient:
    for key in ("oidc_provider_arn", "oidc_token_file", "role_arn"):
        if not block.get(key):
            raise _fault(
                "alicloud:assumeRoleWithOidc",
                f"{key} is missing",
                "Write it, or set its environment variable.",
            )
    return CredentialsClient(
        CredentialsConfig(
            type="oidc_role_arn",
            oidc_provider_arn=block["oidc_provider_arn"],
            oidc_token_file_path=block["oidc_token_file"],
            role_arn=block["role_arn"],
            role_session_name=block.get("role_session_name") or "dashlink",
            role_session_expiration=int(block.get("session_expiration") or _SESSION_SECONDS),
            policy=block.get("policy"),
            sts_endpoint=sts_host,
        )
    )


def _fault(where: str, problem: str, advice: str, got: str | None = None) -> ConfigError:
    return ConfigError([Fault(where, problem, advice, got)])
