"""Renders the pictures of the documentation from their DOT source, with an installed Graphviz."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

from engine.console import EngineError
from engine.process import capture
from engine.resolve import ROOT

FOLDER = ROOT / "docs" / "pictures"


def mark_of(source: Path) -> str:
    """Return the comment that an SVG file holds, for the source that it was rendered from."""
    digest = hashlib.sha256(source.read_bytes()).hexdigest()
    return f"<!-- Rendered from {source.name}, SHA-256 {digest} -->"


def render(folder: Path = FOLDER) -> None:
    """Render each DOT file of a folder into the SVG file beside it.

    Raises:
        EngineError: If Graphviz is not installed, or does not read a file.
    """
    for source in sorted(folder.glob("*.dot")):
        try:
            done = capture(["dot", "-Tsvg", str(source)], folder=folder)
        except FileNotFoundError:
            raise EngineError("Pictures: no program dot. Install Graphviz.") from None
        if done.returncode:
            raise EngineError(f"Pictures: {source.name}: {done.stderr.strip()}")
        svg = done.stdout.rstrip() + f"\n{mark_of(source)}\n"
        source.with_suffix(".svg").write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    try:
        render()
    except EngineError as error:
        sys.exit(str(error))
