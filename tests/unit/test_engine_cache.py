"""The cache of long builds: keyed by content, whole or not there, made once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from engine import cache

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def test_the_key_follows_names_bytes_and_words_but_not_times_or_order(tmp_path: Path) -> None:
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


def test_a_thing_is_made_once_however_many_ask_at_once() -> None:
    made: list[Path] = []

    def make(folder: Path) -> None:
        made.append(folder)
        (folder / "program").write_text("whole")

    with ThreadPoolExecutor(8) as pool:
        folders = set(pool.map(lambda _: cache.kept("thing", "k1", make), range(16)))
    assert len(made) == 1
    assert [(folder / "program").read_text() for folder in folders] == ["whole"]


def test_a_make_that_fails_leaves_nothing_and_the_next_one_may_succeed() -> None:
    def fail(folder: Path) -> None:
        (folder / "half").write_text("half")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        cache.kept("thing", "k1", fail)
    assert not cache.is_kept("thing", "k1")
    assert [path.name for path in cache.cache_root().iterdir()] == ["thing.lock"]
    assert cache.kept("thing", "k1", lambda folder: None).is_dir()


def test_a_maker_that_was_killed_half_way_holds_nobody_up_and_its_half_is_removed() -> None:
    program = """
import sys, time
from engine import cache
def make(folder):
    (folder / "half").write_text("half")
    print("half made", flush=True)
    time.sleep(600)
cache.kept("thing", "k1", make)
"""
    with subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as maker:
        assert maker.stdout is not None
        assert maker.stdout.readline() == "half made\n"
        maker.send_signal(signal.SIGKILL)
    folder = cache.kept("thing", "k1", lambda draft: (draft / "whole").touch())
    assert [path.name for path in folder.iterdir()] == ["whole"]
    assert sorted(path.name for path in cache.cache_root().iterdir()) == ["thing-k1", "thing.lock"]
