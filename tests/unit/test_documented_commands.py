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
    pages,
    words_of,
)
from typer.main import get_command

from dashlink.cli import app
from engine.__main__ import _parser
from engine.next_commands import next_commands

TARGET = re.compile(r"^([a-z]+):", re.MULTILINE)
MENTION = re.compile(r"(?<!`)`((?:dashlink|make) [a-z-][^`]*)`(?!`)")
PASSED_ON = ("up", "preview", "refresh", "down")  # options of Pulumi too
PULUMI = ("cancel", "config", "import", "preview", "refresh", "stack")


def documented() -> list[tuple[str, str]]:
    """Page and line of every command that a page shows in a block, and in pipes of them."""
    found = []
    for block in blocks_of("commands"):
        for line in command_lines(block):
            for part in re.split(r" (?:\||&&) ", line):
                found.append((block.page, part))
    return found


def mentioned() -> list[tuple[str, str]]:
    """Page and text of every command of the project that a sentence names."""
    found = set()
    for page in pages():
        for text in MENTION.findall(page.read_text()):
            found.add((page.relative_to(ROOT).as_posix(), text))
    return sorted(found)


def check_mention(text: str) -> None:
    """Fail unless the target of make exists, or the command and options of dashlink."""
    program, *words = text.partition(" | ")[0].split()
    if program == "make":
        assert words[0] in TARGET.findall((ROOT / "Makefile").read_text())
        return
    command = get_command(app)
    while words and hasattr(command, "commands") and not words[0].startswith("-"):
        command = command.commands[words.pop(0)]
    options = {"--help", "-h", "--version", "--install-completion", "--show-completion"}
    for parameter in command.params:
        options |= {*parameter.opts, *parameter.secondary_opts}
    used = {word.partition("=")[0] for word in words if word.startswith("-") and word != "-"}
    if command.name not in PASSED_ON:
        assert used <= options


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


@pytest.mark.parametrize(("page", "text"), mentioned(), ids=lambda value: value[:60])
def test_a_command_in_a_sentence_exists(page, text):
    check_mention(text)


@pytest.mark.parametrize("text", ["dashlink check --clint", "dashlink rout", "make al"], ids=str)
def test_a_wrong_command_in_a_sentence_is_found(text):
    with pytest.raises((AssertionError, KeyError)):
        check_mention(text)


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
