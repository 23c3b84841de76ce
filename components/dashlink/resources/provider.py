"""dashlink's own provider in programs, with the account of the alicloud provider in force.

Components declare it explicitly: a default provider of the package `dashlink` would receive the
whole `dashlink:` configuration, which holds the settings of the stack.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
import pulumi_alicloud
from pydantic.alias_generators import to_camel, to_snake

from dashlink.resources.contract import secret_fields
from dashlink.resources.models.endpoint_connection import ENDPOINT_CONNECTION
from dashlink.resources.models.provider import JSON_SETTINGS, ProviderSettings


class Provider(pulumi.ProviderResource):
    """dashlink's provider, declared explicitly.

    Pass it to a component beside an explicit alicloud provider that assumes a role, because Pulumi
    does not show the role of that provider::

        role = {"role_arn": "acs:ram::1234:role/network"}
        opts = pulumi.ResourceOptions(providers=[
            pulumi_alicloud.Provider("network", region="cn-beijing", assume_role=role),
            dashlink.Provider("network", region="cn-beijing", assume_role=role),
        ])
    """

    def __init__(
        self,
        resource_name: str,
        *,
        region: pulumi.Input[str] | None = None,
        access_key: pulumi.Input[str] | None = None,
        secret_key: pulumi.Input[str] | None = None,
        security_token: pulumi.Input[str] | None = None,
        profile: pulumi.Input[str] | None = None,
        shared_credentials_file: pulumi.Input[str] | None = None,
        ecs_role_name: pulumi.Input[str] | None = None,
        credentials_uri: pulumi.Input[str] | None = None,
        protocol: pulumi.Input[str] | None = None,
        assume_role: Mapping[str, Any] | None = None,
        assume_role_with_oidc: Mapping[str, Any] | None = None,
        endpoints: Mapping[str, str] | Sequence[Mapping[str, str]] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare the provider.

        The arguments have the names and the meaning of the alicloud provider's. See
        `ProviderSettings`; `assume_role`, `assume_role_with_oidc` and `endpoints` are plain
        mappings here.
        """
        arguments = locals()
        properties = {}
        for name in ProviderSettings.model_fields:
            value = arguments[name]
            if value is None:
                continue
            if isinstance(value, Mapping | list):
                value = json.dumps(value, sort_keys=True)
            if name in secret_fields(ProviderSettings):
                value = pulumi.Output.secret(value)
            properties[to_camel(name)] = value
        super().__init__("dashlink", resource_name, properties, opts)


def provider_for(
    component: pulumi.ComponentResource, name: str, region: str
) -> pulumi.ProviderResource:
    """Return dashlink's provider for a component.

    It is the one in the component's options, else a new one with the account of the alicloud
    provider in force.

    Args:
        component: The component, with its `providers`.
        name: Name of the component.
        region: Region of the component's resources.
    """
    own = component.get_provider(ENDPOINT_CONNECTION.token)
    if own is not None:
        return own
    return provider_in(component, f"{name}-provider", region)


def provider_in(component: pulumi.ComponentResource, name: str, region: str) -> Provider:
    """Return a provider of dashlink for another region, with the account of the one in force.

    The role of an explicit provider is not visible, and is not assumed.

    Args:
        component: The component, with its `providers`.
        name: Name of the provider.
        region: Its region.
    """
    alicloud = component.get_provider("alicloud:privatelink/vpcEndpoint:VpcEndpoint")
    if isinstance(alicloud, pulumi_alicloud.Provider):
        settings = _of_provider(alicloud)
    else:
        settings = _of_configuration()
    settings["region"] = region
    return Provider(name, **settings, opts=pulumi.ResourceOptions(parent=component))


def alicloud_provider_for(
    component: pulumi.ComponentResource, name: str, region: str
) -> pulumi_alicloud.Provider:
    """Return an alicloud provider for another region, with the account of the one in force.

    The role of an explicit provider is not visible, and is not assumed.

    Args:
        component: The component, with its `providers`.
        name: Name of the provider.
        region: Its region.
    """
    alicloud = component.get_provider("alicloud:vpc/network:Network")
    if isinstance(alicloud, pulumi_alicloud.Provider):
        settings = _of_provider(alicloud)
    else:
        settings = _of_configuration()
    arguments: dict[str, Any] = {}
    for key, value in settings.items():
        arguments[key] = _snake_keys(value) if key in JSON_SETTINGS else value
    arguments["region"] = region
    opts = pulumi.ResourceOptions(parent=component)
    return pulumi_alicloud.Provider(name, **arguments, opts=opts)


def _snake_keys(value: Any) -> Any:
    """Rename the keys of the configuration's objects to those of Python's arguments."""
    if isinstance(value, list):
        return [_snake_keys(one) for one in value]
    if isinstance(value, Mapping):
        return {to_snake(key): inner for key, inner in value.items()}
    return value


def _of_provider(alicloud: pulumi_alicloud.Provider) -> dict[str, Any]:
    """Read the settings of an explicit alicloud provider, whose objects Pulumi does not show."""
    settings = {}
    for name in ProviderSettings.model_fields:
        if name not in JSON_SETTINGS:
            settings[name] = getattr(alicloud, name)
    return settings


def _of_configuration() -> dict[str, Any]:
    """Read the stack's `alicloud:` configuration; what it lacks comes from the environment."""
    config = pulumi.Config("alicloud")
    settings: dict[str, Any] = {}
    for name in ProviderSettings.model_fields:
        key = to_camel(name)
        if name in JSON_SETTINGS:
            settings[name] = config.get_object(key)
        elif name in secret_fields(ProviderSettings):
            settings[name] = config.get_secret(key)
        else:
            settings[name] = config.get(key)
    return settings
