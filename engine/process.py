"""Child processes: their environment, their output, and how an interruption reaches them."""

from __future__ import annotations

import operator
import os
import re
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

_INHERITED = (
    "HOME",
    "USER",
    "LOGNAME",
    "LANG",
    "LC_ALL",
    "TERM",
    "TMPDIR",
    "TZ",
    "XDG_CACHE_HOME",
    "NO_COLOR",
    "COLUMNS",
)
_POLL_SECONDS = 0.05
_VERSION_SECONDS = 30.0


def clean_environment() -> dict[str, str]:
    """This process's environment without clouds, keys, proxies and certificates."""
    inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    return {**inherited, "PATH": os.environ.get("PATH", os.defpath)}


def run(command: list[str], *, folder: Path, environment: Mapping[str, str]) -> int:
    """Run ``command`` to its end on this terminal; return its exit code (negative for a signal).

    Ctrl-C reaches the child from the terminal and SIGTERM is forwarded; either way the child ends
    by itself and in order: an engine that is killed outright leaves its stack locked.
    """
    process = subprocess.Popen(command, cwd=folder, env=dict(environment))
    with _forwarded_signals(process):
        return process.wait()


def capture(
    command: list[str],
    *,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
    timeout: float | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run ``command`` to its end and return its exit code and output, both streams apart.

    Raises:
        OSError: If the command cannot be started.
        subprocess.TimeoutExpired: If it does not end within ``timeout`` seconds.
    """
    return subprocess.run(
        command,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def version_of(program: str) -> tuple[int, ...] | None:
    """The version that `PROGRAM version` prints, as three numbers; None if it prints none."""
    environment = os.environ | {"PULUMI_SKIP_UPDATE_CHECK": "true"}
    try:
        done = capture([program, "version"], environment=environment, timeout=_VERSION_SECONDS)
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = re.search(r"(\d+)\.(\d+)(?:\.(\d+))?", done.stdout)
    if match is None:
        return None
    return tuple(map(int, match.groups(default="0")))


def wait_until(condition: Callable[[], bool], *, seconds: float) -> bool:
    """Poll ``condition`` until it is true; return False if it is not within ``seconds``."""
    poll = Retrying(
        retry=retry_if_result(operator.not_),
        stop=stop_after_delay(seconds),
        wait=wait_fixed(_POLL_SECONDS),
        retry_error_callback=lambda _: False,
    )
    return bool(poll(condition))


@contextmanager
def _forwarded_signals(process: subprocess.Popen[bytes]) -> Iterator[None]:
    # A handler, not SIG_IGN, which the child would inherit: the terminal sends Ctrl-C to the child.
    interrupt = signal.signal(signal.SIGINT, lambda *_: None)
    terminate = signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, interrupt)
        signal.signal(signal.SIGTERM, terminate)
