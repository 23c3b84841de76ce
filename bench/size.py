"""How a stack's runs grow with its Model APIs: `python -m bench.size`.

Time, memory and API calls for each size. The gateway exists, so that no fixed wait of the alicloud
provider is in the figures; 200 AI services at every size. Each size runs on a separate cloud: up,
preview without changes, refresh, destroy. One more run has the cloud throttle.

`python -m bench.size --sizes 100 --services 10 --consumers 20` lets 20 consumers call each API.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
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
from dashlink_sandbox.dialects import Dialect
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
keys = [key for key in texts if key.startswith("consumerKey")]
settings = load_settings(texts, region="cn-beijing", client_formats=(), secret_keys=keys)
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
class Size:
    """Numbers of Model APIs, AI services, and consumers, each of which may call every API."""

    apis: int
    services: int = SERVICES
    consumers: int = 0


@dataclass(frozen=True)
class Row:
    """One run of one size; ``resources`` are those in the state after `up`."""

    size: Size
    run: str
    resources: int
    measured: Measured
    calls: Counter[str]


def settings(cloud: Sandbox, size: Size) -> dict[str, Any]:
    """Settings of a size. The routing modes alternate: one service, weights, model names."""
    services = {}
    for number in range(size.services):
        base_url = f"https://models-{number}.example.internal/v1"
        services[f"service-{number}"] = {"base_url": base_url}
    config = gateway_stack(cloud)
    config["dashlink:ai_services"] = services
    consumers = {}
    for number in range(size.consumers):
        consumers[f"consumer-{number}"] = {"api_keys": [{"config": f"consumerKey{number}"}]}
    config["dashlink:consumers"] = consumers
    config["dashlink:model_apis"] = {f"api-{one}": _api(one, size) for one in range(size.apis)}
    return config


def _api(number: int, size: Size) -> dict[str, Any]:
    first, second, third = [f"service-{(number + step) % size.services}" for step in range(3)]
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
        "consumers": [f"consumer-{one}" for one in range(size.consumers)],
        **routing[number % 3],
    }


def run_size(
    engine: Engine,
    folder: Path,
    size: Size,
    dialect: Dialect,
    *,
    runs: Sequence[str] = tuple(_RUNS),
    throttled: bool = False,
) -> list[Row]:
    """Run and measure the commands of one size."""
    with Sandbox(dialect=dialect) as cloud:
        stack = Stack(folder=folder, engine=engine, cloud=cloud.env)
        stack.create({"alicloud:region": "cn-beijing"}, _PROGRAM)
        _write_settings(folder, settings(cloud, size), size)
        _set_secrets(stack, size)
        if throttled:
            limit_calls(cloud, "APIG", CALLS_PER_SECOND)
        rows: list[Row] = []
        for name in runs:
            resources = rows[0].resources if rows else 0
            rows.append(_run(stack, cloud, size, name, resources))
        return rows


def _set_secrets(stack: Stack, size: Size) -> None:
    keys = []
    for key, secret in _secrets(size).items():
        keys += ["--secret", f"dashlink:{key}={secret}"]
    if keys:
        done = stack.run("config", "set-all", *keys)
        assert done.returncode == 0, done


def _secrets(size: Size) -> dict[str, str]:
    return {f"consumerKey{one}": f"sk-consumer-{one}-0123456789" for one in range(size.consumers)}


def _write_settings(folder: Path, config: Mapping[str, Any], size: Size) -> None:
    """Write the settings in the form of Pulumi's configuration: by key, objects as JSON text."""
    texts = {}
    for key, value in config.items():
        if key.startswith("dashlink:"):
            texts[key.removeprefix("dashlink:")] = json.dumps(value)
    texts |= dict.fromkeys(_secrets(size), "a secret of the stack's configuration")
    (folder / "stacks" / "settings.json").write_text(json.dumps(texts))


def _run(stack: Stack, cloud: Sandbox, size: Size, name: str, resources: int) -> Row:
    cloud.cloud.calls.clear()
    command = stack.command(*_RUNS[name], *_OPTIONS)
    measured = measure(command, stack.folder, stack.environment())
    calls: Counter[str] = Counter()
    for call in cloud.cloud.calls:
        if call.product == "APIG":
            calls[call.code] += 1
    count = resources or len(stack.export()["deployment"]["resources"])
    return Row(size, name, count, measured, calls)


def main() -> int:
    """Run the sizes and print their table."""
    parser = argparse.ArgumentParser(prog="python -m bench.size", description=__doc__)
    parser.add_argument(
        "--sizes", type=int, nargs="+", default=list(SIZES), help="numbers of Model APIs"
    )
    parser.add_argument("--services", type=int, default=SERVICES, help="number of AI services")
    parser.add_argument("--consumers", type=int, default=0, help="consumers that may call each API")
    parser.add_argument(
        "--dialect", type=Dialect.parse, default=Dialect(), help="late-records=at-once, for example"
    )
    parser.add_argument("--runs", nargs="+", choices=_RUNS, default=list(_RUNS), help="commands")
    arguments = parser.parse_args()
    engine = resolve(python=Path(sys.executable))
    console = Console(width=120)
    with tempfile.TemporaryDirectory(prefix="dashlink-bench-") as name:
        folder = Path(name)
        rows: list[Row] = []
        for apis in arguments.sizes:
            size = Size(apis, arguments.services, arguments.consumers)
            where = folder / str(apis)
            rows += run_size(engine, where, size, arguments.dialect, runs=arguments.runs)
        title = f"Model APIs on {arguments.services} AI services"
        if arguments.consumers:
            _print(console, f"{title}, each for {arguments.consumers} consumers", rows)
            return 0
        _print(console, title, rows)
        slow = run_size(
            engine, folder / "throttled", Size(THROTTLED_SIZE), arguments.dialect, throttled=True
        )
        _print(console, f"the same, limited to {CALLS_PER_SECOND} calls a second", slow)
    return 0


def _print(console: Console, title: str, rows: list[Row]) -> None:
    table = Table(title=title)
    table.add_column("APIs", justify="right")
    table.add_column("run")
    headings = (
        *("resources", "seconds", "a resource, ms", "peak MB"),
        *("calls", "calls a resource", "throttled"),
    )
    for heading in headings:
        table.add_column(heading, justify="right")
    for row in rows:
        resources = row.resources
        calls = row.calls.total()
        throttled = sum(count for code, count in row.calls.items() if "Throttling" in code)
        table.add_row(
            str(row.size.apis),
            row.run,
            str(resources),
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
