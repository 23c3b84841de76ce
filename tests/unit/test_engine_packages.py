"""The environment of the project: created once, and created again after a killed run."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from engine import packages


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with a lock file."""
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "lock.txt").write_text("a==1\n")
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    return tmp_path


@pytest.fixture
def commands(root: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The commands that are run, by name; `venv` creates its file, `pip` succeeds."""
    names: list[str] = []

    def run(command: list[str], *, check: bool) -> subprocess.CompletedProcess[bytes]:
        names.append(command[2])
        if command[2] == "venv":
            (root / ".venv").mkdir(exist_ok=True)
            (root / ".venv" / "pyvenv.cfg").write_text("version = 3.11\n")
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr("subprocess.run", run)
    return names


def test_the_environment_is_created_once(root: Path, commands: list[str]) -> None:
    packages.create_environment(root)
    assert commands == ["venv", "pip", "pip"]
    packages.create_environment(root)
    assert commands == ["venv", "pip", "pip"]


def test_another_lock_file_is_installed_into_it(root: Path, commands: list[str]) -> None:
    packages.create_environment(root)
    (root / "requirements" / "lock.txt").write_text("a==2\n")
    packages.create_environment(root)
    assert commands == ["venv", "pip", "pip", "pip", "pip"]


def test_an_environment_of_a_killed_run_is_created_again(
    root: Path, commands: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    packages.create_environment(root)
    (root / "requirements" / "lock.txt").write_text("a==2\n")

    def kill(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(packages, "_install", kill)
        with pytest.raises(KeyboardInterrupt):
            packages.create_environment(root)
    commands.clear()
    packages.create_environment(root)
    assert commands == ["venv", "pip", "pip"]
