"""The sandbox as a process: its ready line, a clean end, the same cloud after a restart."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
from support.rpc import Rpc

_VPC = "2016-04-28"
_ROOT = Path(__file__).parents[2]
_PAGE = _ROOT / "docs" / "sandbox.md"


@contextmanager
def _started(*arguments: str):
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(_ROOT / "sandbox")}
    command = [sys.executable, "-m", "dashlink_sandbox", *arguments]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        try:
            line = process.stdout.readline()
            assert line, process.stderr.read()
            yield process, json.loads(line)
        finally:
            process.kill()


def _rpc(ready: dict) -> Rpc:
    return Rpc.from_env(ready["url"], ready["env"])


def _documented_names() -> list[str]:
    """The names in the ready line that the page of the sandbox shows."""
    (line,) = re.findall(r'^ +({"url": .*)$', _PAGE.read_text(), re.MULTILINE)
    return re.findall(r'"(\w+)": ', line)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_it_prints_its_ready_line_and_stops_cleanly(tmp_path, number):
    with _started("--state", str(tmp_path / "state.json")) as (process, ready):
        assert list(ready) == _documented_names()
        assert (ready["pid"], ready["ca_file"]) == (process.pid, ready["env"]["SSL_CERT_FILE"])
        host = ready["url"].removeprefix("http://")
        products = (
            "VPC",
            "ECS",
            "PRIVATELINK",
            "PVTZ",
            "BSSOPENAPI",
            "RESOURCEMANAGER",
            "STS",
            "LOCATION",
        )
        assert {ready["env"][f"ALIBABA_CLOUD_ENDPOINT_{product}"] for product in products} == {host}
        process.send_signal(number)
        rest, errors = process.communicate(timeout=30)
    assert (process.returncode, rest, errors) == (0, "", "")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=["SIGTERM", "SIGKILL"])
def test_a_restarted_sandbox_is_the_same_cloud_and_authority(tmp_path, number):
    state = ("--state", str(tmp_path / "state.json"))
    with _started(*state) as (process, ready):
        vpc_id = _rpc(ready)(_VPC, "CreateVpc", RegionId="cn-beijing")["VpcId"]
        authority = Path(ready["ca_file"]).read_text()
        process.send_signal(number)
        process.wait(timeout=30)
    port = ready["url"].rpartition(":")[2]
    with _started(*state, "--port", port) as (_, again):
        assert (again["url"], Path(again["ca_file"]).read_text()) == (ready["url"], authority)
        vpcs = _rpc(again)(_VPC, "DescribeVpcs", RegionId="cn-beijing")["Vpcs"]["Vpc"]
        assert [vpc["VpcId"] for vpc in vpcs] == [vpc_id]


def _ended(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "dashlink_sandbox", *arguments]
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(_ROOT / "sandbox")}
    return subprocess.run(
        command, capture_output=True, text=True, timeout=60, env=environment, check=False
    )


def test_a_port_in_use_is_an_error_of_one_line():
    with socket.create_server(("127.0.0.1", 0)) as used:
        ended = _ended("--port", str(used.getsockname()[1]))
    assert ended.returncode == 3
    assert ended.stderr.startswith("dashlink sandbox: cannot start: ")
    assert len(ended.stderr.splitlines()) == 1


@pytest.mark.parametrize("text", ["", '{"vpcs": {', "[]"], ids=["empty", "truncated", "other"])
def test_a_damaged_state_is_an_error_of_one_line(tmp_path, text):
    file = tmp_path / "state.json"
    file.write_text(text)
    ended = _ended("--state", str(file))
    assert ended.returncode == 4
    assert len(ended.stderr.splitlines()) == 1
    assert f"cannot start: {file}: not the state of a sandbox" in ended.stderr
    assert ended.stderr.endswith("Remove it: the sandbox starts empty.\n")


@pytest.mark.parametrize("text", ["", "-----BEGIN"], ids=["empty", "truncated"])
def test_a_damaged_authority_is_replaced(tmp_path, text):
    (tmp_path / "ca-with-key.pem").write_text(text)
    with _started("--state", str(tmp_path / "state.json")) as (_, ready):
        assert _rpc(ready)(_VPC, "DescribeVpcs", RegionId="cn-beijing")["TotalCount"] == 0
        assert "BEGIN CERTIFICATE" in Path(ready["ca_file"]).read_text()


def test_only_its_user_reads_the_state(tmp_path):
    with _started("--state", str(tmp_path / "state.json")):
        assert (tmp_path / "state.json").stat().st_mode & 0o777 == 0o600
