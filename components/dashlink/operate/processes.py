"""Processes of runs: which are alive, which a dead run left, and how they end.

Every process of a run inherits the environment variable `DASHLINK_RUN`, ``<stack>/<pid>/<start>``:
the stack by its key, and the supervising process by its id and its start in seconds of the epoch.
So a process that a dead run left is recognized although its parents are gone.
"""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

MARK = "DASHLINK_RUN"
_SAME_START_SECONDS = 2.0  # the clock of the machine may have been set in between
_PLUGINS = ("pulumi-resource-", "pulumi-language-", "pulumi-analyzer-")
_CONNECT_SECONDS = 1.0
_END_SECONDS = 5.0


@dataclass(frozen=True)
class Mark:
    """What `DASHLINK_RUN` of a process says.

    Attributes:
        stack: Key of the stack.
        pid: Id of the supervising process.
        started: Its start, in seconds of the epoch.
    """

    stack: str
    pid: int
    started: float

    def __str__(self) -> str:
        """Return the value of the variable."""
        return f"{self.stack}/{self.pid}/{self.started:.2f}"

    @property
    def is_alive(self) -> bool:
        """Whether the supervising process is alive."""
        return is_alive(self.pid, self.started)


def own_mark(stack: str) -> Mark:
    """Return the mark of runs that this process supervises."""
    return Mark(stack, os.getpid(), psutil.Process().create_time())


def mark_of(environment: Mapping[str, str]) -> Mark | None:
    """Return the mark in an environment; None if there is none or it is invalid."""
    stack, _, rest = environment.get(MARK, "").partition("/")
    pid, _, started = rest.partition("/")
    try:
        return Mark(stack, int(pid), float(started))
    except ValueError:
        return None


def is_alive(pid: int, started: float) -> bool:
    """Whether the process that had the id ``pid`` and began at ``started`` is alive."""
    process = _living(pid)
    return process is not None and abs(process.create_time() - started) < _SAME_START_SECONDS


def is_alive_since(pid: int, moment: float) -> bool:
    """Whether a process with the id ``pid`` is alive that was alive at ``moment`` already."""
    process = _living(pid)
    return process is not None and process.create_time() < moment + _SAME_START_SECONDS


def left_of_dead_runs(stack: str) -> list[psutil.Process]:
    """Return the living processes of runs on ``stack`` whose supervising process is dead."""
    left = []
    for process, environment in _processes():
        mark = mark_of(environment)
        if mark is not None and mark.stack == stack and not mark.is_alive:
            left.append(process)
    return left


def left_of_run(mark: Mark) -> list[psutil.Process]:
    """Return the living processes of a run, without the supervising one."""
    left = []
    for process, environment in _processes():
        if mark_of(environment) == mark and process.pid != os.getpid():
            left.append(process)
    return left


def lost_plugins(folder: Path) -> list[psutil.Process]:
    """Return the plugins of unmarked runs in ``folder`` (plain `pulumi up`) whose engine is gone.

    A plugin gets the engine's address as its last argument: nothing can use a plugin whose engine
    no longer listens there.
    """
    lost = []
    for process, environment in _processes():
        try:
            command = process.cmdline()
            is_here = Path(process.cwd()) == folder
        except (psutil.Error, OSError):
            continue
        if is_here and MARK not in environment and _is_plugin(command) and _is_deserted(command):
            lost.append(process)
    return lost


def is_engine(process: psutil.Process) -> bool:
    """Whether a process is the Pulumi CLI."""
    try:
        return process.name() == "pulumi"
    except (psutil.Error, OSError):
        return False


def describe(process: psutil.Process) -> str:
    """Return name and id of a process, for messages."""
    try:
        command = process.cmdline()
        names = [Path(part).name for part in command if Path(part).name.startswith(_PLUGINS)]
        name = names[0] if names else process.name()
    except (psutil.Error, OSError):
        name = "a process"
    return f"{name} ({process.pid})"


def end(processes: Iterable[psutil.Process]) -> None:
    """End processes: SIGTERM, and SIGKILL for those that are alive seconds later."""
    left = list(processes)
    for number in (signal.SIGTERM, signal.SIGKILL):
        for process in left:
            send(process, number)
        _, left = psutil.wait_procs(left, timeout=_END_SECONDS)


def send(process: psutil.Process, number: int) -> None:
    """Send a signal to a process, which may have ended."""
    try:
        process.send_signal(number)
    except psutil.Error:
        return


def _living(pid: int) -> psutil.Process | None:
    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else process
    except (psutil.Error, ValueError, OverflowError):
        return None


def _processes() -> Iterator[tuple[psutil.Process, Mapping[str, str]]]:
    """Yield each living process of this user with its environment."""
    for process in psutil.process_iter():
        try:
            if process.status() == psutil.STATUS_ZOMBIE:
                continue
            environment = process.environ()
        except (psutil.Error, OSError):  # ended, or of another user
            continue
        yield process, environment


def _is_plugin(command: list[str]) -> bool:
    return any(Path(part).name.startswith(_PLUGINS) for part in command[:4])


def _is_deserted(command: list[str]) -> bool:
    """Whether nothing listens at the address of the engine, a plugin's last argument."""
    host, _, port = command[-1].rpartition(":")
    if host not in ("127.0.0.1", "localhost") or not port.isdigit():
        return False
    try:
        with socket.create_connection((host, int(port)), timeout=_CONNECT_SECONDS):
            return False
    except ConnectionRefusedError:
        return True
    except OSError:
        return False
