"""Child processes of tests: the Pulumi CLI, Terraform, make, clients of a model."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.process import clean_environment

LONGEST_RUN_SECONDS = 900  # the fixed waits of the alicloud provider alone are about 130


@dataclass(frozen=True)
class Run:
    """A finished process: its exit code and its output."""

    returncode: int
    stdout: str
    stderr: str

    @property
    def output(self) -> str:
        """Both streams, standard output first."""
        return self.stdout + self.stderr

    def __str__(self) -> str:
        return f"exit {self.returncode}\n{self.output}"


def run(
    command: Sequence[str],
    *,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
    stdin: str = "",
    seconds: float = LONGEST_RUN_SECONDS,
) -> Run:
    """Run ``command`` to its end; without ``environment`` in that of a plain shell."""
    if environment is None:
        environment = clean_environment()
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    return Run(done.returncode, done.stdout, done.stderr)


def run_ok(command: Sequence[str], **options: object) -> str:
    """Run ``command``, which must succeed, as `run` does; return its standard output."""
    done = run(command, **options)
    assert done.returncode == 0, f"{' '.join(command)}: {done}"
    return done.stdout


def processes_with(variable: str, value: str) -> list[int]:
    """Ids of the processes of this machine that have ``variable`` set to ``value``."""
    setting = f"{variable}={value}".encode()
    processes = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and _has(entry, setting):
            processes.append(int(entry.name))
    return processes


def kill(process_id: int) -> None:
    """Kill a process, which may have ended."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(process_id, signal.SIGKILL)


def _has(entry: Path, setting: bytes) -> bool:
    try:
        variables = (entry / "environ").read_bytes().split(b"\0")
        status = (entry / "stat").read_bytes().rpartition(b")")[2].split()[0]
    except OSError:  # another user's, or ended
        return False
    return setting in variables and status != b"Z"
