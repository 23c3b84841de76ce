"""The programs of the documentation, run as they are written."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pulumi
import pytest

ROOT = Path(__file__).parents[2]
KEY = "sk-0123456789"


def programs(page: str) -> list[str]:
    """Return the code blocks of a page that import something, in order."""
    collected = []
    block: list[str] = []
    for line in [*(ROOT / page).read_text().splitlines(), "end"]:
        if not line or line.startswith("    "):
            block.append(line)
            continue
        code = textwrap.dedent("\n".join(block)).strip()
        if code.startswith(("import ", "from ")):
            collected.append(code)
        block = []
    return collected


@pytest.fixture
def run(deploy, monkeypatch):
    """Run a program, and return the names and types of what it declares, and its exports."""

    def run_program(code):
        exports = {}
        monkeypatch.setattr(pulumi, "export", exports.__setitem__)

        def declare():
            for name in ("studioKey", "searchTeamKey"):
                pulumi.runtime.set_config(f"models:{name}", KEY)
            exec(compile(code, "documented program", "exec"), {})
            return exports

        deployed = deploy(declare)
        declared = {(one.type.rpartition(":")[2], one.name) for one in deployed.resources}
        return declared, deployed.result

    return run_program


def test_the_programs_of_components_run_one_after_another(run):
    declared, exports = run("\n".join(programs("docs/components.md")[:-1]))
    assert {
        ("Network", "models"),
        ("PrivateEndpoint", "dashscope"),
        ("ModelGateway", "models"),
        ("ModelApi", "models-api-chat"),
        ("ModelApiAuthorization", "models-api-chat-consumers"),
        ("AiGateway", "shared"),
    } <= declared
    assert exports["chat"] == "https://models.example.internal/chat/v1"
    assert exports["openai_base_url"].endswith("/compatible-mode/v1")


def test_the_program_of_single_resources_runs(run):
    (code,) = programs("docs/model-apis.md")
    declared, _ = run(code)
    assert declared == {
        ("dashlink", "dashlink"),
        ("GatewayAddresses", "gateway"),
        ("AiService", "studio"),
        ("Domain", "models"),
        ("ModelApi", "chat"),
        ("Consumer", "search-team"),
        ("ModelApiAuthorization", "chat-consumers"),
    }


def test_the_program_of_the_readme_runs(run):
    (code,) = programs("README.md")
    declared, exports = run(code)
    assert ("PrivateModelAccess", "access") in declared
    assert list(exports) == ["openai_base_url"]


def test_the_documented_preflight_runs(monkeypatch):
    calls = []

    def record(settings, account, *, owner):
        calls.append((settings, account, owner))

    monkeypatch.setattr("dashlink.preflight.preflight", record)
    monkeypatch.setattr("dashlink.stack.alicloud_account", lambda: "the account")
    monkeypatch.setattr("dashlink.stack.stack_owner", lambda: "shop-dev")
    exec(programs("docs/components.md")[-1], {"settings": "the settings"})
    assert calls == [("the settings", "the account", "shop-dev")]
