"""docs/source-documents.md: a row for each statement of the documents, true to files and tests."""

from __future__ import annotations

import ast
import re
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

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


def test_every_row_has_a_state():
    assert [row.name for row in ROWS if row.state not in STATES] == []


def test_every_row_has_a_place_or_a_reason():
    """What is built names a file or a setting; what is not applicable has a sentence."""
    for row in ROWS:
        assert row.state != "built" or CODE.search(row.where), row.name
        assert row.state == "built" or len(row.where) > 20, row.name


def test_only_what_is_not_applicable_has_no_test():
    without = {row.name for row in ROWS if not CODE.search(row.shown_by)}
    assert without <= {row.name for row in ROWS if row.state == "not applicable"}


def test_the_files_of_the_rows_exist():
    missing = []
    for row in ROWS:
        for text in CODE.findall(row.where):
            if FILE.fullmatch(text):
                places = (ROOT / text, ROOT / "components" / "dashlink" / text)
                missing += [] if any(map(Path.exists, places)) else [f"{row.name}: {text}"]
    assert missing == []


def test_the_tests_of_the_rows_exist():
    missing = []
    for row in ROWS:
        for text in CODE.findall(row.shown_by):
            file, _, names = text.partition("::")
            path = ROOT / "tests" / file
            is_case = path.is_file() and file.startswith(SETTINGS_CASES)
            if not is_case and not (path.is_file() and has_test(path, names.split("::"))):
                missing.append(f"{row.name}: {text}")
    assert missing == []


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
