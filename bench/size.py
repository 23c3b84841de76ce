"""How a stack's runs grow with its Model APIs: `python -m bench.size`, time, memory and API calls for each size.

The gateway exists, so that no fixed wait of the alicloud provider stands in the figures; 200 AI services at every size.
Each size runs on a cloud of its own: up, preview without changes, refresh, destroy. One more has the cloud throttle.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from support.ground import DOMAIN, ground
from support.stacks import Stack
from support.trouble import limit

from bench.measure import Measured, measure
from dashlink_sandbox import Sandbox
from engine.resolve import Engine, resolve

SIZES = (10, 100, 1000)
SERVICES = 200
THROTTLED_SIZE, CALLS_PER_SECOND = 100, 20  # the real limits are not published: a tight one
# Pulumi hands a stack's configuration to its program by one environment variable, which Linux ends at 128 KiB: so large
# a stack has a program of its own, which reads the same settings from a file.
_PROGRAM = """
import json, pathlib, pulumi
from dashlink import PrivateModelAccess, PrivateModelAccessArgs, load_settings
from dashlink.preflight import preflight
from dashlink.stack import alicloud_account, stack_owner

texts = json.loads(pathlib.Path(__file__).with_name("settings.json").read_text())
settings = load_settings(texts, region="cn-beijing", client_formats=())
preflight(settings, alicloud_account(), owner=stack_owner())
access = PrivateModelAccess("access", PrivateModelAccessArgs(settings=settings, region="cn-beijing"))
pulumi.export("apis", len(access.outputs["model_apis"]))
"""
_RUNS: Mapping[str, tuple[str, ...]] = {
    "up": ("up", "--yes", "--skip-preview"),
    "preview": ("preview", "--expect-no-changes"),
    "refresh": ("refresh", "--yes", "--skip-preview", "--expect-no-changes"),
    "destroy": ("destroy", "--yes", "--skip-preview"),
}


@dataclass(frozen=True)
class Row:
    """One run of one size."""

    apis: int
    run: str
    measured: Measured
    calls: Counter[str]


def settings(cloud: Sandbox, apis: int) -> dict[str, Any]:
    """A stack of ``apis`` Model APIs on 200 AI services, by name, by weight and with fallbacks in turn."""
    config = ground(cloud)
    config["dashlink:ai_services"] = {
        f"service-{number}": {"base_url": f"https://models-{number}.example.com/v1"} for number in range(SERVICES)
    }
    config["dashlink:model_apis"] = {f"api-{number}": _api(number) for number in range(apis)}
    return config


def _api(number: int) -> dict[str, Any]:
    services = [f"service-{(number + step) % SERVICES}" for step in range(3)]
    ways: tuple[dict[str, Any], ...] = (
        {"service": services[0]},
        {"by_weight": [{"service": services[0], "weight": 90}, {"service": services[1], "weight": 10}]},
        {"by_model": [{"match": "qwen-*", "service": services[0]}], "default": {"service": services[1]}},
    )
    fallbacks = [{"service": services[2], "model": "qwen-plus"}]
    path = f"/api-{number}"
    return {"scene": "text", "domains": [DOMAIN], "base_path": path, "fallbacks": fallbacks, **ways[number % 3]}


def run_size(engine: Engine, folder: Path, apis: int, *, throttled: bool = False) -> list[Row]:
    """All runs of one size."""
    with Sandbox() as cloud:
        stack = Stack(folder=folder, engine=engine, cloud=cloud.env)
        stack.create({"alicloud:region": "cn-beijing"}, _PROGRAM)
        _write_settings(folder, settings(cloud, apis))
        if throttled:
            limit(cloud, "APIG", CALLS_PER_SECOND)
        return [_run(stack, cloud, apis, name, words) for name, words in _RUNS.items()]


def _write_settings(folder: Path, config: Mapping[str, Any]) -> None:
    """The settings as Pulumi would hand them over: by key, objects as JSON text."""
    own = {key.removeprefix("dashlink:"): value for key, value in config.items() if key.startswith("dashlink:")}
    texts = {key: json.dumps(value) for key, value in own.items()}
    (folder / "stacks" / "settings.json").write_text(json.dumps(texts))


def _run(stack: Stack, cloud: Sandbox, apis: int, name: str, words: tuple[str, ...]) -> Row:
    cloud.cloud.calls.clear()
    command = (str(stack.engine.pulumi), *words, "--non-interactive", "--suppress-outputs", "--suppress-progress")
    measured = measure(command, stack.folder, stack.environment())
    calls = Counter(call.code or "good" for call in cloud.cloud.calls if call.product == "APIG")
    return Row(apis, name, measured, calls)


def main() -> int:
    """Run the sizes and print their table."""
    parser = argparse.ArgumentParser(prog="python -m bench.size", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES), help="numbers of Model APIs")
    given = parser.parse_args()
    engine = resolve(python=Path(sys.executable))
    console = Console(width=120)
    with tempfile.TemporaryDirectory(prefix="dashlink-bench-") as folder:
        rows = [row for size in given.sizes for row in run_size(engine, Path(folder) / str(size), size)]
        _print(console, f"Model APIs on {SERVICES} AI services", rows)
        slow = run_size(engine, Path(folder) / "throttled", THROTTLED_SIZE, throttled=True)
        _print(console, f"the same, {CALLS_PER_SECOND} calls a second let through", slow)
    return 0


def _print(console: Console, title: str, rows: list[Row]) -> None:
    table = Table(title=title)
    for heading in ("APIs", "run", "seconds", "a resource, ms", "peak MB", "calls", "calls a resource", "throttled"):
        table.add_column(heading, justify="left" if heading == "run" else "right")
    for row in rows:
        resources = row.apis + SERVICES + 1
        throttled = sum(count for code, count in row.calls.items() if "Throttling" in code)
        calls = sum(row.calls.values())
        table.add_row(
            str(row.apis),
            row.run,
            f"{row.measured.seconds:.1f}",
            f"{1000 * row.measured.seconds / resources:.0f}",
            f"{row.measured.megabytes:.0f}",
            str(calls),
            f"{(calls - throttled) / resources:.2f}",
            str(throttled),
        )
    console.print(table)


if __name__ == "__main__":
    sys.exit(main())
