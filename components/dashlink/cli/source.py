"""Where a command gets a stack's outputs from: the engine, a file, or its standard input."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from dashlink.clients.outputs import Outputs, parse_outputs
from dashlink.errors import OutputsError

StackArgument = Annotated[
    str | None,
    typer.Argument(
        help="Stack whose outputs are read by `pulumi stack output`; `-` reads them from standard input."
    ),
]
OutputsOption = Annotated[
    Path | None,
    typer.Option("--outputs", help="File with the output of `pulumi stack output --json`."),
]
EndpointOption = Annotated[
    str | None, typer.Option("--endpoint", help="Only this endpoint of the stack.")
]
_SECONDS = 120


def read_outputs(stack: str | None, file: Path | None) -> Outputs:
    """The outputs that the command line names.

    Raises:
        OutputsError: If none or two sources are named, or the source cannot be read.
        typer.BadParameter: If the command line names none or two.
    """
    if (stack is None) == (file is None):
        raise typer.BadParameter("name one of: a stack, --outputs FILE, or - for standard input")
    if file is not None:
        try:
            return parse_outputs(file.read_text(encoding="utf-8"))
        except OSError as error:
            raise OutputsError(
                f"--outputs: cannot be read (got {file}): {error.strerror}. Name a file."
            ) from None
    return parse_outputs(sys.stdin.read() if stack == "-" else _of_stack(stack or ""))


def _of_stack(stack: str) -> str:
    """Secrets stay hidden: `--show-secrets` is never given."""
    command = ["pulumi", "stack", "output", "--json", "--stack", stack, "--non-interactive"]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_SECONDS, check=False
        )
    except FileNotFoundError:
        raise OutputsError(
            "pulumi: not on PATH. Install it, or give the outputs by --outputs FILE."
        ) from None
    except subprocess.TimeoutExpired:
        raise OutputsError(
            f"stack {stack}: no answer of its backend in {_SECONDS} s. Check `pulumi whoami`."
        ) from None
    if done.returncode:
        said = next((line for line in done.stderr.splitlines() if line.strip()), "no reason given")
        raise OutputsError(
            f"stack {stack}: its outputs cannot be read: {said.removeprefix('error: ')}"
        )
    return done.stdout
