"""`dashlink check` from outside in the process of the tests, for many faults on one stack."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dashlink.check.findings import Finding
from dashlink.check.outside import check_outside
from dashlink.check.reader import Reader
from dashlink.check.stack import DeployedStack
from dashlink.cli.stack_file import read_stack
from dashlink.clients.outputs import parse_outputs
from dashlink.cloud.credentials import resolve_account
from dashlink_sandbox import Sandbox


class Checked:
    """A deployed stack; each call of it reads the cloud again."""

    def __init__(self, settings_file: Path, outputs: Mapping[str, Any], cloud: Sandbox) -> None:
        file = read_stack(None, settings_file)
        self._settings = file.settings
        self._outputs = parse_outputs(outputs)
        self._account = resolve_account({"region": file.region, "protocol": "http"}, cloud.env)

    def __call__(self) -> list[Finding]:
        stack = DeployedStack(self._settings, self._outputs, Reader(self._account))
        return check_outside(stack)

    def named(self) -> set[tuple[str, str]]:
        """Subject and check of all that fail."""
        return named(self())


def named(findings: list[Finding]) -> set[tuple[str, str]]:
    """Subject and check of those that failed."""
    return {(one.subject, one.check) for one in findings if one.state == "failed"}
