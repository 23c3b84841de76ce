"""``python -m dashlink_sandbox``: start a sandbox, print one line of JSON, run until a signal."""

from __future__ import annotations

import argparse
import asyncio
import errno
import json
import logging
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from dashlink_sandbox.cloud import BrokenFile
from dashlink_sandbox.dialects import Dialect
from dashlink_sandbox.process import Options, Running, authority_folder

PORT_IN_USE = 3
"""Exit status where a port is taken."""

DAMAGED_STATE = 4
"""Exit status where the state file is not the state of a sandbox."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a sandbox until SIGTERM or SIGINT.

    Args:
        arguments: The command line without the program's name; None for the process's own.

    Returns:
        The exit status: 0 after a clean stop, 1 when it could not start, `PORT_IN_USE` when another
        process listens on a port of the command line, `DAMAGED_STATE` when the state file cannot be
        read.
    """
    logging.basicConfig(level=logging.WARNING, format="dashlink sandbox: %(message)s")
    options = _read(arguments)
    try:
        with authority_folder(options) as folder:
            asyncio.run(_run(options, folder))
    except BrokenFile as error:
        _refuse(f"{error}. Remove it: the sandbox starts empty.")
        return DAMAGED_STATE
    except OSError as error:
        _refuse(f"{error}. Choose another port or state file.")
        return PORT_IN_USE if error.errno == errno.EADDRINUSE else 1
    return 0


def _refuse(problem: str) -> None:
    sys.stderr.write(f"dashlink sandbox: cannot start: {problem}\n")


def _read(arguments: Sequence[str] | None) -> Options:
    parser = argparse.ArgumentParser(
        prog="dashlink sandbox", description="Run a loopback Alibaba Cloud."
    )
    api_help = "port of the API, HTTP and TLS (default: any free port)"
    proxy_help = "port of the proxy into the VPCs (default: any free port)"
    state_help = "file that stores the cloud (default: none, in memory only)"
    parser.add_argument("--port", type=int, default=0, help=api_help)
    parser.add_argument("--proxy-port", type=int, default=0, help=proxy_help)
    parser.add_argument("--state", type=Path, help=state_help)
    dialect_help = (
        "how the cloud answers what no source settles: a seed, or question=option with commas "
        "(default: that of the state file, else the best sources)"
    )
    parser.add_argument("--dialect", type=_dialect, help=dialect_help)
    parsed = parser.parse_args(arguments)
    state_file = parsed.state
    if state_file is not None:
        state_file = state_file.resolve()
    return Options(state_file, parsed.port, parsed.proxy_port, parsed.dialect)


def _dialect(text: str) -> Dialect:
    """Read the option --dialect.

    Raises:
        ArgumentTypeError: The text is malformed, or a question or an option does not exist.
    """
    try:
        return Dialect.parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


async def _run(options: Options, folder: Path) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    running = await Running.start(options, folder)
    try:
        sys.stdout.write(json.dumps(running.describe()) + "\n")
        sys.stdout.flush()
        await stop.wait()
    finally:
        await running.stop()
