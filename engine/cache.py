"""A folder of build results, each keyed by the hash of its inputs.

`$XDG_CACHE_HOME/dashlink/engine/<name>-<key>/` (or below `~/.cache`) is complete or absent: an
entry is created in a folder beside it and moved into place by one rename, under a lock that the
kernel releases when its holder dies. A run that is killed half-way leaves a folder that the next
run that creates the same entry removes.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.console import EngineError, echo


def cache_root() -> Path:
    """The cache's folder, created if it is missing.

    Raises:
        EngineError: If others than this user can write into it: its programs are run.
    """
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    root = Path(base) / "dashlink" / "engine"
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    status = root.stat()
    if status.st_uid != os.getuid():
        raise EngineError(f"{root}: the folder of another user. Set XDG_CACHE_HOME to your own.")
    if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise EngineError(f"{root}: others can write into it. Run: chmod go-w {root}")
    return root


def content_key(files: Iterable[Path], root: Path, *settings: str) -> str:
    """Hash files and settings to 16 hex digits.

    Args:
        files: The files, hashed by their names below ``root`` and their bytes.
        root: A parent folder of the files.
        settings: Further inputs, such as a compiler's flags; their order matters.
    """
    digest = hashlib.sha256()
    for setting in settings:
        digest.update(b"word\0" + setting.encode() + b"\0")
    for file in sorted(files):
        digest.update(b"file\0" + file.relative_to(root).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:16]


def is_cached(name: str, key: str) -> bool:
    """Whether `cached` would return at once."""
    return (cache_root() / f"{name}-{key}").is_dir()


def cached(name: str, key: str, create: Callable[[Path], None]) -> Path:
    """Return the folder of the entry ``name`` with the hash ``key``.

    A missing entry is created by ``create(folder)``. Of several processes that call this at the
    same time, one creates the entry and the others wait for it.
    """
    root = cache_root()
    folder = root / f"{name}-{key}"
    if folder.is_dir():
        return folder
    with locked(root / f"{name}.lock", waiting=f"  another run is creating {name}; waiting for it"):
        if not folder.is_dir():
            _create(root, name, folder, create)
    return folder


def _create(root: Path, name: str, folder: Path, create: Callable[[Path], None]) -> None:
    for leftover in root.glob(f".{name}.*"):
        shutil.rmtree(leftover, ignore_errors=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{name}.", dir=root))
    try:
        create(draft)
        draft.chmod(0o755)
        draft.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


@contextmanager
def locked(file: Path, *, waiting: str) -> Iterator[None]:
    """Hold the lock of ``file``; print ``waiting`` once if another process holds it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            echo(waiting)
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
