"""The command line `dashlink`: one module per command, which parses, calls the library and prints.

Exit codes: 0 success; 1 refused or failed, with the reason on standard error; 2 invalid command
line; 130 interrupted. An error of the user never shows a traceback. Where output is no terminal,
help and errors are plain lines.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Annotated

import typer

from dashlink import __version__
from dashlink.cli import (
    check,
    debug,
    delete_api,
    diagram,
    down,
    drift,
    plugin,
    preview,
    refresh,
    render,
    route,
    sandbox,
    schema,
    up,
    verify,
)
from dashlink.cli.operation import PASS_ON
from dashlink.errors import DashlinkError

app = typer.Typer(
    name="dashlink",
    help="Private access from your VPC to model services.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
)
_COMMANDS: tuple[tuple[str, Callable[..., None], str], ...] = (
    ("render", render.render_files, "Write client files from the outputs of a stack."),
    ("check", check.check_access, "Check each piece of a deployed stack, with advice."),
    ("verify", verify.verify_stack, "Ask the cloud what no source states."),
    ("route", route.explain_route, "Show which service answers a request, and its fallbacks."),
    ("diagram", diagram.draw_diagram, "Draw a stack from its settings."),
    ("debug", debug.debug_api, "Send a request to a Model API, MaaS or EAS."),
    ("delete-api", delete_api.delete_api, "Lift the protection of one Model API."),
    ("sandbox", sandbox.run_sandbox, "Run the sandbox cloud until it is interrupted."),
    ("schema", schema.print_schema, "Print the JSON Schema of settings or outputs."),
)
_OPERATIONS: tuple[tuple[str, Callable[..., None], str], ...] = (
    ("up", up.deploy_stack, "Deploy a stack, also after a run that was killed."),
    ("preview", preview.preview_stack, "Show what up would change; nothing is written."),
    ("refresh", refresh.refresh_stack, "Read the state of a stack from the cloud."),
    ("drift", drift.show_drift, "Show where the cloud differs from the state."),
    ("down", down.destroy_stack, "Destroy a stack, also after a run that was killed."),
)
for _name, _function, _short_help in _OPERATIONS:
    app.command(_name, short_help=_short_help, context_settings=PASS_ON)(_function)
for _name, _function, _short_help in _COMMANDS:
    app.command(_name, short_help=_short_help)(_function)
app.add_typer(plugin.app, name="plugin", short_help="Install dashlink's provider for Pulumi.")


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
    if not (sys.stdout.isatty() and sys.stderr.isatty()):
        app.rich_markup_mode = None  # boxes and colours are for terminals
    try:
        app()
    except DashlinkError as error:
        typer.echo(str(error), err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
