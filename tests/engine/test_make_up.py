"""The way of a newcomer: every command of docs/tutorial.md, typed as printed in a fresh clone."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
from support.doc_blocks import ROOT, Block, blocks, blocks_of, command_lines, examples, shows
from support.processes import Run, run, run_ok

from dashlink.clients.outputs import parse_outputs
from engine import sandbox
from engine.process import clean_environment

pytestmark = pytest.mark.engine

TUTORIAL = blocks(ROOT / "docs" / "tutorial.md")
ANSWER = "qwen-plus heard: Say in one sentence how this request reached you."
INSIDE = ".venv/bin/python -m engine run --inside --"
# Of the commands of other pages, those that a deployed sandbox answers; `verify` has answers that
# the sandbox contradicts.
RUNS = re.compile(r"dashlink (?:render|check) |dashlink route \w+ --api")
FILES = {"outputs.json": ".sandbox/outputs.json", ".env": ".sandbox/clients/model-apis/chat/.env"}
# `make` installs no packages: PYTHON creates .venv, which the clone has from these tests.
VARIABLES = {"PYTHON": "true", "DASHLINK_ENGINE_RELEASE": "off"}


def of(heading: str) -> list[Block]:
    """The blocks below a heading of the tutorial: commands, then perhaps what they print."""
    found = [block for block in TUTORIAL if block.heading == heading]
    assert found, heading
    return found


def commands(heading: str) -> list[str]:
    return of(heading)[0].text.splitlines()


def documented() -> list[str]:
    """The commands of other pages that a deployed stack answers."""
    found = set()
    for block in blocks_of("commands"):
        for line in command_lines(block):
            if RUNS.search(line) and " sandbox" not in line:
                found.add(on_the_sandbox(line))
    return sorted(found)


def on_the_sandbox(line: str) -> str:
    """A command on the sandbox's stack and its files."""
    command = re.sub(r" (dev|prod|workspace)\b", " sandbox", line.partition(" #")[0].strip())
    for name, file in FILES.items():
        command = re.sub(rf"(?<= ){re.escape(name)}(?= |$)", file, command)
    return command.replace("dashlink ", ".venv/bin/dashlink ")


@pytest.fixture(scope="class")
def type_in(checkout: Path) -> Callable[[str], Run]:
    """Type a line in a shell of the clone, once; it must succeed."""
    typed: dict[tuple[str, ...], Run] = {}

    def call(line: str) -> Run:
        words = tuple(shlex.split(line))
        if words not in typed:
            environment = clean_environment() | VARIABLES
            typed[words] = run(["sh", "-c", line], folder=checkout, environment=environment)
        assert typed[words].returncode == 0, f"{line}: {typed[words]}"
        return typed[words]

    return call


@pytest.fixture(scope="class")
def deployed(checkout, type_in):
    """The first step, and the sandbox that it started."""
    (line,) = commands("1. Deploy")
    done = type_in(line)
    return done, sandbox.find(checkout / ".sandbox")


@pytest.fixture(scope="class")
def changed(checkout, deployed):
    """The step that changes a file, and its two commands."""
    file = checkout / "stacks" / "Pulumi.sandbox.yaml"
    text = file.read_text()
    assert text.count("qwen-turbo") == 1
    file.write_text(text.replace("qwen-turbo", "qwen-max"))
    environment = clean_environment() | VARIABLES
    outputs = []
    for line in commands("5. Change something"):
        outputs.append(run_ok(["sh", "-c", line], folder=checkout, environment=environment))
    return outputs


class TestTutorial:
    def test_up_deploys_and_gets_an_answer_of_a_model(self, deployed):
        done, _ = deployed
        assert "dialled as vpc-cn-beijing.dashscope.aliyuncs.com" in done.output
        assert f"\n{ANSWER}\n" in done.stdout
        assert shows(done.stdout, of("1. Deploy")[1].text)

    def test_the_outputs_are_in_the_printed_file(self, checkout, deployed):
        (file,) = re.findall(r"^Outputs: (.*)$", deployed[0].stdout, re.MULTILINE)
        assert parse_outputs((checkout / file).read_text()).stack == "sandbox"

    def test_up_leaves_the_checkout_clean(self, checkout, deployed):
        assert run_ok(["git", "status", "--short"], folder=checkout) == ""

    def test_diagram_and_route_print_what_is_shown(self, deployed, type_in):
        diagram, route = (type_in(line) for line in commands("2. See what was deployed"))
        assert "flowchart" in diagram.stdout
        assert shows(route.stdout, of("2. See what was deployed")[1].text)

    def test_both_chats_get_answers(self, deployed, type_in):
        program, debug = (type_in(line) for line in commands("3. Chat"))
        assert program.stdout == "qwen-plus heard: Which zones has Beijing?\n"
        assert debug.stdout.startswith("qwen-plus heard: Hello\n")

    def test_the_examples_of_debug_print_what_is_shown(self, deployed, type_in):
        lines = 0
        for block in blocks(ROOT / "docs" / "commands.md"):
            for line, printed in examples(block):
                if " debug sandbox " in line and "MODEL_API_KEY=" not in line:
                    done = type_in(line.replace("dashlink", f"{INSIDE} .venv/bin/dashlink", 1))
                    assert shows(done.stdout, printed), f"{line}: {done}"
                    lines += 1
        assert lines == 3

    def test_both_checks_pass(self, deployed, type_in):
        for line in commands("4. Check"):
            assert " 0 failed" in type_in(line).stdout

    def test_each_next_command_works_as_printed(self, deployed, type_in):
        _, _, text = deployed[0].stdout.partition("Next:\n")
        lines = [line.partition(": ")[2].strip() for line in text.splitlines()]
        assert lines.pop() == "make down"
        check, render, chat, route = (type_in(line) for line in lines)
        assert " 0 failed" in check.stdout
        assert "to write" in render.stdout
        assert "qwen-plus heard: Hello\n" in chat.stdout
        assert route.stdout.startswith("chat: qwen-plus is answered by canary\n")

    def test_commands_of_other_pages_run_on_this_stack(self, checkout, deployed, type_in):
        (template,) = [one for one in blocks_of("template") if one.first == "# app.yaml.j2"]
        (checkout / "app.yaml.j2").write_text(template.text)
        lines = documented()
        for line in lines:
            where = "--inside " if "--from-inside" in line else ""
            type_in(f".venv/bin/python -m engine run {where}-- sh -c {shlex.quote(line)}")
        (checkout / "app.yaml.j2").unlink()
        assert len(lines) > 8

    def test_the_change_updates_one_model_api_and_no_more(self, changed):
        preview, up = changed
        assert re.search(r"~ 1 to update", preview), preview
        assert re.search(r"~ 1 updated", up), up
        for word in ("create", "delete", "replace"):
            assert not re.search(rf"\d+ (to {word}|{word}d)", preview + up)
        assert re.search(r"dashlink:gateway:ModelApi +access-gateway-api-chat +update", preview)

    def test_the_change_uses_the_same_sandbox(self, checkout, deployed, changed):
        assert sandbox.find(checkout / ".sandbox") == deployed[1]

    def test_down_ends_the_sandbox_and_removes_its_files(self, checkout, changed, type_in):
        (line,) = commands("6. Clean up")
        assert type_in(line).stdout.rstrip().endswith("Sandbox: ended; its files are removed")
        folder = checkout / ".sandbox"
        assert sandbox.find(folder) is None
        assert {path.suffix for path in folder.iterdir()} == {".lock"}
