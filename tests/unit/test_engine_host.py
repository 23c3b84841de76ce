"""The language host, used as the engine uses it: started, called over gRPC, ended."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto import language_pb2, language_pb2_grpc

from engine.host import server
from engine.process import wait_until

HOST = Path(server.__file__).parent
SECONDS = 20


def folder_of_the_host(tmp_path: Path, executor: str) -> Path:
    """Copy the host as the cache has it, with ``executor`` in place of Pulumi's."""
    folder = tmp_path / "engine"
    folder.mkdir()
    for name in ("pulumi-language-python", "server.py"):
        (folder / name).write_text((HOST / name).read_text())
    (folder / "pulumi-language-python").chmod(0o755)
    (folder / "pulumi-language-python-exec").write_text(executor)
    return folder


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[str], tuple[subprocess.Popen[str], Any]]]:
    """Start the host with an executor; returns its process and a client of it."""
    started: list[subprocess.Popen[str]] = []

    def begin(executor: str) -> tuple[subprocess.Popen[str], Any]:
        process = subprocess.Popen(
            [folder_of_the_host(tmp_path, executor) / "pulumi-language-python", "127.0.0.1:9"],
            env={"PATH": os.pathsep.join([str(Path(sys.executable).parent), os.defpath])},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        assert process.stdout is not None
        channel = grpc.insecure_channel(f"127.0.0.1:{int(process.stdout.readline())}")
        return process, language_pb2_grpc.LanguageRuntimeStub(channel)

    yield begin
    for process in started:
        process.kill()
        process.communicate(timeout=SECONDS)


def request(**more: Any) -> language_pb2.RunRequest:
    info = language_pb2.ProgramInfo(
        root_directory="/project", program_directory="/project/stacks", entry_point="."
    )
    fields: dict[str, Any] = {
        "project": "p",
        "stack": "s",
        "monitor_address": "127.0.0.1:8",
        "parallel": 4,
        "info": info,
    }
    return language_pb2.RunRequest(**{**fields, **more})


def test_a_program_has_its_settings_stack_and_engine_address(
    tmp_path: Path, start: Callable[[str], tuple[subprocess.Popen[str], Any]]
) -> None:
    seen = tmp_path / "seen.json"
    executor = f"""
import json, os, pathlib, sys
keys = ("PULUMI_CONFIG", "PULUMI_CONFIG_SECRET_KEYS")
settings = [json.loads(os.environ[key]) for key in keys]
pathlib.Path({str(seen)!r}).write_text(json.dumps([sys.argv[1:], settings]))
"""
    _, host = start(executor)
    config = {
        "config": {"dashlink:network": "{}", "x:key": "k"},
        "configSecretKeys": ["x:key"],
        "dryRun": True,
    }
    done = host.Run(request(**config, pwd="/project/stacks", organization="o"), timeout=SECONDS)
    assert (done.error, done.bail) == ("", False)
    arguments, settings = json.loads(seen.read_text())
    options = dict(zip(arguments[:-1:2], arguments[1:-1:2], strict=True))
    assert arguments[-1] == "."
    assert options == {
        "--monitor": "127.0.0.1:8",
        "--engine": "127.0.0.1:9",
        "--project": "p",
        "--root_directory": "/project",
        "--stack": "s",
        "--pwd": "/project/stacks",
        "--dry_run": "true",
        "--parallel": "4",
        "--organization": "o",
    }
    assert settings == [{"dashlink:network": "{}", "x:key": "k"}, ["x:key"]]
    assert "{}" not in " ".join(arguments), "settings, which may be secret, are never arguments"


@pytest.mark.parametrize(
    ("code", "error", "bail"),
    [
        (0, "", False),
        (1, "Program exited with non-zero exit code: 1", False),
        (32, "", True),
    ],
    ids=["success", "failure", "already reported"],
)
def test_the_engine_gets_the_programs_exit_code(
    start: Callable[[str], tuple[subprocess.Popen[str], Any]], code: int, error: str, bail: bool
) -> None:
    _, host = start(f"raise SystemExit({code})")
    done = host.Run(request(), timeout=SECONDS)
    assert (done.error, done.bail) == (error, bail)


def test_a_killed_program_is_an_error_that_names_the_signal(
    start: Callable[[str], tuple[subprocess.Popen[str], Any]],
) -> None:
    _, host = start("import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    assert host.Run(request(), timeout=SECONDS).error == "Program was ended by SIGKILL"


def alive(pid: int) -> bool:
    """Whether the process runs; a zombie does not."""
    stat = Path(f"/proc/{pid}/stat")
    if stat.parent.parent.is_dir() and Path("/proc/self").exists():
        return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


LONG_PROGRAM = """
import os, pathlib, threading
pathlib.Path({pid!r}).write_text(str(os.getpid()))
threading.Event().wait(600)
"""


@pytest.mark.parametrize("how", ["SIGINT", "SIGTERM", "Cancel"], ids=str)
def test_the_host_ends_without_output_and_with_the_program(
    tmp_path: Path, start: Callable[[str], tuple[subprocess.Popen[str], Any]], how: str
) -> None:
    pid_file = tmp_path / "pid"
    process, host = start(LONG_PROGRAM.format(pid=str(pid_file)))
    running = host.Run.future(request())
    assert wait_until(lambda: pid_file.exists() and pid_file.read_text() != "", seconds=SECONDS)
    if how == "Cancel":
        host.Cancel(server.empty_pb2.Empty(), timeout=SECONDS)
    else:
        process.send_signal(getattr(signal, how))
    out, err = process.communicate(timeout=SECONDS)
    assert (process.returncode, out, err) == (0, "", "")
    assert running.done()
    assert not alive(int(pid_file.read_text()))


def test_host_and_program_end_when_the_engine_was_killed(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    host = (
        folder_of_the_host(tmp_path, LONG_PROGRAM.format(pid=str(pid_file)))
        / "pulumi-language-python"
    )
    stand_in = f"""
import subprocess, sys, threading
host = subprocess.Popen([{str(host)!r}, "127.0.0.1:9"], stdout=subprocess.PIPE)
print(host.pid, int(host.stdout.readline()), flush=True)
threading.Event().wait(600)
"""
    environment = {"PATH": os.pathsep.join([str(Path(sys.executable).parent), os.defpath])}
    engine = subprocess.Popen(
        [sys.executable, "-c", stand_in], env=environment, stdout=subprocess.PIPE, text=True
    )
    try:
        assert engine.stdout is not None
        pid, port = map(int, engine.stdout.readline().split())
        client = language_pb2_grpc.LanguageRuntimeStub(grpc.insecure_channel(f"127.0.0.1:{port}"))
        running = client.Run.future(request())
        assert wait_until(lambda: pid_file.exists() and pid_file.read_text() != "", seconds=SECONDS)
    finally:
        engine.kill()
        engine.communicate(timeout=SECONDS)
    assert wait_until(
        lambda: not alive(pid) and not alive(int(pid_file.read_text())), seconds=SECONDS
    )
    assert wait_until(running.done, seconds=SECONDS)


def info(root: Path, **options: str) -> language_pb2.ProgramInfo:
    struct = Struct()
    struct.update(options)
    return language_pb2.ProgramInfo(root_directory=str(root), options=struct)


def test_the_programs_python_is_the_one_of_pulumi_yaml(tmp_path: Path) -> None:
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.touch()
    assert server.python_of(info(tmp_path, virtualenv=".venv")) == python
    assert server.python_of(info(tmp_path, virtualenv=str(tmp_path / ".venv"))) == python
    assert server.python_of(info(tmp_path)) == Path(sys.executable)


def test_a_missing_virtual_environment_is_an_error_with_its_name(
    tmp_path: Path, start: Callable[[str], tuple[subprocess.Popen[str], Any]]
) -> None:
    _, host = start("")
    missing = info(tmp_path, virtualenv=".venv")
    problem = "Pulumi.yaml: runtime.options.virtualenv: no virtual environment (got .venv)."
    expected = f"{problem} Create it with `make up`"
    assert expected in host.Run(request(info=missing), timeout=SECONDS).error
    with pytest.raises(grpc.RpcError) as refused:
        host.GetRequiredPackages(
            language_pb2.GetRequiredPackagesRequest(info=missing), timeout=SECONDS
        )
    assert expected in refused.value.details()


def test_the_plugins_of_installed_packages_are_required(tmp_path: Path) -> None:
    packages = tmp_path / "lib" / "python3.11" / "site-packages"
    documents = {
        "pulumi_alicloud": {"resource": True, "name": "alicloud", "version": "4.0.0"},
        "pulumi_policy": {"resource": False, "name": "policy"},
        "pulumi_random": {"resource": True, "version": "1.2.3", "server": "https://example.com"},
    }
    for name, document in documents.items():
        (packages / name).mkdir(parents=True)
        (packages / name / "pulumi-plugin.json").write_text(json.dumps(document))
    required = server.required_plugins(tmp_path / "bin" / "python")
    assert [(plugin.kind, plugin.name, plugin.version, plugin.server) for plugin in required] == [
        ("resource", "alicloud", "4.0.0", ""),
        ("resource", "random", "1.2.3", "https://example.com"),
    ]
