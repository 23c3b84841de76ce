"""Read the outputs of a stack: by the Pulumi CLI, from a file, or from standard input."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from dashlink.cli.arguments import read_file
from dashlink.cli.completion import stack_names
from dashlink.cli.pulumi import run_pulumi
from dashlink.clients.outputs import Outputs, parse_outputs
from dashlink.pulumi_stack import PulumiNotFoundError

StackArgument = Annotated[
    str | None,
    typer.Argument(
        autocompletion=stack_names,
        help="Stack whose outputs to read with `pulumi stack output`; `-` reads them from "
        "standard input.",
    ),
]
OutputsOption = Annotated[
    Path | None,
    typer.Option(
        "--outputs", metavar="FILE", help="File with the output of `pulumi stack output --json`."
    ),
]
EndpointOption = Annotated[
    str | None,
    typer.Option(
        "--endpoint", metavar="NAME", help="Only this endpoint, by its name in the settings."
    ),
]


def read_outputs(stack: str | None, file: Path | None) -> Outputs:
    """Read the outputs that the command line names.

    Raises:
        OutputsError: The outputs are invalid.
        DashlinkError: The file cannot be read, or the Pulumi CLI is missing or failed.
        typer.BadParameter: The command line names no source, or two.
    """
    if (stack is None) == (file is None):
        raise typer.BadParameter("name one of: a stack, --outputs FILE, or - for standard input")
    if file is not None:
        return parse_outputs(read_file("--outputs", file))
    if stack == "-":
        return parse_outputs(sys.stdin.read())
    try:
        return outputs_of_stack(str(stack))
    except PulumiNotFoundError as error:
        raise PulumiNotFoundError(f"{error} Or pass the outputs by --outputs FILE.") from None


def outputs_of_stack(stack: str) -> Outputs:
    """Read the outputs of a deployed stack with the Pulumi CLI; its secrets stay hidden."""
    return parse_outputs(run_pulumi(stack, "stack", "output", "--json", timeout_seconds=120))
