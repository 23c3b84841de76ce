"""Commands of README and docs/ exist as printed; Chinese pages have the blocks of the English."""

from __future__ import annotations

import re
import shlex
import subprocess
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.cli import DASHLINK
from typer.main import get_command

from dashlink.cli import app
from engine.__main__ import _parser
from engine.next_commands import next_commands

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "README.zh.md", *sorted((ROOT / "docs").glob("*.md"))]
TRANSLATED = ("README.md", "docs/tutorial.md")
TARGET = re.compile(r"^([a-z]+):", re.MULTILINE)
START = re.compile(
    r"^(?:\$ )?(?:[A-Z_]+=\S+ )*(make|(?:\.venv/bin/)?dashlink|\S*python -m engine) "
)


def code_lines(page: Path) -> Iterator[str]:
    """The lines of a page's code blocks, without indentation."""
    for line in page.read_text().splitlines():
        if line.startswith("    "):
            yield line.strip()


def command_of(line: str) -> list[str]:
    """The words of a command, without prompt, variables, comment, pipe and redirection."""
    words = shlex.split(line.removeprefix("$ "), comments=True)
    while re.fullmatch(r"[A-Z_]+=.*", words[0]):
        del words[0]
    command = []
    for word in words:
        if word in {"|", ">", "<"}:
            break
        command.append(word)
    return command


def documented() -> list[tuple[str, str]]:
    """Page and line of every command of the project that a page shows in a block."""
    found = []
    for page in PAGES:
        for line in code_lines(page):
            if START.match(line):
                found.append((page.name, line))
    return found


def parse_dashlink(words: list[str]) -> None:
    """Parse the arguments of `dashlink` as the program does; nothing is run."""
    command = get_command(app)
    while hasattr(command, "commands") and not words[0].startswith("-"):
        name, *words = words
        command = command.commands[name]
    command.make_context("dashlink", words)


def check(words: list[str]) -> None:
    """Fail unless the command exists, with these arguments."""
    program = words[0].removeprefix(".venv/bin/")
    if program == "make":
        targets = TARGET.findall((ROOT / "Makefile").read_text())
        assert words[1] in targets
    elif program == "dashlink":
        parse_dashlink(words[1:])
    elif words[1:3] == ["-m", "engine"]:
        parsed = _parser().parse_args(words[3:])
        inner = list(getattr(parsed, "command", []))[1:]
        if inner:
            check(inner)
    elif program == "python":
        assert (ROOT / words[1]).is_file()


@pytest.mark.parametrize(("page", "line"), documented(), ids=lambda value: value[:60])
def test_a_documented_command_exists(page, line):
    check(command_of(line))


def test_the_tutorial_and_the_readme_show_commands():
    pages = {page for page, _ in documented()}
    assert {"README.md", "README.zh.md", "tutorial.md", "tutorial.zh.md"} <= pages


@pytest.mark.parametrize("chat_api", ["chat", None], ids=["sandbox", "real cloud"])
def test_the_commands_that_up_prints_exist(chat_api):
    file = Path("clients/prod/outputs.json")
    commands = next_commands({"stack": "prod"}, file, chat_api=chat_api)
    for _, command in commands:
        check(command_of(command))
    assert any("--stack prod" in command for _, command in commands) == (chat_api is None)


def test_a_command_that_does_not_exist_is_found():
    for line in ("dashlink rout dev", "dashlink route dev --apy chat", "make upp"):
        with pytest.raises(Exception, match=r"rout|apy|upp"):
            check(command_of(line))


@pytest.mark.parametrize("page", TRANSLATED, ids=str)
def test_a_chinese_page_has_the_english_ones_blocks(page):
    chinese = ROOT / page.replace(".md", ".zh.md")
    assert list(code_lines(chinese)) == list(code_lines(ROOT / page))


@pytest.mark.parametrize("page", TRANSLATED, ids=str)
def test_a_chinese_page_has_the_english_ones_structure(page):
    shapes = []
    for path in (ROOT / page, ROOT / page.replace(".md", ".zh.md")):
        text = path.read_text()
        levels = [len(marks) for marks in re.findall(r"^(#+) ", text, re.MULTILINE)]
        shapes.append((levels, len(re.findall(r"^\|", text, re.MULTILINE))))
    assert shapes[0] == shapes[1]


@pytest.mark.parametrize("page", TRANSLATED, ids=str)
def test_a_page_and_its_translation_link_each_other(page):
    english = ROOT / page
    chinese = english.with_suffix(".zh.md")
    assert f"]({chinese.name})" in english.read_text()
    assert f"]({english.name})" in chinese.read_text()


def test_the_tutorials_route_prints_what_it_shows():
    text = (ROOT / "docs" / "tutorial.md").read_text()
    (line,) = [line for line in code_lines(ROOT / "docs" / "tutorial.md") if " route " in line]
    command = [DASHLINK, *command_of(line)[1:]]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout in textwrap.dedent(text.replace("\n    ", "\n"))
