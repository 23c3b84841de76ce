"""`dashlink diagram`: a picture of a stack, from its settings alone."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from dashlink.cli.settings_source import SettingsOption, StackOfFileArgument, read_stack
from dashlink.diagram.mermaid import to_mermaid
from dashlink.diagram.stack import drawing_of
from dashlink.diagram.svg import to_svg
from dashlink.errors import DashlinkError


def draw_diagram(
    stack: StackOfFileArgument = None,
    settings: SettingsOption = None,
    format: Annotated[  # noqa: A002 - the option's name
        Literal["mermaid", "svg"],
        typer.Option(help="Text for pages that render Mermaid, or a picture."),
    ] = "mermaid",
    out: Annotated[
        Path | None, typer.Option(help="File to write to; default: standard output.")
    ] = None,
) -> None:
    """Draw a stack: clients, domains, the gateway, Model APIs, AI services, and on which way requests leave the VPC.

    Only the settings are read; no key is in the picture.

    dashlink diagram prod --format svg --out prod.svg
    """
    written = read_stack(stack, settings)
    drawing = drawing_of(
        written.settings.gateway_config,
        title=f"{written.name}, {written.region}",
        region=written.region,
        network=written.settings.network,
        endpoints=written.settings.endpoints,
    )
    text = to_svg(drawing) if format == "svg" else to_mermaid(drawing)
    if out is None:
        typer.echo(text, nl=False)
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise DashlinkError(
            f"--out: cannot be written (got {out}): {error.strerror}. Name another file."
        ) from None
