"""Starts the sandbox cloud as a separate process, and connects to the running one.

The process outlives the command that started it, so that the next command is quick. It holds a
kernel lock on `.sandbox/process.lock` from its first moment to its end: a held lock means that the
process whose id is in it is alive and is the sandbox, even if process ids were reused; a free lock
means that it ended, also after a kill. Its state, its certificates and its log are beside it; what
it printed when it was ready is in `process.json`.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import IO

from engine.console import EngineError, echo
from engine.process import wait_until

PORT = 27170
"""The port of the API, if it is free, so that a restarted cloud has the same address."""

PROXY_PORT = 27171
"""The port of the proxy, if it is free."""

_PORT_IN_USE = 3
_DAMAGED_STATE = 4
"""Exit status of a sandbox that another process keeps from listening, and of one whose state file
is damaged (dashlink_sandbox.main)."""

_READY_SECONDS = 60.0
_END_SECONDS = 20.0
_LAST_LINES = 15


class DamagedStateError(EngineError):
    """The file with the cloud's state is damaged."""


@dataclass(frozen=True)
class Sandbox:
    """A running sandbox cloud.

    Attributes:
        url: Its OpenAPI, `http://127.0.0.1:PORT`.
        proxy: A forward proxy into its VPCs; the user name selects the VPC.
        ca_file: The certificate of its authority.
        api_key: The model key that it accepts; public, it protects nothing.
        pid: Its process id.
        env: Environment variables for the provider and the SDKs.
    """

    url: str
    proxy: str
    ca_file: str
    api_key: str
    pid: int
    env: Mapping[str, str]


def start(folder: Path, python: Path, environment: Mapping[str, str]) -> Sandbox:
    """Return the running sandbox of ``folder``, or start one from the state that the last one left.

    Args:
        folder: The folder of its files, created if it is missing.
        python: The Python that has dashlink_sandbox.
        environment: The environment of its process.

    Raises:
        DamagedStateError: If its state file is damaged.
        EngineError: If it does not get ready; with the last lines of its log.
    """
    sandbox = find(folder)
    if sandbox is not None:
        return sandbox
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "process.lock").open("a") as lock:
        if _is_held(lock):  # another run has just started it
            return start(folder, python, environment)
        process = _run(folder, lock, python, environment, (PORT, PROXY_PORT))
        sandbox = _wait_until_ready(folder, process)
        if sandbox is None and process.poll() == _PORT_IN_USE:
            echo(f"Sandbox: port {PORT} or {PROXY_PORT} is already in use; using others")
            process = _run(folder, lock, python, environment, (0, 0))
            sandbox = _wait_until_ready(folder, process)
    if sandbox is None and process.poll() == _DAMAGED_STATE:
        raise DamagedStateError(_end_of_log(folder))
    if sandbox is None:
        raise EngineError(_end_of_log(folder))
    where = f"process {sandbox.pid}, its files in {folder.name}/"
    echo(f"Sandbox: a cloud on {sandbox.url} ({where})")
    return sandbox


def _run(
    folder: Path,
    lock: IO[str],
    python: Path,
    environment: Mapping[str, str],
    ports: tuple[int, int],
) -> subprocess.Popen[bytes]:
    """Start a sandbox that keeps ``lock``, and write its id into it."""
    port, proxy_port = map(str, ports)
    command = [str(python), "-m", "dashlink_sandbox", "--state", str(folder / "state.json")]
    command += ["--port", port, "--proxy-port", proxy_port]
    ready = folder / "process.json"
    ready.unlink(missing_ok=True)
    ready.touch(mode=0o600)
    with ready.open("w") as output, (folder / "sandbox.log").open("a") as log:
        process = subprocess.Popen(
            command,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=log,
            pass_fds=[lock.fileno()],
            start_new_session=True,
        )
    lock.truncate(0)
    lock.write(str(process.pid))
    lock.flush()
    return process


def find(folder: Path) -> Sandbox | None:
    """The running sandbox of ``folder``, None if there is none.

    One whose `process.json` is damaged is ended: its state is on disk.
    """
    if not _is_running(folder):
        return None
    sandbox = _wait_until_ready(folder, None)
    if sandbox is None:
        echo(f"Sandbox: {folder.name}/process.json is damaged; starting the sandbox again")
        stop(folder)
    return sandbox


def stop(folder: Path) -> None:
    """End the sandbox of ``folder`` if it runs; its state stays.

    Raises:
        EngineError: If it does not end.
    """
    if not _is_running(folder):
        return
    number = (folder / "process.lock").read_text(encoding="utf-8")
    if not number.isdecimal():
        raise EngineError(f"{folder}/process.lock: names no process. End the sandbox by hand.")
    for ending in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.kill(int(number), ending)
        except ProcessLookupError:
            return
        if wait_until(lambda: not _is_running(folder), seconds=_END_SECONDS):
            return
    raise EngineError(f"{folder}: the sandbox does not end (process {number}). End it by hand.")


def _is_running(folder: Path) -> bool:
    """Whether a sandbox holds the lock of ``folder``."""
    if not folder.is_dir():
        return False
    with (folder / "process.lock").open("a") as lock:
        return _is_held(lock)


def _is_held(lock: IO[str]) -> bool:
    """Whether another process holds the lock; if not, ``lock`` holds it now."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    return False


def _wait_until_ready(folder: Path, process: subprocess.Popen[bytes] | None) -> Sandbox | None:
    """Wait for the ready line; ``process`` is None if another run started the sandbox.

    Returns:
        The sandbox; None if it ended, or its ready line cannot be read.
    """
    file = folder / "process.json"

    def is_decided() -> bool:
        ended = process is not None and process.poll() is not None
        return ended or _first_line(file) is not None

    wait_until(is_decided, seconds=_READY_SECONDS)
    try:
        document = json.loads(_first_line(file) or "null")
        return Sandbox(**{field.name: document[field.name] for field in fields(Sandbox)})
    except (ValueError, TypeError, KeyError):
        return None


def _end_of_log(folder: Path) -> str:
    lines = [f"{folder}: the sandbox did not get ready. Read the end of its log:"]
    log = folder / "sandbox.log"
    if log.is_file():
        lines += log.read_text(encoding="utf-8", errors="replace").splitlines()[-_LAST_LINES:]
    return "\n    ".join(lines)


def _first_line(file: Path) -> str | None:
    """The first line of ``file``, None until it is complete."""
    if not file.is_file():
        return None
    line, end, _ = file.read_text(encoding="utf-8", errors="replace").partition("\n")
    if not end:
        return None
    return line
