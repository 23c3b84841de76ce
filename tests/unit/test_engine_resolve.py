"""Which engine is taken: the installed one, Pulumi's release, or a build; fakes on PATH, no network, no builds."""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
import urllib.error
from collections.abc import Callable
from pathlib import Path
from typing import IO

import pytest

from engine import build, release, resolve
from engine.console import EngineError

PYTHON = Path("/venv/bin/python")


@pytest.fixture(autouse=True)
def own_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with nothing: no Pulumi, an empty cache, builds that say that they were asked for, no network."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv(release.SWITCH, raising=False)
    monkeypatch.setattr(build, "build_cli", lambda: tmp_path / "built" / "pulumi")
    monkeypatch.setattr(build, "build", lambda program: tmp_path / "built-plugin" / program.name)
    monkeypatch.setattr("urllib.request.urlopen", _unreachable)
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    monkeypatch.setattr("platform.system", lambda: "Linux")


def _unreachable(url: str, timeout: float) -> IO[bytes]:
    raise urllib.error.URLError("no network")


def install(folder: Path, *, version: str, host: bool = True, plugins: bool = True) -> None:
    """A Pulumi on PATH that says ``version``; `pulumi plugin install` writes down what it was asked for."""
    folder.mkdir(parents=True, exist_ok=True)
    script = f"""#!/bin/sh
if [ "$1" = version ]; then echo {version}; exit; fi
echo "$@" PULUMI_HOME=$PULUMI_HOME >> {folder}/asked
exit {0 if plugins else 1}
"""
    names = ["pulumi", "pulumi-language-python"] if host else ["pulumi"]
    for name in names:
        (folder / name).write_text(script)
        (folder / name).chmod(0o755)


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Let Pulumi's hosts answer: an archive, and checksums that fit unless said otherwise. Gives what was asked."""

    def publish(checksum: str | None = None, text: str | None = None) -> list[str]:
        written = io.BytesIO()
        with tarfile.open(fileobj=written, mode="w:gz") as tar:
            program = tarfile.TarInfo("pulumi/pulumi")
            program.size = 4
            tar.addfile(program, io.BytesIO(b"real"))
        name = f"pulumi-v{release.VERSION}-linux-x64.tar.gz"
        digest = checksum or hashlib.sha256(written.getvalue()).hexdigest()
        answers = {
            "checksums.txt": (text or f"aa  other.tar.gz\n{digest}  {name}\n").encode(),
            "tar.gz": written.getvalue(),
        }
        asked: list[str] = []

        def answer(url: str, timeout: float) -> IO[bytes]:
            asked.append(url)
            return io.BytesIO(next(body for end, body in answers.items() if url.endswith(end)))

        monkeypatch.setattr("urllib.request.urlopen", answer)
        return asked

    return publish


def test_an_installed_pulumi_with_its_host_is_used_with_pulumis_own_plugin(tmp_path: Path) -> None:
    install(tmp_path / "bin", version="v3.300.1")
    engine = resolve.resolve(python=PYTHON, home=tmp_path / "home")
    assert (engine.origin, engine.pulumi) == ("installed", tmp_path / "bin" / "pulumi")
    wanted = f"plugin install resource alicloud v{resolve.locked_version('pulumi-alicloud')} PULUMI_HOME={tmp_path}/home"
    assert (tmp_path / "bin" / "asked").read_text().splitlines() == [wanted]
    assert tmp_path / "built-plugin" not in engine.folders


def test_the_plugin_is_built_where_an_installed_pulumi_cannot_fetch_it(tmp_path: Path) -> None:
    install(tmp_path / "bin", version="v3.300.1", plugins=False)
    engine = resolve.resolve(python=PYTHON)
    assert engine.origin == "installed"
    assert engine.folders[-1] == tmp_path / "built-plugin"


def test_the_switch_off_fetches_no_plugin_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path / "bin", version="v3.300.1")
    monkeypatch.setenv(release.SWITCH, "off")
    engine = resolve.resolve(python=PYTHON)
    assert engine.folders[-1] == tmp_path / "built-plugin"
    assert not (tmp_path / "bin" / "asked").exists()


@pytest.mark.parametrize(
    ("version", "host", "said"),
    [
        ("v3.100.0", True, "is 3.100.0, older than 3.259.0, the oldest that was tried; not used"),
        (
            "v3.300.1",
            False,
            "has no Python host (pulumi-language-python) beside it or on PATH; not used",
        ),
        ("nonsense", True, "does not say its version; not used"),
    ],
)
def test_an_installed_pulumi_that_will_not_do_is_passed_over_with_the_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], version: str, host: bool, said: str
) -> None:
    install(tmp_path / "bin", version=version, host=host)
    assert resolve.resolve(python=PYTHON).origin == "built"
    assert said in capsys.readouterr().out


def test_without_pulumi_its_release_is_fetched_verified_and_kept(
    tmp_path: Path, published: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(release, "install_plugin", lambda *_: True)
    asked = published()
    engine = resolve.resolve(python=PYTHON)
    assert (engine.origin, engine.pulumi.read_bytes()) == ("release", b"real")
    assert [url.split("/")[2] for url in asked] == ["github.com", "get.pulumi.com"]
    assert resolve.resolve(python=PYTHON) == engine
    assert len(asked) == 2, "the second run asks nobody"


def test_an_archive_that_pulumi_did_not_publish_is_refused_and_not_kept(
    published: Callable[..., list[str]],
) -> None:
    published(checksum="0" * 64)
    with pytest.raises(
        EngineError,
        match=r"linux-x64\.tar\.gz: not what Pulumi published \(got SHA-256 [0-9a-f]{64}\)",
    ):
        resolve.resolve(python=PYTHON)
    with pytest.raises(EngineError):
        resolve.resolve(python=PYTHON)


def test_where_something_else_answers_in_pulumis_place_the_engine_is_built(
    published: Callable[..., list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    asked = published(text="<html>Please log in</html>")
    assert resolve.resolve(python=PYTHON).origin == "built"
    assert "its checksums do not name pulumi-v3.259.0-linux-x64.tar.gz" in capsys.readouterr().out
    assert len(asked) == 1, "nothing is fetched that cannot be verified"


def test_where_nothing_can_be_reached_the_engine_is_built_and_that_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = resolve.resolve(python=PYTHON)
    assert (engine.origin, engine.pulumi) == ("built", tmp_path / "built" / "pulumi")
    said = capsys.readouterr().out
    assert "cannot be reached (no network); building instead" in said
    assert "run by the language host of this repository" in said


def test_the_switch_off_asks_nobody_for_the_release(
    published: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = published()
    monkeypatch.setenv(release.SWITCH, "off")
    assert resolve.resolve(python=PYTHON).origin == "built"
    assert asked == []


def test_an_engine_that_was_built_is_found_again_without_asking_for_the_release(
    published: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = published()
    monkeypatch.setattr(build, "cli_is_built", lambda: True)
    assert resolve.resolve(python=PYTHON).origin == "built"
    assert asked == []


def test_a_switch_that_is_neither_on_nor_off_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(release.SWITCH, "never")
    with pytest.raises(
        EngineError, match=r"DASHLINK_ENGINE_RELEASE: neither on nor off \(got never\)"
    ):
        resolve.resolve(python=PYTHON)


def test_the_environment_leads_path_and_keeps_the_rest() -> None:
    engine = resolve.Engine(Path("/e/pulumi"), "built", (Path("/venv/bin"), Path("/e")))
    environment = engine.environment({"PATH": "/usr/bin", "HOME": "/home/a"})
    assert environment["PATH"] == os.pathsep.join(["/venv/bin", "/e", "/usr/bin"])
    assert environment["HOME"] == "/home/a"


def test_a_version_is_read_from_the_lock_file_or_its_absence_is_an_error(tmp_path: Path) -> None:
    lock = tmp_path / "lock.txt"
    lock.write_text("pulumi==3.272.0 \\\n    --hash=sha256:aa\npulumi-alicloud==4.0.0 \\\n")
    assert resolve.locked_version("pulumi", lock) == "3.272.0"
    with pytest.raises(EngineError, match=r"lock\.txt: does not name pulumi-aws"):
        resolve.locked_version("pulumi-aws", lock)
