"""The choice of the engine: installed, Pulumi's release or a build; with fake programs only."""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
import urllib.error
import urllib.request
from collections.abc import Callable
from email.message import Message
from pathlib import Path
from typing import IO

import pytest

from engine import build, release, resolve
from engine.console import EngineError

PYTHON = Path("/venv/bin/python")


@pytest.fixture(autouse=True)
def own_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without Pulumi and network, with an empty cache and fake builds."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv(release.SWITCH, raising=False)
    monkeypatch.setattr(build, "build_cli", lambda: tmp_path / "built" / "pulumi")
    monkeypatch.setattr(build, "build", lambda program: tmp_path / "built-plugin" / program.name)
    monkeypatch.setattr(release, "_open", _unreachable)
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    monkeypatch.setattr("platform.system", lambda: "Linux")


def _unreachable(url: str, timeout: float) -> IO[bytes]:
    raise urllib.error.URLError("no network")


def install(folder: Path, *, version: str, host: bool = True, plugins: bool = True) -> None:
    """Install a fake Pulumi of ``version``; `pulumi plugin install` logs its arguments."""
    folder.mkdir(parents=True, exist_ok=True)
    script = f"""#!/bin/sh
if [ "$1" = version ]; then echo {version}; exit; fi
echo "$@" PULUMI_HOME=$PULUMI_HOME >> {folder}/calls
exit {int(not plugins)}
"""
    names = ["pulumi"]
    if host:
        names.append("pulumi-language-python")
    for name in names:
        (folder / name).write_text(script)
        (folder / name).chmod(0o755)


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Publish a release, pinned by its checksum by default. Returns the requested URLs."""

    def publish(checksum: str | None = None, content: bytes | None = None) -> list[str]:
        archive = content or _archive()
        digest = checksum or hashlib.sha256(archive).hexdigest()
        monkeypatch.setitem(release._SHA256, "linux-x64", digest)
        requested: list[str] = []

        def answer(url: str, timeout: float) -> IO[bytes]:
            requested.append(url)
            return io.BytesIO(archive)

        monkeypatch.setattr(release, "_open", answer)
        return requested

    return publish


def _archive() -> bytes:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as tar:
        program = tarfile.TarInfo("pulumi/pulumi")
        program.size = 4
        tar.addfile(program, io.BytesIO(b"real"))
    return archive.getvalue()


def test_an_installed_pulumi_is_used_with_pulumis_own_plugin(tmp_path: Path) -> None:
    install(tmp_path / "bin", version="v3.300.1")
    engine = resolve.resolve(python=PYTHON, home=tmp_path / "home")
    assert (engine.origin, engine.pulumi) == ("installed", tmp_path / "bin" / "pulumi")
    plugin = f"alicloud v{resolve.locked_version('pulumi-alicloud')}"
    expected = f"plugin install resource {plugin} PULUMI_HOME={tmp_path}/home"
    assert (tmp_path / "bin" / "calls").read_text().splitlines() == [expected]
    assert tmp_path / "built-plugin" not in engine.folders


def test_the_plugin_is_built_where_pulumi_cannot_install_it(tmp_path: Path) -> None:
    install(tmp_path / "bin", version="v3.300.1", plugins=False)
    engine = resolve.resolve(python=PYTHON)
    assert engine.origin == "installed"
    assert engine.folders[-1] == tmp_path / "built-plugin"


def test_the_switch_off_downloads_no_plugin_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path / "bin", version="v3.300.1")
    monkeypatch.setenv(release.SWITCH, "off")
    engine = resolve.resolve(python=PYTHON)
    assert engine.folders[-1] == tmp_path / "built-plugin"
    assert not (tmp_path / "bin" / "calls").exists()


@pytest.mark.parametrize(
    ("version", "host", "message"),
    [
        ("v3.100.0", True, "is 3.100.0, older than 3.259.0, the oldest tested version; not used"),
        (
            "v3.300.1",
            False,
            "has no Python host (pulumi-language-python) beside it or on PATH; not used",
        ),
        ("nonsense", True, "prints no version; not used"),
    ],
    ids=["too old", "without host", "without version"],
)
def test_an_unusable_installed_pulumi_is_skipped_with_the_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], version: str, host: bool, message: str
) -> None:
    install(tmp_path / "bin", version=version, host=host)
    assert resolve.resolve(python=PYTHON).origin == "built"
    assert message in capsys.readouterr().out


def test_pulumis_release_is_downloaded_verified_and_cached(
    tmp_path: Path, published: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(release, "install_plugin", lambda *_: True)
    requested = published()
    engine = resolve.resolve(python=PYTHON)
    assert (engine.origin, engine.pulumi.read_bytes()) == ("release", b"real")
    name = f"pulumi-v{release.VERSION}-linux-x64.tar.gz"
    assert requested == [f"https://get.pulumi.com/releases/sdk/{name}"]
    assert resolve.resolve(python=PYTHON) == engine
    assert len(requested) == 1, "the second run requests nothing"


def test_the_release_is_unpacked_by_a_python_without_filters(
    published: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(tarfile, "data_filter")  # Python 3.11.0 to 3.11.3
    monkeypatch.setattr(release, "install_plugin", lambda *_: True)
    published()
    assert resolve.resolve(python=PYTHON).pulumi.read_bytes() == b"real"


@pytest.mark.parametrize(
    "target", ["http://get.pulumi.com/a", "ftp://get.pulumi.com/a"], ids=["http", "ftp"]
)
def test_a_redirect_that_leaves_https_is_refused(target: str) -> None:
    request = urllib.request.Request("https://get.pulumi.com/a")
    headers = Message()
    with pytest.raises(urllib.error.URLError, match="which is not https"):
        release._HttpsOnly().redirect_request(request, io.BytesIO(), 302, "", headers, target)
    same = "https://other.example/a"
    followed = release._HttpsOnly().redirect_request(request, io.BytesIO(), 302, "", headers, same)
    assert followed is not None
    assert followed.full_url == same


def test_an_archive_of_another_publisher_is_refused_not_cached(
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


def test_the_engine_is_built_where_another_server_answers(
    published: Callable[..., list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    published(content=b"<html>Please log in</html>")
    assert resolve.resolve(python=PYTHON).origin == "built"
    assert "another server answers in its place" in capsys.readouterr().out


def test_the_engine_is_built_and_reported_without_a_network(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = resolve.resolve(python=PYTHON)
    assert (engine.origin, engine.pulumi) == ("built", tmp_path / "built" / "pulumi")
    printed = capsys.readouterr()
    assert "cannot be reached (no network); building instead" in printed.out
    assert "run by the language host of this repository" in printed.err
    assert f"engine: {engine.pulumi} (built)" in printed.err


def test_the_switch_off_requests_no_release(
    published: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    requested = published()
    monkeypatch.setenv(release.SWITCH, "off")
    assert resolve.resolve(python=PYTHON).origin == "built"
    assert requested == []


def test_a_built_engine_is_used_before_the_release(
    published: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    requested = published()
    monkeypatch.setattr(build, "cli_is_built", lambda: True)
    assert resolve.resolve(python=PYTHON).origin == "built"
    assert requested == []


def test_a_switch_that_is_neither_on_nor_off_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(release.SWITCH, "never")
    with pytest.raises(
        EngineError, match=r"DASHLINK_ENGINE_RELEASE: neither on nor off \(got never\)"
    ):
        resolve.resolve(python=PYTHON)


def test_the_environment_puts_the_engine_first_on_path() -> None:
    engine = resolve.Engine(Path("/e/pulumi"), "built", (Path("/venv/bin"), Path("/e")))
    environment = engine.environment({"PATH": "/usr/bin", "HOME": "/home/a"})
    assert environment["PATH"] == os.pathsep.join(["/venv/bin", "/e", "/usr/bin"])
    assert environment["HOME"] == "/home/a"


def test_a_package_missing_in_the_lock_file_is_an_error(tmp_path: Path) -> None:
    lock = tmp_path / "lock.txt"
    lock.write_text("pulumi==3.272.0 \\\n    --hash=sha256:aa\npulumi-alicloud==4.0.0 \\\n")
    assert resolve.locked_version("pulumi", lock) == "3.272.0"
    with pytest.raises(EngineError, match=r"lock\.txt: does not name pulumi-aws"):
        resolve.locked_version("pulumi-aws", lock)
