"""Runs of `dashlink up`, `down` and `refresh` that are killed, and what one more run finds.

A kill point names a process or a signal and a moment: a call of the cloud, which does its work and
never answers, or some seconds. After it the same command runs once more; what is not whole then is
a list of problems.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.cli import DASHLINK
from support.processes import Run, kill, run
from support.sandbox_admin import inject_fault
from support.stacks import Stack
from support.terminal import on_terminal
from support.waiting import wait_for

from dashlink_sandbox import Sandbox

PLUGINS = {"alicloud": "pulumi-resource-alicloud", "dashlink": "pulumi-resource-dashlink"}
PROCESSES = {
    "cli": "bin/dashlink",
    "engine": "pulumi",
    "program": "pulumi-language-python-exec",
    **PLUGINS,
}
SIGNALS = {
    "interrupt": (signal.SIGINT,),
    "interrupt twice": (signal.SIGINT, signal.SIGINT),
    "terminate": (signal.SIGTERM,),
    "hang up": (signal.SIGHUP,),
}
VICTIMS = (*PROCESSES, "all", *SIGNALS, "terminal", "cloud")
OPTIONS = ("--yes", "--skip-preview")
NOT_OWN = {
    "client_tokens",
    "late_changes",
    "version",
    "next_number",
    "dialect",
    "endpoint_services",
}
STALL_SECONDS = 5  # long enough to be killed before the answer
LONGEST_SECONDS = 600
COMMANDS = {"up": 5, "down": 3, "refresh": 2}

PROGRAM = """
import pulumi
from dashlink import Consumer, Network, NetworkArgs, NetworkSettings
from dashlink.naming import default_tags, ownership_mark, physical_name

owner = (pulumi.get_project(), pulumi.get_stack())
settings = NetworkSettings(cidr="10.20.0.0/16", zones=["cn-beijing-h", "cn-beijing-k"])
Network("access", NetworkArgs(settings=settings, tags=default_tags(*owner)))
mark = ownership_mark(physical_name(*owner))
Consumer("team", name="dashlink-test-team", description=mark, api_keys=["sk-0123456789abcdef"])
"""
"""A small stack with resources of both providers, marked as those of a whole stack are."""

CONFIG = {"alicloud:region": "cn-beijing"}


@dataclass(frozen=True)
class KillPoint:
    """Where a run is killed.

    Attributes:
        command: The command: ``up``, ``down``, ``refresh``.
        victim: One of `VICTIMS`.
        call: The call of the cloud, ``Vpc.CreateVpc``; empty: after `seconds`.
        seconds: The time after the first call, where no call is named.
    """

    command: str
    victim: str
    call: str = ""
    seconds: float = 0.0

    def __str__(self) -> str:
        moment = self.call or f"{self.seconds:.1f} s"
        return f"{self.command}, {self.victim}, {moment}"


def strike(point: KillPoint, stack: Stack, cloud: Sandbox) -> str:
    """Run the command until it is killed; return its output."""
    calls = len(cloud.cloud.log())
    if point.call:
        product, _, action = point.call.partition(".")
        inject_fault(cloud, kind="stall", product=product, action=action, seconds=STALL_SECONDS)
    log = stack.folder / "killed.log"
    with log.open("w") as output:
        child, controller = _start(point, stack, output)
        _reach(point, cloud, child, calls)
        _hit(point, stack, cloud, child, controller)
        child.wait(timeout=LONGEST_SECONDS)
        if point.victim == "all":
            wait_for(lambda: _all_are_killed(stack), "the end of the run", seconds=60)
    cloud.cloud.faults.active.clear()
    return log.read_text()


def draw(
    seed: int, number: int, calls: Mapping[str, Sequence[str]], longest: float = 9
) -> list[KillPoint]:
    """Draw kill points: half of them at a call of the command, half after some seconds."""
    dice = random.Random(seed)
    points = []
    for _ in range(number):
        (command,) = dice.choices(list(COMMANDS), list(COMMANDS.values()))
        victim = dice.choice(VICTIMS)
        if dice.random() < 0.5:
            points.append(KillPoint(command, victim, dice.choice(calls[command])))
        else:
            points.append(KillPoint(command, victim, seconds=round(dice.uniform(0, longest), 1)))
    return points


def calls_since(cloud: Sandbox, number: int) -> list[str]:
    """The calls of the cloud after the first `number` ones, each once, sorted."""
    rows = cloud.cloud.log()[number:]
    return sorted({f"{row['product']}.{row['action']}" for row in rows})


def again(point: KillPoint, stack: Stack) -> Run:
    """Run the command once more."""
    command = [DASHLINK, point.command, stack.name, *OPTIONS]
    return run(command, folder=stack.folder, environment=stack.environment())


def problems(
    stack: Stack, cloud: Sandbox, done: Run, expected: Mapping[str, int], unlisted: int = 0
) -> list[str]:
    """Return what is not whole after a run.

    Args:
        stack: The stack.
        cloud: Its cloud.
        done: The run.
        expected: The number of records of each kind.
        unlisted: How many of them the cloud itself created, such as a gateway's security group.
    """
    found = []
    if done.returncode:
        errors = [line.strip() for line in done.output.splitlines() if "error: " in line]
        found.append(f"exit code {done.returncode}: {' | '.join(errors)[:300]}")
    if "Traceback" in done.output:
        found.append("a traceback")
    counted = census(cloud)
    if counted != dict(expected):
        found.append(f"the cloud has {counted}, not {dict(expected)}")
    document = stack.export()["deployment"]
    if document.get("pending_operations"):
        found.append("pending operations")
    if list((stack.folder / "state").glob(".pulumi/locks/**/*.json")):
        found.append("a lock")
    if stack.processes():
        found.append(f"processes {_command_lines(stack)}")
    missing = not_in_state(document, cloud)
    if len(missing) != unlisted:
        found += missing
    return found


def census(cloud: Sandbox) -> dict[str, int]:
    """The number of records of each kind."""
    counts = {}
    for name in type(cloud.state).model_fields:
        table = getattr(cloud.state, name)
        if name not in NOT_OWN and table:
            counts[name] = len(table)
    return counts


def not_in_state(document: Mapping[str, Any], cloud: Sandbox) -> list[str]:
    """Return the ids of networks, gateways and consumers that the state does not have."""
    ids = {resource.get("id") for resource in document.get("resources") or ()}
    missing = []
    for name in ("vpcs", "vswitches", "security_groups", "endpoints", "gateways", "consumers"):
        for identity in getattr(cloud.state, name):
            if identity not in ids:
                missing.append(f"{identity} is not in the state")
    return missing


def _start(
    point: KillPoint, stack: Stack, output: Any
) -> tuple[subprocess.Popen[bytes], int | None]:
    command = [DASHLINK, point.command, stack.name, *OPTIONS]
    if point.victim == "terminal":
        return on_terminal(command, stack.folder, stack.environment())
    child = subprocess.Popen(
        command,
        cwd=stack.folder,
        env=stack.environment(),
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
    )
    return child, None


def _reach(point: KillPoint, cloud: Sandbox, child: subprocess.Popen[bytes], calls: int) -> None:
    """Wait for the moment; a run that ends before it is not killed."""

    def is_reached() -> bool:
        if child.poll() is not None:
            return True
        if point.call:
            return not cloud.cloud.faults.active
        return len(cloud.cloud.log()) > calls

    wait_for(is_reached, str(point), seconds=180)
    until = time.monotonic() + (0 if point.call else point.seconds)
    wait_for(lambda: child.poll() is not None or time.monotonic() >= until, str(point), seconds=180)


def _hit(
    point: KillPoint,
    stack: Stack,
    cloud: Sandbox,
    child: subprocess.Popen[bytes],
    controller: int | None,
) -> None:
    if point.victim == "cloud":
        inject_fault(cloud, kind="drop", times=100_000)
    elif point.victim == "terminal":
        os.close(controller or 0)
    elif point.victim in SIGNALS:
        for number in SIGNALS[point.victim]:
            if child.poll() is None:
                os.kill(child.pid, number)
                time.sleep(0.2)  # two signals at once are one
    elif point.victim == "all":
        kill(child.pid)
        _all_are_killed(stack)
    else:
        for process in stack.processes():
            if _is_called(process, PROCESSES[point.victim]):
                kill(process)


def _all_are_killed(stack: Stack) -> bool:
    """Kill the stack's processes; return whether there were none, not even one just started."""
    found = stack.processes()
    for process in found:
        kill(process)
    return not found


def _is_called(process: int, name: str) -> bool:
    words = _words(process)
    if name == "pulumi":
        return bool(words) and Path(words[0]).name == "pulumi"
    return any(word.endswith(name) for word in words[:4])


def _words(process: int) -> list[str]:
    try:
        text = Path(f"/proc/{process}/cmdline").read_bytes().decode(errors="replace")
    except OSError:
        return []
    return text.split("\0")


def _command_lines(stack: Stack) -> list[str]:
    return [" ".join(_words(process))[:120] for process in stack.processes()]
