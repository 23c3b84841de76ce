"""Packages of tests in the user's cache folder, each installed once under the hash of its inputs.

A marker file is written last, so that a later run replaces an incomplete folder; a file lock makes
concurrent runs wait.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path


def installed(kind: str, inputs: bytes, install: Callable[[Path], None]) -> Path:
    """The folder of the packages of ``inputs``, filled by ``install`` at first.

    Args:
        kind: Its parent folder, as `venvs`.
        inputs: What the packages depend on, as a lock file.
        install: Installs them into a folder that does not exist yet.
    """
    digest = hashlib.sha256(inputs).hexdigest()[:16]
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    cache = base / "dashlink" / kind
    cache.mkdir(parents=True, exist_ok=True)
    home = cache / digest
    complete = home / "whole"
    with (cache / f"{digest}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not complete.exists():
            shutil.rmtree(home, ignore_errors=True)
            install(home)
            complete.touch()
    return home
