"""The state of a stack, as `pulumi stack export` returns it: its resources and pending operations.

A pending operation is a request whose answer the state does not have (Pulumi 3.259,
sdk/go/common/apitype/core.go: OperationV2).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from dashlink.recovery.desired import Desired

_CREATING = "creating"
ROOT = "pulumi:pulumi:Stack"


@dataclass(frozen=True)
class State:
    """The state of a stack.

    Attributes:
        document: The document of `pulumi stack export`.
    """

    document: Mapping[str, Any]

    @cached_property
    def resources(self) -> Mapping[str, Mapping[str, Any]]:
        """Resources by URN, without those that Pulumi is about to delete."""
        found = {}
        for resource in self._listed("resources"):
            if not resource.get("delete"):
                found[str(resource["urn"])] = resource
        return found

    @cached_property
    def known_ids(self) -> Collection[tuple[str, str]]:
        """Type and id of every resource, of those that Pulumi is about to delete too."""
        known = set()
        for resource in self._listed("resources"):
            known.add((str(resource["type"]), str(resource.get("id"))))
        return known

    @property
    def pending(self) -> list[Mapping[str, Any]]:
        """The operations that were in progress when a run was killed."""
        return self._listed("pending_operations")

    @property
    def pending_creations(self) -> list[Mapping[str, Any]]:
        """The resources whose creation was in progress."""
        resources = []
        for operation in self.pending:
            if operation.get("type") == _CREATING:
                resources.append(operation["resource"])
        return resources

    def settled(self, adopted: Mapping[str, Desired], kept: Collection[str]) -> dict[str, Any]:
        """Return the document with what an import leaves out.

        Args:
            adopted: Imported resources by URN: they get their dependencies, by which Pulumi
                deletes in order.
            kept: URNs of creations that stay pending, because nobody has looked for them.
        """
        deployment = dict(self.document["deployment"])
        resources: list[Mapping[str, Any]] = []
        before: set[str] = set()  # a state lists what a resource depends on before it
        for resource in deployment.get("resources") or ():
            urn = str(resource["urn"])
            desired = adopted.get(urn)
            resources.append(resource if desired is None else _linked(resource, desired, before))
            before.add(urn)
        deployment["resources"] = resources
        pending = []
        for operation in self.pending:
            if operation.get("type") == _CREATING and operation["resource"]["urn"] in kept:
                pending.append(operation)
        deployment["pending_operations"] = pending
        return {**self.document, "deployment": deployment}

    def _listed(self, field: str) -> list[Mapping[str, Any]]:
        return list((self.document.get("deployment") or {}).get(field) or ())


def _linked(
    resource: Mapping[str, Any], desired: Desired, before: Collection[str]
) -> dict[str, Any]:
    """Return a resource with its dependencies, as far as they are before it."""
    by_property = {}
    for name, urns in desired.property_dependencies.items():
        by_property[name] = [urn for urn in urns or () if urn in before]
    dependencies = [urn for urn in desired.dependencies if urn in before]
    links = {"dependencies": dependencies, "propertyDependencies": by_property}
    return {**resource, **links}
