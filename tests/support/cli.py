"""Run the command `dashlink` as a process, as its users do."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from support.processes import Run, run

DASHLINK = str(Path(sys.executable).with_name("dashlink"))


def dashlink(*arguments: str, cwd: Path, stdin: str = "", path: str = "", **env: str) -> Run:
    """Run `dashlink` with ``env`` and nothing else; ``path`` replaces the PATH of the tests."""
    plain = {"HOME": str(cwd), "NO_COLOR": "1", "COLUMNS": "200"}
    environment = {"PATH": path or os.environ["PATH"], **plain, **env}
    command = [DASHLINK, *arguments]
    return run(command, folder=cwd, environment=environment, stdin=stdin, seconds=60)
