"""docs/clients-table.md has exactly the rows that tests run, and none with a public host."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from support.client_runs import ENDPOINT_HOST
from support.clients_table import TRAPS, page, rows

from dashlink.clients.catalog import is_public

ROOT = Path(__file__).parents[2]
FILE = ROOT / "docs" / "clients-table.md"
FEWEST = 25


def test_the_table_has_the_rows_that_are_run():
    if os.environ.get("DASHLINK_WRITE_GOLDEN"):
        FILE.write_text(page())
    assert FILE.read_text() == page(), "write it: DASHLINK_WRITE_GOLDEN=1, and run this test"


def test_enough_clients_are_run():
    assert len({(row.package, row.version) for row in rows()}) >= FEWEST


def test_no_row_has_a_public_host_but_that_of_maas():
    dialled = {host for row in rows() for host in row.hosts} - {ENDPOINT_HOST}
    assert {host for host in dialled if is_public(host)} == set()


def test_no_row_is_there_twice():
    keys = [(row.client, row.version, row.path, row.file) for row in rows()]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize(("trap", "tests"), TRAPS, ids=[trap[:40] for trap, _ in TRAPS])
def test_every_trap_has_its_tests(trap, tests):
    for test in tests:
        path, _, function = test.partition("::")
        assert (
            f"def {function}(" in (ROOT / path).read_text() if function else (ROOT / path).exists()
        )
