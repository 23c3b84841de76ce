"""Pulumi's output where it is no terminal: passed on, with a line a minute while it is silent.

On a terminal Pulumi shows by itself what is in progress and for how long. In a file or a pipe it
prints a line when a resource begins and when it ends, and nothing in between.
"""

from __future__ import annotations

import os
import re
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from dashlink.operate.record import Echo

_SILENT_SECONDS = 60.0
_POLL_SECONDS = 0.1
_STEP = re.compile(
    r"^ *[-+~<>=]+ +\S+ (?P<name>\S+) "
    r"(?:(?P<work>creating|updating|deleting|replacing|refreshing|reading|importing) \(|\S)"
)


class Output:
    """The output of a run: Pulumi writes it into a temporary file, and a thread prints its lines.

    A file, not a pipe: Pulumi would be killed by its next line if this process died before it.

    Attributes:
        sink: The file that Pulumi writes.
        held: Lines that were held back, because they begin with one of the given texts.
    """

    def __init__(self, echo: Echo, hold: Sequence[str] = ()) -> None:
        """Begin to print."""
        self.held: list[str] = []
        self._hold = tuple(hold)
        self._echo = echo
        self._running: dict[str, tuple[str, float]] = {}
        self._heard = time.monotonic()
        self._ended = threading.Event()
        with tempfile.NamedTemporaryFile("wb", prefix="dashlink-") as file:
            self.sink = os.fdopen(os.dup(file.fileno()), "wb")
            self._source = Path(file.name).open(  # noqa: SIM115 - until the end of the run
                encoding="utf-8", errors="replace", newline=""
            )
        self._printer = threading.Thread(target=self._print, daemon=True)
        self._printer.start()

    def finish(self) -> None:
        """Print the last lines."""
        self._ended.set()
        self._printer.join()
        self._source.close()
        self.sink.close()

    def _print(self) -> None:
        rest = ""
        while True:
            is_last = self._ended.is_set()
            rest += self._source.read()
            *lines, rest = rest.split("\n")
            for line in lines:
                self._pass_on(line)
            if is_last:
                if rest:
                    self._pass_on(rest)
                return
            self._report_silence()
            self._ended.wait(timeout=_POLL_SECONDS)

    def _pass_on(self, line: str) -> None:
        self._heard = time.monotonic()
        self._note(line)
        if self._hold and line.startswith(self._hold):
            self.held.append(line)
        else:
            self._echo(line)

    def _note(self, line: str) -> None:
        """Note a resource that begins or ends."""
        step = _STEP.match(line)
        if step is None:
            return
        name, work = step["name"], step["work"]
        if work is None:
            self._running.pop(name, None)
        elif name not in self._running:
            self._running[name] = (work, time.monotonic())

    def _report_silence(self) -> None:
        now = time.monotonic()
        if now - self._heard < _SILENT_SECONDS:
            return
        self._heard = now
        waiting = []
        for name, (work, since) in self._running.items():
            waiting.append(f"{name} ({work} for {now - since:.0f} s)")
        self._echo(f"  in progress: {', '.join(waiting) or 'Pulumi itself'}")
