"""Run the Pulumi CLI for the commands that only read or edit the state of a stack."""

from __future__ import annotations

import os
from pathlib import Path

from dashlink.pulumi_stack import CLI_VARIABLE, PulumiStack


def run_pulumi(stack: str, *arguments: str, timeout_seconds: float = 300) -> str:
    """Run a command of the Pulumi CLI on a stack, and return its standard output.

    Args:
        stack: Name of the stack, passed by ``--stack``.
        arguments: The command and its options: ``"stack", "output", "--json"``.
        timeout_seconds: Limit for the whole command.

    Raises:
        PulumiNotFoundError: The CLI is not on PATH.
        DashlinkError: The command failed, or did not end in time.
    """
    program = os.environ.get(CLI_VARIABLE, "pulumi")
    opened = PulumiStack(stack, Path.cwd(), dict(os.environ), program)
    return opened.query(*arguments, timeout_seconds=timeout_seconds)
