"""A sandbox and a stack for each test of the engine, or for each class of tests.

Tests of a class share one deployed stack, on one worker: its fixtures are the steps of the stack's
life, its tests state what each step promises, in the order of their definition.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from support.processes import run, run_ok
from support.stacks import Stack

from dashlink_sandbox import Sandbox
from engine import resolve, sandbox


@pytest.fixture(scope="session")
def engine() -> resolve.Engine:
    """The engine of this machine; `make test` prepares it, pytest alone resolves it here."""
    return resolve.resolve(python=Path(sys.executable))


@pytest.fixture(scope="class")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty folder."""
    return tmp_path_factory.mktemp("engine")


@pytest.fixture(scope="class")
def cloud(folder: Path) -> Iterator[Sandbox]:
    """An empty cloud."""
    with Sandbox(state_file=folder / "cloud" / "state.json") as sandbox:
        yield sandbox


@pytest.fixture(scope="class")
def create_stack(folder: Path, engine: resolve.Engine, cloud: Sandbox) -> Callable[..., Stack]:
    """Create a stack on `cloud`, not deployed."""

    def create(config: Mapping[str, Any], program: str | None = None) -> Stack:
        stack = Stack(folder=folder / "project", engine=engine, cloud=cloud.env)
        stack.create(config, program)
        return stack

    return create


@pytest.fixture(scope="class")
def stack(request: pytest.FixtureRequest, create_stack: Callable[..., Stack]) -> Stack:
    """The deployed stack with the settings `config` of the test class."""
    stack = create_stack(request.cls.config)
    stack.deploy()
    return stack


@pytest.fixture(scope="class")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A committed copy of this checkout, with the Python environment of the tests."""
    folder = tmp_path_factory.mktemp("make") / "checkout"
    folder.mkdir()
    files = run_ok(["git", "ls-files", "-co", "--exclude-standard", "-z"], folder=resolve.ROOT)
    archive = folder.with_suffix(".tar")
    # ls-files lists deleted files too, which tar reports and leaves out.
    command = ["tar", "cf", str(archive), "--null", "-T", "-"]
    run(command, folder=resolve.ROOT, stdin=files)
    run_ok(["tar", "xf", str(archive)], folder=folder)
    (folder / ".venv").symlink_to(sys.prefix)
    with (folder / ".gitignore").open("a") as ignored:
        ignored.write(".venv\n")  # a link, not a folder
    author = ("-c", "user.name=a", "-c", "user.email=a@b.c")
    for arguments in (("init",), ("add", "--all"), (*author, "commit", "--message", "first")):
        run_ok(["git", *arguments], folder=folder)
    yield folder
    sandbox.stop(folder / ".sandbox")
