"""The order of the tests: those that run the engine start first, one to a worker.

They mostly wait, so the others run at the same time. The tests of a class share a deployed stack:
they stay together, run in the order of their definition, and one worker runs all of them. A class
that takes minutes starts early: one that starts late runs alone at the end.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Generator
from itertools import chain
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

Unit = list[pytest.Item]

# Units of the engine that take longest, longest first; the others follow in random order.
_LONGEST = (
    "TestEasServices",
    "TestClientsInside",
    "TestEgress",
    "TestLive",
    "TestEasGateways",
    "TestOverCen",
    "TestWaitForAcceptance",
    "test_an_older_state_is_upgraded_without_a_gap",
    "TestTwoRegions",
    "TestProdStack",
    "TestPrivatelink",
    "TestTwoEndpoints",
    "TestThreeUpstreams",
    "TestExistingGroup",
    "TestInternetInPlace",
    "TestInstalledPlugin",
    "TestTerraform",
    "TestOverPeering",
    "TestCheck",
    "TestAdoptedEndpoint",
    "TestNewGroup",
    "TestFinanceStack",
    "TestRegions",
)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collect tests without looking for garbage: what imports and collection create stays."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


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
    long.sort(key=_rank)
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    first = [*long[:workers], *short[:workers]]
    rest = _alternate(long[workers:], short[workers:])
    items[:] = chain.from_iterable([*first, *rest])


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    """Deal the units to the workers in their order."""
    config.option.loadscopereorder = False
    return _Scheduling(config, log)


class _Scheduling(LoadScopeScheduling):
    def _split_scope(self, nodeid: str) -> str:
        return _unit_name(nodeid)


def _unit_name(nodeid: str) -> str:
    """The node id of the test's class; of a test without a class, its own."""
    path, *names = nodeid.partition("[")[0].split("::")
    if len(names) > 1:
        return f"{path}::{names[0]}"
    return nodeid


def _units(items: list[pytest.Item]) -> list[Unit]:
    """Group the tests that run together; most tests are on their own."""
    units: dict[str, Unit] = {}
    for item in items:
        units.setdefault(_unit_name(item.nodeid), []).append(item)
    for unit in units.values():
        if getattr(unit[0], "cls", None):
            unit.sort(key=_place)
    return list(units.values())


def _rank(unit: Unit) -> int:
    """The place of a unit among the longest, the last for all others."""
    name = _unit_name(unit[0].nodeid).partition("[")[0].rpartition("::")[2]
    return _LONGEST.index(name) if name in _LONGEST else len(_LONGEST)


def _place(item: pytest.Item) -> tuple[bool, int]:
    """The place of a test in its class; tests that the class inherits are first."""
    _, line, _ = item.reportinfo()
    name = item.name.partition("[")[0]
    is_own = name in vars(getattr(item, "cls", None) or object)
    return is_own, line or 0


def _alternate(long: list[Unit], short: list[Unit]) -> list[Unit]:
    """One of each in turn, then the rest."""
    pairs = min(len(long), len(short))
    units = []
    for pair in zip(long[:pairs], short[:pairs], strict=True):
        units += pair
    return [*units, *long[pairs:], *short[pairs:]]
