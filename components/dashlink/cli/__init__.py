"""The command line `dashlink`: one module per command, which parses, calls the library and prints.

Exit codes: 0 success; 1 refused or failed, with the reason on standard error; 2 invalid command
line. An error of the user never shows a traceback.
"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from dashlink import __version__
from dashlink.cli import (
    check,
    debug,
    delete_api,
    diagram,
    plugin,
    render,
    route,
    sandbox,
    schema,
    verify,
)
from dashlink.errors import DashlinkError

app = typer.Typer(
    name="dashlink",
    help="Private access from your VPC to model services.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("render")(render.render_files)
app.command("check")(check.check_access)
app.command("verify")(verify.verify_stack)
app.command("route")(route.explain_route)
app.command("diagram")(diagram.draw_diagram)
app.command("debug")(debug.debug_api)
app.command("delete-api")(delete_api.delete_api)
app.command("sandbox")(sandbox.run_sandbox)
app.command("schema")(schema.print_schema)
app.add_typer(plugin.app, name="plugin")


def _print_version(requested: bool) -> None:
    if requested:
        typer.echo(f"dashlink {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version and exit.", callback=_print_version, is_eager=True
        ),
    ] = False,
) -> None:
    """Private access from your VPC to model services."""


def main() -> None:
    """Run the command line: the wheel's console script."""
    try:
        app()
    except DashlinkError as error:
        typer.echo(str(error), err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
