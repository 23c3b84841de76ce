"""`dashlink diagram`: draw a stack from its settings alone."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

import typer

from dashlink.cli.arguments import known_name
from dashlink.cli.document import VERSION, JsonOption, document_text
from dashlink.cli.stack_file import SettingsOption, StackOfFileArgument, read_stack
from dashlink.diagram.dot import to_dot
from dashlink.diagram.mermaid import to_mermaid
from dashlink.diagram.stack import drawing_of
from dashlink.errors import DashlinkError


def draw_diagram(
    stack: StackOfFileArgument = None,
    settings: SettingsOption = None,
    format: Annotated[  # noqa: A002 - the option's name
        Literal["mermaid", "dot"],
        typer.Option(help="Mermaid, for pages that render it, or DOT, for Graphviz."),
    ] = "mermaid",
    api: Annotated[
        list[str] | None,
        typer.Option(
            "--api", metavar="NAME", help="Only this Model API and what it uses; may be repeated."
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="File to write to. Default: standard output."),
    ] = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Draw a stack: its clients, domains, gateway, Model APIs, AI services and upstreams.

    Marked are callers without a credential, limits, fallbacks, and models that are renamed. DOT
    has the shape of a slide, 16:9. Of more than six Model APIs, those that are alike share a box.
    Only the settings are read, and the diagram holds no key.

    dashlink diagram prod --format dot | dot -Tsvg -o prod.svg
    """
    written = read_stack(stack, settings)
    known = list(written.settings.model_apis)
    apis = [known_name("--api", "Model API", name, known) for name in api or ()]
    title = f"{written.name}, {written.region}"
    drawing = drawing_of(written.settings, title, written.region, apis)
    text = to_dot(drawing) if format == "dot" else to_mermaid(drawing)
    if as_json:
        text = document_text({"version": VERSION, **asdict(drawing)}) + "\n"
    if out is None:
        typer.echo(text, nl=False)
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise DashlinkError(
            f"--out: cannot be written (got {out}): {error.strerror}. Choose another file."
        ) from None
