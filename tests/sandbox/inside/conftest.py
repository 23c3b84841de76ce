"""The inside of a small cloud, a model server, and a sandbox with a gateway."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp import web
from support.gateways import Place, running_gateway
from support.inside import API_KEY, LoopThread, Machine, small_cloud

from dashlink_sandbox.certificates import Authority
from dashlink_sandbox.inside import Inside
from dashlink_sandbox.inside.models import application
from dashlink_sandbox.state import State


@pytest.fixture
def loop_thread() -> Iterator[LoopThread]:
    thread = LoopThread()
    yield thread
    thread.close()


@pytest.fixture
def state() -> State:
    return small_cloud()


@pytest.fixture
def inside(state: State, loop_thread: LoopThread, tmp_path: Path) -> Iterator[Machine]:
    authority = Authority.open(tmp_path / "ca")
    start = Inside.start(lambda: state, authority, proxy_port=0, api_key=API_KEY)
    started = loop_thread.run(start)
    yield Machine(state, started, authority.ca_file)
    loop_thread.run(started.stop())


@pytest.fixture
def model_server(loop_thread: LoopThread) -> Iterator[str]:
    """Host and port of a model server with the key ``API_KEY``."""
    runner = web.AppRunner(application(API_KEY, deque()), shutdown_timeout=1)

    async def start() -> int:
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        return site.port

    yield f"127.0.0.1:{loop_thread.run(start())}"
    loop_thread.run(runner.cleanup())


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    with running_gateway() as started:
        yield started
