"""`make up` in a checkout, as a newcomer types it: stack, client files, a model's answer; and all of it taken away."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from support.stacks import LONGEST_RUN, ROOT, plain_environment

import engine.sandbox

ANSWER = "qwen-plus heard: Say in one sentence how this request reached you."


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of this checkout under git, with the environment that runs the tests."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    files = subprocess.check_output(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT
    )
    packed = subprocess.run(
        ["tar", "cf", "-", "--null", "-T", "-"],
        cwd=ROOT,
        input=files,
        capture_output=True,
        check=False,
    )
    subprocess.run(["tar", "xf", "-"], cwd=folder, input=packed.stdout, check=True)
    (folder / ".venv").symlink_to(sys.prefix)
    with (folder / ".gitignore").open("a") as ignored:
        ignored.write(".venv\n")  # a link, not a folder
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(
        folder,
        "-c",
        "user.name=a",
        "-c",
        "user.email=a@b.c",
        "commit",
        "--quiet",
        "--message",
        "as it was",
    )
    return folder


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(
        ["git", *words],
        cwd=folder,
        env=plain_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def run(folder: Path, command: str) -> str:
    """What `make COMMAND` says, without making the environment again."""
    done = subprocess.run(
        [folder / ".venv" / "bin" / "python", "-m", "engine", command],
        cwd=folder,
        env=plain_environment(DASHLINK_ENGINE_RELEASE="off"),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=LONGEST_RUN,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.mark.engine
def test_up_twice_asks_a_model_changes_nothing_keeps_the_checkout_clean_and_down_leaves_nothing(
    checkout: Path,
) -> None:
    folder = checkout / ".sandbox"
    try:
        first = run(checkout, "up")
        assert "dialled as vpc-cn-beijing.dashscope.aliyuncs.com" in first
        assert first.rstrip().endswith(ANSWER)
        process = engine.sandbox.find(folder)
        second = run(checkout, "up")
        assert second.rstrip().endswith(ANSWER)
        assert "unchanged" in second.partition("Resources:")[2]
        assert not {"created", "updated", "deleted", "replaced"} & set(second.split())
        assert engine.sandbox.find(folder) == process, "the second run finds the cloud of the first"
        assert git(checkout, "status", "--short") == ""
        assert run(checkout, "down").rstrip().endswith("Sandbox: ended; its files are removed")
        assert engine.sandbox.find(folder) is None
        assert {path.suffix for path in folder.iterdir()} == {".lock"}
    finally:
        engine.sandbox.stop(folder)
