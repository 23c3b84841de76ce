"""Print tables: aligned columns, with colours and wrapped cells only on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import typer

_NO_LIMIT = 100_000  # columns; where the output is a file or a pipe, no cell is wrapped or cut
_STYLES = {
    "ok": "green",
    "failed": "red",
    "skipped": "dim",
    "not checked": "yellow",
    "answers": "green",
}


def print_table(rows: Sequence[Sequence[str]]) -> None:
    """Print rows of equal length, indented by two spaces; empty columns are left out."""
    from rich.console import Console  # noqa: PLC0415 - only where a table is printed
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    if not rows:
        return
    used = [column for column in zip(*rows, strict=True) if any(column)]
    table = Table.grid(padding=(0, 2, 0, 0), pad_edge=False)
    for row in zip(*used, strict=True):
        table.add_row(*[Text(cell, style=_STYLES.get(cell, "")) for cell in row])
    console = Console(highlight=False)
    if not sys.stdout.isatty():
        console.width = _NO_LIMIT
    with console.capture() as capture:
        console.print(table)
    for line in capture.get().splitlines():
        typer.echo(f"  {line}".rstrip())
