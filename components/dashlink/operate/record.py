"""The record of the last run on a stack: one run at a time on this machine, and how it ended.

The record is a file below PULUMI_HOME. A run holds a kernel lock on it, which ends with the run
however it ends, and which other runs wait for. Its content says who holds it, and afterwards
whether the run ended well.
"""

from __future__ import annotations

import getpass
import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from dashlink.errors import DashlinkError
from dashlink.pulumi_stack import PulumiStack

Echo = Callable[[str], None]

_SUCCEEDED = "succeeded"
_RUNNING = "running"
_POLL_SECONDS = 0.2
_REMINDER_SECONDS = 60.0


@dataclass(frozen=True)
class Record:
    """The record of a run that holds the lock.

    Attributes:
        file: Its file.
        command: The command: ``up``.
        was_unfinished: Whether the run before did not end well.
    """

    file: IO[str]
    command: str
    was_unfinished: bool

    def write(self, outcome: str) -> None:
        """Write the outcome; until then the run counts as not ended."""
        document = {
            "command": self.command,
            "user": _user(),
            "pid": os.getpid(),
            "since": datetime.now(UTC).isoformat(timespec="seconds"),
            "outcome": outcome,
        }
        self.file.seek(0)
        self.file.truncate()
        self.file.write(json.dumps(document))
        self.file.flush()

    def succeeded(self) -> None:
        """Write that the run ended well."""
        self.write(_SUCCEEDED)


def key_of(stack: PulumiStack) -> str:
    """Return the key of a stack: of its backend, its project and its name."""
    names = (stack.backend_url, stack.project_name, stack.short_name)
    return hashlib.sha256("\0".join(names).encode()).hexdigest()[:16]


@contextmanager
def exclusive(stack: PulumiStack, command: str, echo: Echo) -> Iterator[Record]:
    """Hold the record of a stack; wait for another run on it, and report for whom.

    Raises:
        DashlinkError: The record cannot be written.
    """
    file = _folder(stack) / f"{stack.short_name}-{key_of(stack)}.json"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle = file.open("a+", encoding="utf-8")
    except OSError as error:
        raise DashlinkError(
            f"{file}: cannot be written: {error.strerror}. Allow it, or set PULUMI_HOME."
        ) from None
    with handle:
        _wait(handle, stack, echo)
        outcome = _read(file).get("outcome", _SUCCEEDED)
        record = Record(handle, command, outcome != _SUCCEEDED)
        record.write(_RUNNING)
        yield record


def _wait(handle: IO[str], stack: PulumiStack, echo: Echo) -> None:
    import fcntl  # noqa: PLC0415 - Windows has none; the other commands run there

    reported = 0.0
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            now = time.monotonic()
            if not reported or now - reported >= _REMINDER_SECONDS:
                reported = now
                echo(f"Stack {stack.name}: waiting for {_holder(Path(handle.name))}")
            time.sleep(_POLL_SECONDS)
        else:
            return


def _holder(file: Path) -> str:
    run = _read(file)
    if not run:
        return "another run"
    since = datetime.fromisoformat(run["since"]).astimezone()
    who = f"{run['user']}, process {run['pid']}, since {since:%H:%M:%S}"
    return f"`dashlink {run['command']}` ({who}); Ctrl-C ends the wait"


def _read(file: Path) -> dict[str, Any]:
    try:
        document: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return document if isinstance(document, dict) else {}


def _folder(stack: PulumiStack) -> Path:
    home = stack.environment.get("PULUMI_HOME") or str(Path.home() / ".pulumi")
    return Path(home) / "dashlink"


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())
