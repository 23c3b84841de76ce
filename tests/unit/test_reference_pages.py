"""The generated pages of docs/ are those of the code: command line, outputs, Python names."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from support import cli_page, outputs_page, python_page
from typer.main import get_command

from dashlink.cli import app

DOCS = Path(__file__).parents[2] / "docs"
PAGES = {"command-line": cli_page, "outputs": outputs_page, "python": python_page}


@pytest.mark.parametrize("name", PAGES, ids=str)
def test_a_page_is_that_of_the_code(name):
    file = DOCS / f"{name}.md"
    expected = PAGES[name].page()
    if os.environ.get("DASHLINK_WRITE_GOLDEN"):
        file.write_text(expected)
    assert file.read_text() == expected, (
        "stale: the page comes from the code's help and docstrings. Do not edit it; "
        "run DASHLINK_WRITE_GOLDEN=1 pytest tests/unit/test_reference_pages.py"
    )


def test_every_command_and_option_is_on_the_page():
    page = (DOCS / "command-line.md").read_text()
    for name, command in cli_page.commands(get_command(app), "dashlink"):
        section = page.partition(f"## {name}\n")[2].partition("\n## ")[0]
        for parameter in command.params if not hasattr(command, "commands") else ():
            spellings = [one for one in parameter.opts if one.startswith("-")]
            assert all(one in section for one in spellings), f"{name}: {parameter.name}"


def test_every_name_that_programs_import_is_on_the_page():
    page = (DOCS / "python.md").read_text()
    names = python_page.exported()
    assert [name for name in names if f"`{name}`" not in page and f"### {name}\n" not in page] == []
