"""`dashlink render`: client files from a stack's outputs."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from dashlink.cli.source import EndpointOption, OutputsOption, StackArgument, read_outputs
from dashlink.clients.render import MARKER, ClientFile, formats, render
from dashlink.errors import RenderError


def render_files(
    stack: StackArgument = None,
    outputs: OutputsOption = None,
    out: Annotated[
        Path, typer.Option(help="Folder to write to, one folder in it for each endpoint.")
    ] = Path("clients"),
    format: Annotated[  # noqa: A002 - the option's name
        list[str] | None,
        typer.Option(
            help=f"One of {', '.join(formats())}; again for more. Default: the stack's `clients`."
        ),
    ] = None,
    template: Annotated[
        list[Path] | None,
        typer.Option(
            help="A Jinja2 template of your own (app.yaml.j2 makes app.yaml); again for more."
        ),
    ] = None,
    endpoint: EndpointOption = None,
    force: Annotated[
        bool, typer.Option(help="Also write over files that are not dashlink's.")
    ] = False,
) -> None:
    """Write client files from a stack's outputs. No key is in any of them.

    dashlink render dev --out clients

    pulumi stack output --json | dashlink render - --format dotenv
    """
    document = read_outputs(stack, outputs)
    own = {path.name: _read(path) for path in template or ()}
    files = render(document, format or (), endpoint=endpoint, templates=own)
    if not force:
        _refuse_foreign(files, out, set(own))
    for file in files:
        written = _write(out / file.path, file.text)
        typer.echo(f"  {'written  ' if written else 'unchanged'}  {out / file.path}")


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise RenderError(
            f"--template: cannot be read (got {path}): {error.strerror}. Name a file."
        ) from None


def _refuse_foreign(files: list[ClientFile], out: Path, own: set[str]) -> None:
    """A file of ours has the marker. A template of the user's need not have one: its files are theirs to lose."""
    foreign = [
        out / file.path
        for file in files
        if f"{file.path.name}.j2" not in own
        and (out / file.path).exists()
        and MARKER not in (out / file.path).read_text(encoding="utf-8", errors="replace")
    ]
    if foreign:
        names = ", ".join(str(path) for path in foreign)
        raise RenderError(
            f"--out: not written by dashlink (got {names}). Choose another folder, or --force."
        )


def _write(path: Path, text: str) -> bool:
    """Write the whole text or nothing; whether it was another before."""
    if path.exists() and path.read_text(encoding="utf-8", errors="replace") == text:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as written:
            written.write(text)
        Path(draft).chmod(0o644)
        Path(draft).replace(path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
    return True
