"""Makes `.venv` from `requirements/lock.txt`, and does nothing where it is made from the same files already.

It is run by the machine's own Python (`python3 -m engine.packages`), before anything is installed.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

from engine.cache import locked
from engine.console import EngineError, say

ROOT = Path(__file__).parent.parent
OLDEST = (3, 11)


def main() -> None:
    """Make the environment, or say in one line why it cannot be made."""
    if sys.version_info < OLDEST:
        sys.exit("Python: too old (got {}.{}). Run make with PYTHON=python3.11 or newer.".format(*sys.version_info[:2]))
    try:
        make_environment(ROOT)
    except EngineError as error:
        sys.exit(str(error))


def make_environment(root: Path) -> None:
    """Make ``root``/.venv with every locked package and dashlink itself, editable.

    Raises:
        EngineError: If the environment cannot be made or a package cannot be installed.
    """
    folder = root / ".venv"
    stamp = folder / "made-from"
    with locked(root / ".sandbox" / "packages.lock", waiting="  another run is installing packages; waiting for it"):
        if stamp.is_file() and stamp.read_text(encoding="utf-8") == _key(root):
            return
        python = folder / "bin" / "python"
        if not python.is_file():
            say("Python: making .venv")
            _run(
                [sys.executable, "-m", "venv", "--clear", str(folder)],
                "cannot make .venv. Install Python's venv module.",
            )
        say("Python: installing the locked packages into .venv (a minute or two, the first time only)")
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        lock = root / "requirements" / "lock.txt"
        _run(
            [*install, "--require-hashes", "-r", str(lock)],
            "cannot install the locked packages. See pip's words above.",
        )
        local = ["--no-deps", "--no-build-isolation", "--editable", str(root)]
        _run([*install, *local], "cannot install dashlink itself. See pip's words above.")
        stamp.write_text(_key(root), encoding="utf-8")


def _key(root: Path) -> str:
    """What the environment is made from: the lock file, the package's own declaration, its Python."""
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
