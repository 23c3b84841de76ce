"""The findings as a document that can be attached to an issue of the project."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from dashlink import __version__
from dashlink.verify.findings import Finding

VERSION = 1
"""Version of the document's shape."""


def report_of(findings: Sequence[Finding], region: str) -> dict[str, Any]:
    """Return the report: no account, no key, no name of a resource but those in the settings.

    Args:
        findings: Answers to all questions.
        region: Region of the stack.
    """
    return {
        "version": VERSION,
        "dashlink": __version__,
        "time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": region,
        "findings": [asdict(finding) for finding in findings],
    }
