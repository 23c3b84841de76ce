"""A stack in a folder of its own, with the real engine, on one sandbox."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import yaml
from support.cli import DASHLINK
from support.processes import Run, processes_with, run

from engine.process import clean_environment
from engine.resolve import ROOT, Engine

UP = ("up", "--yes", "--skip-preview")
_NO_CHANGES = ("same", "read")
_NOT_OF_PREVIEWS = (*_NO_CHANGES, "create-replacement", "delete-replaced")  # halves of a replace


@dataclass
class Stack:
    """A stack: its settings, its state, and the commands on it.

    Attributes:
        folder: The project's folder; the program is the repository's own unless `create` gets one.
        engine: The engine.
        cloud: Environment variables that lead to the sandbox.
        name: Its name.
        passphrase: The passphrase of its secrets.
        log: The output of every run.
        hidden: Folders to remove from PATH.
    """

    folder: Path
    engine: Engine
    cloud: Mapping[str, str]
    name: str = "test"
    passphrase: str = "passphrase of the tests"
    log: list[str] = field(default_factory=list)
    hidden: tuple[str, ...] = ()

    @property
    def settings_file(self) -> Path:
        return self.folder / "stacks" / f"Pulumi.{self.name}.yaml"

    @property
    def home(self) -> Path:
        return self.folder / "home"

    def create(self, config: Mapping[str, Any], program: str | None = None) -> None:
        """Write the project and initialize the stack."""
        (self.folder / "stacks").mkdir(parents=True)
        (self.folder / "state").mkdir()
        self.home.mkdir()
        self.write_program(program or (ROOT / "stacks" / "__main__.py").read_text())
        project = {
            "name": "dashlink",
            "runtime": {"name": "python", "options": {"virtualenv": str(Path(sys.prefix))}},
            "main": "stacks",
            "stackConfigDir": "stacks",
        }
        (self.folder / "Pulumi.yaml").write_text(yaml.safe_dump(project))
        self.configure(config)
        self._ok("stack", "init", self.name)

    def write_program(self, text: str) -> None:
        (self.folder / "stacks" / "__main__.py").write_text(text)

    def configure(self, config: Mapping[str, Any]) -> None:
        """Replace the stack's settings; encrypted secrets and the salt stay."""
        document: dict[str, Any] = {}
        if self.settings_file.exists():
            document = yaml.safe_load(self.settings_file.read_text())
        secrets = {}
        for key, value in document.get("config", {}).items():
            if isinstance(value, dict) and "secure" in value:
                secrets[key] = value
        self.write_settings({**document, "config": {**config, **secrets}})

    def write_settings(self, document: Mapping[str, Any]) -> None:
        """Write the whole settings file, secrets and salt included."""
        self.settings_file.write_text(yaml.safe_dump(dict(document), sort_keys=False))

    def set_secret(self, key: str, value: str) -> None:
        self._ok("config", "set", "--secret", key, value)

    def up(self) -> Run:
        return self.run(*UP)

    def deploy(self) -> dict[str, list[str]]:
        """Run `pulumi up` and return the logical names of what it changed by operation."""
        log = self.folder / "events.json"
        log.unlink(missing_ok=True)
        done = self.run(*UP, "--event-log", str(log), PULUMI_DEBUG_COMMANDS="1")
        assert done.returncode == 0, f"pulumi up: {done}"
        steps = []
        for line in log.read_text().splitlines():
            event = json.loads(line)
            if "resourcePreEvent" in event:
                steps.append(event["resourcePreEvent"]["metadata"])
        return _names_by_operation(step for step in steps if step["op"] not in _NOT_OF_PREVIEWS)

    def refused(self) -> str:
        """Run `pulumi up`, which must fail without a traceback; return its output."""
        done = self.up()
        assert done.returncode != 0, done
        assert "Traceback" not in done.output
        return done.output

    def preview_steps(self) -> list[dict[str, Any]]:
        """Run `pulumi preview` and return its steps that change a resource."""
        output = self._ok("preview", "--json").stdout
        document = json.loads(output[output.index("{") :])
        return [step for step in document["steps"] if step["op"] not in _NO_CHANGES]

    def preview(self) -> dict[str, list[str]]:
        """Run `pulumi preview` and return the logical names of the resources by operation."""
        return _names_by_operation(self.preview_steps())

    def refresh(self) -> None:
        """Run `pulumi refresh`, which must find no change in the cloud."""
        self._ok("refresh", "--yes", "--skip-preview", "--expect-no-changes")

    def destroy(self) -> None:
        self._ok("destroy", "--yes", "--skip-preview")

    def outputs(self) -> dict[str, Any]:
        outputs: dict[str, Any] = json.loads(self._ok("stack", "output", "--json").stdout)
        return outputs

    def export(self, *options: str) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self._ok("stack", "export", *options).stdout)
        return document

    def state(self) -> str:
        """The text of all files of the state backend, history and backups included."""
        texts = []
        for path in sorted((self.folder / "state").rglob("*.json*")):
            texts.append(path.read_text(errors="replace"))
        return "\n".join(texts)

    def check(self, *options: str) -> Run:
        """Run `dashlink check` on the stack from outside."""
        command = [DASHLINK, "check", self.name, *options]
        return run(command, folder=self.folder, environment=self.environment(), seconds=120)

    def environment(self) -> dict[str, str]:
        """The environment of every command on this stack."""
        variables = {
            "PULUMI_BACKEND_URL": f"file://{self.folder / 'state'}",
            "PULUMI_CONFIG_PASSPHRASE": self.passphrase,
            "PULUMI_HOME": str(self.home),
            "PULUMI_STACK": self.name,
            "NO_COLOR": "1",
        }
        base = {**clean_environment(), **self.cloud, **variables}
        environment = self.engine.environment(base)
        folders = environment["PATH"].split(os.pathsep)
        path = os.pathsep.join(folder for folder in folders if folder not in self.hidden)
        return environment | {"PATH": path}

    def run(self, *arguments: str, **variables: str) -> Run:
        """Run a command of the Pulumi CLI with ``variables``, never interactive."""
        environment = {**self.environment(), **variables}
        done = run(self.command(*arguments), folder=self.folder, environment=environment)
        self.log += [done.stdout, done.stderr]
        return done

    def start(
        self, *arguments: str, output: IO[str] | int = subprocess.DEVNULL
    ) -> subprocess.Popen[bytes]:
        """Start a command of the Pulumi CLI in a process group of its own."""
        return subprocess.Popen(
            self.command(*arguments),
            cwd=self.folder,
            env=self.environment(),
            stdout=output,
            stderr=output,
            start_new_session=True,
        )

    def command(self, *arguments: str) -> tuple[str, ...]:
        return (str(self.engine.pulumi), *arguments, "--non-interactive")

    def processes(self) -> list[int]:
        """Ids of the processes that run in the stack's environment."""
        return processes_with("PULUMI_HOME", str(self.home))

    def _ok(self, *arguments: str) -> Run:
        done = self.run(*arguments)
        assert done.returncode == 0, f"pulumi {' '.join(arguments)}: {done}"
        return done


def _names_by_operation(steps: Iterable[Mapping[str, Any]]) -> dict[str, list[str]]:
    names: dict[str, list[str]] = {}
    for step in steps:
        names.setdefault(step["op"], []).append(step["urn"].rpartition("::")[2])
    return {operation: sorted(of_it) for operation, of_it in names.items()}
