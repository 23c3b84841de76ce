"""The text of docs/command-line.md: every command with its arguments and options, from its help."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Any

import typer
from typer.main import get_command

from dashlink.cli import app

HEAD = """# Command line

Every command with its arguments and options, as `dashlink COMMAND -h` prints them; this page is
generated from the same text. [commands.md](commands.md) has examples, and the exit codes.
"""
TYPE = re.compile(r" <(?:str|path|list\[\w+\])>$")  # of an argument, whose name says enough
NOTES = re.compile(r" *\[((?:default: |required).*?)\]$")
DEFAULT = re.compile(r"(?<=\.) Default: (.+?)\.(?= |$)")
EXAMPLE = re.compile(r"(?:[A-Z_]+=\S+ )?dashlink |.*\| dashlink ")


def page() -> str:
    """The whole page."""
    lines = [HEAD]
    for name, command in commands(get_command(app), "dashlink"):
        if not hasattr(command, "commands"):
            lines += _section(name, command)
    return "\n".join(lines).rstrip() + "\n"


def commands(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    """Every command with its words, as in `dashlink plugin install`; groups too."""
    yield name, command
    for word, below in getattr(command, "commands", {}).items():
        yield from commands(below, f"{name} {word}")


def _section(name: str, command: Any) -> Iterator[str]:
    yield f"## {name}"
    yield ""
    for paragraph in inspect.cleandoc(command.help).split("\n\n"):
        text = " ".join(paragraph.split())
        yield f"    {text}" if EXAMPLE.match(text) else text
        yield ""
    context = typer.Context(command, info_name=name)
    rows = []
    for parameter in command.params:
        record = parameter.get_help_record(context)
        if record:
            rows.append(_row(*record))
    if any(default for _, default, _ in rows):
        yield from ("| argument or option | default | description |", "|---|---|---|")
        yield from (f"| `{typed}` | {default} | {text} |" for typed, default, text in rows)
        yield ""
    elif rows:
        yield from ("| argument or option | description |", "|---|---|")
        yield from (f"| `{typed}` | {text} |" for typed, _, text in rows)
        yield ""


def _row(typed: str, text: str) -> tuple[str, str, str]:
    """A parameter: how it is typed, its default, what it does."""
    text = " ".join(text.split())
    notes = NOTES.search(text)
    default = ""
    if notes:
        text = text[: notes.start()]
        required = notes[1] == "required"
        value = notes[1].removeprefix("default: ").partition(";")[0]
        default = "**required**" if required else f"`{value}`"
    stated = DEFAULT.search(text)
    if stated:
        default = stated[1]
        text = text[: stated.start()] + text[stated.end() :]
    return TYPE.sub("", typed).replace("|", " or "), default, text.strip()
