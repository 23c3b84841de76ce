"""Run the Pulumi CLI."""

from __future__ import annotations

import subprocess

from dashlink.errors import DashlinkError


class PulumiNotFoundError(DashlinkError):
    """The Pulumi CLI is not on PATH."""


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
    command = f"`pulumi {' '.join(arguments[:2])}`"
    line = ["pulumi", *arguments, "--stack", stack, "--non-interactive"]
    try:
        done = subprocess.run(
            line, capture_output=True, text=True, timeout=timeout_seconds, check=False
        )
    except FileNotFoundError:
        raise PulumiNotFoundError("pulumi: not on PATH. Install the Pulumi CLI.") from None
    except subprocess.TimeoutExpired:
        raise DashlinkError(
            f"stack {stack}: {command} did not end within {timeout_seconds:g} s. "
            "Check `pulumi whoami`."
        ) from None
    if done.returncode != 0:
        raise DashlinkError(f"stack {stack}: {command} failed: {_first_line(done.stderr)}")
    return done.stdout


def _first_line(error_output: str) -> str:
    for line in error_output.splitlines():
        if line.strip():
            return line.removeprefix("error: ")
    return "no reason given"
