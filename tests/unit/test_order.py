"""The order of the tests: the units that start first exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path

TESTS = Path(__file__).parents[1]


def longest():
    """The names that `tests/conftest.py` lists."""
    for statement in ast.parse((TESTS / "conftest.py").read_text()).body:
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "_LONGEST":
            return ast.literal_eval(statement.value)
    raise AssertionError("tests/conftest.py has no _LONGEST")


def test_the_units_that_start_first_exist():
    text = "\n".join(file.read_text() for file in (TESTS / "engine").glob("test_*.py"))
    units = set(re.findall(r"^(?:class|def) (\w+)", text, re.MULTILINE))
    assert set(longest()) <= units
    assert len(longest()) == len(set(longest()))
