"""What a run that is gone has left of a stack: processes, locks, a damaged checkpoint."""

from __future__ import annotations

import time
from collections.abc import Sequence

import psutil

from dashlink.errors import DashlinkError
from dashlink.operate import checkpoint, locks, processes
from dashlink.operate.locks import Lock
from dashlink.operate.record import Echo, key_of
from dashlink.operate.supervise import INTERRUPT
from dashlink.pulumi_stack import PulumiStack

_POLL_SECONDS = 0.5
_REMINDER_SECONDS = 60.0
_FINISH_SECONDS = 900.0
_STOP_SECONDS = 60.0


def clear(stack: PulumiStack, echo: Echo) -> bool:
    """End and remove what dead runs left of a stack; wait for a living one.

    The caller holds the record of the stack.

    Returns:
        Whether a run on it did not end in order, so that the state may lack resources.

    Raises:
        DashlinkError: The stack is locked from another machine, or its checkpoint is damaged.
    """
    was_running = _end_processes(stack, echo)
    was_locked = _clear_locks(stack, echo)
    lost = processes.lost_plugins(stack.folder)
    if lost:
        names = _names(lost)
        processes.end(lost)
        echo(f"Stack {stack.name}: ended plugins of a killed run: {names}")
    was_restored = checkpoint.restore(stack, echo)
    return was_running or was_locked or bool(lost) or was_restored


def _end_processes(stack: PulumiStack, echo: Echo) -> bool:
    """End the processes of runs whose supervising process is dead, Pulumi itself in order."""
    key = key_of(stack)
    left = processes.left_of_dead_runs(key)
    for process in left:
        if processes.is_engine(process):
            echo(
                f"Stack {stack.name}: the Pulumi of a killed run is still at work "
                f"(process {process.pid}); it finishes what is in progress"
            )
            _end_engine(process, stack, echo)
    plugins = processes.left_of_dead_runs(key)
    if plugins:
        names = _names(plugins)
        processes.end(plugins)
        echo(f"Stack {stack.name}: ended processes of a killed run: {names}")
    return bool(left)


def _end_engine(process: psutil.Process, stack: PulumiStack, echo: Echo) -> None:
    """Ask an engine to finish, then to stop, then kill it."""
    for seconds in (_FINISH_SECONDS, _STOP_SECONDS):
        processes.send(process, INTERRUPT)
        if _wait_for_end(process, seconds, f"Stack {stack.name}: waiting for its end", echo):
            return
    processes.end([process])


def _wait_for_end(process: psutil.Process, seconds: float, waiting: str, echo: Echo) -> bool:
    started = time.monotonic()
    reported = started
    while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
        now = time.monotonic()
        if now - started >= seconds:
            return False
        if now - reported >= _REMINDER_SECONDS:
            reported = now
            echo(f"{waiting}: {now - started:.0f} s, at most {seconds:.0f} s")
        time.sleep(_POLL_SECONDS)
    return True


def _clear_locks(stack: PulumiStack, echo: Echo) -> bool:
    """Remove the locks of dead processes; wait for living ones."""
    was_dead = False
    reported = 0.0
    while found := locks.read_locks(stack):
        _refuse_unknown(stack, found)
        living = []
        for lock in found:
            if lock.is_dead:
                locks.remove(lock)
                was_dead = True
                echo(f"Stack {stack.name}: removed the lock of a process that is gone ({lock})")
            else:
                living.append(lock)
        if not living:
            break
        now = time.monotonic()
        if not reported or now - reported >= _REMINDER_SECONDS:
            reported = now
            echo(f"Stack {stack.name}: locked; waiting for {living[0]} (Ctrl-C ends the wait)")
        time.sleep(_POLL_SECONDS)
    return was_dead


def _refuse_unknown(stack: PulumiStack, found: Sequence[Lock]) -> None:
    """Refuse a stack with a lock whose process cannot be looked at from here."""
    for lock in found:
        if lock.since is None:
            raise DashlinkError(
                f"stack {stack.name}: a lock cannot be read ({lock.file}). If no Pulumi works on "
                f"this stack on any machine, remove it: rm {lock.file}"
            )
        if not lock.is_of_this_host:
            raise DashlinkError(
                f"stack {stack.name}: locked by {lock}. Wait for it; if that process is gone, run "
                f"`pulumi cancel --yes --stack {stack.name}`, then the command again."
            )


def _names(found: Sequence[psutil.Process]) -> str:
    return ", ".join(processes.describe(process) for process in found)
