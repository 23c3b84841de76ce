"""The long tests first, one to a worker: they mostly wait, and side by side the rest of the suite passes meanwhile."""

from __future__ import annotations

import pytest


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put each engine test, in their shuffled order, before a short one: workers are dealt two at a time."""
    long = [item for item in items if item.get_closest_marker("engine")]
    short = [item for item in items if not item.get_closest_marker("engine")]
    pairs = min(len(long), len(short))
    dealt = [item for pair in zip(long[:pairs], short[:pairs], strict=True) for item in pair]
    items[:] = [*dealt, *long[pairs:], *short[pairs:]]
