"""The file of `pulumi import`: resources with their ids, parents and providers.

Format: Pulumi 3.259, pkg/cmd/pulumi/operations/import.go (importFile, importSpec), as `pulumi
preview --import-file` writes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dashlink.recovery.catalog import UNREADABLE
from dashlink.recovery.desired import Desired
from dashlink.recovery.plan import Plan, is_default, provider_urn
from dashlink.recovery.state import ROOT, State

_INTERNAL = ("__defaults",)


@dataclass
class ImportFile:
    """An import file that is being written.

    Attributes:
        plan: Parents and providers that the state may lack.
        state: What the state has.
        providers: Entries of explicit providers, by logical name, of a preview's import file.
    """

    plan: Plan
    state: State
    providers: Mapping[str, Mapping[str, Any]]
    _names: dict[str, str] = field(default_factory=dict)
    _table: dict[str, str] = field(default_factory=dict)
    _entries: list[dict[str, Any]] = field(default_factory=list)

    def add(self, desired: Desired, import_id: str) -> None:
        """Add a resource of the cloud, with what it needs of parents and provider."""
        resource = self.plan.states[desired.urn]
        entry: dict[str, Any] = {"id": import_id, **self._place(resource)}
        provider = provider_urn(resource)
        if is_default(provider):
            settings = self.plan.states.get(provider, {}).get("inputs") or {}
            entry["version"] = settings.get("version")
        else:
            entry["provider"] = self._reference(provider)
        if desired.type in UNREADABLE:
            inputs = _without_internals(desired.inputs.values)
            entry |= {"inputs": inputs, "outputs": inputs}
        self._append(desired.urn, entry)

    def document(self) -> dict[str, Any]:
        """Return the document of the file."""
        return {"nameTable": self._table, "resources": self._entries}

    def _place(self, resource: Mapping[str, Any]) -> dict[str, Any]:
        """Return the fields that make up a resource's URN."""
        urn = str(resource["urn"])
        place = {"type": resource["type"], "logicalName": urn.rpartition("::")[2]}
        parent = str(resource.get("parent") or "")
        if parent and self._type_of(parent) != ROOT:
            place["parent"] = self._reference(parent)
        return place

    def _reference(self, urn: str) -> str:
        """Return the name by which the file refers to a component or an explicit provider."""
        if urn in self._names:
            return self._names[urn]
        if urn in self.state.resources:
            name = self._name(urn)
            self._table[name] = urn
            return name
        resource = self.plan.states[urn]
        entry = self._place(resource)
        if self._type_of(urn).startswith("pulumi:providers:"):
            entry = {**self.providers.get(str(entry["logicalName"]), {}), **entry}
        else:
            entry["component"] = True
        return self._append(urn, entry)

    def _append(self, urn: str, entry: dict[str, Any]) -> str:
        name = self._name(urn)
        self._entries.append({**entry, "name": name})
        return name

    def _name(self, urn: str) -> str:
        if urn not in self._names:
            self._names[urn] = f"resource{len(self._names)}"
        return self._names[urn]

    def _type_of(self, urn: str) -> str:
        return str(self.plan.states.get(urn, {}).get("type", ""))


def _without_internals(value: Any) -> Any:
    """Return inputs without what Pulumi's bridge of Terraform providers adds to them."""
    if isinstance(value, Mapping):
        kept = {}
        for name, item in value.items():
            if name not in _INTERNAL:
                kept[name] = _without_internals(item)
        return kept
    if isinstance(value, list):
        return [_without_internals(item) for item in value]
    return value
