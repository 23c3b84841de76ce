"""Check the names and read the files that a command line passes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import typer

from dashlink.errors import DashlinkError, Fault, shown
from dashlink.validation import suggestion_for


def known_name(option: str, what: str, name: str, known: Sequence[str]) -> str:
    """Return ``name`` if it is one of the known names.

    Args:
        option: The option that passes the name, for the error.
        what: What the name is of: ``Model API``.
        name: The name.
        known: All names to choose from.

    Raises:
        DashlinkError: There are no names to choose from.
        typer.BadParameter: The name is unknown; the error suggests the most similar one.
    """
    if not known:
        raise DashlinkError(f"{option}: the stack has no {what}. Add one to its settings.")
    if name not in known:
        fault = Fault(option, f"no such {what}", suggestion_for(name, known), shown(name))
        raise typer.BadParameter(str(fault))
    return name


def read_file(option: str, file: Path) -> str:
    """Return the text of the file that ``option`` names.

    Raises:
        DashlinkError: The file cannot be read.
    """
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise DashlinkError(
            f"{option}: cannot be read (got {file}): {error.strerror}. Name a file."
        ) from None
    except UnicodeDecodeError as error:
        raise DashlinkError(
            f"{option}: not UTF-8 (got {file}, byte {error.start}). Save it in UTF-8."
        ) from None
