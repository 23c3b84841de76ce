"""The findings of a check as a document, and in one line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from dashlink.check.findings import Finding, State

VERSION = 1
"""Version of the document's shape: keys are added, never renamed or removed."""


def document_of(findings: Sequence[Finding], stack: str, place: str) -> dict[str, Any]:
    """Return the findings for programs.

    Args:
        findings: The findings, in order.
        stack: Name of the stack.
        place: ``outside``, ``inside``, or ``clients``.
    """
    counts = _counts(findings)
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
    counts = _counts(findings)
    return f"{counts['ok']} ok, {counts['failed']} failed, {counts['not checked']} not checked"


def is_good(findings: Sequence[Finding]) -> bool:
    """Return whether nothing has failed, and something was checked."""
    counts = _counts(findings)
    return counts["ok"] > 0 and not counts["failed"]


def _counts(findings: Sequence[Finding]) -> Counter[State]:
    return Counter(finding.state for finding in findings)
