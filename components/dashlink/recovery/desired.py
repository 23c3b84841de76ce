"""Resources that a preview would create: their inputs, and what it does not know of them yet."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""A value that a preview does not know yet (Pulumi 3.259, sdk/go/common/resource/plugin/rpc.go:
UnknownStringValue)."""

OWNER_TAGS = ("made-by", "dashlink-project", "dashlink-stack")
"""The tags by which a stack's resources are recognized (`dashlink.naming.default_tags`)."""


class UnknownInputError(Exception):
    """An input is not known before another resource exists: then neither does this one."""


@dataclass(frozen=True)
class Inputs:
    """The inputs of one resource, by Pulumi's names.

    Attributes:
        values: The inputs.
        region: Region of the resource's provider.
    """

    values: Mapping[str, Any]
    region: str

    def text(self, *path: str) -> str:
        """Return a text, or a number as text; empty where the resource has none.

        Raises:
            UnknownInputError: The preview does not know it.
        """
        value: Any = self.values
        for name in path:
            value = value.get(name) if isinstance(value, Mapping) else None
        if value == UNKNOWN:
            raise UnknownInputError(".".join(path))
        return "" if value is None else str(value)

    def require_all(self) -> None:
        """Check that every input is known.

        Raises:
            UnknownInputError: The preview does not know one.
        """
        if UNKNOWN in json.dumps(dict(self.values)):
            raise UnknownInputError

    @property
    def owner(self) -> Mapping[str, str]:
        """The tags that name the stack; empty where a program sets none."""
        tags = self.values.get("tags")
        if not isinstance(tags, Mapping):
            return {}
        return {name: str(tags[name]) for name in OWNER_TAGS if name in tags}


@dataclass(frozen=True)
class Desired:
    """A resource that a preview would create.

    Attributes:
        urn: Its URN.
        type: Its type token: ``alicloud:vpc/network:Network``.
        inputs: Its inputs.
        dependencies: URNs that it depends on.
        property_dependencies: The same by input.
    """

    urn: str
    type: str
    inputs: Inputs
    dependencies: tuple[str, ...] = ()
    property_dependencies: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Its logical name."""
        return self.urn.rpartition("::")[2]


@dataclass(frozen=True)
class Found:
    """A resource of the cloud that can be a desired one.

    Attributes:
        cloud_id: Its id in the cloud, for people: ``vpc-…``.
        import_id: Its id as the alicloud provider imports it.
    """

    cloud_id: str
    import_id: str
