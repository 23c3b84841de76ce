"""The order of the tests: those that run the engine start first, one to a worker.

They mostly wait, so the others run at the same time. Tests with the same mark `xdist_group` share
a deployed stack: they stay together, run in the order of their definition, and one worker gets
all of them (`--dist loadgroup` in pyproject.toml).
"""

from __future__ import annotations

import os

import pytest

Unit = list[pytest.Item]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order the tests for workers, which get two units each at first and then one at a time."""
    long: list[Unit] = []
    short: list[Unit] = []
    for unit in _units(items):
        if unit[0].get_closest_marker("engine"):
            long.append(unit)
        else:
            short.append(unit)
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    first = [*long[:workers], *short[:workers]]
    rest = _alternate(long[workers:], short[workers:])
    items[:] = [item for unit in (*first, *rest) for item in unit]


def _units(items: list[pytest.Item]) -> list[Unit]:
    """Group the tests that must run together; most tests are on their own."""
    units: dict[str, Unit] = {}
    for item in items:
        mark = item.get_closest_marker("xdist_group")
        name = item.nodeid
        if mark is not None:
            name = mark.args[0]
        units.setdefault(name, []).append(item)
    for unit in units.values():
        unit.sort(key=_line)
    return list(units.values())


def _line(item: pytest.Item) -> int:
    _, line, _ = item.reportinfo()
    return line or 0


def _alternate(long: list[Unit], short: list[Unit]) -> list[Unit]:
    pairs = min(len(long), len(short))
    units = []
    for pair in zip(long[:pairs], short[:pairs], strict=True):
        units += pair
    return [*units, *long[pairs:], *short[pairs:]]
