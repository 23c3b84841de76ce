"""`python -m engine up|preview|down|live|test|bench|docs|get|run`: the commands of the Makefile."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from dashlink.errors import DashlinkError
from engine import site, terraform
from engine import stack as stacks
from engine.console import EngineError, echo
from engine.process import run
from engine.resolve import ROOT, resolve

_INTERRUPTED = 130


def main() -> int:
    """Run the command line and return its exit code."""
    arguments = _parser().parse_args()
    try:
        code: int = arguments.call(arguments)
    except (EngineError, DashlinkError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return _INTERRUPTED
    if code < 0:  # ended by a signal
        return _INTERRUPTED
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m engine", description="Run the project's stacks with the real engine."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    up = commands.add_parser("up", help="deploy a stack and write its client files")
    up.set_defaults(call=_up)
    preview = commands.add_parser("preview", help="show what up would change")
    preview.set_defaults(call=_preview)
    down = commands.add_parser("down", help="destroy a stack; for the sandbox, stop its cloud too")
    down.set_defaults(call=_down)
    stack_help = "a stack of stacks/ (default: sandbox)"
    for command in (up, preview, down):
        command.add_argument("--stack", default=stacks.SANDBOX, help=stack_help)
    yes_help = "do not ask for confirmation, not even for a real cloud"
    live_command = commands.add_parser("live", help="run a scratch stack's whole life, and report")
    live_command.set_defaults(call=_live)
    live_command.add_argument("--stack", required=True, help="the stack whose account is used")
    report_help = "file of the report (default: live-report.json)"
    live_command.add_argument(
        "--report", type=Path, default=Path("live-report.json"), help=report_help
    )
    for command in (up, down, live_command):
        command.add_argument("--yes", action="store_true", help=yes_help)
    test = commands.add_parser("test", help="run the tests after making the engine ready")
    workers_help = "number of tests in parallel (most of the long ones wait; default: 8)"
    test.add_argument("--workers", default="8", help=workers_help)
    test.add_argument("arguments", nargs="*", help="further arguments for pytest")
    test.set_defaults(call=_test)
    bench = commands.add_parser("bench", help="compare up with Pulumi and Terraform alone")
    bench.set_defaults(call=_bench)
    docs = commands.add_parser("docs", help="build the site of the documentation into site/")
    docs.set_defaults(call=_docs)
    get = commands.add_parser("get", help="make the engine ready, and nothing else")
    get.set_defaults(call=_get)
    command = commands.add_parser("run", help="run a command, e.g. pulumi, for a stack")
    command.add_argument("--stack", default=stacks.SANDBOX, help=stack_help)
    inside_help = "run it inside the VPC of the sandbox, with the keys of its clients"
    command.add_argument("--inside", action="store_true", help=inside_help)
    command.add_argument("command", nargs=argparse.REMAINDER, metavar="-- COMMAND")
    command.set_defaults(call=_run)
    return parser


def _up(arguments: argparse.Namespace) -> int:
    return stacks.up(arguments.stack, yes=arguments.yes)


def _preview(arguments: argparse.Namespace) -> int:
    return stacks.preview(arguments.stack)


def _down(arguments: argparse.Namespace) -> int:
    return stacks.down(arguments.stack, yes=arguments.yes)


def _live(arguments: argparse.Namespace) -> int:
    from engine.live import live  # noqa: PLC0415 - it needs the library, which others do not

    return live(arguments.stack, yes=arguments.yes, report=arguments.report.resolve())


def _test(arguments: argparse.Namespace) -> int:
    """Make all programs ready first, visibly, so that no test waits minutes for one."""
    _get(arguments)
    pytest = [sys.executable, "-m", "pytest", "-n", arguments.workers]
    command = [*pytest, "-rfEs", *arguments.arguments]
    # Each worker imports all tests; pytest's rewriting of their assertions takes most of that time,
    # unless its result is stored. Some container images switch that off.
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}
    return run(command, folder=ROOT, environment=environment)


def _bench(arguments: argparse.Namespace) -> int:
    _get(arguments)
    return run([sys.executable, "-m", "bench"], folder=ROOT, environment=os.environ)


def _docs(_: argparse.Namespace) -> int:
    folder = ROOT / "site"
    code = site.build(folder)
    if code == 0:
        echo(f"Docs: {folder / 'index.html'}")
    return code


def _get(_: argparse.Namespace) -> int:
    engine = resolve(python=stacks.PYTHON)
    plugin = terraform.provider()
    echo(f"  Terraform's alicloud provider: {plugin}; Terraform: {terraform.cli()}")
    return int(not engine.pulumi.is_file())


def _run(arguments: argparse.Namespace) -> int:
    command = arguments.command
    if command[:1] == ["--"]:
        command = command[1:]
    stack = stacks.open_stack(arguments.stack)
    environment = {**stack.environment, "PULUMI_STACK": stack.name}
    if arguments.inside:
        environment |= stacks.client_variables(stack)
    return run(command, folder=ROOT, environment=environment)


if __name__ == "__main__":
    sys.exit(main())
