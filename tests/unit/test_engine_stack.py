"""Messages of `up`, and the environment of its runs."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from dashlink.errors import DashlinkError
from engine import plugins, stack
from engine.build import pinned_version
from engine.console import EngineError
from engine.process import clean_environment
from engine.resolve import ROOT, Engine, locked_version
from engine.sandbox import DamagedStateError, Sandbox

OUTPUTS = {
    "stack": "dev",
    "region": "cn-beijing",
    "vpc_id": "vpc-1",
    "vswitch_ids": {"cn-beijing-h": "vsw-1", "cn-beijing-k": "vsw-2"},
    "security_group_id": "sg-1",
    "endpoints": {
        "dashscope": {
            "endpoint_id": "ep-1",
            "service_name": "com.aliyuncs.dashscope",
            "service_id": None,
            "host": "vpc-cn-beijing.dashscope.aliyuncs.com",
            "base_urls": {
                "openai": "https://vpc-cn-beijing.dashscope.aliyuncs.com/compatible-mode/v1"
            },
        },
        "finance": {
            "endpoint_id": "ep-2",
            "service_id": "epsrv-2",
            "host": "ep-2.example",
            "base_urls": {},
        },
    },
}


def test_the_outputs_are_printed_for_a_person() -> None:
    assert stack.summary(OUTPUTS) == [
        "Stack dev in cn-beijing:",
        "  network   vpc-1, vSwitches vsw-1 (cn-beijing-h), vsw-2 (cn-beijing-k), "
        "security group sg-1",
        "  dashscope: endpoint ep-1 to com.aliyuncs.dashscope, "
        "dialled as vpc-cn-beijing.dashscope.aliyuncs.com",
        "    openai               https://vpc-cn-beijing.dashscope.aliyuncs.com/compatible-mode/v1",
        "  finance: endpoint ep-2 to epsrv-2, dialled as ep-2.example",
    ]


def test_a_client_inside_the_vpc_goes_through_its_first_vswitch() -> None:
    running = Sandbox("http://127.0.0.1:1", "http://127.0.0.1:2", "/ca.pem", "key", 3, {})
    inside = stack.inside_vpc(running, OUTPUTS)
    assert inside["HTTPS_PROXY"] == "http://vpc-1.vsw-1:inside@127.0.0.1:2"
    assert inside["SSL_CERT_FILE"] == "/ca.pem"


INSIDE = """#!/bin/sh
case "$1" in
stack) echo '{outputs}' ;;
config) echo sk-team ;;
esac
"""


def stack_with(folder: Path, outputs: str, running: Sandbox | None) -> stack.Stack:
    program = folder / "pulumi"
    program.write_text(INSIDE.format(outputs=outputs))
    program.chmod(0o755)
    return stack.Stack("sandbox", Engine(program, "built", ()), {}, running)


RUNNING = Sandbox("http://127.0.0.1:1", "http://127.0.0.1:2", "/ca.pem", "key", 3, {})


def test_a_command_inside_has_the_proxy_and_the_keys(tmp_path: Path) -> None:
    opened = stack_with(tmp_path, json.dumps(OUTPUTS), RUNNING)
    variables = stack.client_variables(opened)
    assert variables["HTTPS_PROXY"] == "http://vpc-1.vsw-1:inside@127.0.0.1:2"
    assert variables["MODEL_API_KEY"] == "sk-team"
    assert variables["DASHSCOPE_API_KEY"] == "key"


@pytest.mark.parametrize(
    ("running", "message"),
    [
        pytest.param(RUNNING, "sandbox is not deployed. Run make up first.", id="not deployed"),
        pytest.param(None, "sandbox is not the sandbox. Run", id="real cloud"),
    ],
)
def test_a_command_runs_inside_a_deployed_sandbox_alone(
    tmp_path: Path, running: Sandbox | None, message: str
) -> None:
    opened = stack_with(tmp_path, "{}", running)
    with pytest.raises(EngineError, match=message):
        stack.client_variables(opened)


def test_a_stack_without_settings_is_an_error_with_its_file() -> None:
    with pytest.raises(
        EngineError,
        match=r"^STACK: stacks/Pulumi\.prd\.yaml is not there\. Write it, or use one of: ",
    ):
        stack.open_stack("prd")


def test_runs_on_the_sandbox_inherit_no_keys_and_no_proxies(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in (
        "ALICLOUD_ACCESS_KEY",
        "PULUMI_ACCESS_TOKEN",
        "HTTPS_PROXY",
        "SSL_CERT_FILE",
        "DASHSCOPE_API_KEY",
    ):
        monkeypatch.setenv(name, "the user's own")
    monkeypatch.setenv("HOME", "/home/a")
    environment = clean_environment()
    assert "the user's own" not in environment.values()
    assert environment["HOME"] == "/home/a"


@pytest.mark.parametrize("refusals", [0, 1], ids=["recovers", "cannot"])
def test_a_sandbox_that_cannot_recover_starts_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refusals: int
) -> None:
    folder = tmp_path / ".sandbox"
    folder.mkdir()
    for name in ("state.json", "stack.lock"):
        (folder / name).touch()
    runs: list[str] = []

    def up(*_: object) -> int:
        runs.append("up")
        if len(runs) <= refusals:
            raise DashlinkError("a VPC has two owners. Delete one.")
        return 0

    stopped: list[Path] = []
    monkeypatch.setattr(stack, "FOLDER", folder)
    monkeypatch.setattr(stack.cloud, "stop", stopped.append)
    monkeypatch.setattr(stack.operations, "up", up)
    opened = stack.Stack("sandbox", Engine(tmp_path / "pulumi", "built", ()), {}, None)
    monkeypatch.setattr(stack, "open_stack", lambda name: opened)
    assert stack._up_sandbox() == (opened, 0)
    assert stopped == [folder] * refusals
    assert (folder / "state.json").exists() == (refusals == 0)
    assert (folder / "stack.lock").exists(), "this run's own lock stays"


def test_plugins_are_linked_by_version_and_follow_the_engine(
    tmp_path: Path,
) -> None:
    version = locked_version("pulumi-alicloud")
    folder = tmp_path / "home" / "plugins" / f"resource-alicloud-v{version}"
    for build in ("one", "two"):
        (tmp_path / build).mkdir()
        program = tmp_path / build / "pulumi-resource-alicloud"
        program.touch()
        program.chmod(0o755)
        engine = Engine(tmp_path / "pulumi", "built", (tmp_path / build,))
        settings = plugins.link_plugins(engine, tmp_path / "home")
        assert (folder / program.name).resolve() == program
    assert settings == {"PULUMI_HOME": str(tmp_path / "home")}, (
        "a host that is not beside the CLI is found on PATH"
    )
    (tmp_path / "pulumi-language-python").touch()
    assert (
        plugins.link_plugins(engine, tmp_path / "home")["PULUMI_IGNORE_AMBIENT_PLUGINS"] == "true"
    )


def test_the_built_plugin_reports_the_pinned_versions() -> None:
    sdk = locked_version("pulumi-alicloud")
    provider = pinned_version("alicloud", "github.com/aliyun/terraform-provider-alicloud")
    expected = f'const Version = "{sdk}+terraform.{provider}"'
    assert expected in (ROOT / "engine" / "alicloud" / "bridge.go").read_text()


def test_a_command_line_mistake_is_one_line_without_traceback() -> None:
    command = [sys.executable, "-m", "engine", "preview", "--stack", "prd"]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("STACK: stacks/Pulumi.prd.yaml is not there.")
    assert done.stderr.count("\n") == 1


@pytest.fixture
def sandbox_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a deployed sandbox stack, whose process ended."""
    checkpoint = tmp_path / ".pulumi" / "stacks" / "dashlink" / "sandbox.json"
    checkpoint.parent.mkdir(parents=True)
    checkpoint.write_text("{}")
    (tmp_path / "state.json").write_text("{}")
    monkeypatch.setattr(stack, "FOLDER", tmp_path)
    return tmp_path


def test_a_sandbox_without_its_cloud_starts_over(
    sandbox_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(stack, "open_stack", lambda name: name)
    stack.open_sandbox()
    assert stack._has_checkpoint()
    (sandbox_folder / "state.json").unlink()
    stack.open_sandbox()
    assert not stack._has_checkpoint()
    assert capsys.readouterr().out == "Sandbox: the file of its cloud is missing; starting over\n"


def test_a_sandbox_with_a_damaged_cloud_starts_over(
    sandbox_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def open_stack(name: str) -> str:
        if (sandbox_folder / "state.json").exists():
            raise DamagedStateError("damaged")
        return name

    monkeypatch.setattr(stack, "open_stack", open_stack)
    assert stack.open_sandbox() == "sandbox"
    assert not stack._has_checkpoint()
    assert "is damaged; starting over" in capsys.readouterr().out
