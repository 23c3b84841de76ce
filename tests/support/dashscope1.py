"""Pythons with packages that do not fit beside the others: dashscope 1.x, eas-prediction, tools.

Each has a virtual environment in the user's cache folder, under the hash of its lock file. A marker
file is written last, so that a later run replaces an incomplete environment; a file lock makes
concurrent runs wait.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import sys
from pathlib import Path

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
    digest = hashlib.sha256(lock_file.read_bytes() + sys.version.encode()).hexdigest()[:16]
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    cache = base / "dashlink" / "venvs"
    cache.mkdir(parents=True, exist_ok=True)
    home = cache / digest
    complete = home / "whole"
    with (cache / f"{digest}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not complete.exists():
            shutil.rmtree(home, ignore_errors=True)
            _create(home, lock_file)
            complete.touch()
    return home / "bin" / "python"


def _create(home: Path, lock_file: Path) -> None:
    options = {"environment": os.environ, "seconds": INSTALL_SECONDS}  # pip may need a proxy
    run_ok([sys.executable, "-m", "venv", str(home)], **options)
    install = [str(home / "bin" / "python"), "-m", "pip", "install", "-q", "--require-hashes"]
    run_ok([*install, "--no-deps", "-r", str(lock_file)], **options)
