"""docs/source-documents.md: a row for each statement of the documents, true to files and tests."""

from __future__ import annotations

import ast
import re
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import pytest

from dashlink.json_schema import stack_schema

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "source-documents.md"
STATES = {"built", "adopted", "refused", "not applicable"}
# Statements by document; a number is never given to another statement.
COUNTS = {"G": 61, "S": 42, "E": 40, "M": 63}
ROW = re.compile(r"^\| ([GSEM])(\d+) \| (.+) \| (.+) \| (.+) \| (.+) \|$")
CODE = re.compile(r"`([^`]+)`")
FILE = re.compile(r"[\w./-]+/[\w.-]+\.(?:py|md|j2|toml|yaml)|[\w-]+/$")
SETTINGS_CASES = "settings/"
SETTING = re.compile(r"`([a-z_]+(?:\.<name>)?(?:\.[a-z_]+)+)(?:: [^`]*)?`")


class Row(NamedTuple):
    """A row: letter of the document, number, and the four texts."""

    document: str
    number: int
    statement: str
    state: str
    where: str
    shown_by: str

    @property
    def name(self) -> str:
        return f"{self.document}{self.number}"


def rows() -> list[Row]:
    found = []
    for line in PAGE.read_text().splitlines():
        match = ROW.match(line)
        if match:
            document, number, *texts = match.groups()
            found.append(Row(document, int(number), *texts))
    return found


ROWS = rows()
each_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)


@cache
def classes_and_functions(path: Path) -> dict[str, ast.ClassDef | ast.FunctionDef]:
    nodes = {}
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            nodes[node.name] = node
    return nodes


def has_test(path: Path, names: list[str]) -> bool:
    """Whether a file has a test, by its name or those of class and test; also an inherited one."""
    node = classes_and_functions(path).get(names[0])
    if len(names) == 1:
        return isinstance(node, ast.FunctionDef)
    return isinstance(node, ast.ClassDef) and has_method(path, node, names[1])


def has_method(path: Path, node: ast.ClassDef, name: str) -> bool:
    if any(isinstance(item, ast.FunctionDef) and item.name == name for item in node.body):
        return True
    for base in node.bases:
        if isinstance(base, ast.Name):
            for file in (path, *(ROOT / "tests" / "support").glob("*.py")):
                parent = classes_and_functions(file).get(base.id)
                if isinstance(parent, ast.ClassDef) and has_method(file, parent, name):
                    return True
    return False


def test_every_statement_has_a_row():
    assert {key: len(list(group)) for key, group in groupby(ROWS, lambda row: row.document)} == (
        COUNTS
    )


def test_the_numbers_of_a_document_are_in_order():
    for document, count in COUNTS.items():
        numbers = [row.number for row in ROWS if row.document == document]
        assert numbers == list(range(1, count + 1))


def test_every_line_of_a_table_is_a_row():
    lines = PAGE.read_text().splitlines()
    written = [line for line in lines if line.startswith("| ") and "no. | the document" not in line]
    assert len(written) == len(ROWS)


def test_no_statement_is_made_twice_in_a_document():
    statements = [(row.document, row.statement) for row in ROWS]
    assert len(set(statements)) == len(statements)


@each_row
def test_a_row_has_a_state(row):
    assert row.state in STATES
    assert len(row.where) > 3, "neither a place nor a reason"


@each_row
def test_a_row_has_a_test_or_says_why_not(row):
    if row.shown_by == "—":
        assert row.state == "not applicable"
        assert len(row.where) > 20, "no reason"
    else:
        assert CODE.search(row.shown_by)


@each_row
def test_the_files_of_a_row_exist(row):
    for text in CODE.findall(row.where):
        if FILE.fullmatch(text):
            assert (ROOT / text).exists() or (ROOT / "components" / "dashlink" / text).exists(), (
                text
            )


@each_row
def test_the_tests_of_a_row_exist(row):
    for text in CODE.findall(row.shown_by):
        file, _, names = text.partition("::")
        path = ROOT / "tests" / file
        assert path.is_file(), text
        if not file.startswith(SETTINGS_CASES):
            assert has_test(path, names.split("::")), text


@each_row
def test_what_is_built_names_a_file_or_a_setting(row):
    if row.state == "built":
        assert CODE.search(row.where)


def test_the_settings_of_a_row_exist():
    known = set(stack_schema()["properties"]["config"]["properties"])
    for model in stack_schema()["definitions"].values():
        known |= set(model.get("properties", ()))
    for row in ROWS:
        for text in SETTING.findall(row.where):
            section, *keys = re.findall(r"[a-z_]+", text.replace("<name>", ""))
            if f"dashlink:{section}" in known:
                assert set(keys) <= known, f"{row.name}: {text}"


def test_no_rewritten_host_is_anywhere():
    """The copy of Huawei's page has hosts of a crawler's in its examples."""
    found = []
    for folder in ("components", "sandbox", "docs", "stacks", "examples", "schemas"):
        for path in (ROOT / folder).rglob("*.*"):
            if path.suffix not in (".pyc", "") and path.is_file() and "oszar" in path.read_text():
                found.append(str(path))
    assert found == []
