"""`dashlink plugin`: install dashlink's provider where Pulumi finds it without PATH."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path

import typer

from dashlink import __version__

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
def install() -> None:
    """Install a script in Pulumi's plugin folder that runs the provider of this environment."""
    folder = plugin_folder()
    folder.mkdir(parents=True, exist_ok=True)
    script = folder / _EXECUTABLE
    draft = folder / f".{_EXECUTABLE}.new"
    command = f'exec {shlex.quote(sys.executable)} -m dashlink.provider "$@"'
    draft.write_text(f"#!/bin/sh\n{command}\n", encoding="utf-8")
    draft.chmod(0o755)
    draft.replace(script)
    typer.echo(f"installed {script}, which runs {sys.executable}")


@app.command()
def remove() -> None:
    """Remove the script."""
    folder = plugin_folder()
    if not folder.exists():
        typer.echo("nothing to remove")
        return
    shutil.rmtree(folder)
    typer.echo(f"removed {folder}")
