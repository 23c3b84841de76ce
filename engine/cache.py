"""A folder of things that are long to make, each keyed by the hash of what it is made from.

`$XDG_CACHE_HOME/dashlink/engine/<name>-<key>/` (or below `~/.cache`) is there whole or not at all: a thing is made in
a folder beside it and moved into place by one rename, under a lock that the kernel drops when its holder dies. A run
that is killed half-way leaves a folder that the next maker of the same thing removes.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.console import say


def cache_root() -> Path:
    """The cache's folder, made if it is not there."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    root = Path(base) / "dashlink" / "engine"
    root.mkdir(parents=True, exist_ok=True)
    return root


def content_key(files: Iterable[Path], root: Path, *words: str) -> str:
    """The hash (16 hex digits) of the files' names below ``root``, their bytes, and of ``words`` that also matter."""
    digest = hashlib.sha256()
    for word in words:
        digest.update(b"word\0" + word.encode() + b"\0")
    for file in sorted(files):
        digest.update(b"file\0" + file.relative_to(root).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:16]


def is_kept(name: str, key: str) -> bool:
    """Whether `kept` has the thing already."""
    return (cache_root() / f"{name}-{key}").is_dir()


def kept(name: str, key: str, make: Callable[[Path], None]) -> Path:
    """The folder of the thing ``name`` made from what ``key`` stands for; ``make(folder)`` fills it if it is not there.

    Several processes may ask at once: one makes, the others wait and find it.
    """
    root = cache_root()
    folder = root / f"{name}-{key}"
    if folder.is_dir():
        return folder
    with locked(root / f"{name}.lock", waiting=f"  another run is making {name}; waiting for it"):
        if not folder.is_dir():
            _make(root, name, folder, make)
    return folder


def _make(root: Path, name: str, folder: Path, make: Callable[[Path], None]) -> None:
    for leftover in root.glob(f".{name}.*"):
        shutil.rmtree(leftover, ignore_errors=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{name}.", dir=root))
    try:
        make(draft)
        draft.chmod(0o755)
        draft.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


@contextmanager
def locked(file: Path, *, waiting: str) -> Iterator[None]:
    """Hold the lock of ``file``; says ``waiting`` once where somebody else holds it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(waiting)
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
