"""Messages of the set-up: plain lines, printed at once, with the time for long steps."""

from __future__ import annotations

import sys
import time


class EngineError(Exception):
    """An error of the set-up. Its text is all that a user sees: the problem and what to do."""


def echo(text: str) -> None:
    """Print one line now, also when the output is a pipe."""
    print(text, flush=True)


def remark(text: str) -> None:
    """Print one line on standard error: the output of a command that is run stays its own."""
    print(text, file=sys.stderr, flush=True)


class Progress:
    """Progress messages of a long step: one line every 15 seconds.

    Attributes:
        step: The step, as the lines name it ("building the Pulumi CLI").
    """

    _INTERVAL_SECONDS = 15.0

    def __init__(self, step: str) -> None:
        """Start the clock."""
        self.step = step
        self._started = time.monotonic()
        self._printed = self._started

    def tick(self, detail: str) -> None:
        """Print ``detail`` and the elapsed time, unless a line was printed a moment ago."""
        now = time.monotonic()
        if now - self._printed >= self._INTERVAL_SECONDS:
            self._printed = now
            echo(f"  {self.step}: {detail}, {self.elapsed()}")

    def elapsed(self) -> str:
        """The time since the start: "45 s", "3 min 5 s"."""
        minutes, seconds = divmod(round(time.monotonic() - self._started), 60)
        if minutes:
            return f"{minutes} min {seconds} s"
        return f"{seconds} s"
