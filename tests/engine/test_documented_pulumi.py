"""The documented commands of Pulumi have the subcommands and options that the engine has."""

from __future__ import annotations

import re

import pytest
from support.doc_blocks import blocks_of, command_lines, words_of
from support.processes import run_ok

from engine.process import clean_environment

pytestmark = pytest.mark.engine


def documented() -> dict[str, set[str]]:
    """The documented options of each command, by its words before the first option."""
    options: dict[str, set[str]] = {}
    for block in blocks_of("commands"):
        for line in command_lines(block):
            words = words_of(line[line.find("pulumi ") :]) if "pulumi " in line else []
            if words:
                used = {word.partition("=")[0] for word in words if word.startswith("--")}
                options.setdefault(subcommand(words), set()).update(used)
    return options


def subcommand(words: list[str]) -> str:
    """`config set` of `pulumi config set --secret dashlink:key`."""
    names = []
    for word in words[1:]:
        if not re.fullmatch(r"[a-z]+", word):
            break
        names.append(word)
    return " ".join(names)


def test_the_documented_options_of_pulumi_exist(engine):
    commands = documented()
    assert {"cancel", "import", "config set", "stack output"} <= set(commands)
    environment = engine.environment(clean_environment())
    for command, options in commands.items():
        words = [str(engine.pulumi), *command.split(), "--help"]
        printed = run_ok(words, environment=environment)
        assert f"pulumi {command}" in printed
        missing = {one for one in options if not re.search(rf"{one}\b", printed)}
        assert missing == set(), command
