"""docs/evidence.md: a row for each assumption, complete, and true to what `verify` asks."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashlink.cloud.words import WORDS

PAGE = Path(__file__).parents[2] / "docs" / "evidence.md"
STATES = {"stated", "indirect", "no source", "contradicted"}
ASKED_BY = {"word", "routes", "endpoint", "keys", "codes", "inside", "live", "—"}
COLUMNS = 5
HEADINGS = ("| an earlier", "| assumption")


def rows():
    """The rows of all tables of assumptions, as lists of cells."""
    found = []
    for line in PAGE.read_text().splitlines():
        if line.startswith("| ") and not line.startswith(HEADINGS):
            cells = line.strip("| ").split(" | ")
            if len(cells) == COLUMNS:
                found.append(cells)
    return found


def test_every_assumption_of_the_audit_has_a_row():
    assert len(rows()) == 221


def test_every_row_has_a_state_and_who_asks():
    for assumption, _, state, now, asked_by in rows():
        assert state in STATES, assumption
        assert asked_by in ASKED_BY, assumption
        assert now, assumption


def test_what_was_contradicted_is_not_as_it_was():
    for assumption, _, state, now, _ in rows():
        assert state != "contradicted" or now != "as stated", assumption


def test_what_has_no_source_is_asked_or_explained():
    for assumption, _, state, now, asked_by in rows():
        if state == "no source":
            assert asked_by != "—" or len(now) > 10, assumption


@pytest.mark.parametrize("term", [term for term in WORDS if term.startswith("protocol.")], ids=str)
def test_a_protocol_is_named_in_the_evidence(term):
    assert f"`{term.removeprefix('protocol.')}`" in PAGE.read_text()
