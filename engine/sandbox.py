"""Starts the sandbox cloud as a separate process, and connects to the running one.

The process outlives the command that started it, so that the next command is quick. It holds a
kernel lock on `.sandbox/process.lock` from its first moment to its end: a held lock means that the
process in `process.json` is alive and is the sandbox, even if process ids were reused; a free lock
means that it ended, also after a kill. Its state, its certificates and its log are beside it.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import socket
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import IO, Any

from engine.console import EngineError, echo
from engine.process import wait_until

PORT = 27170
"""The port of the API, if it is free, so that a restarted cloud has the same address."""

PROXY_PORT = 27171
"""The port of the proxy, if it is free."""

_READY_SECONDS = 60.0
_END_SECONDS = 20.0
_LAST_LINES = 15


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
        EngineError: If it does not get ready; with the last lines of its log.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "process.lock").open("a") as lock:
        if _is_held(lock):
            return _wait_until_ready(folder, None)
        (folder / "process.json").unlink(missing_ok=True)
        command = [str(python), "-m", "dashlink_sandbox", "--state", str(folder / "state.json")]
        command += ["--port", _free(PORT), "--proxy-port", _free(PROXY_PORT)]
        with (
            (folder / "process.json").open("w") as ready,
            (folder / "sandbox.log").open("a") as log,
        ):
            process = subprocess.Popen(
                command,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=ready,
                stderr=log,
                pass_fds=[lock.fileno()],
                start_new_session=True,
            )
    sandbox = _wait_until_ready(folder, process)
    where = f"process {sandbox.pid}, its files in {folder.name}/"
    echo(f"Sandbox: a cloud on {sandbox.url} ({where})")
    return sandbox


def find(folder: Path) -> Sandbox | None:
    """The running sandbox of ``folder``, None if there is none."""
    if not folder.is_dir():
        return None
    with (folder / "process.lock").open("a") as lock:
        if _is_held(lock):
            return _wait_until_ready(folder, None)
    return None


def stop(folder: Path) -> None:
    """End the sandbox of ``folder`` if it runs; its state stays.

    Raises:
        EngineError: If it does not end.
    """
    sandbox = find(folder)
    if sandbox is None:
        return
    with (folder / "process.lock").open("a") as lock:
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.kill(sandbox.pid, number)
            except ProcessLookupError:
                return
            if wait_until(lambda: not _is_held(lock), seconds=_END_SECONDS):
                return
    raise EngineError(
        f"{folder}: the sandbox does not end (process {sandbox.pid}). End it by hand."
    )


def _is_held(lock: IO[str]) -> bool:
    """Whether another process holds the lock; if not, ``lock`` holds it now."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    return False


def _wait_until_ready(folder: Path, process: subprocess.Popen[bytes] | None) -> Sandbox:
    """Wait for the ready line of the sandbox; ``process`` is None if another run started it."""
    file = folder / "process.json"

    def is_decided() -> bool:
        ended = process is not None and process.poll() is not None
        return ended or _first_line(file) is not None

    wait_until(is_decided, seconds=_READY_SECONDS)
    document = _first_line(file)
    if document:
        known = {field.name: document[field.name] for field in fields(Sandbox)}
        return Sandbox(**known)
    lines = [f"{folder}: the sandbox did not get ready. Read the end of its log:"]
    log = folder / "sandbox.log"
    if log.is_file():
        lines += log.read_text(encoding="utf-8", errors="replace").splitlines()[-_LAST_LINES:]
    raise EngineError("\n    ".join(lines))


def _first_line(file: Path) -> dict[str, Any] | None:
    """The JSON document in the first line of ``file``, None until the line is complete."""
    if not file.is_file():
        return None
    line, end, _ = file.read_text(encoding="utf-8").partition("\n")
    if not end:
        return None
    document: dict[str, Any] = json.loads(line)
    return document


def _free(port: int) -> str:
    """Return ``port`` if it is free, else 0: any free port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            echo(f"Sandbox: port {port} is already in use; using another")
            return "0"
    return str(port)
