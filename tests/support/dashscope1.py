"""A Python with the dashscope SDK 1.x, which cannot stand beside 2.x: a virtual environment, made once and kept.

It lies in the user's cache folder under the hash of its lock file. A mark is written into it last, so that what a run
left half-made is made again; a file lock keeps processes that run side by side apart.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

LOCK_FILE = Path(__file__).parents[2] / "requirements" / "dashscope-1.txt"
INSTALL_SECONDS = 600


def python() -> Path:
    """The Python that imports dashscope 1.x; made when it is not there yet, which needs a package registry."""
    digest = hashlib.sha256(LOCK_FILE.read_bytes() + sys.version.encode()).hexdigest()[:16]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "dashlink" / "venvs"
    cache.mkdir(parents=True, exist_ok=True)
    home = cache / digest
    whole = home / "whole"  # written last: what has it is complete
    with (cache / f"{digest}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not whole.exists():
            shutil.rmtree(home, ignore_errors=True)
            _make(home)
            whole.touch()
    return home / "bin" / "python"


def _make(home: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", str(home)], check=True, timeout=INSTALL_SECONDS)
    install = [
        str(home / "bin" / "python"),
        "-m",
        "pip",
        "install",
        "-q",
        "--require-hashes",
        "--no-deps",
    ]
    done = subprocess.run(
        [*install, "-r", str(LOCK_FILE)],
        capture_output=True,
        text=True,
        timeout=INSTALL_SECONDS,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(
            f"dashscope 1.x: pip could not install {LOCK_FILE.name}:\n{done.stderr[-2000:]}"
        )
