"""The command line: what it prints, what it writes, its exit codes; each run is a process, as its users have it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OUTPUTS = ROOT / "tests" / "golden" / "public" / "outputs.json"
DASHLINK = str(Path(sys.executable).with_name("dashlink"))


def dashlink(*words, cwd, said="", path=None, **env):
    environment = {
        "PATH": path or os.environ["PATH"],
        "HOME": str(cwd),
        "NO_COLOR": "1",
        "COLUMNS": "160",
        **env,
    }
    return subprocess.run(
        [DASHLINK, *words],
        cwd=cwd,
        input=said,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_render_writes_what_the_stack_asks_for_and_a_second_time_nothing(tmp_path):
    first = dashlink("render", "--outputs", str(OUTPUTS), "--out", "clients", cwd=tmp_path)
    assert first.returncode == 0, first.stderr
    assert first.stdout.count("written") == 5
    before = {
        path: path.stat().st_mtime_ns
        for path in (tmp_path / "clients").rglob("*")
        if path.is_file()
    }
    second = dashlink("render", "-", "--out", "clients", cwd=tmp_path, said=OUTPUTS.read_text())
    assert second.stdout.count("unchanged") == 5
    after = {
        path: path.stat().st_mtime_ns
        for path in (tmp_path / "clients").rglob("*")
        if path.is_file()
    }
    assert after == before


def test_render_reads_a_stack_by_pulumi_without_its_secrets(tmp_path):
    called = tmp_path / "called"
    pulumi = tmp_path / "bin" / "pulumi"
    pulumi.parent.mkdir()
    pulumi.write_text(f'#!/bin/sh\necho "$@" > {called}\ncat {OUTPUTS}\n')
    pulumi.chmod(0o755)
    done = dashlink(
        "render",
        "dev",
        "--format",
        "dotenv",
        cwd=tmp_path,
        path=f"{pulumi.parent}:{os.environ['PATH']}",
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "clients" / "dashscope" / ".env").is_file()
    assert called.read_text().split() == [
        "stack",
        "output",
        "--json",
        "--stack",
        "dev",
        "--non-interactive",
    ]


def test_render_leaves_a_file_that_is_not_its_own(tmp_path):
    mine = tmp_path / "clients" / "dashscope" / ".env"
    mine.parent.mkdir(parents=True)
    mine.write_text("MINE=1\n")
    refused = dashlink("render", "--outputs", str(OUTPUTS), cwd=tmp_path)
    assert refused.returncode == 1
    assert (
        refused.stderr
        == "--out: not written by dashlink (got clients/dashscope/.env). Choose another folder, or --force.\n"
    )
    assert mine.read_text() == "MINE=1\n"
    assert sorted(mine.parent.iterdir()) == [mine]
    assert dashlink("render", "--outputs", str(OUTPUTS), "--force", cwd=tmp_path).returncode == 0
    assert "OPENAI_BASE_URL" in mine.read_text()


@pytest.mark.parametrize(
    ("words", "said", "code", "line"),
    [
        (["render", "-"], "{}", 1, "outputs: empty. The stack has no outputs yet: `up` first."),
        (["render", "-"], "not json", 1, "outputs: not JSON"),
        (["render", "-"], '{"a": 1}', 1, "outputs: no `version` in it, so not a dashlink stack's."),
        (
            ["render", "-"],
            '{"version": 9}',
            1,
            "outputs.version: another version than this dashlink knows (got 9).",
        ),
        (["render", "-"], '{"version": 1}', 1, "outputs.vpc_id: field required."),
        (
            ["render", "--outputs", "nowhere.json"],
            "",
            1,
            "--outputs: cannot be read (got nowhere.json)",
        ),
        (["render"], "", 2, "name one of: a stack, --outputs FILE, or - for standard input"),
        (["check", "-"], "{}", 2, "say --from-inside"),
        (["rendr"], "", 2, "No such command 'rendr'"),
    ],
)
def test_a_mistake_is_one_line_and_never_a_traceback(tmp_path, words, said, code, line):
    done = dashlink(*words, cwd=tmp_path, said=said)
    assert done.returncode == code
    assert line in done.stderr
    assert "Traceback" not in done.stderr


def test_a_missing_pulumi_is_said(tmp_path):
    done = dashlink("render", "dev", cwd=tmp_path, path=str(tmp_path))
    assert (done.returncode, done.stderr) == (
        1,
        "pulumi: not on PATH. Install it, or give the outputs by --outputs FILE.\n",
    )


def test_the_plugin_is_put_where_pulumi_looks_and_taken_away(tmp_path):
    assert (
        dashlink("plugin", "install", cwd=tmp_path, PULUMI_HOME=str(tmp_path / "home")).returncode
        == 0
    )
    (script,) = (tmp_path / "home" / "plugins").glob(
        "resource-dashlink-v*/pulumi-resource-dashlink"
    )
    assert os.access(script, os.X_OK)
    assert f"exec {Path(sys.executable).parent}/python" in script.read_text()
    assert (
        dashlink("plugin", "install", cwd=tmp_path, PULUMI_HOME=str(tmp_path / "home")).returncode
        == 0
    )
    assert (
        dashlink("plugin", "remove", cwd=tmp_path, PULUMI_HOME=str(tmp_path / "home")).returncode
        == 0
    )
    assert not script.parent.exists()


@pytest.mark.parametrize("of", ["stack", "outputs"])
def test_the_schemas_can_be_printed(tmp_path, of):
    done = dashlink("schema", of, cwd=tmp_path)
    assert json.loads(done.stdout)["$schema"].startswith("http://json-schema.org/")


def test_render_and_check_start_without_pulumi_and_the_sdks():
    program = (
        "import sys, dashlink.cli; "
        "print([name for name in sys.modules if name.split('.')[0] in ('pulumi', 'pulumi_alicloud', 'grpc', 'Tea') "
        "or name.startswith('alibabacloud')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
