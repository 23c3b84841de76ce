"""`python -m campaign --points 200 --seed 1`: kill a run at each point, run again, and report.

Each point has a stack and a sandbox of its own: a small one with a network and a consumer, or, with
`--whole`, the stack `sandbox` with endpoint, gateway and Model APIs. The exit code is 0 if all
points are whole after one more run. `--only N` repeats one point of the table.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from support.kill_points import (
    CONFIG,
    OPTIONS,
    PROGRAM,
    KillPoint,
    again,
    calls_since,
    census,
    draw,
    not_in_state,
    problems,
    strike,
)
from support.processes import kill
from support.stack_files import references, stack_config
from support.stacks import Stack

from dashlink_sandbox import Sandbox
from engine.resolve import Engine, resolve


@dataclass(frozen=True)
class Clean:
    """A life without a kill.

    Attributes:
        records: The records of the cloud after `up`.
        calls: The calls of each command.
        seconds: The time of `up`.
        unlisted: How many of the records the cloud itself created.
    """

    records: Mapping[str, int]
    calls: Mapping[str, Sequence[str]]
    seconds: float
    unlisted: int


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="campaign", description=__doc__)
    parser.add_argument("--points", type=int, default=200, help="number of points")
    parser.add_argument("--seed", type=int, default=1, help="seed of the points")
    parser.add_argument("--workers", type=int, default=2, help="points at a time")
    parser.add_argument("--only", type=int, help="run only this point of the table")
    parser.add_argument("--whole", action="store_true", help="with endpoint, gateway and APIs")
    arguments = parser.parse_args()
    engine = resolve(python=Path(sys.executable))
    make = Maker(engine, whole=arguments.whole)
    clean = live(make)
    drawn = draw(arguments.seed, arguments.points, clean.calls, longest=clean.seconds)
    points = list(enumerate(drawn, start=1))
    if arguments.only:
        points = [points[arguments.only - 1]]
    ends: Counter[str] = Counter()
    with ThreadPoolExecutor(arguments.workers) as pool:
        for number, point, found, seconds in pool.map(
            lambda numbered: attempt(make, clean, *numbered), points
        ):
            end = "; ".join(found) or "whole"
            ends["whole" if not found else "not whole"] += 1
            print(f"{number:>4}  {point!s:<50}  {seconds:>4.0f} s  {end}", flush=True)
    print(f"{ends['whole']} whole, {ends['not whole']} not, seed {arguments.seed}")
    return int(bool(ends["not whole"]))


@dataclass(frozen=True)
class Maker:
    """Creates stacks, not deployed."""

    engine: Engine
    whole: bool

    def __call__(self, folder: Path, cloud: Sandbox) -> Stack:
        """Create a stack in a folder, on a cloud."""
        stack = Stack(folder=folder / "project", engine=self.engine, cloud=cloud.env)
        if not self.whole:
            stack.create(CONFIG, PROGRAM)
            return stack
        config = stack_config("sandbox")
        stack.create(config)
        for name in sorted(set(references(config))):
            stack.set_secret(f"dashlink:{name}", cloud.api_key)
        return stack


def live(make: Maker) -> Clean:
    """Run a life without a kill."""
    with tempfile.TemporaryDirectory() as name, Sandbox() as cloud:
        stack = make(Path(name), cloud)
        calls = {}
        started = time.monotonic()
        calls["up"] = run_command(stack, cloud, "up")
        seconds = time.monotonic() - started
        records = census(cloud)
        unlisted = len(not_in_state(stack.export()["deployment"], cloud))
        for command in ("refresh", "destroy"):
            calls[command] = run_command(stack, cloud, command)
        calls["down"] = calls.pop("destroy")
        return Clean(records, calls, seconds, unlisted)


def run_command(stack: Stack, cloud: Sandbox, command: str) -> list[str]:
    """Run a command of Pulumi; return its calls."""
    number = len(cloud.cloud.log())
    done = stack.run(command, *OPTIONS)
    assert done.returncode == 0, done
    return calls_since(cloud, number)


def attempt(
    make: Maker, clean: Clean, number: int, point: KillPoint
) -> tuple[int, KillPoint, list[str], float]:
    """Kill a run at the point, run again; return what is not whole, and the time."""
    started = time.monotonic()
    expected, unlisted = clean.records, clean.unlisted
    if point.command == "down":
        expected, unlisted = {}, 0
    with tempfile.TemporaryDirectory() as name, Sandbox() as cloud:
        stack = make(Path(name), cloud)
        try:
            if point.command != "up":
                stack.deploy()
            strike(point, stack, cloud)
            found = problems(stack, cloud, again(point, stack), expected, unlisted)
        except Exception as error:
            found = [f"{type(error).__name__}: {str(error)[:200]}"]
        for process in stack.processes():
            kill(process)
    return number, point, found, time.monotonic() - started


if __name__ == "__main__":
    sys.exit(main())
