"""Read the differences between state and cloud from Pulumi's JSON documents.

`pulumi refresh --preview-only --json` has a step for each resource: `update` with the properties
that differ, or `delete` where the cloud no longer has it. `pulumi preview --refresh --json` has
what the next `up` does about it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

FOREIGN = "dashlink:network:ForeignContents"
_FOREIGN_KINDS = {
    "foreignRules": "rule",
    "foreignRecords": "record",
    "foreignPolicies": "endpoint policy",
}
_SECRET = "[secret]"  # noqa: S105 - as Pulumi shows one
_STEPS = {
    "create": "creates it",
    "update": "writes what the state has",
    "replace": "replaces it",
    "create-replacement": "replaces it",
    "delete-replaced": "replaces it",
    "delete": "deletes it",
}
_NOTHING = "changes nothing"
_ANY_STEP = "restores it"
_PATH = re.compile(r'\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]|([^.\[\]]+)')
_OPENING = re.compile(r"ingress accept (\w+) (-?\d+)/(-?\d+) (\S+) \d+")


@dataclass(frozen=True)
class Difference:
    """One property of a resource that differs, or a whole resource.

    Attributes:
        name: Logical name of the resource.
        type: Its type token, the last part: ``SecurityGroupRule``.
        property: Path of the property; empty for the whole resource.
        state: Value in the state, as the settings had it at the last `up`; None for no value.
        cloud: Value in the cloud; None for no value.
        up: What the next `up --refresh` does, a clause.
    """

    name: str
    type: str
    property: str
    state: Any
    cloud: Any
    up: str


def differences(refresh: Mapping[str, Any], up: Mapping[str, Any] | None) -> list[Difference]:
    """Return every difference, by resource in the order of their names.

    Args:
        refresh: Document of ``pulumi refresh --preview-only --json``.
        up: Document of ``pulumi preview --refresh --json``; None where the preview was refused.
    """
    planned = None if up is None else _operations(up)
    found: list[Difference] = []
    for step in refresh.get("steps") or ():
        if step.get("op") in ("update", "delete"):
            urn = str(step["urn"])
            action = _ANY_STEP if planned is None else _STEPS.get(planned.get(urn, ""), _NOTHING)
            found.extend(_of_step(step, action))
    return sorted(found, key=lambda one: (one.name, one.property, str(one.cloud)))


def opening(rule: str) -> str:
    """Return what a foreign rule opens, ``TCP 443 is open to 0.0.0.0/0``; else the rule."""
    match = _OPENING.fullmatch(rule)
    if match is None:
        return rule
    protocol, first, last, source = match.groups()
    ports = first if first == last else f"{first} to {last}"
    if first == "-1":
        ports = "every port"
    return f"{protocol.upper()} {ports} is open to {source}"


def _operations(document: Mapping[str, Any]) -> dict[str, str]:
    operations: dict[str, str] = {}
    for step in document.get("steps") or ():
        if step.get("op") in _STEPS:
            operations[str(step["urn"])] = str(step["op"])
    return operations


def _of_step(step: Mapping[str, Any], action: str) -> Iterator[Difference]:
    urn = str(step["urn"])
    name, token = urn.rpartition("::")[2], urn.split("::")[2].rpartition("$")[2]
    kind = token.rpartition(":")[2]
    if step["op"] == "delete":
        yield Difference(name, kind, "", "exists", None, action)
        return
    before, after = step.get("oldState") or {}, step.get("newState") or {}
    for path in _paths(step):
        root = path.partition("[")[0].partition(".")[0]
        if token == FOREIGN and root in _FOREIGN_KINDS:
            continue
        yield Difference(name, kind, path, _value(before, path), _value(after, path), action)
    if token == FOREIGN:
        yield from _foreign(name, kind, before, after)


def _foreign(
    name: str, kind: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[Difference]:
    for key, what in _FOREIGN_KINDS.items():
        known = _value(before, key) or ()
        for text in _value(after, key) or ():
            if text not in known:
                shown = opening(text) if what == "rule" else text
                yield Difference(name, kind, f"foreign {what}", None, shown, "removes it")


def _paths(step: Mapping[str, Any]) -> list[str]:
    """Return the properties that differ: Pulumi's own, else the outputs that do."""
    detailed = step.get("detailedDiff") or dict.fromkeys(step.get("diffReasons") or ())
    if detailed:
        return sorted(detailed)
    before = (step.get("oldState") or {}).get("outputs") or {}
    after = (step.get("newState") or {}).get("outputs") or {}
    changed = []
    for name in sorted({*before, *after}):
        if before.get(name) != after.get(name) and not name.startswith("__"):
            changed.append(name)
    return changed


def _value(state: Mapping[str, Any], path: str) -> Any:
    """Return the value at a path of Pulumi in the outputs, else in the inputs; None for none."""
    for side in ("outputs", "inputs"):
        value: Any = state.get(side) or {}
        for match in _PATH.finditer(path):
            value = _item(value, match)
        if value is not None:
            return _without_secrets(value)
    return None


def _item(value: Any, match: re.Match[str]) -> Any:
    quoted, index, plain = match.groups()
    if index is not None:
        rows = value if isinstance(value, list) else []
        return rows[int(index)] if int(index) < len(rows) else None
    return value.get(quoted or plain) if isinstance(value, Mapping) else None


def _without_secrets(value: Any) -> Any:
    """Return a value in which encrypted texts are replaced, as Pulumi shows them."""
    if isinstance(value, Mapping):
        if "ciphertext" in value or "4dabf18193072939515e22adb298388d" in value:
            return _SECRET
        return {key: _without_secrets(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_secrets(item) for item in value]
    return value
