"""Starts the sandbox cloud as a process of its own, and finds it again.

The process lives on after the command that started it, so that the next one is quick. It holds a lock of the kernel
on `.sandbox/process.lock` from its first moment to its end: so a lock that is held means that the process in
`process.json` lives and is the sandbox, whatever became of process ids in between; a lock that is free means that it
is gone, also after a kill. Its state, its certificates and its log lie beside.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from engine.console import EngineError, say

PORT, PROXY_PORT = 27170, 27171
"""The ports that the sandbox takes where they are free, so that a restart is the same cloud at the same place."""

_READY_SECONDS = 60.0
_END_SECONDS = 20.0
_LAST_LINES = 15


@dataclass(frozen=True)
class Sandbox:
    """A sandbox cloud that runs.

    Attributes:
        url: Its OpenAPI, `http://127.0.0.1:PORT`.
        proxy: What a machine within a VPC sees: a forward proxy, whose user name chooses the VPC.
        ca_file: The certificate of its authority.
        api_key: The model key that it takes; public, it guards nothing.
        pid: Its process.
        env: The environment that points the provider and the SDKs at it.
    """

    url: str
    proxy: str
    ca_file: str
    api_key: str
    pid: int
    env: Mapping[str, str]


def start(folder: Path, python: Path, environment: Mapping[str, str]) -> Sandbox:
    """The sandbox of ``folder``: the one that runs, else one started now from the state that the last one left.

    Args:
        folder: Where its files lie; made if it is not there.
        python: The Python that has dashlink_sandbox.
        environment: The environment of its process.

    Raises:
        EngineError: If it does not get ready; with the last lines of its log.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "process.lock").open("a") as lock:
        if _taken(lock):
            return _wait_until_ready(folder, None)
        (folder / "process.json").unlink(missing_ok=True)
        command = [str(python), "-m", "dashlink_sandbox", "--state", str(folder / "state.json")]
        command += ["--port", str(_free(PORT)), "--proxy-port", str(_free(PROXY_PORT))]
        with (folder / "process.json").open("w") as ready, (folder / "sandbox.log").open("a") as log:
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
    say(f"Sandbox: a cloud on {sandbox.url} (process {sandbox.pid}, its files in {folder.name}/)")
    return sandbox


def find(folder: Path) -> Sandbox | None:
    """The sandbox of ``folder`` if it runs."""
    if not folder.is_dir():
        return None
    with (folder / "process.lock").open("a") as lock:
        return _wait_until_ready(folder, None) if _taken(lock) else None


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
            deadline = time.monotonic() + _END_SECONDS
            while time.monotonic() < deadline:
                if not _taken(lock):
                    return
                time.sleep(0.05)
    raise EngineError(f"{folder}: the sandbox does not end (process {sandbox.pid}). End it by hand.")


def _taken(lock: IO[str]) -> bool:
    """Whether another process holds the lock; if not, it is held by ``lock`` now."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    return False


def _wait_until_ready(folder: Path, process: subprocess.Popen[bytes] | None) -> Sandbox:
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline:
        document = _first_line(folder / "process.json")
        if document:
            return Sandbox(**{name: document[name] for name in Sandbox.__dataclass_fields__})
        if process is not None and process.poll() is not None:
            break
        time.sleep(0.05)
    log = folder / "sandbox.log"
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-_LAST_LINES:] if log.is_file() else []
    raise EngineError("\n    ".join([f"{folder}: the sandbox did not get ready. Read the end of its log:", *lines]))


def _first_line(file: Path) -> dict[str, Any] | None:
    text = file.read_text(encoding="utf-8") if file.is_file() else ""
    line, end, _ = text.partition("\n")
    return json.loads(line) if end else None


def _free(port: int) -> int:
    """``port`` if it is free, else 0: then the sandbox takes any."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            say(f"Sandbox: port {port} is taken; taking another")
            return 0
    return port
