"""Commands of README and docs/ exist as printed; Chinese pages have the blocks of the English."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.doc_blocks import (
    PROGRAMS,
    ROOT,
    TRANSLATIONS,
    blocks,
    blocks_of,
    command_lines,
    words_of,
)
from typer.main import get_command

from dashlink.cli import app
from engine.__main__ import _parser
from engine.next_commands import next_commands

TARGET = re.compile(r"^([a-z]+):", re.MULTILINE)
PULUMI = ("cancel", "config", "import", "preview", "refresh", "stack")


def documented() -> list[tuple[str, str]]:
    """Page and line of every command that a page shows in a block, and in pipes of them."""
    found = []
    for block in blocks_of("commands"):
        for line in command_lines(block):
            for part in re.split(r" (?:\||&&) ", line):
                found.append((block.page, part))
    return found


def parse_dashlink(words: list[str]) -> None:
    """Parse the arguments of `dashlink` as the program does; nothing is run."""
    command = get_command(app)
    while hasattr(command, "commands") and not words[0].startswith("-"):
        name, *words = words
        command = command.commands[name]
    command.make_context("dashlink", words)


def check(words: list[str]) -> None:
    """Fail unless the command exists, with these arguments.

    Options of `pulumi` are checked by tests/engine/test_documented_pulumi.py.
    """
    program = words[0].removeprefix(".venv/bin/")
    assert program in (*PROGRAMS, "dot")
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
    elif program == "pulumi":
        assert words[1] in PULUMI
    elif program == "python":
        assert (ROOT / words[1]).is_file()


@pytest.mark.parametrize(("page", "line"), documented(), ids=lambda value: value[:60])
def test_a_documented_command_exists(page, line):
    check(words_of(line))


def test_the_tutorial_and_the_readme_show_commands():
    assert {"README.md", "docs/tutorial.md"} <= {page for page, _ in documented()}


@pytest.mark.parametrize("chat_api", ["chat", None], ids=["sandbox", "real cloud"])
def test_the_commands_that_up_prints_exist(chat_api):
    file = Path("clients/prod/outputs.json")
    commands = next_commands({"stack": "prod"}, file, chat_api=chat_api)
    for _, command in commands:
        check(words_of(command))
    assert any("--stack prod" in command for _, command in commands) == (chat_api is None)


def test_a_command_that_does_not_exist_is_found():
    for line in ("dashlink rout dev", "dashlink route dev --apy chat", "make upp"):
        with pytest.raises(Exception, match=r"rout|apy|upp"):
            check(words_of(line))


@pytest.mark.parametrize("page", TRANSLATIONS, ids=str)
def test_a_chinese_page_has_the_english_ones_blocks(page):
    chinese, english = blocks(ROOT / page), blocks(ROOT / TRANSLATIONS[page])
    assert [block.text for block in chinese] == [block.text for block in english]


@pytest.mark.parametrize("page", TRANSLATIONS, ids=str)
def test_a_chinese_page_has_the_english_ones_structure(page):
    shapes = []
    for path in (ROOT / page, ROOT / TRANSLATIONS[page]):
        text = path.read_text()
        levels = [len(marks) for marks in re.findall(r"^(#+) ", text, re.MULTILINE)]
        shapes.append((levels, len(re.findall(r"^\|", text, re.MULTILINE))))
    assert shapes[0] == shapes[1]


@pytest.mark.parametrize("page", TRANSLATIONS, ids=str)
def test_a_page_and_its_translation_link_each_other(page):
    chinese = ROOT / page
    english = ROOT / TRANSLATIONS[page]
    assert f"]({chinese.name})" in english.read_text()
    assert f"]({english.name})" in chinese.read_text()
