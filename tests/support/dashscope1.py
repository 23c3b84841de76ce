"""Pythons with packages that do not fit beside the others: dashscope 1.x, eas-prediction, tools.

Each has a virtual environment in the user's cache folder, under the hash of its lock file.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from support.installed import installed
from support.processes import run_ok

REQUIREMENTS = Path(__file__).parents[2] / "requirements"
LOCK_FILE = REQUIREMENTS / "dashscope-1.txt"
EAS_LOCK_FILE = REQUIREMENTS / "eas-prediction.txt"  # which needs protobuf below 4
TOOLS_LOCK_FILE = REQUIREMENTS / "python-tools.txt"  # which need openai below 3
FRAMEWORKS_LOCK_FILE = REQUIREMENTS / "python-frameworks.txt"  # beside openai 3
OLDER_LOCK_FILE = REQUIREMENTS / "python-older.txt"  # openai 1 and anthropic 0, and what needs them
INSTALL_SECONDS = 600


def python(lock_file: Path = LOCK_FILE) -> Path:
    """A Python with the packages of a lock file; created at first, by a package registry."""

    def install(home: Path) -> None:
        _create(home, lock_file)

    home = installed("venvs", lock_file.read_bytes() + sys.version.encode(), install)
    return home / "bin" / "python"


def _create(home: Path, lock_file: Path) -> None:
    options = {"environment": os.environ, "seconds": INSTALL_SECONDS}  # pip may need a proxy
    run_ok([sys.executable, "-m", "venv", str(home)], **options)
    install = [str(home / "bin" / "python"), "-m", "pip", "install", "-q", "--require-hashes"]
    run_ok([*install, "--no-deps", "-r", str(lock_file)], **options)
