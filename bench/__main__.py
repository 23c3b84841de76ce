"""`make bench`: one run of everything that is compared, printed as one table each.

1. `up` of the same resources by dashlink, by a raw Pulumi program and by Terraform, in turn on fresh clouds. The
   provider's fixed waits on the longest path are the same in all three and stated apart.
2. Preview or plan without changes, in turn, several rounds; the median counts.
3. Destroy.
4. Import time and memory of the library against what it stands on, in turn, several rounds.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console
from rich.table import Table
from support.stacks import plain_environment

from bench.lanes import Lane, dashlink, import_commands, raw, terraform_lane
from bench.measure import Measured, measure
from dashlink_sandbox import Sandbox
from engine.resolve import resolve

# terraform-provider-alicloud v1.285.0: VPC 5 s, endpoint 60 s, zones 60 s (in parallel), on one path.
FIXED_WAITS_SECONDS = 125.0


def main() -> int:
    """Run the benchmark and print its tables."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="rounds of what is quick (default: 5)")
    parser.add_argument("--quick", action="store_true", help="imports only: seconds instead of minutes")
    given = parser.parse_args()
    console = Console()
    if not given.quick:
        _lanes(console, given.rounds)
    _imports(console, given.rounds)
    return 0


def _lanes(console: Console, rounds: int) -> None:
    with ExitStack() as opened:
        lanes = _make_lanes(opened)
        console.print("up, one after the other: about two minutes each")
        ups = {lane.name: [lane.run(lane.up)] for lane in lanes}
        _print(console, "up", ups, waits=FIXED_WAITS_SECONDS)
        plans: dict[str, list[Measured]] = {lane.name: [] for lane in lanes}
        for _ in range(rounds):
            for lane in lanes:
                plans[lane.name].append(lane.run(lane.plan))
        _print(console, f"preview or plan without changes, {rounds} rounds", plans)
        _print(console, "destroy", {lane.name: [lane.run(lane.destroy)] for lane in lanes})


def _make_lanes(opened: ExitStack) -> list[Lane]:
    engine = resolve(python=Path(sys.executable))
    folder = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="dashlink-bench-")))
    makers: list[Callable[[Path, Mapping[str, str]], Lane]] = [
        lambda place, cloud: dashlink(place, engine, cloud),
        lambda place, cloud: raw(place, engine, cloud),
        terraform_lane,
    ]
    clouds = [opened.enter_context(Sandbox(state_file=folder / f"cloud{number}.json")) for number in range(len(makers))]
    return [
        make(folder / f"lane{number}", cloud.env)
        for number, (make, cloud) in enumerate(zip(makers, clouds, strict=True))
    ]


def _imports(console: Console, rounds: int) -> None:
    commands = import_commands()
    runs: dict[str, list[Measured]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            runs[name].append(measure(command, Path.cwd(), plain_environment()))
    _print(console, f"import, {rounds} rounds", runs)


def _print(console: Console, title: str, runs: Mapping[str, list[Measured]], *, waits: float = 0.0) -> None:
    """One table; the first row is what the others are compared with."""
    table = Table(title=f"{title}" + (f" (fixed waits of the provider: {waits:.0f} s, in every row)" if waits else ""))
    for heading in (
        "",
        "seconds (median)",
        "least-most",
        *(["without the waits"] if waits else []),
        "ratio",
        "peak MB",
    ):
        table.add_column(heading, justify="left" if not heading else "right")
    medians = {name: statistics.median(run.seconds for run in measured) - waits for name, measured in runs.items()}
    first = next(iter(medians.values()))
    for name, measured in runs.items():
        seconds = [run.seconds for run in measured]
        row = [name, f"{statistics.median(seconds):.2f}", f"{min(seconds):.2f}-{max(seconds):.2f}"]
        row += [f"{medians[name]:.2f}"] if waits else []
        row += [f"{medians[name] / first:.2f}", f"{max(run.megabytes for run in measured):.0f}"]
        table.add_row(*row)
    console.print(table)


if __name__ == "__main__":
    sys.exit(main())
