"""Credentials that expire or come from elsewhere, by the official SDK (alibabacloud_credentials).

Import this module where they are needed: the SDK takes 0.15 s to import.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from alibabacloud_credentials import provider as providers
from alibabacloud_credentials.client import Client
from alibabacloud_credentials.models import Config

from dashlink.cloud.keys import Credentials

_DEFAULT_SESSION_NAME = "dashlink"
_DEFAULT_SESSION_SECONDS = 3600


def of_profile(name: str, file: Path) -> Credentials:
    """Return the credentials of a profile whose mode the SDK resolves itself, at each refresh."""
    provider = providers.CLIProfileCredentialsProvider(
        profile_name=name, profile_file=str(file), allow_config_force_rewrite=False
    )
    return _client(provider=provider)


def of_uri(uri: str) -> Credentials:
    """Return the credentials that a URL serves."""
    return _client(Config(type="credentials_uri", credentials_uri=uri))


def of_ecs_role(role_name: str) -> Credentials:
    """Return the credentials of the role of this ECS instance."""
    return _client(Config(type="ecs_ram_role", role_name=role_name))


def of_oidc(role: Mapping[str, Any], sts_host: str | None) -> Credentials:
    """Return the credentials of a role assumed with an OIDC token."""
    return _client(
        Config(
            type="oidc_role_arn",
            oidc_provider_arn=role["oidc_provider_arn"],
            oidc_token_file_path=role["oidc_token_file"],
            role_arn=role["role_arn"],
            role_session_name=role.get("role_session_name") or _DEFAULT_SESSION_NAME,
            role_session_expiration=int(role.get("session_expiration") or _DEFAULT_SESSION_SECONDS),
            policy=role.get("policy"),
            sts_endpoint=sts_host,
        )
    )


def of_role(role: Mapping[str, Any], base: Credentials, sts_host: str | None) -> Credentials:
    """Return the credentials of a role assumed with ``base`` of any kind, as the provider does."""
    provider = providers.RamRoleArnCredentialsProvider(
        credentials_provider=_provider_of(base),
        role_arn=role["role_arn"],
        role_session_name=role.get("session_name") or _DEFAULT_SESSION_NAME,
        duration_seconds=int(role.get("session_expiration") or _DEFAULT_SESSION_SECONDS),
        policy=role.get("policy"),
        external_id=role.get("external_id"),
        sts_endpoint=sts_host,
    )
    return _client(provider=provider)


def _client(config: Config | None = None, provider: Any = None) -> Credentials:
    client: Credentials = Client(config, provider)
    return client


def _provider_of(base: Credentials) -> Any:
    """Return the SDK's provider of credentials, static ones included."""
    if isinstance(base, Client):
        return base.cloud_credential.provider
    key = base.get_credential()
    if not key.security_token:
        return providers.StaticAKCredentialsProvider(
            access_key_id=key.access_key_id, access_key_secret=key.access_key_secret
        )
    return providers.StaticSTSCredentialsProvider(
        access_key_id=key.access_key_id,
        access_key_secret=key.access_key_secret,
        security_token=key.security_token,
    )
