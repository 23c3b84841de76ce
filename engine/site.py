"""Builds the documentation's site with MkDocs, in an environment of its own in the cache."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from engine.cache import cached, content_key
from engine.console import EngineError, echo
from engine.process import capture
from engine.resolve import ROOT

LOCK_FILE = ROOT / "requirements" / "docs.txt"


def build(folder: Path, root: Path = ROOT) -> int:
    """Build the site into ``folder``; a broken link is an error.

    Args:
        folder: The folder of the site, emptied before.
        root: The checkout whose pages are built.

    Returns:
        The exit code of MkDocs.
    """
    python = environment() / "bin" / "python"
    # The theme prints an advertisement otherwise.
    variables = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    # Not --quiet, with which MkDocs counts no warnings.
    command = [str(python), "-m", "mkdocs", "build", "--strict"]
    command += ["--config-file", str(root / "mkdocs.yml"), "--site-dir", str(folder)]
    done = capture(command, folder=root, environment=variables)
    if done.returncode:
        echo((done.stdout + done.stderr).strip())
    return done.returncode


def environment() -> Path:
    """Return the virtual environment with the packages of requirements/docs.txt.

    Raises:
        EngineError: If it cannot be created.
    """
    return cached("docs", content_key([LOCK_FILE], ROOT, sys.version), _create)


def _create(folder: Path) -> None:
    echo("Docs: installing MkDocs and its theme into the cache (the first time only)")
    _run([sys.executable, "-m", "venv", str(folder)])
    install = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet"]
    install += ["--disable-pip-version-check", "--require-hashes", "--no-deps"]
    _run([*install, "-r", str(LOCK_FILE)])


def _run(command: list[str]) -> None:
    if subprocess.run(command, check=False).returncode:
        raise EngineError("Docs: cannot install MkDocs. See pip's output above.")
