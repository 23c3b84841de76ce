"""Ask Pulumi where the cloud differs from the state of a stack, and what `up` does about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dashlink.drift.findings import Difference, differences
from dashlink.errors import DashlinkError
from dashlink.pulumi_stack import PulumiStack, document_of

_SECONDS = 1800.0
_REFRESH = ("refresh", "--preview-only", "--json")
_PREVIEW = ("preview", "--refresh", "--json")


def find_drift(stack: PulumiStack, options: Sequence[str] = ()) -> tuple[list[Difference], str]:
    """Return every difference, and why the next `up` is refused; nothing is changed.

    Args:
        stack: The stack.
        options: Further options of both commands, e.g. ``--config-file``.

    Raises:
        DashlinkError: The Pulumi CLI is missing, or the cloud cannot be read.
    """
    refresh = _read(stack, options)
    found = differences(refresh, None)
    if not found:
        return found, ""
    code, output = stack.run(*_PREVIEW, *options, timeout_seconds=_SECONDS)
    planned = document_of(output)
    if code == 0 and planned is not None:
        return differences(refresh, planned), ""
    return found, _first_error(planned, output)


def _read(stack: PulumiStack, options: Sequence[str]) -> dict[str, Any]:
    """Return what `pulumi refresh` would change.

    Raises:
        DashlinkError: It failed, or printed no document.
    """
    code, output = stack.run(*_REFRESH, *options, timeout_seconds=_SECONDS)
    refresh = document_of(output)
    if code or refresh is None:
        problem = _first_error(refresh, output)
        raise DashlinkError(f"stack {stack.name}: the cloud cannot be read: {problem}")
    return refresh


def _first_error(document: Mapping[str, Any] | None, output: str) -> str:
    """Return the first error of a command that failed."""
    for row in (document or {}).get("diagnostics") or ():
        if row.get("severity") == "error":
            return str(row.get("message", "")).strip().removeprefix("error: ")
    for line in output.splitlines():
        if line.strip().startswith("error:"):
            return line.strip().removeprefix("error: ")
    return "no reason given"
