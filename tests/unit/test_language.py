"""The language of the project: docstrings, comments, messages, help, docs and names of tests."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CODE = (
    "components/dashlink",
    "sandbox/dashlink_sandbox",
    "engine",
    "stacks",
    "bench",
    "examples",
    "tests",
)
DOCS = (
    "README.md",
    "README.zh.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "docs",
    "examples",
    "bench",
    "schemas",
)
LONGEST_TEST_NAME = 60

# The list with what to write instead is in CONTRIBUTING.md.
BANNED = (
    "anew",
    "birth",
    "doubt",
    "doubts",
    "goes on with",
    "gone on with",
    "ill",
    "in words",
    "is known by",
    "mend",
    "mended",
    "mends",
    "nobody is asked",
    "on its account",
    "passage",
    "quiet sides?",
    "said",
    "tell",
    "telling",
    "tells",
    "thing",
    "things",
    "told",
    "wanted",
    "what is given",
    "what is wanted",
)
PATTERN = re.compile(rf"\b(?:{'|'.join(BANNED)})\b", re.IGNORECASE)
# A comment or string with this mark quotes somebody else's text.
QUOTED = "quoted:"
# Models of the sandbox answer chats; what they say is data.
DATA = ("sandbox/dashlink_sandbox/inside/models/samples.py", "tests/unit/test_language.py")


def python_files() -> list[Path]:
    found = []
    for folder in CODE:
        found += [path for path in (ROOT / folder).rglob("*.py") if "expected" not in path.parts]
    return sorted(path for path in found if str(path.relative_to(ROOT)) not in DATA)


def documents() -> list[Path]:
    found = [ROOT / name for name in DOCS if (ROOT / name).is_file()]
    for name in DOCS:
        for pattern in ("*.md", "*.json"):
            found += (ROOT / name).rglob(pattern)
    return sorted(set(found))


def texts(path: Path) -> Iterator[tuple[int, str]]:
    """Line and text of every docstring, string and comment of a Python file."""
    source = path.read_text()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", python_files(), ids=name_of)
def test_code_speaks_plain_english(path):
    found = []
    for line, text in texts(path):
        if QUOTED not in text:
            found += [f"{name_of(path)}:{line}: {word}" for word in PATTERN.findall(text)]
    assert found == []


@pytest.mark.parametrize("path", documents(), ids=name_of)
def test_documents_speak_plain_english(path):
    found = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if name_of(path) != "CONTRIBUTING.md" or not line.startswith("|"):
            found += [f"{name_of(path)}:{number}: {word}" for word in PATTERN.findall(line)]
    assert found == []


@pytest.mark.parametrize("path", python_files(), ids=name_of)
def test_names_of_tests_are_short(path):
    tree = ast.parse(path.read_text())
    names = [node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    long = [name for name in names if name.startswith("test_") and len(name) > LONGEST_TEST_NAME]
    assert long == []


def names_its_cases(call: ast.Call) -> bool:
    """Whether a parametrize has `ids`, or each of its cases is a call that gives it an id."""
    if any(keyword.arg == "ids" for keyword in call.keywords):
        return True
    cases = call.args[1]
    return isinstance(cases, ast.List) and all(isinstance(one, ast.Call) for one in cases.elts)


@pytest.mark.parametrize("path", python_files(), ids=name_of)
def test_parameters_of_tests_have_ids(path):
    without = []
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call) or ast.unparse(node.func) != "pytest.mark.parametrize":
            continue
        if not names_its_cases(node):
            without.append(node.lineno)
    assert without == []


def test_contributing_lists_every_banned_word():
    listed = (ROOT / "CONTRIBUTING.md").read_text()
    missing = [word for word in BANNED if word.replace("?", "") not in listed]
    assert missing == []
