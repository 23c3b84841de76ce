"""What runs of Pulumi leave: locks and files of a backend."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


def lock_of(pid: int, host: str = "", since: datetime | None = None) -> dict[str, Any]:
    """The lock of a process, as Pulumi writes it; without a moment, of now."""
    return {
        "pid": pid,
        "username": "ann",
        "hostname": host or socket.gethostname(),
        "timestamp": (since or datetime.now(UTC)).isoformat(),
    }


def dead_lock() -> dict[str, Any]:
    """The lock of a process of this machine that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return lock_of(process.pid)


def own_lock() -> dict[str, Any]:
    """The lock of this process."""
    return lock_of(os.getpid())


def write(file: Path, document: object) -> None:
    """Write a JSON document; missing folders are created."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(document))
