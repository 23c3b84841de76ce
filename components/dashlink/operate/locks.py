"""Locks of a stack in a backend of files: whose they are, and whether their process is alive.

Pulumi writes a lock as `.pulumi/locks/organization/<project>/<stack>/<id>.json` with the pid, user
and host of its process and the time (github.com/pulumi/pulumi, pkg/backend/diy/lock.go, v3.259.0).
A killed process leaves it, and `pulumi cancel` removes every lock of the stack, those of living
processes too: here only the lock of a process that is dead for certain is removed.
"""

from __future__ import annotations

import json
import socket
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from dashlink.operate.processes import is_alive_since
from dashlink.pulumi_stack import PulumiStack


@dataclass(frozen=True)
class Lock:
    """One lock.

    Attributes:
        file: Its file.
        pid: Id of the process that locked the stack; 0 if the file is damaged.
        user: Name of its user.
        host: Name of its machine.
        since: When it locked the stack; None if the file is damaged.
    """

    file: Path
    pid: int
    user: str
    host: str
    since: datetime | None

    @property
    def is_of_this_host(self) -> bool:
        """Whether its process is, or was, one of this machine."""
        return self.host == socket.gethostname()

    @property
    def is_dead(self) -> bool:
        """Whether its process was one of this machine and has ended for certain."""
        if self.since is None or not self.is_of_this_host:
            return False
        return not is_alive_since(self.pid, self.since.timestamp())

    def __str__(self) -> str:
        """Return who locked the stack, where and when."""
        if self.since is None:
            return f"an unreadable lock ({self.file})"
        when = f"{self.since.astimezone():%Y-%m-%d %H:%M:%S}"
        return f"{self.user}@{self.host}, process {self.pid}, since {when}"


def read_locks(stack: PulumiStack) -> list[Lock]:
    """Return the locks of a stack; none for a backend that is not one of files."""
    folder = stack.backend_folder
    if folder is None:
        return []
    scoped = folder / "locks" / "organization" / stack.project_name / stack.short_name
    unscoped = folder / "locks" / stack.short_name  # states of Pulumi before 3.61
    files = [*scoped.glob("*.json"), *unscoped.glob("*.json")]
    locks = []
    for file in sorted(files):
        lock = _read(file)
        if lock is not None:
            locks.append(lock)
    return locks


def remove(lock: Lock) -> None:
    """Remove one lock, as `pulumi cancel` does with all."""
    lock.file.unlink(missing_ok=True)
    lock.file.with_name(f"{lock.file.name}.attrs").unlink(missing_ok=True)


def _read(file: Path) -> Lock | None:
    """Read a lock; None if it was removed meanwhile."""
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError):
        return Lock(file, 0, "", "", None)
    try:
        document: dict[str, Any] = json.loads(text)
        since = datetime.fromisoformat(str(document["timestamp"]))
        user, host = str(document["username"]), str(document["hostname"])
        return Lock(file, int(document["pid"]), user, host, since)
    except (ValueError, KeyError, TypeError):
        return Lock(file, 0, "", "", None)
