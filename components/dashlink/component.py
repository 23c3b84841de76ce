"""The base classes of components: faults before the first resource, names, tags, resource group."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

import pulumi

from dashlink.errors import ConfigError, Fault
from dashlink.naming import MAX_NAME_LENGTH, physical_name


class ComponentConfigError(ConfigError, pulumi.RunError):
    """Invalid arguments of a component. Pulumi reports a RunError without a traceback."""


class CheckedComponent(pulumi.ComponentResource):
    """A component that registers nothing if its arguments have faults."""

    def __init__(
        self, token: str, name: str, opts: pulumi.ResourceOptions | None, *, faults: Iterable[Fault]
    ) -> None:
        """Register the component.

        Raises:
            ConfigError: If there are ``faults``, before any resource is registered.
        """
        collected = tuple(faults)
        if collected:
            raise ComponentConfigError(collected, f"{type(self).__name__} {name}")
        super().__init__(token, name, None, opts)
        self._name = name


class _Tagged(Protocol):
    @property
    def tags(self) -> Mapping[str, str]: ...
    @property
    def resource_group_id(self) -> str | None: ...


class TaggedComponent(CheckedComponent):
    """A component with tags and a resource group of its own, which override those of the stack."""

    def __init__(
        self,
        token: str,
        name: str,
        opts: pulumi.ResourceOptions | None,
        *,
        settings: _Tagged,
        defaults: _Tagged,
        faults: Iterable[Fault] = (),
    ) -> None:
        """Register the component; ``settings`` override ``defaults``.

        Raises:
            ConfigError: If there are ``faults``, before any resource is registered.
        """
        super().__init__(token, name, opts, faults=faults)
        self._child = pulumi.ResourceOptions(parent=self)
        self._child_deleted_first = deleted_first(self._child)
        self._tags = {**defaults.tags, **settings.tags}
        self._resource_group_id = settings.resource_group_id or defaults.resource_group_id

    def _physical_name(self, *parts: str, limit: int = MAX_NAME_LENGTH) -> str:
        return physical_name(
            pulumi.get_project(), pulumi.get_stack(), self._name, *parts, limit=limit
        )


def deleted_first(options: pulumi.ResourceOptions) -> pulumi.ResourceOptions:
    """Return ``options`` for a resource of which the cloud has one at a time.

    A VPC refuses a second private zone of the same name, a private zone a second CNAME of the same
    host, an endpoint a second zone in the same availability zone, a route table a second route to
    the same destination, and a transit router a second attachment of the same VPC.
    """
    first = pulumi.ResourceOptions(delete_before_replace=True)
    return pulumi.ResourceOptions.merge(options, first)
