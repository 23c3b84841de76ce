"""Child processes: the environment that they get, and how an interruption reaches them."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

_KEPT = ("HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TERM", "TMPDIR", "TZ", "XDG_CACHE_HOME", "NO_COLOR", "COLUMNS")


def clean_environment() -> dict[str, str]:
    """What a child on the sandbox gets of this environment: nothing of clouds, keys, proxies, certificates."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return {**kept, "PATH": os.environ.get("PATH", os.defpath)}


def run(command: list[str], *, folder: Path, environment: Mapping[str, str]) -> int:
    """Run ``command`` to its end, on this terminal, and give back its exit code (negative for a signal).

    Ctrl-C reaches the child from the terminal and SIGTERM is handed on; either way the child ends by itself and in
    order: an engine that is killed outright leaves its stack locked.
    """
    process = subprocess.Popen(command, cwd=folder, env=dict(environment))
    with _handed_on(process):
        return process.wait()


@contextmanager
def _handed_on(process: subprocess.Popen[bytes]) -> Iterator[None]:
    # A handler, not SIG_IGN, which the child would inherit. The terminal has told the child of Ctrl-C already.
    before = {signal.SIGINT: signal.signal(signal.SIGINT, lambda *_: None)}
    before[signal.SIGTERM] = signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
