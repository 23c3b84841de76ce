"""Creates `.venv` from `requirements/lock.txt`, unless it was created from the same files already.

The machine's own Python runs it (`python3 -m engine.packages`), before anything is installed.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

from engine.cache import locked
from engine.console import EngineError, echo

ROOT = Path(__file__).parent.parent
OLDEST = (3, 11)


def main() -> None:
    """Create the environment, or exit with one line that names the problem."""
    if sys.version_info < OLDEST:
        version = ".".join(map(str, sys.version_info[:2]))
        sys.exit(f"Python: too old (got {version}). Run make with PYTHON=python3.11 or newer.")
    try:
        create_environment(ROOT)
    except EngineError as error:
        sys.exit(str(error))


def create_environment(root: Path) -> None:
    """Create ``root``/.venv with every locked package and dashlink itself, editable.

    Raises:
        EngineError: If the environment cannot be created or a package cannot be installed.
    """
    folder = root / ".venv"
    stamp = folder / "made-from"
    waiting = "  another run is installing packages; waiting for it"
    with locked(root / ".sandbox" / "packages.lock", waiting=waiting):
        if stamp.is_file() and stamp.read_text(encoding="utf-8") == _key(root):
            return
        if not stamp.is_file():  # also where a killed run has left half an environment
            echo("Python: creating .venv")
            venv = [sys.executable, "-m", "venv", "--clear", str(folder)]
            _run(venv, "cannot create .venv. Install Python's venv module.")
        stamp.unlink(missing_ok=True)
        _install(folder / "bin" / "python", root)
        stamp.write_text(_key(root), encoding="utf-8")


def _install(python: Path, root: Path) -> None:
    echo("Python: installing the locked packages into .venv (minutes, the first time only)")
    install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    locked_packages = ["--require-hashes", "-r", str(root / "requirements" / "lock.txt")]
    advice = "See pip's output above."
    _run([*install, *locked_packages], f"cannot install the locked packages. {advice}")
    itself = ["--no-deps", "--no-build-isolation", "--editable", str(root)]
    _run([*install, *itself], f"cannot install dashlink itself. {advice}")


def _key(root: Path) -> str:
    """The hash of the environment's inputs: lock file, the package's declaration, its Python."""
    digest = hashlib.sha256()
    for name in ("requirements/lock.txt", "pyproject.toml", ".venv/pyvenv.cfg"):
        digest.update((root / name).read_bytes())
    return digest.hexdigest()


def _run(command: list[str], problem: str) -> None:
    done = subprocess.run(command, check=False)
    if done.returncode:
        raise EngineError(f"Python: {problem}")


if __name__ == "__main__":
    main()
