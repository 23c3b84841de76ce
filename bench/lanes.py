"""The three lanes to the same resources: dashlink, a raw Pulumi program, Terraform."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.stacks import Stack

from bench.measure import Measured, measure
from engine.process import clean_environment
from engine.resolve import ROOT, Engine
from engine.terraform import terraform

_REGION = "cn-beijing"
_SETTINGS: Mapping[str, Any] = {
    "alicloud:region": _REGION,
    "dashlink:network": {"cidr": "10.20.0.0/16", "zones": ["cn-beijing-h", "cn-beijing-k"]},
    "dashlink:endpoints": {"dashscope": {"service": "com.aliyuncs.dashscope"}},
}


@dataclass(frozen=True)
class Lane:
    """One lane, ready to be measured.

    Attributes:
        name: Its name in the tables.
        folder: The folder of its commands.
        environment: The environment of its commands.
        commands: The commands by step: up, plan, destroy.
    """

    name: str
    folder: Path
    environment: Mapping[str, str]
    commands: Mapping[str, tuple[str, ...]]

    def run(self, step: str) -> Measured:
        """Run and measure the command of ``step``."""
        return measure(self.commands[step], self.folder, self.environment)


def dashlink(folder: Path, engine: Engine, cloud: Mapping[str, str]) -> Lane:
    """Create a stack with the program of this repository."""
    stack = Stack(folder=folder, engine=engine, cloud=cloud)
    stack.create(_SETTINGS)
    return _pulumi("dashlink", stack)


def raw(folder: Path, engine: Engine, cloud: Mapping[str, str]) -> Lane:
    """Create a stack with the same resources written by hand."""
    stack = Stack(folder=folder, engine=engine, cloud=cloud)
    stack.create({"alicloud:region": _REGION}, (ROOT / "bench" / "raw.py").read_text())
    return _pulumi("raw Pulumi", stack)


def _pulumi(name: str, stack: Stack) -> Lane:
    return Lane(
        name=name,
        folder=stack.folder,
        environment=stack.environment(),
        commands={
            "up": stack.command("up", "--yes", "--skip-preview"),
            "plan": stack.command("preview", "--expect-no-changes"),
            "destroy": stack.command("destroy", "--yes", "--skip-preview"),
        },
    )


def terraform_lane(folder: Path, cloud: Mapping[str, str]) -> Lane:
    """Create the same resources as a Terraform configuration."""
    folder.mkdir(parents=True)
    shutil.copy(ROOT / "tests" / "engine" / "terraform" / "main.tf", folder)
    tool = terraform(folder)
    program = str(tool.program)
    return Lane(
        name=f"Terraform ({tool.program.name})",
        folder=folder,
        environment=tool.environment({**clean_environment(), **cloud}),
        commands={
            "up": (program, "apply", "-auto-approve", "-no-color"),
            "plan": (program, "plan", "-detailed-exitcode", "-no-color"),
            "destroy": (program, "destroy", "-auto-approve", "-no-color"),
        },
    )


def import_commands() -> dict[str, tuple[str, ...]]:
    """The commands that import the library and its dependencies, by their row in the table."""
    modules = "ecs, privatelink, pvtz, vpc"
    statements = {
        "import pulumi": "import pulumi",
        "import pulumi_alicloud modules": f"import pulumi; from pulumi_alicloud import {modules}",
        "import dashlink (all components)": "import dashlink; dashlink.PrivateModelAccess",
        "import dashlink.clients (render, check)": "import dashlink.clients.render",
    }
    return {name: (sys.executable, "-c", statement) for name, statement in statements.items()}
