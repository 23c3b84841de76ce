"""`dashlink schema`: print the JSON Schema of settings or outputs."""

from __future__ import annotations

import json
from typing import Annotated, Literal

import typer


def print_schema(
    of: Annotated[
        Literal["stack", "outputs"],
        typer.Argument(help="stack: the settings file of a stack; outputs: the outputs of `up`."),
    ],
) -> None:
    """Print a JSON Schema. With that of stacks, editors complete and check Pulumi.<stack>.yaml."""
    from dashlink.json_schema import outputs_schema, stack_schema  # noqa: PLC0415 - slow to import

    schema = stack_schema() if of == "stack" else outputs_schema()
    typer.echo(json.dumps(schema, indent=2))
