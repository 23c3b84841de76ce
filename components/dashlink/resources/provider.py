"""dashlink's own provider as a program declares it, with the same account as the alicloud provider in force.

Components make it explicitly: the default provider of the package `dashlink` would receive the whole `dashlink:`
configuration, which is the settings of the stack.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_alicloud
from pydantic.alias_generators import to_camel

# The alicloud provider's settings that say who acts, and where the cloud is. Blocks are handed over as JSON text.
_TEXTS = (
    "region",
    "access_key",
    "secret_key",
    "security_token",
    "profile",
    "shared_credentials_file",
    "ecs_role_name",
    "credentials_uri",
    "protocol",
)
_BLOCKS = ("assume_role", "assume_role_with_oidc", "endpoints")
_SECRET = ("access_key", "secret_key", "security_token")


class Provider(pulumi.ProviderResource):
    """dashlink's provider, explicitly.

    Give it to a component beside an explicit alicloud provider that takes a role, whose blocks Pulumi does not show::

        role = {"role_arn": "acs:ram::1234:role/network"}
        opts = pulumi.ResourceOptions(providers=[
            pulumi_alicloud.Provider("network", region="cn-beijing", assume_role=role),
            dashlink.Provider("network", region="cn-beijing", assume_role=role),
        ])
    """

    def __init__(
        self, name: str, opts: pulumi.ResourceOptions | None = None, **settings: Any
    ) -> None:
        """Declare it.

        Args:
            name: Logical name.
            opts: Pulumi's options.
            **settings: The alicloud provider's settings of the same names: region, access_key, secret_key,
                security_token, profile, shared_credentials_file, ecs_role_name, credentials_uri, protocol; assume_role,
                assume_role_with_oidc and endpoints as plain mappings.

        Raises:
            TypeError: If a setting is none of these.
        """
        unknown = sorted(set(settings) - {*_TEXTS, *_BLOCKS})
        if unknown:
            msg = f"dashlink.Provider has no {', '.join(unknown)}; it has {', '.join((*_TEXTS, *_BLOCKS))}"
            raise TypeError(msg)
        given = {key: value for key, value in settings.items() if value is not None}
        properties = {to_camel(key): _text(value) for key, value in given.items()}
        for key in _SECRET:
            if to_camel(key) in properties:
                properties[to_camel(key)] = pulumi.Output.secret(properties[to_camel(key)])
        super().__init__("dashlink", name, properties, opts)


def _text(value: Any) -> Any:
    return json.dumps(value, sort_keys=True) if isinstance(value, Mapping | list) else value


def provider_for(
    component: pulumi.ComponentResource, name: str, region: str
) -> pulumi.ProviderResource:
    """Dashlink's provider for a component: the one that it was given, else one with the alicloud provider's account.

    Args:
        component: The component; its `providers` are looked at.
        name: Name of the component.
        region: Region of the component's resources.
    """
    given = component.get_provider("dashlink:endpoint:EndpointConnection")
    if given is not None:
        return given
    explicit = component.get_provider("alicloud:privatelink/vpcEndpoint:VpcEndpoint")
    settings = (
        _of_provider(explicit)
        if isinstance(explicit, pulumi_alicloud.Provider)
        else _of_configuration()
    )
    return Provider(
        f"{name}-provider",
        pulumi.ResourceOptions(parent=component),
        **{**settings, "region": region},
    )


def _of_provider(provider: pulumi_alicloud.Provider) -> dict[str, Any]:
    return {key: getattr(provider, key) for key in _TEXTS}


def _of_configuration() -> dict[str, Any]:
    """The default provider's: `alicloud:` in the stack's configuration. What is not there, the environment has."""
    config = pulumi.Config("alicloud")
    texts = {
        key: config.get_secret(to_camel(key)) if key in _SECRET else config.get(to_camel(key))
        for key in _TEXTS
    }
    return {**texts, **{key: config.get_object(to_camel(key)) for key in _BLOCKS}}
