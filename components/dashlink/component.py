"""What the components have in common: names by meaning, tags and resource group from the general to the particular."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import pulumi

from dashlink.naming import LONGEST_NAME, physical_name


class _Tagged(Protocol):
    @property
    def tags(self) -> Mapping[str, str]: ...
    @property
    def resource_group_id(self) -> str | None: ...


class TaggedComponent(pulumi.ComponentResource):
    """A component whose settings may mark what it makes, over what its arguments say for the whole stack."""

    def __init__(
        self,
        token: str,
        name: str,
        opts: pulumi.ResourceOptions | None,
        *,
        settings: _Tagged,
        defaults: _Tagged,
    ) -> None:
        """Register the component; ``settings`` win over ``defaults``."""
        super().__init__(token, name, None, opts)
        self._name = name
        self._child = pulumi.ResourceOptions(parent=self)
        # For what can be there only once: a second private zone of one name is refused to a VPC.
        self._alone = pulumi.ResourceOptions(parent=self, delete_before_replace=True)
        self._tags = {**defaults.tags, **settings.tags}
        self._resource_group_id = settings.resource_group_id or defaults.resource_group_id

    def _physical_name(self, *parts: str, limit: int = LONGEST_NAME) -> str:
        return physical_name(
            pulumi.get_project(), pulumi.get_stack(), self._name, *parts, limit=limit
        )
