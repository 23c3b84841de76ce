"""A stack of a Pulumi project: where its files are, and the commands of the Pulumi CLI on it."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from dashlink.errors import DashlinkError

PROJECT_FILES = ("Pulumi.yaml", "Pulumi.yml")
CLI_VARIABLE = "DASHLINK_PULUMI"
"""Environment variable with the path of the Pulumi CLI, where it is not on PATH."""

_QUERY_SECONDS = 300.0


class PulumiNotFoundError(DashlinkError):
    """The Pulumi CLI is not on PATH."""


@dataclass(frozen=True)
class PulumiStack:
    """A stack of a project, with the environment of its commands.

    Attributes:
        name: Its name as ``--stack`` takes it: ``dev``, or ``organization/project/dev``.
        folder: The folder of its ``Pulumi.yaml``; every command runs there.
        environment: The environment of every command: cloud, state backend, passphrase, PATH.
        pulumi: The Pulumi CLI: a path, or a name on PATH.
    """

    name: str
    folder: Path
    environment: Mapping[str, str]
    pulumi: str = "pulumi"

    @property
    def short_name(self) -> str:
        """The name without organization and project."""
        return self.name.rpartition("/")[2]

    @cached_property
    def project(self) -> Mapping[str, Any]:
        """The content of ``Pulumi.yaml``.

        Raises:
            DashlinkError: The file is missing or invalid.
        """
        for name in PROJECT_FILES:
            file = self.folder / name
            if file.is_file():
                return _read_project(file)
        raise DashlinkError(f"{self.folder}: no Pulumi.yaml. Run the command in a project.")

    @property
    def project_name(self) -> str:
        """Name of the project, from the stack's name if that has one."""
        names = self.name.split("/")
        if len(names) > 2:  # noqa: PLR2004 - organization/project/stack
            return names[1]
        return str(self.project.get("name", ""))

    @property
    def settings_file(self) -> Path:
        """The file with the settings of the stack, which need not exist."""
        config = self.project.get("config")
        folder = self.project.get("stackConfigDir") or (config if isinstance(config, str) else "")
        for suffix in (".yaml", ".yml", ".json"):
            file = self.folder / str(folder) / f"Pulumi.{self.short_name}{suffix}"
            if file.is_file():
                return file
        return self.folder / str(folder) / f"Pulumi.{self.short_name}.yaml"

    @cached_property
    def backend_url(self) -> str:
        """URL of the state backend: ``file:///…``, ``s3://…``, ``https://api.pulumi.com``."""
        url = self.environment.get("PULUMI_BACKEND_URL")
        backend = self.project.get("backend")
        if not url and isinstance(backend, Mapping):
            url = backend.get("url")
        if url:
            return str(url)
        code, output = self.run("whoami", "--json", with_stack=False)
        if code:
            raise self.failure(("whoami",), output)
        document = json.loads(output[output.find("{") :])
        return str(document["url"])

    @property
    def backend_folder(self) -> Path | None:
        """The folder ``.pulumi`` of a backend of files; None for any other backend."""
        scheme, separator, path = self.backend_url.partition("://")
        if scheme != "file" or not separator:
            return None
        root = Path(path.partition("?")[0]).expanduser()
        return self.folder / root / ".pulumi"

    def command(self, *arguments: str) -> list[str]:
        """Return the command line of a Pulumi command on the stack."""
        return [self.pulumi, *arguments, "--stack", self.name]

    def query(
        self, *arguments: str, stdin: str | None = None, timeout_seconds: float = _QUERY_SECONDS
    ) -> str:
        """Run a Pulumi command on the stack, never interactive, and return its standard output.

        Raises:
            PulumiNotFoundError: The CLI is not there.
            DashlinkError: The command failed, or did not end in time.
        """
        done = self._run(arguments, stdin, timeout_seconds, with_stack=True)
        if done.returncode:
            raise self.failure(arguments, done.stderr or done.stdout)
        return done.stdout

    def run(
        self,
        *arguments: str,
        stdin: str | None = None,
        timeout_seconds: float = _QUERY_SECONDS,
        with_stack: bool = True,
    ) -> tuple[int, str]:
        """Run a Pulumi command, never interactive, and return exit code and whole output."""
        done = self._run(arguments, stdin, timeout_seconds, with_stack=with_stack)
        return done.returncode, done.stdout + done.stderr

    def state(self) -> dict[str, Any]:
        """Return the document of ``pulumi stack export``; secrets stay encrypted."""
        document: dict[str, Any] = json.loads(self.query("stack", "export"))
        return document

    def failure(self, arguments: tuple[str, ...], output: str) -> DashlinkError:
        """Return the error for a command that failed, with the first line of its output."""
        command = f"`pulumi {' '.join(arguments[:2])}`"
        return DashlinkError(f"stack {self.name}: {command} failed: {_first_line(output)}")

    def _run(
        self,
        arguments: tuple[str, ...],
        stdin: str | None,
        timeout_seconds: float,
        *,
        with_stack: bool,
    ) -> subprocess.CompletedProcess[str]:
        line = [self.pulumi, *arguments, "--non-interactive"]
        if with_stack:
            line = [*self.command(*arguments), "--non-interactive"]
        try:
            return subprocess.run(
                line,
                cwd=self.folder,
                env=dict(self.environment),
                input=stdin or "",
                capture_output=True,
                text=True,
                timeout=timeout_seconds,
                check=False,
            )
        except FileNotFoundError:
            raise PulumiNotFoundError("pulumi: not on PATH. Install the Pulumi CLI.") from None
        except subprocess.TimeoutExpired:
            command = f"`pulumi {' '.join(arguments[:2])}`"
            raise DashlinkError(
                f"stack {self.name}: {command} did not end within {timeout_seconds:g} s. "
                "Check `pulumi whoami`."
            ) from None


def project_folder(start: Path) -> Path:
    """Return the folder of the project that ``start`` is in, as Pulumi looks for it: upwards.

    Raises:
        DashlinkError: There is none.
    """
    for folder in (start, *start.parents):
        if any((folder / name).is_file() for name in PROJECT_FILES):
            return folder
    raise DashlinkError(
        f"{start}: no Pulumi.yaml here or above. Run the command in a project, or pass --cwd."
    )


def stack_of(name: str, start: Path | None = None) -> PulumiStack:
    """Return the stack ``name`` of the project in ``start``, with the environment of this process.

    Raises:
        DashlinkError: There is no project.
    """
    folder = project_folder((start or Path.cwd()).resolve())
    return PulumiStack(name, folder, dict(os.environ), os.environ.get(CLI_VARIABLE, "pulumi"))


def _read_project(file: Path) -> Mapping[str, Any]:
    try:
        document = YAML(typ="safe", pure=True).load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, YAMLError) as error:
        problem = str(error).splitlines()[0]
        raise DashlinkError(f"{file}: cannot be read: {problem}. Correct it.") from None
    if not isinstance(document, Mapping):
        raise DashlinkError(f"{file}: no map of settings. Correct it.")
    return document


def _first_line(output: str) -> str:
    for line in output.splitlines():
        if line.strip():
            return line.removeprefix("error: ")
    return "no reason given"


def document_of(text: str) -> dict[str, Any] | None:
    """Return the JSON document in the output of a Pulumi command; None where there is none."""
    start = text.find("{")
    try:
        document = json.JSONDecoder().raw_decode(text[start:])[0] if start >= 0 else None
    except ValueError:
        return None
    return document if isinstance(document, dict) else None
