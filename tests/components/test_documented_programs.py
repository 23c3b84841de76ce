"""The programs of the documentation, run as they are written."""

from __future__ import annotations

import inspect
from types import SimpleNamespace

import pulumi
import pytest
from openai.resources.chat import Completions
from support.doc_blocks import blocks_of

KEY = "sk-0123456789"


PROGRAMS = blocks_of("program")


def programs(page: str) -> list[str]:
    """The programs of a page, in order."""
    return [block.text for block in PROGRAMS if block.page == page]


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


def test_the_documented_providers_are_accepted_by_a_component(run):
    (code,) = programs("docs/credentials.md")
    network = """
from dashlink import Network, NetworkArgs, NetworkSettings
settings = NetworkSettings(cidr="10.20.0.0/16", zones=["cn-beijing-h", "cn-beijing-k"])
Network("models", NetworkArgs(settings=settings), opts=options)
"""
    declared, _ = run(code + network)
    assert {("dashlink", "network"), ("alicloud", "network"), ("Network", "models")} <= declared


def test_the_documented_parameters_are_arguments_of_the_sdk():
    (code,) = programs("docs/maas.md")
    calls = []
    completions = SimpleNamespace(create=lambda **arguments: calls.append(arguments))
    client = SimpleNamespace(chat=SimpleNamespace(completions=completions))
    exec(code, {"client": client, "MODEL": "glm-5.1", "messages": []})
    (arguments,) = calls
    assert arguments["n"] == 2
    assert set(arguments) <= set(inspect.signature(Completions.create).parameters)


def test_the_documented_sandbox_runs(capsys):
    (code,) = programs("docs/sandbox.md")
    exec(code, {})
    assert capsys.readouterr().out.startswith("http://127.0.0.1:")


def test_every_page_with_a_program_has_a_test_here():
    assert {block.page for block in PROGRAMS} == {
        "README.md",
        "docs/components.md",
        "docs/credentials.md",
        "docs/maas.md",
        "docs/model-apis.md",
        "docs/sandbox.md",
    }
