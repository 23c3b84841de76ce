"""Every line that docs/troubleshooting.md quotes is one that the source can print."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "troubleshooting.md").read_text()
OF_OTHERS = re.compile(r"\(of (?:Pulumi|the alicloud provider|the client|the cloud)\)")
SHORTEST = 10  # characters


@cache
def source() -> str:
    """The words of all texts of dashlink and of its set-up; what is filled in is a NUL."""
    found = []
    for folder in ("components/dashlink", "engine"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                found.append(text_of(node))
    return plain(re.sub(r"\{[^{}]*\}", "\0", "\0".join(found)))


def plain(text: str) -> str:
    """A text without punctuation, with single spaces."""
    return " ".join(re.sub(r"[^\w'\0-]+", " ", text.replace("\0", " \0 ")).split())


def text_of(node: ast.AST) -> str:
    """The text of a literal or of an f-string, else nothing."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if not isinstance(node, ast.JoinedStr):
        return ""
    text = ""
    for value in node.values:
        text += value.value if isinstance(value, ast.Constant) else "\0"
    return text


def quoted() -> list[str]:
    """The quoted lines in the first column of the tables of messages."""
    found = []
    for line in PAGE.splitlines():
        cells = line.removeprefix("| ").split(" | ")
        is_row = line.startswith("| ") and len(cells) == 3
        if is_row and not OF_OTHERS.search(cells[0]) and " " in cells[0]:
            found += re.findall(r"`([^`]+)`", cells[0])
    return found


def words_of(line: str) -> list[str]:
    """The words of a line that no value fills in."""
    kept = [word for word in line.split() if not re.search(r"…|\d|\w\.\w", word)]
    return plain(" ".join(kept)).split()


def longest_run(line: str) -> list[str]:
    """The longest run of words of a line that stands in the source."""
    words = words_of(line)
    for length in range(len(words), 0, -1):
        for start in range(len(words) - length + 1):
            run = words[start : start + length]
            if " ".join(run) in source():
                return run
    return []


@pytest.mark.parametrize("line", quoted(), ids=str)
def test_a_quoted_line_is_in_the_source(line):
    run = longest_run(line)
    words = words_of(line)
    assert 2 * len(run) >= len(words), run
    assert len(" ".join(run)) >= min(SHORTEST, len(" ".join(words))), run


def test_a_line_of_no_source_is_found():
    line = "the moon is full of cheese today"
    assert 2 * len(longest_run(line)) < len(words_of(line))


def test_lines_of_up_of_clients_and_of_check_are_quoted():
    lines = quoted()
    assert "not connected after …" in lines
    assert "the name … does not resolve here" in lines
    assert "stack …: nothing to check" in lines
