"""A user's own settings of clients: what lets a client dial a host that is not the stack's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.client_files import every_kind
from typer.testing import CliRunner

from dashlink.check.clients import check_client_files
from dashlink.check.report import is_good
from dashlink.cli import app
from dashlink.clients.catalog import CLIENTS, HOST_VARIABLES, OFF_VARIABLES
from dashlink.clients.render import render
from dashlink.errors import DashlinkError

PAGE = (Path(__file__).parents[2] / "docs" / "clients.md").read_text().splitlines()
PRIVATE = "https://vpc-cn-beijing.dashscope.aliyuncs.com"
KEY = "sk-0123456789abcdef"


@pytest.fixture
def found(tmp_path):
    """Checks a file of this text and name; returns its findings by check, in one list."""

    def check(text, name=".env"):
        file = tmp_path / name
        file.write_text(text)
        return check_client_files([file], every_kind())

    return check


def failed(findings):
    return {row.check: row.message for row in findings if row.state == "failed"}


def test_files_of_dashlink_have_nothing_to_correct(tmp_path):
    for file in render(every_kind(), ["dotenv"]):
        path = tmp_path / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file.text)
        findings = check_client_files([path], every_kind())
        assert is_good(findings), failed(findings)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("OPENAI_BASE_URL=https://api.openai.com/v1", "api.openai.com is a public host"),
        ("DASHSCOPE_API_BASE=https://dashscope-intl.aliyuncs.com/compatible-mode/v1", "public"),
        ("DASHSCOPE_BASE_URL=https://ws1.cn-beijing.maas.aliyuncs.com/api/v1", "public host"),
        ("ANTHROPIC_BASE_URL=https://proxy.example.com", "proxy.example.com is no host of the"),
        ("OPENAI_BASE_URL=https://vpc-cn-beijing.dashscope.aliyuncs.com@evil.example/v1", "evil."),
        ("OPENAI_BASE_URL=${OWN:-https://api.openai.com/v1}", "api.openai.com is a public host"),
        ("OPENAI_BASE_URL=here", "here is no host of the stack"),
        ("export OPENAI_BASE_URL='https://api.openai.com/v1' # mine", "api.openai.com is a public"),
    ],
    ids=["openai", "international", "workspace", "other", "login", "default", "word", "export"],
)
def test_a_host_that_is_not_the_stacks_is_found(found, line, message):
    (row,) = [row for row in found(f"{line}\n") if row.state == "failed"]
    assert message in row.message
    assert row.advice.startswith(f"Write {row.check}={PRIVATE}/")


def test_a_key_without_a_host_is_found_for_each_client(found):
    findings = found(f"DASHSCOPE_API_KEY={KEY}\nDASHSCOPE_HTTP_BASE_URL={PRIVATE}/api/v1\n")
    text = " ".join(row.message for row in findings if row.state == "failed")
    for client in ("dashscope (Python) 1.26.7", "dashscope-sdk-java", "litellm", "langchain-qwq"):
        assert client in text
    assert "langchain-community" not in text  # it reads the variable that is set
    assert KEY not in str(findings)
    assert any(row.check == "code" for row in findings)


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: f"{client.name} {client.version}")
def test_each_client_of_the_catalog_is_found_by_its_key(found, client):
    for reading in client.readings:
        findings = found(f"{reading.keys[0]}={KEY}\n")
        if reading.hosts:
            rows = [row.message for row in findings if row.state == "failed"]
        else:
            rows = [row.message for row in findings if row.check == "code"]
        assert any(client.name in row for row in rows)


def test_a_key_that_is_taken_from_the_environment_counts(found):
    text = f"OPENAI_API_KEY=${{DASHSCOPE_API_KEY}}\nOPENAI_BASE_URL={PRIVATE}/v1\n"
    assert "DASHSCOPE_API_BASE" in failed(found(text))


def test_a_local_proxy_and_a_reference_are_not_checked(found):
    findings = found("OPENAI_BASE_URL=http://127.0.0.1:4000\nANTHROPIC_BASE_URL=${MINE}\n")
    assert [row.state for row in findings] == ["not checked", "not checked"]
    assert not is_good(findings)


PUBLIC = "https://dashscope.aliyuncs.com/compatible-mode/v1"
DOCUMENTS = {
    "settings.json": (json.dumps({"env": {"OPENAI_BASE_URL": PUBLIC}}), "env.OPENAI_BASE_URL"),
    "litellm.yaml": (f"models:\n- {{api_base: '{PUBLIC}'}}\n", "models.0.api_base"),
    "two.yml": (f"a: 1\n---\nmodel: {{url: '{PUBLIC}'}}\n", "1.model.url"),
    "compose.yaml": (
        f"services: {{app: {{environment: ['OPENAI_BASE_URL={PUBLIC}']}}}}\n",
        "services.app.environment.OPENAI_BASE_URL",
    ),
    "pod.yaml": (
        f"env: [{{name: OPENAI_BASE_URL, value: '{PUBLIC}'}}]\n",
        "env.0.OPENAI_BASE_URL",
    ),
    "config.toml": (f"[provider.own]\nbase_url = '{PUBLIC}'\n", "provider.own.base_url"),
}


@pytest.mark.parametrize("name", DOCUMENTS, ids=str)
def test_a_public_host_is_found_in_each_kind_of_file(found, name):
    text, path = DOCUMENTS[name]
    assert failed(found(text, name)) == {
        path: "dashscope.aliyuncs.com is a public host, which gets key and prompt"
    }


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.json", "{", r"a\.json: not JSON \(.*\)\. Correct it there\."),
        ("a.toml", "=", r"a\.toml: not TOML"),
        ("a.yaml", "a: [", r"a\.yaml: not YAML"),
        ("none", None, r"none: cannot be read \(No such file or directory\)"),
    ],
    ids=["json", "toml", "yaml", "missing"],
)
def test_a_file_that_cannot_be_read_is_one_line(tmp_path, name, text, message):
    file = tmp_path / name
    if text is not None:
        file.write_text(text)
    with pytest.raises(DashlinkError, match=message) as raised:
        check_client_files([file], every_kind())
    assert "\n" not in str(raised.value)


def test_every_variable_of_a_client_is_one_that_files_set():
    known = {variable.name for variable in HOST_VARIABLES}
    read = set()
    for client in CLIENTS:
        for reading in client.readings:
            read.update(reading.hosts)
    assert read - OFF_VARIABLES.keys() == known - {"REALTIME_URL"}


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: f"{client.name} {client.version}")
def test_the_page_lists_every_client(client):
    (row,) = [row for row in PAGE if row.startswith(f"| {client.name} | {client.version} |")]
    for reading in client.readings:
        assert (
            not reading.hosts
            or reading.hosts[0].removeprefix("DASHSCOPE_API_BASE") in row
            or ("QWEN" in reading.hosts[0] and "QWENCLOUD_" in row)
        )
    assert client.in_code in row


@pytest.mark.parametrize("value", ["", "0", "false"], ids=["not set", "0", "false"])
def test_traces_with_prompts_that_are_not_off_are_found(found, value):
    name = "OPENAI_AGENTS_DISABLE_TRACING"
    text = f"OPENAI_API_KEY={KEY}\nOPENAI_BASE_URL={PRIVATE}/compatible-mode/v1\n"
    (row,) = [row for row in found(f"{text}{name}={value}\n") if row.check == name]
    assert "openai-agents 0.24.0 would dial api.openai.com" in row.message
    assert row.advice == f"Write {name}=1."
    assert name not in failed(found(f"{text}{name}=1\n"))


def test_the_command_exits_by_what_it_found(tmp_path):
    outputs = tmp_path / "outputs.json"
    outputs.write_text(every_kind().model_dump_json())
    bad, good = tmp_path / "bad.env", tmp_path / "good.env"
    bad.write_text(f"OPENAI_API_KEY={KEY}\n")
    good.write_text(f"RERANK_BASE_URL=\nOPENAI_BASE_URL={PRIVATE}/v1\n")
    base = ["check", "--outputs", str(outputs), "--json", "--clients"]
    done = CliRunner().invoke(app, [*base, str(bad), "--clients", str(good)])
    document = json.loads(done.stdout)
    assert (done.exit_code, document["from"], document["ok"]) == (1, "clients", 1)
    assert KEY not in done.stdout
    assert CliRunner().invoke(app, [*base, str(good)]).exit_code == 0
    assert CliRunner().invoke(app, [*base, str(good), "--from-inside"]).exit_code == 2
