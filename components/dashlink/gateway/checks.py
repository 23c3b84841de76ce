"""Faults that several sections of the gateway share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from dashlink.errors import Fault, shown
from dashlink.types import SettingsModel
from dashlink.validation import suggestion_for


class _Named(Protocol):
    @property
    def name(self) -> str | None: ...


def existing_resource_faults(
    where: str, settings: SettingsModel, resource: str, keys: Iterable[str]
) -> Iterator[Fault]:
    """Faults of ``keys`` that are set although `id` names an existing resource."""
    for key in keys:
        if key in settings.model_fields_set and getattr(settings, key):
            problem = f"not used with `id`: an existing {resource} is never changed"
            yield Fault(f"{where}.{key}", problem, "Remove it, or remove `id`.")


def public_fault(where: str, resource: str) -> Fault:
    """Fault of a public ``resource`` in a stack that refuses everything public."""
    problem = f"a public {resource} in a stack with `private_only`"
    return Fault(where, problem, "Remove it, or write `private_only: false`.", "true")


def unknown_name_fault(
    where: str, resource: str, section: str, name: str, known: Sequence[str]
) -> Fault:
    """Fault of a reference to ``name``, which is not among the ``known`` names of ``section``."""
    advice = suggestion_for(name, known) if known else f"Add it to `{section}`."
    return Fault(where, f"no such {resource} in `{section}`", advice, shown(name))


def listed_twice_faults(where: str, names: Sequence[str]) -> Iterator[Fault]:
    """Faults of names that a list repeats."""
    for name in sorted(set(names)):
        if names.count(name) > 1:
            yield Fault(where, "listed twice", "List it once.", name)


def shared_name_faults(section: str, entries: Mapping[str, _Named]) -> Iterator[Fault]:
    """Faults of entries that share a name in the account; an entry without a name has its key.

    An entry whose name is its key has precedence, so the fault is reported where a name is written.
    """
    owners: dict[str, str] = {}
    for key in sorted(entries, key=lambda key: (entries[key].name is not None, key)):
        name = entries[key].name or key
        if name in owners:
            problem = f"{section}.{owners[name]} already has this name"
            advice = "Choose another name: names are unique in the account."
            yield Fault(f"{section}.{key}.name", problem, advice, name)
        owners.setdefault(name, key)
