"""`live`: the whole life of a scratch stack in the account of another one, with a report.

The scratch stack has a VPC of its own, the endpoint services and the gateway of the stack that it
is named after, and a Model API for each scene. It is created, previewed, refreshed, asked by
`dashlink verify`, and destroyed. Its settings are in `stacks/`; the file is removed at the end.
"""

from __future__ import annotations

import json
import secrets
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from dashlink.cli.stack_file import StackFile, read_stack
from dashlink.cloud.apig import ApigApi
from dashlink.cloud.credentials import resolve_account
from dashlink.cloud.prices import PRICES
from dashlink.errors import DashlinkError
from dashlink.preflight.cloud import CloudLookups
from engine import stack as stacks
from engine.console import EngineError, echo
from engine.process import run
from engine.resolve import ROOT

_NETWORK = "10.253.0.0/16"
_DOMAIN = "live.dashlink.internal"
_KEY = "liveKey"
_DESTROY = "destroy"
_NOTHING_LEFT = "nothing is left"
_END = (_DESTROY, _NOTHING_LEFT)
_ENDPOINT_KEYS = ("service", "service_id", "service_region", "profile")


@dataclass(frozen=True)
class Step:
    """One step of the life, with its result."""

    name: str
    succeeded: bool


def live(name: str, *, yes: bool, report: Path) -> int:
    """Run the life of a scratch stack and write a report.

    Args:
        name: Stack whose region, services and credentials are used; nothing of it is changed.
        yes: Whether to start without a question.
        report: File of the report.

    Returns:
        The exit code: 0 if every step succeeded and nothing is left.
    """
    if name == stacks.SANDBOX:
        raise EngineError("live: the sandbox needs none; `make test` runs it. Name another stack.")
    source = _read(name)
    scratch_name = f"live-{secrets.token_hex(3)}"
    config = scratch_config(source, scratch_name)
    for line in _announcement(source, scratch_name, config):
        echo(line)
    if not yes and not _is_confirmed(scratch_name):
        echo("Nothing was created.")
        return 1
    stack = replace(stacks.open_stack(name), name=scratch_name)
    file = _write(scratch_name, config)
    try:
        _create(stack)
    except EngineError:
        file.unlink()
        raise
    report.unlink(missing_ok=True)
    steps = _life(stack, source, report)
    if all(step.succeeded for step in steps if step.name in _END):
        stack.query("stack", "rm", "--yes", "--preserve-config")
        file.unlink()
    else:
        echo(
            f"Stack {scratch_name} stays: `make down STACK={scratch_name}` destroys the rest of it."
        )
    for step in steps:
        echo(f"  {'ok' if step.succeeded else 'failed':<8}{step.name}")
    if report.is_file():
        echo(f"Report: {report}")
    return int(not all(step.succeeded for step in steps))


def scratch_config(source: StackFile, name: str) -> dict[str, Any]:
    """Return the settings of the scratch stack, as the value of `config` in its file."""
    settings = source.settings
    endpoints = {}
    for key, endpoint in settings.endpoints.items():
        written = endpoint.model_dump(include=set(_ENDPOINT_KEYS), exclude_none=True)
        endpoints[key] = written
    alicloud = {f"alicloud:{key}": value for key, value in source.alicloud.items()}
    config: dict[str, Any] = {
        **alicloud,
        "alicloud:region": source.region,
        "dashlink:network": {"cidr": _NETWORK, "zones": list(settings.network.zones)[:2]},
        "dashlink:endpoints": endpoints,
    }
    if settings.gateway is not None and endpoints:
        gateway = {"spec": settings.gateway.spec, "spellings": dict(settings.gateway.spellings)}
        config |= {
            "dashlink:gateway": gateway,
            "dashlink:domains": {_DOMAIN: {"scheme": "http"}},
            "dashlink:ai_services": {"studio": {"endpoint": next(iter(endpoints))}},
            "dashlink:consumers": {
                "probe": {"name": f"{name}-probe", "api_keys": [{"config": _KEY}]}
            },
            "dashlink:model_apis": _model_apis(name),
        }
    return config


def _model_apis(name: str) -> dict[str, Any]:
    """Return a Model API for each scene; together they send most words of the API."""
    apis: dict[str, dict[str, Any]] = {
        "chat": {
            "scene": "text",
            "by_model": [{"match": "qwen-max*", "service": "studio"}],
            "default": {"service": "studio", "model": "qwen-plus"},
            "limits": [{"tokens": 100000, "per": "minute", "by": "consumer"}],
        },
        "messages": {"scene": "text", "protocol": "Anthropic", "service": "studio"},
        "image": {"scene": "image", "protocol": "DashScope", "service": "studio"},
        "video": {"scene": "video", "service": "studio"},
        "speech": {"scene": "audio", "protocol": "DashScope", "service": "studio"},
        "embedding": {
            "scene": "embedding",
            "by_weight": [{"service": "studio", "weight": 100}],
        },
        "rerank": {"scene": "rerank", "protocol": "DashScope", "service": "studio"},
    }
    for key, api in apis.items():
        api["name"] = f"{name}-{key}"
        api["domains"] = _DOMAIN
        api["base_path"] = f"/{key}"
        api["consumers"] = ["probe"]
    return apis


def _read(name: str) -> StackFile:
    try:
        return read_stack(None, ROOT / "stacks" / f"Pulumi.{name}.yaml")
    except DashlinkError as error:
        raise EngineError(str(error)) from None


def _announcement(source: StackFile, name: str, config: Mapping[str, Any]) -> Iterator[str]:
    zones = len(config["dashlink:network"]["zones"])
    counts = {"endpoint-zone": zones * len(config["dashlink:endpoints"])}
    counts["private-zone"] = len(config["dashlink:endpoints"])
    if "dashlink:gateway" in config:
        counts["gateway"] = 1
        counts["private-zone"] += 1
    if config["dashlink:network"].get("egress") is not None:
        counts["way-out"] = 1
    yield f"Stack {name}, in {source.region}, with the account of {source.name}:"
    yield f"  a VPC {_NETWORK}, vSwitches in {zones} zones, a security group: free of charge"
    for kind, count in counts.items():
        yield f"  {_cost(kind, count)}"
    yield "  At the end everything is destroyed; nothing of it is left. It takes about 15 minutes."


def _cost(kind: str, count: int) -> str:
    price = PRICES[kind]
    if price.cny_per_hour is None:
        return f"{count} x {price.item}: no price known here; see the cloud's price page"
    total = count * price.cny_per_hour
    return f"{count} x {price.item}: CNY {total:.2f} for each started hour"


def _is_confirmed(name: str) -> bool:
    if not sys.stdin.isatty():
        raise EngineError("live: it creates resources that cost money. Confirm by --yes.")
    return input(f"Type {name} to start: ").strip() == name


def _write(name: str, config: Mapping[str, Any]) -> Path:
    file = ROOT / "stacks" / f"Pulumi.{name}.yaml"
    with file.open("w") as target:
        YAML().dump({"config": dict(config)}, target)
    return file


def _create(stack: stacks.Stack) -> None:
    """Create the stack in the user's backend; the cloud is untouched."""
    stack.query("stack", "select", "--create")
    stack.query("config", "set", "--secret", f"dashlink:{_KEY}", secrets.token_urlsafe(24))


def _life(stack: stacks.Stack, source: StackFile, report: Path) -> list[Step]:
    """Run every step; the stack is destroyed whatever fails before."""
    steps: list[Step] = []

    def step(name: str, code: int) -> bool:
        steps.append(Step(name, code == 0))
        return code == 0

    resources: list[dict[str, Any]] = []
    try:
        succeeded = step("up", stack.pulumi("up", "--yes", "--skip-preview"))
        resources = _resources(stack)
        if succeeded:
            preview = stack.pulumi("preview", "--expect-no-changes")
            step("a preview without changes", preview)
            refresh = stack.pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes")
            step("a refresh without changes", refresh)
            _verify(stack, report)
            step("dashlink verify, with its report", int(not report.is_file()))
    finally:
        step(_DESTROY, stack.pulumi("destroy", "--yes", "--skip-preview"))
        step(_NOTHING_LEFT, int(_is_left(resources, source)))
    return steps


def _verify(stack: stacks.Stack, report: Path) -> None:
    program = str(stacks.PYTHON.with_name("dashlink"))
    command = [program, "verify", stack.name, "--report", str(report)]
    run(command, folder=ROOT, environment=stack.environment)


def _resources(stack: stacks.Stack) -> list[dict[str, Any]]:
    """Return the resources in the stack's state, those of an `up` that failed too."""
    document: dict[str, Any] = json.loads(stack.query("stack", "export"))
    return document["deployment"].get("resources") or []


def _is_left(resources: Sequence[Mapping[str, Any]], source: StackFile) -> bool:
    """Return whether one of the resources is left that can be without all others."""
    account = resolve_account({**source.alicloud, "region": source.region})
    api = ApigApi(account)
    lookups: dict[str, Callable[[str], object]] = {
        "alicloud:vpc/network:Network": CloudLookups(account).vpc,
        "alicloud:apig/gateway:Gateway": api.gateway,
        "dashlink:gateway:Domain": api.domain,
        "dashlink:gateway:Consumer": api.consumer,
    }
    left = []
    try:
        for resource in resources:
            lookup = lookups.get(resource["type"])
            if lookup is not None and lookup(resource["id"]) is not None:
                left.append(resource["id"])
    except DashlinkError as error:
        echo(f"live: {error}")
        return True
    for identity in left:
        echo(f"live: {identity} is left. Delete it in the console.")
    return bool(left)
