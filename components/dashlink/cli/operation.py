"""The command line of `up`, `down`, `preview` and `refresh`: a stack, and options of Pulumi."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from dashlink.cli.completion import stack_names
from dashlink.errors import DashlinkError
from dashlink.operate.record import Echo
from dashlink.pulumi_stack import PulumiStack, stack_of

PASS_ON = {"ignore_unknown_options": True}
"""Settings of the commands: options that are not dashlink's are passed to Pulumi."""

ArgumentsArgument = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="STACK|OPTION",
        autocompletion=stack_names,
        help="Stack, then any options of Pulumi's command, passed on. Default stack: "
        "PULUMI_STACK, the one that Pulumi has selected, or the only one.",
        show_default=False,
    ),
]
StackOption = Annotated[
    str | None, typer.Option("--stack", "-s", help="The stack, as with Pulumi.", metavar="STACK")
]
FolderOption = Annotated[
    Path | None,
    typer.Option("--cwd", "-C", metavar="FOLDER", help="Run as if started in this folder."),
]
_Operation = Callable[[PulumiStack, Sequence[str], Echo], int]


def operate(
    operation: _Operation, arguments: list[str] | None, stack: str | None, folder: Path | None
) -> None:
    """Run an operation on the stack that the command line names, and exit with its code.

    Raises:
        DashlinkError: There is no project or stack, or the operation is refused.
        typer.BadParameter: The command line names two stacks.
    """
    options = list(arguments or ())
    if options and not options[0].startswith("-"):
        name = options.pop(0)
        if stack is not None:
            raise typer.BadParameter(f"name one stack (got {name} and --stack {stack})")
        stack = name
    opened = stack_of(stack or os.environ.get("PULUMI_STACK") or "", folder)
    if not opened.name:
        opened = replace(opened, name=_default_stack(opened))
    code = operation(opened, options, _echo)
    sys.stdout.flush()
    raise typer.Exit(code)


def _default_stack(opened: PulumiStack) -> str:
    """Return the stack that Pulumi has selected, else the only one with settings."""
    code, output = opened.run("stack", "--show-name", with_stack=False)
    if code == 0 and output.strip():
        return output.strip()
    files = sorted(opened.settings_file.parent.glob("Pulumi.*.yaml"))
    names = [file.name.removeprefix("Pulumi.").removesuffix(".yaml") for file in files]
    if len(names) == 1:
        return names[0]
    known = ", ".join(names) or "none has settings"
    raise DashlinkError(f"STACK: no stack is named or selected. Name one: {known}.")


def _echo(line: str) -> None:
    with suppress(OSError, RuntimeError):  # the terminal is gone, or a signal came while printing
        typer.echo(line)
