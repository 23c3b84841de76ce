"""Ask Pulumi where the cloud differs from the state of a stack, and what `up` does about it."""

from __future__ import annotations

from collections.abc import Sequence

from dashlink.drift.findings import Difference, differences, document_of
from dashlink.pulumi_stack import PulumiStack

_SECONDS = 1800.0
_REFRESH = ("refresh", "--preview-only", "--json")
_PREVIEW = ("preview", "--refresh", "--json")


def find_drift(
    stack: PulumiStack, options: Sequence[str] = ()
) -> tuple[list[Difference], str]:
    """Return every difference, and why the next `up` is refused; nothing is changed.

    Args:
        stack: The stack.
        options: Further options of both commands, e.g. ``--config-file``.

    Raises:
        DashlinkError: The Pulumi CLI is missing, or the cloud cannot be read.
    """
    read = document_of(stack.query(*_REFRESH, *options, timeout_seconds=_SECONDS))
    refresh = read or {}
    found = differences(refresh, None)
    if not found:
        return found, ""
    code, output = stack.run(*_PREVIEW, *options, timeout_seconds=_SECONDS)
    planned = document_of(output)
    if code == 0 and planned is not None:
        return differences(refresh, planned), ""
    return found, _refusal(planned or {}, output)


def _refusal(planned: dict[str, object], output: str) -> str:
    """Return the first error of a preview that failed."""
    rows = planned.get("diagnostics")
    for row in rows if isinstance(rows, list) else ():
        if row.get("severity") == "error":
            return str(row.get("message", "")).strip().removeprefix("error: ")
    return next((line for line in output.splitlines() if line.strip()), "no reason given")
