"""Every command alike: help, plain output, exit codes, and completion by a shell."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.cli import DASHLINK, dashlink
from typer.main import get_command

from dashlink import cli
from dashlink.cli import app
from dashlink.cli.plugin import plugin_folder

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "commands.md").read_text()
BOXES = re.compile(r"[\u2500-\u257f]|\x1b")


def command_lines(command=None, name: str = "") -> Iterator[tuple[str, object]]:
    """Every command with its words, as in `plugin install`; groups too."""
    command = command or get_command(app)
    yield name, command
    for word, below in getattr(command, "commands", {}).items():
        yield from command_lines(below, f"{name} {word}".strip())


ALL = dict(command_lines())
COMMANDS = [name for name, command in ALL.items() if not hasattr(command, "commands")]
FAILURES = {
    "up": "up dev",
    "preview": "preview dev",
    "refresh": "refresh dev",
    "drift": "drift dev",
    "down": "down dev",
    "render": "render --outputs nowhere.json",
    "check": "check dev",
    "verify": "verify dev",
    "route": "route dev --api chat --model qwen-plus",
    "diagram": "diagram dev",
    "debug": "debug --outputs nowhere.json --api chat --model qwen-plus Hi",
    "delete-api": "delete-api dev --api chat",
    "sandbox": "sandbox --state file/below/a/file",
    "plugin install": "plugin install",
    "plugin remove": "plugin remove",
}
NEVER_FAILS = {"schema"}
OF_PULUMI = ("up", "preview", "refresh", "drift", "down")  # their unknown options are Pulumi's


@dataclass(frozen=True)
class Run:
    """What a command line returned and printed."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def main(tmp_path, monkeypatch, capsys):
    """Run command lines in this process, in an empty folder, as the console script does."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("PATH", "/nowhere")

    def call(line: str) -> Run:
        monkeypatch.setattr(sys, "argv", ["dashlink", *line.split()])
        with pytest.raises(SystemExit) as end:
            cli.main()
        printed = capsys.readouterr()
        return Run(int(end.value.code or 0), printed.out, printed.err)

    return call


def in_brackets(name: str) -> str:
    return name or "dashlink"


@pytest.mark.parametrize("name", ALL, ids=in_brackets)
def test_help_is_plain_lines_that_explain_each_option(main, name):
    done = main(f"{name} -h")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == main(f"{name} --help").stdout
    assert not BOXES.search(done.stdout)
    assert "..." not in done.stdout.partition("\n")[2]  # no line is cut
    text = " ".join(done.stdout.split()).replace("- ", "-")  # a name may be broken at a hyphen
    for parameter in ALL[name].params:
        assert " ".join(str(parameter.help).split()).replace("- ", "-") in text
        assert parameter.help, parameter.name


@pytest.mark.parametrize("name", COMMANDS, ids=str)
def test_each_example_of_the_help_is_on_one_line(main, name):
    printed = main(f"{name} -h").stdout.splitlines()
    for line in str(ALL[name].help).splitlines():
        if re.match(r"([A-Z_]+=\S+ )?dashlink |.*\| dashlink ", line):
            assert f"  {line}" in printed


def test_a_terminal_shows_boxes(tmp_path):
    reader, terminal = pty.openpty()
    environment = {**os.environ, "COLUMNS": "80"}
    subprocess.run(
        [DASHLINK, "-h"],
        stdout=terminal,
        stderr=terminal,
        env=environment,
        check=True,
        cwd=tmp_path,
    )
    os.close(terminal)
    shown = b""
    while b"Commands" not in shown:
        shown += os.read(reader, 4096)
    os.close(reader)
    assert BOXES.search(shown.decode(errors="replace"))


@pytest.mark.parametrize("name", FAILURES, ids=str)
def test_a_failure_exits_with_1_and_one_line(main, tmp_path, monkeypatch, name):
    (tmp_path / "file").touch()
    home = str(tmp_path / "file" / "below") if name == "plugin install" else plugins(tmp_path)
    monkeypatch.setenv("PULUMI_HOME", home)
    done = main(FAILURES[name])
    assert (done.returncode, done.stdout) == (1, "")
    assert len(done.stderr.splitlines()) == 1
    assert "Traceback" not in done.stderr


def plugins(folder: Path) -> str:
    """A PULUMI_HOME whose plugin is no folder, so that it cannot be removed."""
    plugin = folder / "home" / "plugins" / plugin_folder().name
    plugin.parent.mkdir(parents=True)
    plugin.touch()
    return str(folder / "home")


def test_every_command_has_a_failure_here():
    assert {*FAILURES, *NEVER_FAILS} == set(COMMANDS)


@pytest.mark.parametrize("name", sorted(set(ALL) - set(OF_PULUMI)), ids=in_brackets)
def test_an_invalid_command_line_exits_with_2(main, name):
    done = main(f"{name} --no-such-option")
    assert (done.returncode, done.stdout) == (2, "")
    assert not BOXES.search(done.stderr)
    assert done.stderr.splitlines()[-1].startswith("Error: No such option: --no-such-option")


@pytest.mark.parametrize("name", OF_PULUMI, ids=str)
def test_two_stacks_are_an_invalid_command_line(main, name):
    done = main(f"{name} dev --yes --stack prod")
    assert (done.returncode, done.stdout) == (2, "")
    assert "name one stack (got dev and --stack prod)" in done.stderr


INTERRUPTED = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background ignores it
class Stdin:
    def read(self, *sizes):
        os.kill(os.getpid(), signal.SIGINT)
    readline = read
    def isatty(self):
        return False
from dashlink import cli
sys.stdin = Stdin()
cli.main()
"""
AT_INPUT = {
    "render": ["render", "-"],
    "check": ["check", "-", "--from-inside"],
    "debug": ["debug", "-", "--api", "chat", "--model", "m", "Hi"],
}


@pytest.mark.parametrize("name", AT_INPUT, ids=str)
def test_an_interrupt_exits_with_130(tmp_path, name):
    command = [sys.executable, "-c", INTERRUPTED, *AT_INPUT[name]]
    done = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stderr) == (130, "")


def test_the_table_of_exit_codes_has_every_command():
    table = PAGE.partition("| command | 0 also means")[2].partition("\n\n")[0]
    assert set(re.findall(r"`([a-z -]+)`", table)) == set(COMMANDS)
    codes = PAGE.partition("| code | meaning |")[2].partition("\n\n")[0]
    assert re.findall(r"^\| (\d+) \|", codes, re.MULTILINE) == ["0", "1", "2", "130"]


def completions(folder: Path, line: str) -> list[str]:
    """What a bash shell gets for the last word of a line."""
    done = dashlink(
        cwd=folder,
        _DASHLINK_COMPLETE="complete_bash",
        COMP_WORDS=line,
        COMP_CWORD=str(len(line.split(" ")) - 1),
    )
    return done.stdout.split()


def test_a_shell_completes_commands_options_and_stacks(tmp_path):
    (tmp_path / "stacks").mkdir()
    for stack in ("prod", "preview", "dev"):
        (tmp_path / "stacks" / f"Pulumi.{stack}.yaml").touch()
    assert completions(tmp_path, "dashlink ro") == ["route"]
    assert completions(tmp_path, "dashlink route --mo") == ["--model"]
    for command in ("route", "check", "render", "verify", "diagram"):
        assert completions(tmp_path, f"dashlink {command} pr") == ["preview", "prod"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"], ids=str)
def test_the_script_of_completion_is_for_the_shell(tmp_path, shell):
    named = {"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}  # not the shell of the tests
    done = dashlink("--show-completion", shell, cwd=tmp_path, **named)
    assert (done.returncode, "_DASHLINK_COMPLETE" in done.stdout) == (0, True)
