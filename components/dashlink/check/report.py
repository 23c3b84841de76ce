"""The findings of a check as a document, and in one line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from dashlink.check.findings import Finding

VERSION = 1
"""Version of the document's shape: keys are added, never renamed or removed."""


def document_of(findings: Sequence[Finding], stack: str, place: str) -> dict[str, Any]:
    """Return the findings for programs.

    Args:
        findings: The findings, in order.
        stack: Name of the stack.
        place: ``outside`` or ``inside``.
    """
    counts = Counter(finding.state for finding in findings)
    return {
        "version": VERSION,
        "stack": stack,
        "from": place,
        "ok": counts["ok"],
        "failed": counts["failed"],
        "not_checked": counts["not checked"],
        "checks": [asdict(finding) for finding in findings],
    }


def summary_of(findings: Sequence[Finding]) -> str:
    """Return the counts as one line."""
    counts = Counter(finding.state for finding in findings)
    return f"{counts['ok']} ok, {counts['failed']} failed, {counts['not checked']} not checked"


def is_good(findings: Sequence[Finding]) -> bool:
    """Return whether nothing has failed, and something was checked."""
    states = {finding.state for finding in findings}
    return "ok" in states and "failed" not in states
