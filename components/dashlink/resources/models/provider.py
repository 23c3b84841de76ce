"""Settings of dashlink's own provider: the account, and where its cloud is."""

from __future__ import annotations

from dashlink.resources.contract import ResourceModel, SecretText


class ProviderSettings(ResourceModel):
    """Settings with the names that the alicloud provider gives them; all are text on the wire."""

    region: str | None = None
    """Region, e.g. cn-beijing."""
    access_key: SecretText | None = None
    """Access key id."""
    secret_key: SecretText | None = None
    """Access key secret."""
    security_token: SecretText | None = None
    """Token of temporary credentials."""
    profile: str | None = None
    """Profile of the aliyun CLI."""
    shared_credentials_file: str | None = None
    """File of the profiles."""
    ecs_role_name: str | None = None
    """RAM role of the ECS instance."""
    credentials_uri: str | None = None
    """URL that serves credentials."""
    protocol: str | None = None
    """`https` or `http`."""
    assume_role: str | None = None
    """RAM role to assume, JSON."""
    assume_role_with_oidc: str | None = None
    """RAM role to assume by OIDC, JSON."""
    endpoints: str | None = None
    """API hosts by product, JSON."""


JSON_SETTINGS = ("assume_role", "assume_role_with_oidc", "endpoints")
"""Settings that are objects or lists, written as JSON text."""
