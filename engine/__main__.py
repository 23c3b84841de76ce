"""`python -m engine up|preview|down|test|bench|get|run`: what the Makefile calls."""

from __future__ import annotations

import argparse
import os
import sys

from engine import stack as stacks
from engine import terraform
from engine.console import EngineError, say
from engine.process import run
from engine.resolve import ROOT, resolve

_INTERRUPTED = 130


def main() -> int:
    """Parse, call, print; gives the exit code."""
    arguments = _parser().parse_args()
    try:
        code: int = arguments.call(arguments)
    except EngineError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return _INTERRUPTED
    return code if code >= 0 else _INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m engine", description="Run the project's stacks with the real engine."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    up = commands.add_parser("up", help="deploy a stack and write its client files")
    up.set_defaults(call=lambda given: stacks.up(given.stack, yes=given.yes))
    preview = commands.add_parser("preview", help="show what up would change")
    preview.set_defaults(call=lambda given: stacks.preview(given.stack))
    down = commands.add_parser("down", help="destroy a stack; of the sandbox, end its cloud too")
    down.set_defaults(call=lambda given: stacks.down(given.stack, yes=given.yes))
    for command in (up, preview, down):
        command.add_argument("--stack", default=stacks.SANDBOX, help="a stack of stacks/ (default: sandbox)")
    for command in (up, down):
        command.add_argument("--yes", action="store_true", help="do not ask, also where the cloud is a real one")
    test = commands.add_parser("test", help="run the tests, with the engine ready")
    test.add_argument("--workers", default="8", help="tests side by side (most of the long ones wait; default: 8)")
    test.add_argument("words", nargs="*", help="further words for pytest")
    test.set_defaults(call=_test)
    bench = commands.add_parser("bench", help="measure up against Pulumi and Terraform without dashlink")
    bench.set_defaults(call=_bench)
    get = commands.add_parser("get", help="make the engine ready and do nothing with it")
    get.set_defaults(call=_get)
    command = commands.add_parser("run", help="run a command, e.g. pulumi, in a stack's environment")
    command.add_argument("--stack", default=stacks.SANDBOX)
    command.add_argument("words", nargs=argparse.REMAINDER, metavar="-- COMMAND")
    command.set_defaults(call=_run)
    return parser


def _test(given: argparse.Namespace) -> int:
    """Get all programs first, in sight, so that no test waits minutes for one; then run the tests side by side."""
    _get(given)
    command = [sys.executable, "-m", "pytest", "-n", given.workers, "--maxschedchunk", "1", "-rfEs", *given.words]
    return run(command, folder=ROOT, environment=os.environ)


def _bench(given: argparse.Namespace) -> int:
    _get(given)
    return run([sys.executable, "-m", "bench"], folder=ROOT, environment=os.environ)


def _get(_: argparse.Namespace) -> int:
    engine = resolve(python=stacks.PYTHON)
    plugin = terraform.provider()
    say(f"  Terraform's alicloud provider: {plugin}; Terraform: {terraform.cli()}")
    return 0 if engine.pulumi.is_file() else 1


def _run(given: argparse.Namespace) -> int:
    words = given.words[1:] if given.words[:1] == ["--"] else given.words
    stack = stacks.open_stack(given.stack)
    return run(words, folder=ROOT, environment={**stack.environment, "PULUMI_STACK": stack.name})


if __name__ == "__main__":
    sys.exit(main())
