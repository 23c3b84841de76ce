"""The sandbox's process, with a script in place of `python -m dashlink_sandbox`."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine import sandbox
from engine.console import EngineError

STAND_IN = f"""#!{sys.executable}
import json, os, socket, sys, threading
try:
    socket.create_server(("127.0.0.1", int(sys.argv[sys.argv.index("--port") + 1])))
except OSError:
    sys.exit(3)
with open(sys.argv[sys.argv.index("--state") + 1], "a") as state:
    state.write("started\\n")
line = {{"url": "http://127.0.0.1:" + sys.argv[sys.argv.index("--port") + 1]}}
line |= {{"proxy": "http://127.0.0.1:2", "ca_file": "/ca.pem", "api_key": "k"}}
line |= {{"pid": os.getpid(), "env": {{"HOME": os.environ.get("HOME", "")}}}}
line["a field of a later version"] = 1
print(json.dumps(line), flush=True)
threading.Event().wait(600)
"""


def program(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "python"
    path.write_text(text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / ".sandbox"
    yield folder
    sandbox.stop(folder)


@pytest.fixture(autouse=True)
def ports(monkeypatch: pytest.MonkeyPatch) -> None:
    """Use other ports than a developer's own sandbox."""
    for name in ("PORT", "PROXY_PORT"):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            monkeypatch.setattr(sandbox, name, probe.getsockname()[1])


def test_the_sandbox_is_started_once_and_found_until_it_ends(tmp_path: Path, folder: Path) -> None:
    python = program(tmp_path, STAND_IN)
    assert sandbox.find(folder) is None
    first = sandbox.start(folder, python, {"HOME": "/a"})
    assert first.url == f"http://127.0.0.1:{sandbox.PORT}"
    assert first.env == {"HOME": "/a"}, (
        "it has the environment of the argument, nothing of this process"
    )
    assert sandbox.start(folder, python, {}) == first
    assert sandbox.find(folder) == first
    assert (folder / "state.json").read_text() == "started\n"
    sandbox.stop(folder)
    assert sandbox.find(folder) is None
    sandbox.stop(folder)


def test_a_killed_sandbox_is_not_found_despite_its_file(tmp_path: Path, folder: Path) -> None:
    python = program(tmp_path, STAND_IN)
    first = sandbox.start(folder, python, {})
    os.kill(first.pid, signal.SIGKILL)
    os.waitpid(first.pid, 0)
    (folder / "process.json").write_text(json.dumps({**first.__dict__, "pid": os.getpid()}) + "\n")
    assert sandbox.find(folder) is None
    sandbox.stop(folder)
    assert sandbox.start(folder, python, {}).pid != first.pid, (
        "and this process was not ended in its place"
    )


def test_a_port_in_use_is_replaced_and_reported(
    tmp_path: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", sandbox.PORT))
        taken.listen()
        running = sandbox.start(folder, program(tmp_path, STAND_IN), {})
    assert running.url == "http://127.0.0.1:0"
    used = f"port {sandbox.PORT} or {sandbox.PROXY_PORT} is already in use; using others"
    assert used in capsys.readouterr().out


def test_a_sandbox_that_cannot_start_shows_the_end_of_its_log(tmp_path: Path, folder: Path) -> None:
    broken = program(tmp_path, "#!/bin/sh\necho 'cannot start: disk full' >&2\nexit 1\n")
    with pytest.raises(
        EngineError, match=r"(?s)the sandbox did not get ready.*cannot start: disk full"
    ):
        sandbox.start(folder, broken, {})
    assert sandbox.start(folder, program(tmp_path, STAND_IN), {}).pid


@pytest.mark.parametrize("text", ["{truncat\n", "[]\n", "{}\n"], ids=["truncated", "list", "empty"])
def test_a_sandbox_with_a_damaged_file_is_started_again(
    tmp_path: Path, folder: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    python = program(tmp_path, STAND_IN)
    first = sandbox.start(folder, python, {})
    (folder / "process.json").write_text(text)
    second = sandbox.start(folder, python, {})
    assert second.pid != first.pid
    assert "process.json is damaged; starting the sandbox again" in capsys.readouterr().out
    assert (folder / "process.lock").read_text() == str(second.pid)


def test_files_with_keys_are_the_users_alone(tmp_path: Path, folder: Path) -> None:
    sandbox.start(folder, program(tmp_path, STAND_IN), {})
    assert (folder / "process.json").stat().st_mode & 0o777 == 0o600
