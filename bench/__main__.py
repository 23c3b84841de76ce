"""`make bench`: one run of every comparison, printed as one table each.

1. `up` of the same resources by dashlink, by a raw Pulumi program and by Terraform, one after the
   other on empty clouds. The provider's fixed waits on the longest path are the same in all three
   and stated separately.
2. Preview or plan without changes, alternating, several rounds; the median counts.
3. Destroy.
4. Import time and memory of the library and of its dependencies, alternating, several rounds.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections import defaultdict
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.lanes import Lane, dashlink, import_commands, raw, terraform_lane
from bench.measure import Measured, measure
from dashlink_sandbox import Sandbox
from engine.process import clean_environment
from engine.resolve import resolve

# terraform-provider-alicloud v1.285.0: VPC 5 s, endpoint 60 s, zones 60 s (parallel), on one path.
FIXED_WAITS_SECONDS = 125.0

Runs = dict[str, list[Measured]]


def main() -> int:
    """Run the benchmark and print its tables."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="rounds of quick runs (default: 5)")
    parser.add_argument(
        "--quick", action="store_true", help="imports only: seconds instead of minutes"
    )
    arguments = parser.parse_args()
    console = Console()
    if not arguments.quick:
        _lanes(console, arguments.rounds)
    _imports(console, arguments.rounds)
    return 0


def _lanes(console: Console, rounds: int) -> None:
    with ExitStack() as stack:
        lanes = _create_lanes(stack)
        console.print("up, one after the other: about two minutes each")
        _print(console, "up", _run_all(lanes, "up"), waits=FIXED_WAITS_SECONDS)
        plans = _run_all(lanes, "plan", rounds)
        _print(console, f"preview or plan without changes, {rounds} rounds", plans)
        _print(console, "destroy", _run_all(lanes, "destroy"))


def _run_all(lanes: list[Lane], step: str, rounds: int = 1) -> Runs:
    runs: Runs = defaultdict(list)
    for _ in range(rounds):
        for lane in lanes:
            runs[lane.name].append(lane.run(step))
    return runs


def _create_lanes(stack: ExitStack) -> list[Lane]:
    engine = resolve(python=Path(sys.executable))
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dashlink-bench-")))
    clouds = []
    for number in range(3):
        cloud = stack.enter_context(Sandbox(state_file=folder / f"cloud{number}.json"))
        clouds.append(cloud.env)
    return [
        dashlink(folder / "lane0", engine, clouds[0]),
        raw(folder / "lane1", engine, clouds[1]),
        terraform_lane(folder / "lane2", clouds[2]),
    ]


def _imports(console: Console, rounds: int) -> None:
    runs: Runs = defaultdict(list)
    for _ in range(rounds):
        for name, command in import_commands().items():
            runs[name].append(measure(command, Path.cwd(), clean_environment()))
    _print(console, f"import, {rounds} rounds", runs)


def _print(console: Console, title: str, runs: Runs, *, waits: float = 0.0) -> None:
    """Print one table; ratios are to its first row."""
    headings = ["seconds (median)", "least-most", "ratio", "peak MB"]
    if waits:
        title += f" (fixed waits of the provider: {waits:.0f} s, in every row)"
        headings.insert(2, "without the waits")
    table = Table("", title=title)
    for heading in headings:
        table.add_column(heading, justify="right")
    first = 0.0
    for name, measured in runs.items():
        seconds = [run.seconds for run in measured]
        median = statistics.median(seconds)
        own = median - waits
        first = first or own
        row = [f"{median:.2f}", f"{min(seconds):.2f}-{max(seconds):.2f}", f"{own / first:.2f}"]
        if waits:
            row.insert(2, f"{own:.2f}")
        peak = max(run.megabytes for run in measured)
        table.add_row(name, *row, f"{peak:.0f}")
    console.print(table)


if __name__ == "__main__":
    sys.exit(main())
