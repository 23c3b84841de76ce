"""`dashlink plugin`: install dashlink's provider where Pulumi finds it without PATH."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path

import typer

from dashlink import __version__
from dashlink.cli.document import VERSION, JsonOption, print_document
from dashlink.errors import DashlinkError

app = typer.Typer(
    help="Install dashlink's provider for Pulumi programs whose environment is not on PATH.",
    no_args_is_help=True,
)
_EXECUTABLE = "pulumi-resource-dashlink"


def plugin_folder() -> Path:
    """Return Pulumi's folder for this version: `$PULUMI_HOME/plugins/resource-dashlink-v…`."""
    home = Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi")
    return home / "plugins" / f"resource-dashlink-v{__version__}"


@app.command()
def install(*, as_json: JsonOption = False) -> None:
    """Install the provider of this environment for Pulumi.

    It is a script in the plugin folder of Pulumi, below PULUMI_HOME.
    """
    folder = plugin_folder()
    script = folder / _EXECUTABLE
    draft = folder / f".{_EXECUTABLE}.new"
    command = f'exec {shlex.quote(sys.executable)} -m dashlink.provider "$@"'
    try:
        folder.mkdir(parents=True, exist_ok=True)
        draft.write_text(f"#!/bin/sh\n{command}\n", encoding="utf-8")
        draft.chmod(0o755)
        draft.replace(script)
    except OSError as error:
        raise _unusable(folder, error) from None
    if as_json:
        _print("installed", script)
        return
    typer.echo(f"installed {script}, which runs {sys.executable}")


@app.command()
def remove(*, as_json: JsonOption = False) -> None:
    """Remove the script."""
    folder = plugin_folder()
    if not folder.exists():
        if as_json:
            _print("absent", folder / _EXECUTABLE)
            return
        typer.echo("nothing to remove")
        return
    try:
        shutil.rmtree(folder)
    except OSError as error:
        raise _unusable(folder, error) from None
    if as_json:
        _print("removed", folder / _EXECUTABLE)
        return
    typer.echo(f"removed {folder}")


def _print(state: str, script: Path) -> None:
    document = {"version": VERSION, "plugin": __version__, "state": state, "script": str(script)}
    print_document({**document, "python": sys.executable})


def _unusable(folder: Path, error: OSError) -> DashlinkError:
    return DashlinkError(
        f"PULUMI_HOME: {error.strerror} (got {folder}). Allow it, or set another folder."
    )
