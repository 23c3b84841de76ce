"""The wall time of a command and the peak memory of its whole process tree."""

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
    """One run of a command.

    Attributes:
        seconds: Wall time.
        megabytes: The largest sum of resident memory of the process and its descendants, sampled
            five times a second; pages that several of them share count in each.
    """

    seconds: float
    megabytes: float


def measure(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Measured:
    """Run ``command`` in ``folder`` to its end and measure it.

    Raises:
        RuntimeError: If it fails: figures of a failed run are meaningless.
    """
    started = time.monotonic()
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=dict(environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    ended = threading.Event()
    samples = [0.0]
    sampler = threading.Thread(target=_sample, args=(process.pid, ended, samples))
    sampler.start()
    output, _ = process.communicate()
    seconds = time.monotonic() - started
    ended.set()
    sampler.join()
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)}: exit {process.returncode}\n{output}")
    return Measured(seconds, max(samples))


def _sample(root: int, ended: threading.Event, samples: list[float]) -> None:
    while not ended.wait(_SAMPLE_SECONDS):
        samples.append(_tree_megabytes(root))


def _tree_megabytes(root: int) -> float:
    """The resident memory of the process ``root`` and its descendants, from /proc."""
    children: dict[int, list[int]] = {}
    resident: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue  # ended between the listing and the reading
        pid = int(entry.name)
        children.setdefault(int(fields[1]), []).append(pid)
        resident[pid] = int(fields[21])
    pages = 0
    family = [root]
    while family:
        pid = family.pop()
        pages += resident.get(pid, 0)
        family += children.get(pid, [])
    return pages * _PAGE_BYTES / _MEGABYTE
