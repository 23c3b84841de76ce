"""Runs of `up` that are killed while the cloud handles one of their calls."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable

from support.processes import kill
from support.sandbox_admin import inject_fault
from support.stacks import UP, Stack
from support.waiting import wait_for

from dashlink_sandbox import Sandbox

STALL_SECONDS = 600  # a call of a killed run ends long after its test, which does not wait for it


def kill_during(
    stack: Stack, cloud: Sandbox, action: str, kind: str, *, product: str = "APIG"
) -> None:
    """Run `up` until the cloud gets ``action``, and kill all processes before it answers.

    Args:
        stack: The stack, whose lock is removed afterwards.
        cloud: Its cloud.
        action: The action.
        kind: ``stall``: the cloud does the work at once; ``delay``: late, after the test.
        product: Product of the action.
    """
    inject_fault(cloud, kind=kind, product=product, action=action, seconds=STALL_SECONDS)
    kill_once(stack, lambda _: not cloud.cloud.faults.active, f"{action} ({kind})")


def kill_once(stack: Stack, is_reached: Callable[[str], bool], what: str) -> None:
    """Run `up`, and kill all processes once ``is_reached`` of its output; remove the lock."""
    log = stack.folder / "killed.log"
    with log.open("w") as output:
        engine = stack.start(*UP, output=output)

    def is_there() -> bool:
        text = log.read_text()
        assert engine.poll() is None, text
        return is_reached(text)

    wait_for(is_there, what, seconds=180)
    # A kill within a write of the file backend leaves a truncated file: that is not tested here.
    wait_for(lambda: _no_write_is_in_progress(stack), "the end of the writes", seconds=60)
    os.kill(engine.pid, signal.SIGKILL)
    engine.wait(timeout=30)
    wait_for(lambda: _all_are_killed(stack), "the end of the killed run", seconds=60)
    stack.run("cancel", "--yes")


def _all_are_killed(stack: Stack) -> bool:
    """Kill the stack's processes; return whether there were none, not even one just started."""
    processes = stack.processes()
    for process_id in processes:
        kill(process_id)
    return not processes


def _no_write_is_in_progress(stack: Stack) -> bool:
    """Whether the engine has not written its state for a second."""
    (file,) = (stack.folder / "state").glob(f".pulumi/stacks/*/{stack.name}.json")
    return time.time() - file.stat().st_mtime > 1
