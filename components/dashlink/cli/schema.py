"""`dashlink schema`: the JSON Schemas of what goes in and what comes out."""

from __future__ import annotations

import json
from typing import Annotated, Literal

import typer


def print_schema(
    of: Annotated[
        Literal["stack", "outputs"],
        typer.Argument(help="stack: a stack's settings file; outputs: what `up` gives."),
    ],
) -> None:
    """Print a JSON Schema. Editors use the one of stacks to complete and check Pulumi.<stack>.yaml."""
    from dashlink.json_schema import outputs_schema, stack_schema  # noqa: PLC0415 - pydantic's schemas take their time

    typer.echo(json.dumps(stack_schema() if of == "stack" else outputs_schema(), indent=2))
