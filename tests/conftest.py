"""The long tests first: they mostly wait, and side by side the rest of the suite passes meanwhile."""

from __future__ import annotations

import pytest


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the engine's tests in front, in whatever order they were shuffled into; xdist deals from the front."""
    items.sort(key=lambda item: item.get_closest_marker("engine") is None)
