"""Run the command `dashlink` as a process, as its users do."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from support.processes import Run, run

DASHLINK = str(Path(sys.executable).with_name("dashlink"))


def dashlink(
    *arguments: str, cwd: Path, stdin: str = "", path: str | None = None, **env: str
) -> Run:
    """Run `dashlink` with a clean environment.

    Args:
        arguments: The command line after the program's name.
        cwd: The working directory, and the home.
        stdin: Text of standard input.
        path: Value of PATH; None: that of the tests.
        env: More variables of the environment.
    """
    environment = {
        "PATH": path or os.environ["PATH"],
        "HOME": str(cwd),
        "NO_COLOR": "1",
        "COLUMNS": "200",
        **env,
    }
    command = [DASHLINK, *arguments]
    return run(command, folder=cwd, environment=environment, stdin=stdin, seconds=60)
