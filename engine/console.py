"""What the set-up says to the person who waits: plain lines, at once, with the time where it is long."""

from __future__ import annotations

import time


class EngineError(Exception):
    """The set-up cannot go on: its text names what is wrong and what to do, and is all that a person sees."""


def say(text: str) -> None:
    """Print one line now, also when the output is a pipe."""
    print(text, flush=True)


class Progress:
    """Says that something long goes on: one line every 15 seconds.

    Attributes:
        what: What goes on, as the lines name it ("building the Pulumi CLI").
    """

    _EVERY_SECONDS = 15.0

    def __init__(self, what: str) -> None:
        """Start the clock."""
        self.what = what
        self._started = time.monotonic()
        self._said = self._started

    def tick(self, detail: str = "") -> None:
        """Say how far it is, unless that was said a moment ago."""
        now = time.monotonic()
        if now - self._said >= self._EVERY_SECONDS:
            self._said = now
            say(f"  {self.what}: {detail + ', ' if detail else ''}{self.elapsed()}")

    def elapsed(self) -> str:
        """The time so far, as people say it: "45 s", "3 min 5 s"."""
        minutes, seconds = divmod(round(time.monotonic() - self._started), 60)
        return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
