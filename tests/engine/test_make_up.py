"""`make up` in a fresh checkout: stack, client files, a model's answer; and `make down`."""

from __future__ import annotations

import re
import shlex

import pytest
from support.processes import run, run_ok

from dashlink.clients.outputs import parse_outputs
from engine import sandbox
from engine.process import clean_environment

pytestmark = pytest.mark.engine

ANSWER = "qwen-plus heard: Say in one sentence how this request reached you."


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
        assert f"\n{ANSWER}\n" in done.stdout

    def test_the_outputs_are_in_the_printed_file(self, checkout, first):
        (file,) = re.findall(r"^Outputs: (.*)$", first[0].stdout, re.MULTILINE)
        assert parse_outputs((checkout / file).read_text()).stack == "sandbox"

    def test_each_next_command_works_as_printed(self, checkout, first):
        _, _, text = first[0].stdout.partition("Next:\n")
        commands = [line.partition(": ")[2].strip() for line in text.splitlines()]
        assert commands.pop() == "make down"
        outputs = [run(shlex.split(command), folder=checkout) for command in commands]
        assert [done.returncode for done in outputs] == [0, 0, 0, 0], outputs
        check, render, chat, route = outputs
        assert " 0 failed" in check.stdout
        assert "to write" in render.stdout
        assert "\nqwen-plus heard: Hello\n" in chat.stdout
        assert route.stdout.startswith("chat: qwen-plus is answered by canary\n")

    def test_a_second_up_changes_nothing(self, second):
        assert f"\n{ANSWER}\n" in second.stdout
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
