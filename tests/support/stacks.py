"""A stack in a folder of its own, driven by the real engine against one sandbox: what the engine tests stand on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from engine.resolve import Engine

ROOT = Path(__file__).parents[2]
PASSPHRASE = "the tests' own passphrase"
LONGEST_RUN = 900  # seconds; the provider's fixed waits alone are about 130

# What a plain shell has. Nothing of the machine's own proxies, certificates or credentials may reach a child.
_KEPT = ("PATH", "HOME", "LANG", "TMPDIR", "XDG_CACHE_HOME")


def plain_environment(**more: str) -> dict[str, str]:
    """The environment of a child: what a plain shell has, and ``more``."""
    return {**{key: os.environ[key] for key in _KEPT if key in os.environ}, **more}


@dataclass
class Run:
    """What one run of the Pulumi CLI said."""

    code: int
    output: str

    def __str__(self) -> str:
        return f"exit {self.code}\n{self.output}"


@dataclass
class Stack:
    """One stack: its settings, its state, and the commands on it.

    Attributes:
        folder: The project's folder; the program is the repository's own unless `program` was written.
        cloud: Environment that leads to the sandbox (`env` of its ready line).
        log: Everything that any run printed, for the search for secrets.
        hidden: Folders that are taken out of PATH.
    """

    folder: Path
    engine: Engine
    cloud: Mapping[str, str]
    name: str = "test"
    passphrase: str = PASSPHRASE
    log: list[str] = field(default_factory=list)
    hidden: tuple[str, ...] = ()

    def create(self, config: Mapping[str, Any], program: str | None = None) -> None:
        """Lay the project out and make the stack."""
        (self.folder / "stacks").mkdir(parents=True)
        (self.folder / "state").mkdir()
        (self.folder / "home").mkdir()
        source = program if program is not None else (ROOT / "stacks" / "__main__.py").read_text()
        (self.folder / "stacks" / "__main__.py").write_text(source)
        project = {
            "name": "dashlink",
            "runtime": {"name": "python", "options": {"virtualenv": str(Path(sys.prefix))}},
            "main": "stacks",
            "stackConfigDir": "stacks",
        }
        (self.folder / "Pulumi.yaml").write_text(yaml.safe_dump(project))
        self.configure(config)
        self._ok("stack", "init", self.name)

    def configure(self, config: Mapping[str, Any]) -> None:
        """Write the stack's settings, keeping what the engine itself wrote into the file, secrets among it."""
        path = self.folder / "stacks" / f"Pulumi.{self.name}.yaml"
        kept = yaml.safe_load(path.read_text()) if path.exists() else {}
        secrets = {
            key: value
            for key, value in kept.get("config", {}).items()
            if isinstance(value, dict) and "secure" in value
        }
        kept["config"] = {**config, **secrets}
        path.write_text(yaml.safe_dump(kept, sort_keys=False))

    def write_file(self, document: Mapping[str, Any]) -> None:
        """Write the whole stack file, secrets and salt included."""
        path = self.folder / "stacks" / f"Pulumi.{self.name}.yaml"
        path.write_text(yaml.safe_dump(dict(document), sort_keys=False))

    def keep_secret(self, key: str, value: str) -> None:
        """Put a secret into the stack's settings, encrypted."""
        self._ok("config", "set", "--secret", f"dashlink:{key}", value)

    def up(self, *more: str) -> Run:
        """`pulumi up`; whether it succeeds is for the test to say."""
        return self.run("up", "--yes", "--skip-preview", *more)

    def deploy(self) -> Run:
        """`pulumi up` that must succeed."""
        return self._ok("up", "--yes", "--skip-preview")

    def plan(self) -> dict[str, list[str]]:
        """What `up` would do: operation -> logical names, without what stays the same."""
        done = self.run("preview", "--json")
        assert done.code == 0, done
        document = json.loads(done.output[done.output.index("{") :])
        planned: dict[str, list[str]] = {}
        for step in document["steps"]:
            if step["op"] != "same":
                planned.setdefault(step["op"], []).append(step["urn"].rpartition("::")[2])
        return {
            operation: sorted(names) for operation, names in planned.items() if operation != "read"
        }

    def refresh(self) -> Run:
        """`pulumi refresh` that must succeed and find nothing changed in the cloud."""
        return self._ok("refresh", "--yes", "--skip-preview", "--expect-no-changes")

    def destroy(self) -> Run:
        """`pulumi destroy` that must succeed."""
        return self._ok("destroy", "--yes", "--skip-preview")

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs."""
        loaded: dict[str, Any] = json.loads(self._ok("stack", "output", "--json").output)
        return loaded

    def state(self) -> str:
        """The whole state as the backend keeps it, text."""
        return "\n".join(
            path.read_text(errors="replace")
            for path in sorted((self.folder / "state").rglob("*.json*"))
        )

    def resources(self) -> list[dict[str, Any]]:
        """The resources of the state."""
        exported = json.loads(self._ok("stack", "export").output)
        found: list[dict[str, Any]] = exported["deployment"].get("resources", [])
        return found

    def environment(self) -> dict[str, str]:
        """The environment of every command on this stack."""
        environment = self.engine.environment(
            plain_environment(
                **self.cloud,
                PULUMI_BACKEND_URL=f"file://{self.folder / 'state'}",
                PULUMI_CONFIG_PASSPHRASE=self.passphrase,
                PULUMI_HOME=str(self.folder / "home"),
                PULUMI_STACK=self.name,
                NO_COLOR="1",
            )
        )
        shown = [
            folder for folder in environment["PATH"].split(os.pathsep) if folder not in self.hidden
        ]
        return {**environment, "PATH": os.pathsep.join(shown)}

    def run(self, *arguments: str) -> Run:
        """One command of the Pulumi CLI, never interactive."""
        command: Sequence[str] = [str(self.engine.pulumi), *arguments, "--non-interactive"]
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=LONGEST_RUN,
            check=False,
        )
        self.log += [done.stdout, done.stderr]
        output = (
            done.stdout
            if done.returncode == 0 and "--json" in arguments
            else done.stdout + done.stderr
        )
        return Run(done.returncode, output)

    def _ok(self, *arguments: str) -> Run:
        done = self.run(*arguments)
        assert done.code == 0, f"pulumi {' '.join(arguments)}: {done}"
        return done
