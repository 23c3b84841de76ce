"""The tables of docs/settings.md are those of the models, and no key is missing from them."""

from __future__ import annotations

import os

import pytest
from support.settings_tables import DEFAULT, PAGE, STACK, TABLE, models, models_in, written


def test_the_tables_are_those_of_the_models():
    if os.environ.get("DASHLINK_WRITE_GOLDEN"):
        PAGE.write_text(written(PAGE.read_text()))
    text = PAGE.read_text()
    assert text == written(text), (
        "stale: the tables come from the docstrings of the settings. Do not edit them; "
        "run DASHLINK_WRITE_GOLDEN=1 pytest tests/unit/test_settings_page.py"
    )


def test_a_key_that_the_page_lacks_is_written():
    page = PAGE.read_text()
    (row,) = [line for line in page.splitlines() if line.startswith("| `dashlink:gateway` |")]
    assert written(page.replace(row + "\n", "")) == page


def test_every_model_has_a_table_or_rows_in_another():
    page = PAGE.read_text()
    tables = [model for _, model, _ in TABLE.findall(page)]
    assert len(tables) == len(set(tables))
    reached = {STACK}
    for model in tables:
        reached |= models_in(model)
    assert set(models()) == reached | set(tables)


@pytest.mark.parametrize(
    ("text", "default"),
    [
        ("A name; default: its key.", "its key"),
        ("A name. Default: its key. It stays.", "its key"),
        (
            "Bandwidth; default: 10 over CEN, 5 over a peering. Shared.",
            "10 over CEN, 5 over a peering",
        ),
        ("Deploy services to it by default.", None),
    ],
    ids=["last", "before a sentence", "with a comma", "no default"],
)
def test_a_default_is_read_from_a_description(text, default):
    found = DEFAULT.search(text)
    assert (found and found[1]) == default
