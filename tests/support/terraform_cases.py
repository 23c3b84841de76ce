"""Terraform configurations that the alicloud provider makes, changes and deletes on the sandbox.

A case is a folder `tests/engine/terraform/cases/<product>/<case>/`:

- `1.tf`: what it creates, without a `terraform` block. The provider is Terraform's alicloud
  provider in the region cn-beijing; a `provider` block is only for another region.
- `2.tf`, optional: the same configuration after a change.
- `refused.txt`, optional: the error code that the cloud refuses `1.tf` with. The refusal has to
  come from the cloud: what the provider itself refuses ends the plan of every case.

A case is independent of the others, of all products, and has names of its own where the cloud
requires them to be unique. What the provider reads back is asserted by `postcondition` blocks, and
by the plan, which is empty.

The cases of some products run at the same time, as modules of one configuration: starting the
provider and waiting for the cloud take much longer than the work. Select single cases with
`pytest -k`.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from support.processes import Run, run

from dashlink_sandbox import Sandbox
from engine import terraform
from engine.process import clean_environment

FOLDER = Path(__file__).parent.parent / "engine" / "terraform" / "cases"
_PARALLEL_OPERATIONS = 100
_GARBAGE_PERCENT = "400"  # reading the provider's schema is a fifth faster than with Go's default
_VPCS = 200  # an account's quota of VPCs, as if it had been raised for the cases
_PROVIDER = """\
terraform {
  required_providers {
    alicloud = { source = "aliyun/alicloud" }
  }
}
"""
# The host of STS is no environment variable of the provider.
_REGION = """
provider "alicloud" {{
  region = "cn-beijing"
  endpoints {{
    sts = "{host}"
  }}
}}
"""
_SUCCESSES = (0, 2)  # 2: a plan with changes
_APPLYING = {"apply_start", "apply_complete", "apply_errored"}
_NOT_RESOURCES = {"next_number", "client_tokens", "late_changes"}


@dataclass(frozen=True)
class Case:
    """A case: `product`/`name`, with its folder."""

    folder: Path

    @property
    def product(self) -> str:
        """The name of its product's folder."""
        return self.folder.parent.name

    @property
    def name(self) -> str:
        """The name of its folder."""
        return self.folder.name

    @property
    def module(self) -> str:
        """The name of its module."""
        return f"{self.product}-{self.name}"

    @property
    def has_change(self) -> bool:
        """Whether it has a second configuration."""
        return (self.folder / "2.tf").exists()

    @property
    def refusal(self) -> str:
        """The expected error code; empty if the cloud accepts the case."""
        file = self.folder / "refused.txt"
        return file.read_text("utf-8").strip() if file.exists() else ""


def products() -> list[str]:
    """The products that have cases."""
    return sorted(folder.name for folder in FOLDER.iterdir())


def cases(product: str) -> list[Case]:
    """The cases of a product."""
    return [Case(file.parent) for file in sorted((FOLDER / product).glob("*/1.tf"))]


@dataclass(frozen=True)
class Outcome:
    """What one command of Terraform reported: its JSON messages, one a line."""

    done: Run

    @cached_property
    def messages(self) -> list[dict[str, Any]]:
        """The messages."""
        return [json.loads(line) for line in self.done.stdout.splitlines()]

    def errors(self, case: Case) -> list[str]:
        """The errors of ``case``; all errors if Terraform ended before it did anything."""
        errors = []
        for message in self.messages:
            diagnostic = message.get("diagnostic", {})
            address = diagnostic.get("address") or diagnostic.get("range", {}).get("filename", "")
            is_of_case = not address or self._is_void or _is_of(case, address)
            if diagnostic.get("severity") == "error" and is_of_case:
                errors.append(f"{address}: {diagnostic['summary']}\n{diagnostic['detail']}")
        if self._is_void and not errors:
            errors.append(str(self.done))
        return errors

    @property
    def _is_void(self) -> bool:
        """Whether the command failed without a change, so that it says nothing about a case."""
        for message in self.messages:
            if message["type"] in _APPLYING and message["hook"]["action"] != "read":
                return False
        return self.done.returncode not in _SUCCESSES

    def changes(self, case: Case) -> list[str]:
        """The changes of ``case`` that a plan has, e.g. `update module.x.alicloud_vpc.this`."""
        changes = []
        for message in self.messages:
            change = message.get("change", {})
            address = change.get("resource", {}).get("addr", "")
            if message["type"] == "planned_change" and _is_of(case, address):
                changes.append(f"{change['action']} {address}")
        return changes


def _is_of(case: Case, address: str) -> bool:
    """Whether a resource's address or a file's path is within the module of ``case``."""
    return address.startswith((f"module.{case.module}.", f"{case.module}/"))


class Batch:
    """Cases as modules of one configuration, and the steps of its life, each run at most once."""

    def __init__(self, folder: Path, cloud: Sandbox, cases: Iterable[Case]) -> None:
        """Write the configuration to ``folder``, an empty folder."""
        cloud.cloud.catalog.quotas["vpcs_per_region"] = _VPCS
        self._folder = folder
        self._cloud = cloud
        self._cases = list(cases)
        self._tool = terraform.terraform(folder)
        self._before = self._resources()
        self._write("1.tf", self._cases)
        self._run("get")

    @cached_property
    def applied(self) -> Outcome:
        """Make every case."""
        return self._run("apply", "-auto-approve")

    @cached_property
    def planned(self) -> Outcome:
        """The plan after that."""
        assert self.applied
        return self._run("plan", "-detailed-exitcode")

    @cached_property
    def changed(self) -> Outcome:
        """Change the cases that have a change, and delete what is left of refused ones."""
        assert self.planned
        self._write("2.tf", [case for case in self._cases if not case.refusal])
        return self._run("apply", "-auto-approve")

    @cached_property
    def planned_again(self) -> Outcome:
        """The plan after that."""
        assert self.changed
        return self._run("plan", "-detailed-exitcode")

    @cached_property
    def destroyed(self) -> Outcome:
        """Delete every case."""
        assert self.planned_again
        return self._run("destroy", "-auto-approve")

    def left(self) -> list[str]:
        """What the cloud has after the last step and did not have before: `table id`."""
        return sorted(self._resources() - self._before)

    def _resources(self) -> Collection[str]:
        rows = set()
        for table, records in self._cloud.state.model_dump().items():
            if isinstance(records, dict) and table not in _NOT_RESOURCES:
                rows |= {f"{table} {key}" for key in records}
        return rows

    def _write(self, file: str, cases: Iterable[Case]) -> None:
        host = self._cloud.url.removeprefix("http://")
        blocks = [_PROVIDER, _REGION.format(host=host)]
        for case in cases:
            module = self._folder / case.module
            module.mkdir(exist_ok=True)
            (module / "provider.tf").write_text(_PROVIDER, "utf-8")
            if (case.folder / file).exists():
                shutil.copy(case.folder / file, module / "main.tf")
            blocks.append(f'module "{case.module}" {{\n  source = "./{case.module}"\n}}\n')
        (self._folder / "main.tf").write_text("".join(blocks), "utf-8")

    def _run(self, command: str, *arguments: str) -> Outcome:
        if command != "get":
            arguments = (*arguments, "-json", f"-parallelism={_PARALLEL_OPERATIONS}")
        variables = {**clean_environment(), **self._cloud.env, "GOGC": _GARBAGE_PERCENT}
        environment = self._tool.environment(variables)
        words = [str(self._tool.program), command, *arguments, "-no-color"]
        return Outcome(run(words, folder=self._folder, environment=environment))
