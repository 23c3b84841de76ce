"""How a stack's runs grow with its Model APIs: `python -m bench.size`.

Time, memory and API calls for each size. The gateway exists, so that no fixed wait of the alicloud
provider is in the figures; 200 AI services at every size. Each size runs on a separate cloud: up,
preview without changes, refresh, destroy. One more run has the cloud throttle.
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
from support.base_stacks import DOMAIN, gateway_stack
from support.sandbox_admin import limit_calls
from support.stacks import Stack

from bench.measure import Measured, measure
from dashlink_sandbox import Sandbox
from engine.resolve import Engine, resolve

SIZES = (10, 100, 1000)
SERVICES = 200
THROTTLED_SIZE = 100
CALLS_PER_SECOND = 20  # the real limits are not published: a tight one
# Pulumi passes a stack's configuration to its program by one environment variable, which Linux
# limits to 128 KiB: the program of so large a stack reads the same settings from a file.
_PROGRAM = """
import json, pathlib, pulumi
from dashlink import PrivateModelAccess, PrivateModelAccessArgs, load_settings
from dashlink.preflight import preflight
from dashlink.stack import alicloud_account, stack_owner

texts = json.loads(pathlib.Path(__file__).with_name("settings.json").read_text())
settings = load_settings(texts, region="cn-beijing", client_formats=())
preflight(settings, alicloud_account(), owner=stack_owner())
args = PrivateModelAccessArgs(settings=settings, region="cn-beijing")
access = PrivateModelAccess("access", args)
pulumi.export("apis", len(access.outputs["model_apis"]))
"""
_RUNS: Mapping[str, tuple[str, ...]] = {
    "up": ("up", "--yes", "--skip-preview"),
    "preview": ("preview", "--expect-no-changes"),
    "refresh": ("refresh", "--yes", "--skip-preview", "--expect-no-changes"),
    "destroy": ("destroy", "--yes", "--skip-preview"),
}
_OPTIONS = ("--suppress-outputs", "--suppress-progress")


@dataclass(frozen=True)
class Row:
    """One run of one size."""

    apis: int
    run: str
    measured: Measured
    calls: Counter[str]


def settings(cloud: Sandbox, apis: int) -> dict[str, Any]:
    """Settings with ``apis`` Model APIs on 200 AI services.

    The routing modes alternate: one service, weights, model names.
    """
    services = {}
    for number in range(SERVICES):
        base_url = f"https://models-{number}.example.com/v1"
        services[f"service-{number}"] = {"base_url": base_url}
    config = gateway_stack(cloud)
    config["dashlink:ai_services"] = services
    config["dashlink:model_apis"] = {f"api-{number}": _api(number) for number in range(apis)}
    return config


def _api(number: int) -> dict[str, Any]:
    first, second, third = [f"service-{(number + step) % SERVICES}" for step in range(3)]
    weights = [{"service": first, "weight": 90}, {"service": second, "weight": 10}]
    patterns = [{"match": "qwen-*", "service": first}]
    routing: tuple[dict[str, Any], ...] = (
        {"service": first},
        {"by_weight": weights},
        {"by_model": patterns, "default": {"service": second}},
    )
    return {
        "scene": "text",
        "domains": [DOMAIN],
        "base_path": f"/api-{number}",
        "fallbacks": [{"service": third, "model": "qwen-plus"}],
        **routing[number % 3],
    }


def run_size(engine: Engine, folder: Path, apis: int, *, throttled: bool = False) -> list[Row]:
    """Run and measure all commands of one size."""
    with Sandbox() as cloud:
        stack = Stack(folder=folder, engine=engine, cloud=cloud.env)
        stack.create({"alicloud:region": "cn-beijing"}, _PROGRAM)
        _write_settings(folder, settings(cloud, apis))
        if throttled:
            limit_calls(cloud, "APIG", CALLS_PER_SECOND)
        return [_run(stack, cloud, apis, name) for name in _RUNS]


def _write_settings(folder: Path, config: Mapping[str, Any]) -> None:
    """Write the settings in the form of Pulumi's configuration: by key, objects as JSON text."""
    texts = {}
    for key, value in config.items():
        if key.startswith("dashlink:"):
            texts[key.removeprefix("dashlink:")] = json.dumps(value)
    (folder / "stacks" / "settings.json").write_text(json.dumps(texts))


def _run(stack: Stack, cloud: Sandbox, apis: int, name: str) -> Row:
    cloud.cloud.calls.clear()
    command = stack.command(*_RUNS[name], *_OPTIONS)
    measured = measure(command, stack.folder, stack.environment())
    calls: Counter[str] = Counter()
    for call in cloud.cloud.calls:
        if call.product == "APIG":
            calls[call.code] += 1
    return Row(apis, name, measured, calls)


def main() -> int:
    """Run the sizes and print their table."""
    parser = argparse.ArgumentParser(prog="python -m bench.size", description=__doc__)
    parser.add_argument(
        "--sizes", type=int, nargs="+", default=list(SIZES), help="numbers of Model APIs"
    )
    arguments = parser.parse_args()
    engine = resolve(python=Path(sys.executable))
    console = Console(width=120)
    with tempfile.TemporaryDirectory(prefix="dashlink-bench-") as name:
        folder = Path(name)
        rows: list[Row] = []
        for size in arguments.sizes:
            rows += run_size(engine, folder / str(size), size)
        _print(console, f"Model APIs on {SERVICES} AI services", rows)
        slow = run_size(engine, folder / "throttled", THROTTLED_SIZE, throttled=True)
        _print(console, f"the same, limited to {CALLS_PER_SECOND} calls a second", slow)
    return 0


def _print(console: Console, title: str, rows: list[Row]) -> None:
    table = Table(title=title)
    table.add_column("APIs", justify="right")
    table.add_column("run")
    headings = ("seconds", "a resource, ms", "peak MB", "calls", "calls a resource", "throttled")
    for heading in headings:
        table.add_column(heading, justify="right")
    for row in rows:
        resources = row.apis + SERVICES + 1
        calls = row.calls.total()
        throttled = sum(count for code, count in row.calls.items() if "Throttling" in code)
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
