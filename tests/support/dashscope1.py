"""A Python with the dashscope SDK 1.x, which cannot be installed beside 2.x.

Its virtual environment is in the user's cache folder, under the hash of its lock file. A marker
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

LOCK_FILE = Path(__file__).parents[2] / "requirements" / "dashscope-1.txt"
INSTALL_SECONDS = 600


def python() -> Path:
    """The Python that imports dashscope 1.x; created at first, which needs a package registry."""
    digest = hashlib.sha256(LOCK_FILE.read_bytes() + sys.version.encode()).hexdigest()[:16]
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    cache = base / "dashlink" / "venvs"
    cache.mkdir(parents=True, exist_ok=True)
    home = cache / digest
    complete = home / "whole"
    with (cache / f"{digest}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not complete.exists():
            shutil.rmtree(home, ignore_errors=True)
            _create(home)
            complete.touch()
    return home / "bin" / "python"


def _create(home: Path) -> None:
    options = {"environment": os.environ, "seconds": INSTALL_SECONDS}  # pip may need a proxy
    run_ok([sys.executable, "-m", "venv", str(home)], **options)
    install = [str(home / "bin" / "python"), "-m", "pip", "install", "-q", "--require-hashes"]
    run_ok([*install, "--no-deps", "-r", str(LOCK_FILE)], **options)
