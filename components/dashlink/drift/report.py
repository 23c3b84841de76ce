"""The report of `dashlink drift`, as lines and as a document."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from dashlink.drift.findings import Difference

_LONGEST_VALUE = 120


def lines(found: Sequence[Difference], refusal: str) -> Iterator[str]:
    """Yield the report: each resource, then each of its properties.

    Args:
        found: The differences, sorted by resource.
        refusal: Why the next `up` is refused; empty where it is not.
    """
    if not found:
        yield "no drift: the cloud is as the state has it"
        return
    last = ""
    for one in found:
        if one.name != last:
            yield f"{one.name} ({one.type})"
            last = one.name
        yield f"  {_difference(one)}; up --refresh {one.up}"
    resources = len({one.name for one in found})
    yield f"{len(found)} differences in {resources} resources"
    if refusal:
        yield f"up is refused: {refusal}"


def document(stack: str, found: Sequence[Difference], refusal: str) -> dict[str, Any]:
    """Return the report for programs."""
    return {
        "version": 1,
        "stack": stack,
        "drift": bool(found),
        "differences": [asdict(one) for one in found],
        "refusal": refusal or None,
    }


def _difference(one: Difference) -> str:
    if not one.property:
        return "the cloud no longer has it"
    if one.property.startswith("foreign "):
        return f"{one.property}: {_shown(one.cloud)}"
    return f"{one.property}: {_shown(one.state)} in the state, {_shown(one.cloud)} in the cloud"


def _shown(value: Any) -> str:
    """Return a value as short text on one line."""
    if value is None:
        return "nothing"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = " ".join(text.split()) or '""'
    if len(text) > _LONGEST_VALUE:
        return f"{text[:_LONGEST_VALUE]}…"
    return text
