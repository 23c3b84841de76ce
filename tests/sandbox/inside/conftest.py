"""The inside of a small cloud, running."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.inside import API_KEY, LoopThread, Running, make_state

from dashlink_sandbox.certificates import Authority
from dashlink_sandbox.inside import Inside
from dashlink_sandbox.state import State


@pytest.fixture
def loop_thread() -> Iterator[LoopThread]:
    thread = LoopThread()
    yield thread
    thread.close()


@pytest.fixture
def state() -> State:
    return make_state()


@pytest.fixture
def inside(state: State, loop_thread: LoopThread, tmp_path: Path) -> Iterator[Running]:
    authority = Authority.open(tmp_path / "ca")
    started = loop_thread.run(Inside.start(lambda: state, authority, proxy_port=0, api_key=API_KEY))
    yield Running(state, started, authority)
    loop_thread.run(started.stop())
