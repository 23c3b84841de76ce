"""Print results as JSON documents: keys are added, never renamed or removed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any

import typer

VERSION = 1
"""Version of the shape of the documents."""

JsonOption = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


def document_text(document: Mapping[str, Any]) -> str:
    """Return a document for programs."""
    return json.dumps(document, indent=2, ensure_ascii=False)


def print_document(document: Mapping[str, Any]) -> None:
    """Print a document for programs."""
    typer.echo(document_text(document))
