"""One sandbox and one stack for each engine test; nothing is shared, so that they run side by side."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from support.stacks import Stack

import dashlink_sandbox
from engine import resolve


@pytest.fixture(scope="session")
def engine() -> resolve.Engine:
    """The engine of this machine; `make test` has it ready, a lone pytest gets it here."""
    return resolve.resolve(python=Path(sys.executable))


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[dashlink_sandbox.Sandbox]:
    """A cloud of its own, empty."""
    with dashlink_sandbox.Sandbox(state_file=tmp_path / "cloud" / "state.json") as sandbox:
        yield sandbox


@pytest.fixture
def make_stack(
    tmp_path: Path, engine: resolve.Engine, cloud: dashlink_sandbox.Sandbox
) -> Callable[..., Stack]:
    """Make a stack on the test's own cloud."""

    def make(config: Mapping[str, Any], *, program: str | None = None, name: str = "test") -> Stack:
        stack = Stack(folder=tmp_path / name, engine=engine, cloud=cloud.env, name=name)
        stack.create(config, program)
        return stack

    return make
