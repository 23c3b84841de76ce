"""The cache of builds: keyed by content, complete or absent, created once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from engine import cache
from engine.console import EngineError

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def test_the_key_depends_on_names_bytes_and_settings_only(tmp_path: Path) -> None:
    first, second = tmp_path / "a.go", tmp_path / "b.go"
    first.write_text("one")
    second.write_text("two")
    key = cache.content_key([first, second], tmp_path, "-trimpath")
    os.utime(first, (1, 1))
    assert cache.content_key([second, first], tmp_path, "-trimpath") == key
    assert cache.content_key([first, second], tmp_path, "-race") != key
    assert cache.content_key([first], tmp_path, "-trimpath") != key
    second.write_text("tw0")
    assert cache.content_key([first, second], tmp_path, "-trimpath") != key
    second.write_text("two")
    moved = second.rename(tmp_path / "c.go")
    assert cache.content_key([first, moved], tmp_path, "-trimpath") != key


def test_an_entry_is_created_once_by_concurrent_callers() -> None:
    created: list[Path] = []

    def create(folder: Path) -> None:
        created.append(folder)
        (folder / "program").write_text("whole")

    with ThreadPoolExecutor(8) as pool:
        folders = set(pool.map(lambda _: cache.cached("entry", "k1", create), range(16)))
    assert len(created) == 1
    assert [(folder / "program").read_text() for folder in folders] == ["whole"]


def test_a_failed_creation_leaves_nothing_and_can_be_repeated() -> None:
    def fail(folder: Path) -> None:
        (folder / "half").write_text("half")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        cache.cached("entry", "k1", fail)
    assert not cache.is_cached("entry", "k1")
    assert [path.name for path in cache.cache_root().iterdir()] == ["entry.lock"]
    assert cache.cached("entry", "k1", lambda folder: None).is_dir()


def test_leftovers_of_a_killed_run_block_nothing_and_are_removed() -> None:
    program = """
import sys, time
from engine import cache
from engine.console import EngineError
def create(folder):
    (folder / "half").write_text("half")
    print("half done", flush=True)
    time.sleep(600)
cache.cached("entry", "k1", create)
"""
    with subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as killed:
        assert killed.stdout is not None
        assert killed.stdout.readline() == "half done\n"
        killed.send_signal(signal.SIGKILL)
    folder = cache.cached("entry", "k1", lambda draft: (draft / "whole").touch())
    assert [path.name for path in folder.iterdir()] == ["whole"]
    assert sorted(path.name for path in cache.cache_root().iterdir()) == ["entry-k1", "entry.lock"]


def test_a_cache_that_others_can_write_into_is_refused() -> None:
    root = cache.cache_root()
    assert root.stat().st_mode & 0o777 == 0o700
    root.chmod(0o770)
    with pytest.raises(EngineError, match=r"others can write into it\. Run: chmod go-w "):
        cache.cached("entry", "k1", lambda _: None)


def test_a_cache_of_another_user_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    cache.cache_root()
    monkeypatch.setattr("os.getuid", lambda: 4711)
    with pytest.raises(EngineError, match=r"the folder of another user\. Set XDG_CACHE_HOME"):
        cache.cached("entry", "k1", lambda _: None)
