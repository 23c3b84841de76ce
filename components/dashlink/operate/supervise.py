"""Run the Pulumi CLI so that it always ends in order, and leaves no process.

The CLI runs in a session of its own: a closed terminal would kill it at once (Go ends a program on
SIGHUP), and its resources in progress would be lost. Signals reach it from here instead. Pulumi
takes the first SIGINT or SIGTERM as a request to finish what is in progress and the second as one
to stop at once (pkg/backend/cancellation_scope.go, v3.259.0).
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from types import FrameType

import psutil

from dashlink.operate import processes
from dashlink.operate.output import Output
from dashlink.operate.processes import MARK, Mark
from dashlink.operate.record import Echo
from dashlink.pulumi_stack import CLI_VARIABLE, PulumiNotFoundError, PulumiStack

INTERRUPT = signal.SIGINT
"""What asks Pulumi to finish; sent again, to stop."""

_HANGUP = getattr(signal, "SIGHUP", signal.SIGTERM)  # Windows has none
_SIGNALS = (signal.SIGINT, signal.SIGTERM, _HANGUP)
_MOST_ASKED = 2  # the first signal asks to finish, the second to stop at once; a third kills


@dataclass
class Ended:
    """How a run ended.

    Attributes:
        code: The exit code of the CLI, negative for the signal that killed it.
        signals: The signals that this process got meanwhile.
        held: Lines of its output that were held back.
    """

    code: int
    signals: list[int] = field(default_factory=list)
    held: list[str] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """The exit code of the whole command: 128 and the signal if it was interrupted."""
        if self.signals:
            return 128 + self.signals[0]
        if self.code < 0:
            return 128 - self.code
        return self.code


def supervise(
    stack: PulumiStack,
    mark: Mark,
    arguments: list[str],
    echo: Echo,
    *,
    hold: Sequence[str] = (),
) -> Ended:
    """Run a Pulumi command to its end, and end what it leaves.

    Args:
        stack: The stack.
        mark: The mark of its processes.
        arguments: The command and its options.
        echo: Prints one line.
        hold: Beginnings of lines to hold back where the output is no terminal.

    Raises:
        PulumiNotFoundError: The CLI is not there.
    """
    ended = Ended(0)
    output = None if sys.stdout.isatty() else Output(echo, hold)
    with _forwarding(ended) as started:
        try:
            child = subprocess.Popen(
                stack.command(*arguments),
                cwd=stack.folder,
                env=dict(marked(stack, mark).environment),
                stdout=output.sink if output else None,
                start_new_session=True,
            )
        except FileNotFoundError:
            if output:
                output.finish()
            raise PulumiNotFoundError("pulumi: not on PATH. Install the Pulumi CLI.") from None
        started(child)
        ended.code = child.wait()
        left = processes.left_of_run(mark)
        names = ", ".join(processes.describe(process) for process in left)
        processes.end(left)
        if output:
            output.finish()
            ended.held = output.held
        if left:
            echo(f"Stack {stack.name}: ended what Pulumi left: {names}")
    return ended


def marked(stack: PulumiStack, mark: Mark) -> PulumiStack:
    """Return the stack with an environment whose processes carry the mark."""
    environment = {**stack.environment, MARK: str(mark), CLI_VARIABLE: stack.pulumi}
    return replace(stack, environment=environment)


@contextmanager
def _forwarding(ended: Ended) -> Iterator[Callable[[subprocess.Popen[bytes]], None]]:
    """Forward signals to the CLI; those that come before it is there, as soon as it is."""
    children: list[subprocess.Popen[bytes]] = []

    terminals = [descriptor for descriptor in (0, 1, 2) if os.isatty(descriptor)]

    def forward(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - a handler
        if number == _HANGUP:
            _leave(terminals)
            if number in ended.signals:
                return  # the kernel and the shell both send it
        ended.signals.append(number)
        _pass_on(ended, children)

    def started(child: subprocess.Popen[bytes]) -> None:
        children.append(child)
        if ended.signals:
            _pass_on(ended, children)

    if threading.current_thread() is not threading.main_thread():
        yield started
        return
    before = {number: signal.signal(number, forward) for number in _SIGNALS}
    try:
        yield started
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _leave(terminals: list[int]) -> None:
    """Write to nowhere what would be written to a terminal that is gone."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in terminals:
        os.dup2(nowhere, descriptor)
    os.close(nowhere)


def _pass_on(ended: Ended, children: list[subprocess.Popen[bytes]]) -> None:
    if not children:
        return
    child = children[0]
    if len(ended.signals) > _MOST_ASKED:
        _kill(child)
        return
    number = ended.signals[-1]
    if number == _HANGUP:
        number = signal.SIGINT
    with suppress(ProcessLookupError):
        os.kill(child.pid, number)


def _kill(child: subprocess.Popen[bytes]) -> None:
    """Kill the CLI and its children."""
    try:
        family = psutil.Process(child.pid).children(recursive=True)
    except psutil.Error:
        family = []
    with suppress(ProcessLookupError):
        os.kill(child.pid, signal.SIGKILL)
    for process in family:
        processes.send(process, signal.SIGKILL)
