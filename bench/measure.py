"""One measured command: its wall time and the peak memory of its whole process tree."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_SAMPLE_SECONDS = 0.2
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Measured:
    """One run.

    Attributes:
        seconds: Wall time.
        megabytes: The largest sum of resident memory of the process and its descendants, sampled five times a second;
            pages that several of them share count in each.
        code: Exit code.
        output: What it printed, both streams.
    """

    seconds: float
    megabytes: float
    code: int
    output: str


def measure(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Measured:
    """Run ``command`` in ``folder`` to its end.

    Raises:
        RuntimeError: If it fails: a figure of a failed run says nothing.
    """
    started = time.monotonic()
    process = subprocess.Popen(
        command, cwd=folder, env=dict(environment), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    ended = threading.Event()
    peak = [0.0]
    sampler = threading.Thread(target=_sample, args=(process.pid, ended, peak))
    sampler.start()
    output, _ = process.communicate()
    seconds = time.monotonic() - started
    ended.set()
    sampler.join()
    if process.returncode:
        msg = f"{' '.join(command)}: exit {process.returncode}\n{output}"
        raise RuntimeError(msg)
    return Measured(seconds, peak[0], process.returncode, output)


def _sample(root: int, ended: threading.Event, peak: list[float]) -> None:
    while not ended.wait(_SAMPLE_SECONDS):
        peak[0] = max(peak[0], _tree_megabytes(root))


def _tree_megabytes(root: int) -> float:
    parents: dict[int, int] = {}
    resident: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue  # ended between the listing and the reading
        parents[int(entry.name)] = int(fields[1])
        resident[int(entry.name)] = int(fields[21])
    family = {root}
    for _ in parents:
        grown = family | {child for child, parent in parents.items() if parent in family}
        if grown == family:
            break
        family = grown
    return sum(resident.get(member, 0) for member in family) * _PAGE_BYTES / _MEGABYTE
