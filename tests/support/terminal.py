"""A command on a terminal of its own, whose prompt is answered by keys."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

TAKE_TERMINAL = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); "
    "os.execv(sys.argv[1], sys.argv[1:])"
)
"""Program that takes its standard input as controlling terminal, and becomes its arguments."""


def on_terminal(
    command: Sequence[str], folder: Path, environment: Mapping[str, str]
) -> tuple[subprocess.Popen[bytes], int]:
    """Start a Python command on a terminal; return it, and the other end of the terminal."""
    controller, terminal = os.openpty()
    child = subprocess.Popen(
        [sys.executable, "-c", TAKE_TERMINAL, sys.executable, *command],
        cwd=folder,
        env=dict(environment),
        start_new_session=True,
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
    )
    os.close(terminal)
    return child, controller


def answer(
    child: subprocess.Popen[bytes],
    controller: int,
    prompt: bytes,
    keys: bytes,
    *,
    seconds: float,
) -> str:
    """Answer the prompt of a command on a terminal, and return its output when it has ended."""
    shown = b""
    is_answered = False
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        ready, _, _ = select.select([controller], [], [], 0.2)
        if ready:
            try:
                shown += os.read(controller, 65536)
            except OSError:  # the last process has closed the terminal
                break
        elif child.poll() is not None:
            break
        if not is_answered and prompt in shown:
            is_answered = True
            os.write(controller, keys)
    os.close(controller)
    child.wait(timeout=30)
    return shown.decode(errors="replace")
