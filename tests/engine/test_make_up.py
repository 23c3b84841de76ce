"""`make up` in a fresh checkout: stack, client files, a model's answer; and `make down`."""

from __future__ import annotations

import sys

import pytest
from support.processes import run, run_ok

from engine import sandbox
from engine.process import clean_environment
from engine.resolve import ROOT

pytestmark = pytest.mark.engine

ANSWER = "qwen-plus heard: Say in one sentence how this request reached you."


@pytest.fixture(scope="class")
def checkout(tmp_path_factory):
    """A committed copy of this checkout, with the Python environment of the tests."""
    folder = tmp_path_factory.mktemp("make") / "checkout"
    folder.mkdir()
    files = run_ok(["git", "ls-files", "-co", "--exclude-standard", "-z"], folder=ROOT)
    archive = folder.with_suffix(".tar")
    # ls-files lists deleted files too, which tar reports and leaves out.
    run(["tar", "cf", str(archive), "--null", "-T", "-"], folder=ROOT, stdin=files)
    run_ok(["tar", "xf", str(archive)], folder=folder)
    (folder / ".venv").symlink_to(sys.prefix)
    with (folder / ".gitignore").open("a") as ignored:
        ignored.write(".venv\n")  # a link, not a folder
    author = ("-c", "user.name=a", "-c", "user.email=a@b.c")
    for arguments in (("init",), ("add", "--all"), (*author, "commit", "--message", "first")):
        run_ok(["git", *arguments], folder=folder)
    yield folder
    sandbox.stop(folder / ".sandbox")


def make(folder, command):
    """The output of `make COMMAND`, without its step `packages`."""
    python = str(folder / ".venv" / "bin" / "python")
    environment = {**clean_environment(), "DASHLINK_ENGINE_RELEASE": "off"}
    done = run([python, "-m", "engine", command], folder=folder, environment=environment)
    assert done.returncode == 0, done
    return done


@pytest.fixture(scope="class")
def first(checkout):
    """The first `make up`, and the sandbox that it started."""
    done = make(checkout, "up")
    return done, sandbox.find(checkout / ".sandbox")


@pytest.fixture(scope="class")
def second(checkout, first):
    return make(checkout, "up")


@pytest.fixture(scope="class")
def down(checkout, second):
    return make(checkout, "down")


class TestMakeUp:
    def test_up_deploys_and_gets_an_answer_of_a_model(self, first):
        done, _ = first
        assert "dialled as vpc-cn-beijing.dashscope.aliyuncs.com" in done.output
        assert done.stdout.rstrip().endswith(ANSWER)

    def test_a_second_up_changes_nothing(self, second):
        assert second.stdout.rstrip().endswith(ANSWER)
        assert "unchanged" in second.output.partition("Resources:")[2]
        assert not {"created", "updated", "deleted", "replaced"} & set(second.output.split())

    def test_a_second_up_uses_the_same_sandbox(self, checkout, first, second):
        _, process = first
        assert sandbox.find(checkout / ".sandbox") == process

    def test_up_leaves_the_checkout_clean(self, checkout, second):
        assert run_ok(["git", "status", "--short"], folder=checkout) == ""

    def test_down_ends_the_sandbox_and_removes_its_files(self, checkout, down):
        assert down.stdout.rstrip().endswith("Sandbox: ended; its files are removed")
        folder = checkout / ".sandbox"
        assert sandbox.find(folder) is None
        assert {path.suffix for path in folder.iterdir()} == {".lock"}
