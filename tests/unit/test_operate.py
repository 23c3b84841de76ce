"""`dashlink up`, `down`, `refresh` and `preview` around a Pulumi that is played."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest
from support.fake_pulumi import fake_stack
from support.runs import dead_lock, lock_of, own_lock, write
from support.waiting import wait_for

from dashlink.errors import DashlinkError
from dashlink.operate import checkpoint, leftovers, operations, processes
from dashlink.operate import output as operate_output
from dashlink.operate.output import Output
from dashlink.operate.processes import MARK, Mark
from dashlink.operate.record import exclusive, key_of
from dashlink.pulumi_stack import PulumiStack
from dashlink.recovery import Recovered

CHECKPOINT = {"version": 3, "checkpoint": {"stack": "organization/shop/dev"}}


@pytest.fixture
def stack(tmp_path: Path) -> PulumiStack:
    """A stack that its backend has."""
    stack = fake_stack(tmp_path / "shop")
    write(checkpoint_file(stack), CHECKPOINT)
    return stack


def checkpoint_file(stack: PulumiStack) -> Path:
    return stack.folder / "state" / ".pulumi" / "stacks" / "shop" / "dev.json"


def lock_file(stack: PulumiStack) -> Path:
    folder = stack.folder / "state" / ".pulumi" / "locks"
    return folder / "organization" / "shop" / "dev" / "0e81.json"


def calls(stack: PulumiStack) -> list[list[str]]:
    file = stack.folder / "calls"
    if not file.exists():
        return []
    return [json.loads(line) for line in file.read_text().splitlines()]


class TestLocks:
    def test_the_lock_of_a_dead_process_is_removed(self, stack: PulumiStack) -> None:
        write(lock_file(stack), dead_lock())
        lines: list[str] = []
        assert leftovers.clear(stack, lines.append)
        assert not lock_file(stack).exists()
        assert lines[0].startswith("Stack dev: removed the lock of a process that is gone (ann@")

    def test_a_process_that_got_the_number_later_is_not_its_holder(
        self, stack: PulumiStack
    ) -> None:
        before = datetime.now(UTC) - timedelta(days=1)
        write(lock_file(stack), lock_of(os.getpid(), since=before))
        assert leftovers.clear(stack, print)
        assert not lock_file(stack).exists()

    def test_only_the_dead_one_of_two_locks_is_removed(
        self, stack: PulumiStack, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        living = lock_file(stack).with_name("living.json")
        write(lock_file(stack), dead_lock())
        write(living, own_lock())

        def end(_: float) -> None:
            assert not lock_file(stack).exists()
            living.unlink()  # its process ends in order

        monkeypatch.setattr(leftovers.time, "sleep", end)
        lines: list[str] = []
        assert leftovers.clear(stack, lines.append)
        assert f"locked; waiting for ann@{socket.gethostname()}, process {os.getpid()}" in lines[1]

    def test_the_lock_of_another_machine_is_refused(self, stack: PulumiStack) -> None:
        write(lock_file(stack), lock_of(os.getpid(), host="ci-7"))
        with pytest.raises(DashlinkError, match=r"locked by ann@ci-7, process \d+, since 2") as end:
            leftovers.clear(stack, print)
        assert "pulumi cancel --yes --stack dev" in str(end.value)
        assert lock_file(stack).exists()

    @pytest.mark.parametrize("text", ["", '{"pid": 1', "[]"], ids=["empty", "cut", "no lock"])
    def test_a_lock_that_cannot_be_read_is_refused(self, stack: PulumiStack, text: str) -> None:
        lock_file(stack).parent.mkdir(parents=True)
        lock_file(stack).write_text(text)
        with pytest.raises(DashlinkError, match=r"a lock cannot be read .* remove it: rm "):
            leftovers.clear(stack, print)
        assert lock_file(stack).exists()

    def test_locks_of_other_stacks_stay(self, stack: PulumiStack) -> None:
        other = lock_file(stack).parent.with_name("prod") / "1.json"
        write(other, dead_lock())
        assert not leftovers.clear(stack, print)
        assert other.exists()


class TestCheckpoint:
    @pytest.mark.parametrize("text", ["", '{"version": 3, "chec'], ids=["empty", "cut"])
    def test_a_damaged_one_is_restored_from_its_backup(self, stack: PulumiStack, text: str) -> None:
        file = checkpoint_file(stack)
        write(file.with_name("dev.json.bak"), CHECKPOINT)
        file.write_text(text)
        lines: list[str] = []
        assert checkpoint.restore(stack, lines.append)
        assert json.loads(file.read_text()) == CHECKPOINT
        assert file.with_name("dev.json.damaged").read_text() == text
        assert "restored from dev.json.bak" in lines[0]

    def test_an_older_backup_is_used_where_the_last_is_damaged(self, stack: PulumiStack) -> None:
        file = checkpoint_file(stack)
        file.write_text("")
        file.with_name("dev.json.bak").write_text("")
        folder = stack.folder / "state" / ".pulumi" / "backups" / "shop" / "dev"
        write(folder / "dev.123.json", CHECKPOINT)
        assert checkpoint.restore(stack, print)
        assert json.loads(file.read_text()) == CHECKPOINT

    def test_without_a_backup_it_is_an_error(self, stack: PulumiStack) -> None:
        checkpoint_file(stack).write_text("")
        with pytest.raises(DashlinkError, match="no backup beside it"):
            checkpoint.restore(stack, print)

    def test_a_missing_one_with_resources_is_an_error(self, stack: PulumiStack) -> None:
        file = checkpoint_file(stack)
        latest = {"resources": [{"urn": "a"}, {"urn": "b"}]}
        write(file.with_name("dev.json.bak"), {"checkpoint": {"latest": latest}})
        file.unlink()
        with pytest.raises(DashlinkError, match=r"has 2 resources\. Restore it: cp "):
            checkpoint.restore(stack, print)

    def test_a_removed_stack_is_none(self, stack: PulumiStack) -> None:
        file = checkpoint_file(stack)
        write(file.with_name("dev.json.bak"), CHECKPOINT)
        file.unlink()
        assert not checkpoint.restore(stack, print)
        assert not checkpoint.exists(stack)


DELETED = "The resources in the stack have been deleted, but the history and configuration"
STEPS = """@ updating....
 +  alicloud:vpc:Network access-vpc creating (0s)
 +  alicloud:vpc:Network access-vpc created (5s)
 +  alicloud:privatelink:VpcEndpoint access-endpoint creating (0s)
 ~  dashlink:gateway:Consumer team updating (0s) waiting: the consumer is not shown yet
"""


class TestOutput:
    def test_it_is_passed_on_line_by_line(self) -> None:
        lines: list[str] = []
        output = Output(lines.append)
        output.sink.write(STEPS.encode() + b"without an end")
        output.sink.flush()
        output.finish()
        assert lines == [*STEPS.splitlines(), "without an end"]

    def test_silence_is_filled_with_what_is_in_progress(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(operate_output, "_SILENT_SECONDS", 0.3)
        lines: list[str] = []
        output = Output(lines.append)
        output.sink.write(STEPS.encode())
        output.sink.flush()
        wait_for(lambda: "in progress" in " ".join(lines[-1:]), "a line about the silence")
        output.finish()
        pattern = r"  in progress: access-endpoint \(creating for \d+ s\), team \(updating for .*"
        assert re.fullmatch(pattern, next(line for line in lines if "in progress" in line))

    @pytest.mark.parametrize("left", [0, 1], ids=["nothing left", "resources left"])
    def test_deleted_is_printed_only_if_it_is_true(self, tmp_path: Path, left: int) -> None:
        stack = fake_stack(tmp_path / "shop", PRINTS=DELETED)
        write(checkpoint_file(stack), CHECKPOINT)
        resources = [{"custom": True}] * left
        write(stack.folder / "state.json", {"deployment": {"resources": resources}})
        lines: list[str] = []
        assert operations.down(stack, (), lines.append) == left
        assert (DELETED in lines) == (left == 0)


class TestOperations:
    @pytest.mark.parametrize("ended_well", [True, False], ids=["ended well", "killed"])
    def test_a_killed_run_makes_the_next_look_for_its_resources(
        self, stack: PulumiStack, monkeypatch: pytest.MonkeyPatch, ended_well: bool
    ) -> None:
        asked: list[bool] = []

        def recover(opened: PulumiStack, *, echo: object, suspect: bool) -> Recovered:
            asked.append(suspect)
            return Recovered(blocked=("a VPC has two owners. Delete one.",))

        with exclusive(stack, "up", print) as record:
            if ended_well:
                record.succeeded()
        monkeypatch.setattr(operations, "recover", recover)
        with pytest.raises(DashlinkError, match=r"^a VPC has two owners\. Delete one\.$"):
            operations.up(stack, (), print)
        assert asked == [not ended_well]
        assert calls(stack) == [], "nothing is made"

    def test_down_goes_on_where_nothing_can_be_looked_up(
        self, stack: PulumiStack, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def recover(opened: PulumiStack, **options: object) -> Recovered:
            raise DashlinkError("the settings are invalid")

        monkeypatch.setattr(operations, "recover", recover)
        lines: list[str] = []
        assert operations.down(stack, (), lines.append) == 0
        assert "not looked for what a killed run left: the settings are invalid" in lines[0]

    def test_options_are_passed_to_pulumi(self, stack: PulumiStack) -> None:
        assert operations.up(stack, ["--yes", "--target", "urn:x"], print) == 0
        assert calls(stack)[-1] == ["up", "--yes", "--target", "urn:x", "--stack", "dev"]

    def test_the_exit_code_is_that_of_pulumi(self, tmp_path: Path) -> None:
        stack = fake_stack(tmp_path / "shop", EXIT_CODE="5")
        write(checkpoint_file(stack), CHECKPOINT)
        assert operations.up(stack, (), print) == 5

    def test_a_new_stack_keeps_the_provider_of_its_secrets(self, tmp_path: Path) -> None:
        stack = fake_stack(tmp_path / "shop")
        stack.settings_file.write_text("secretsprovider: hashivault://key\nconfig: {}\n")
        assert operations.up(stack, (), print) == 0
        init = next(call for call in calls(stack) if call[:2] == ["stack", "init"])
        assert init[2:5] == ["--no-select", "--secrets-provider", "hashivault://key"]

    def test_drift_changes_nothing_and_expects_no_difference(self, stack: PulumiStack) -> None:
        before = files(stack.folder / "stacks")
        stack = replace(stack, environment={**stack.environment, "PRINTS": '{"steps": []}'})
        assert operations.drift(stack, ["--target", "urn:x"], print) == 0
        (call,) = calls(stack)
        assert call[:5] == ["refresh", "--preview-only", "--json", "--target", "urn:x"]
        assert files(stack.folder / "stacks") == before

    @pytest.mark.parametrize("name", ["down", "refresh", "drift"], ids=str)
    def test_a_stack_that_is_missing_is_refused(self, tmp_path: Path, name: str) -> None:
        stack = fake_stack(tmp_path / "shop")
        with pytest.raises(DashlinkError, match=r"stack dev: not in the backend file:///"):
            getattr(operations, name)(stack, (), print)

    def test_down_with_resources_left_is_no_success(self, stack: PulumiStack) -> None:
        left = {"deployment": {"resources": [{"custom": True}, {"custom": False}]}}
        (stack.folder / "state.json").write_text(json.dumps(left))
        lines: list[str] = []
        assert operations.down(stack, ["--yes"], lines.append) == 1
        assert lines[-1] == (
            "Stack dev: not destroyed: 1 resources are left (Pulumi's message above is wrong). "
            "Run `dashlink down dev` again."
        )

    @pytest.mark.parametrize("was_killed", [True, False], ids=["killed", "ended well"])
    def test_a_failed_down_after_a_kill_is_tried_once_more(
        self, tmp_path: Path, was_killed: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        stack = fake_stack(tmp_path / "shop", EXIT_CODE="1")
        write(checkpoint_file(stack), CHECKPOINT)
        monkeypatch.setattr(operations, "recover", lambda stack, **options: Recovered())
        if was_killed:
            write(lock_file(stack), dead_lock())
        assert operations.down(stack, ["--yes"], print) == 1
        tried = [call for call in calls(stack) if call[0] == "destroy"]
        first = ["destroy", "--yes", "--stack", "dev"]
        again = ["destroy", "--refresh", "--yes", "--stack", "dev"]
        assert tried == [first, again][: 1 + was_killed]

    def test_down_of_a_target_may_leave_resources(self, stack: PulumiStack) -> None:
        left = {"deployment": {"resources": [{"custom": True}]}}
        (stack.folder / "state.json").write_text(json.dumps(left))
        assert operations.down(stack, ["--yes", "--target=urn:x"], print) == 0

    @pytest.mark.parametrize("exists", [True, False], ids=["existing", "new"])
    def test_preview_changes_no_file(self, tmp_path: Path, exists: bool) -> None:
        stack = fake_stack(tmp_path / "shop")
        if exists:
            write(checkpoint_file(stack), CHECKPOINT)
        before = files(stack.folder / "stacks") | files(stack.folder / "state")
        assert operations.preview(stack, ["--diff"], print) == 0
        assert files(stack.folder / "stacks") | files(stack.folder / "state") == before
        own = (stack.folder / "backend").read_text() == stack.backend_url
        assert own == exists


def files(folder: Path) -> dict[str, bytes]:
    found = {}
    for path in folder.rglob("*"):
        if path.is_file():
            found[str(path)] = path.read_bytes()
    return found


RUN = """
import sys
from pathlib import Path
from dashlink.operate import operations
from dashlink.pulumi_stack import PulumiStack
from dashlink.recovery import Recovered
import os
operations.recover = lambda stack, **options: Recovered()  # it has tests of its own
folder = Path(sys.argv[1])
stack = PulumiStack("dev", folder, dict(os.environ), str(folder / "bin" / "pulumi"))
sys.exit(operations.up(stack, sys.argv[2:], lambda line: print(line, flush=True)))
"""


@pytest.fixture
def run(stack: PulumiStack) -> Callable[..., subprocess.Popen[str]]:
    """Start `up` in a process of its own, and wait until Pulumi works."""

    def start(*options: str) -> subprocess.Popen[str]:
        child = subprocess.Popen(
            [sys.executable, "-c", RUN, str(stack.folder), *options],
            env=dict(stack.environment),
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        wait_for((stack.folder / "started").exists, "Pulumi works")
        return child

    return start


class TestSignals:
    @pytest.mark.parametrize(
        ("number", "received", "code"),
        [
            pytest.param(signal.SIGINT, signal.SIGINT, 130, id="Ctrl-C"),
            pytest.param(signal.SIGTERM, signal.SIGTERM, 143, id="SIGTERM"),
            pytest.param(signal.SIGHUP, signal.SIGINT, 129, id="closed terminal"),
        ],
    )
    def test_a_signal_asks_pulumi_to_finish(self, stack, run, number, received, code) -> None:
        child = run("--until-asked", "1")
        child.send_signal(number)
        output, _ = child.communicate(timeout=30)
        assert child.returncode == code
        assert json.loads((stack.folder / "signals").read_text()) == [received]
        assert "`up` was interrupted. Run `dashlink up dev` again" in output

    def test_a_second_signal_is_passed_on(self, stack, run) -> None:
        child = run("--until-asked", "2")
        child.send_signal(signal.SIGINT)
        wait_for((stack.folder / "signals").exists, "the first signal")
        child.send_signal(signal.SIGINT)
        child.communicate(timeout=30)
        assert child.returncode == 130
        assert json.loads((stack.folder / "signals").read_text()) == [2, 2]

    def test_a_third_signal_kills(self, stack, run) -> None:
        child = run("--until-asked", "9", "--with-plugin")
        for count in (1, 2, 3):
            child.send_signal(signal.SIGINT)
            wait_for(lambda count=count: asked(stack) >= min(count, 2), f"signal {count}")
        child.communicate(timeout=30)
        assert child.returncode == 130
        assert not psutil.pid_exists(int((stack.folder / "started").read_text()))

    def test_two_hangups_are_one(self, stack, run) -> None:
        child = run("--until-asked", "2")
        for _ in range(3):  # the kernel and the shell
            child.send_signal(signal.SIGHUP)
        wait_for(lambda: asked(stack) == 1, "the request to finish")
        child.send_signal(signal.SIGTERM)
        child.communicate(timeout=30)
        assert json.loads((stack.folder / "signals").read_text()) == [2, 15]


def asked(stack: PulumiStack) -> int:
    file = stack.folder / "signals"
    try:
        return len(json.loads(file.read_text()))
    except (OSError, ValueError):
        return 0


class TestProcesses:
    def test_what_pulumi_leaves_is_ended(self, stack, run) -> None:
        child = run("--with-plugin")
        output, _ = child.communicate(timeout=30)
        plugin = int((stack.folder / "plugin").read_text())
        assert f"ended what Pulumi left: pulumi-resource-alicloud ({plugin})" in output
        assert not is_working(plugin)

    def test_pulumi_of_a_killed_run_finishes_first(self, stack, run) -> None:
        child = run("--until-asked", "1", "--with-plugin")
        child.kill()
        child.wait()
        engine = int((stack.folder / "started").read_text())
        lines: list[str] = []
        assert leftovers.clear(stack, lines.append)
        assert f"still at work (process {engine}); it finishes" in lines[0]
        assert json.loads((stack.folder / "signals").read_text()) == [2]
        assert not is_working(int((stack.folder / "plugin").read_text()))
        assert processes.left_of_dead_runs(key_of(stack)) == []

    def test_a_living_run_is_waited_for(self, stack, run) -> None:
        first = run("--until-asked", "1")
        second = run()
        line = second.stdout.readline()
        assert line.startswith("Stack dev: waiting for `dashlink up` (")
        assert f"process {first.pid}, since " in line
        first.send_signal(signal.SIGINT)
        first.communicate(timeout=30)
        second.communicate(timeout=30)
        assert second.returncode == 0
        assert [call[0] for call in calls(stack) if call[0] == "up"] == ["up", "up"]

    def test_an_unfinished_run_is_known_to_the_next(self, stack, run) -> None:
        with exclusive(stack, "up", print) as first:
            assert not first.was_unfinished
        with exclusive(stack, "up", print) as second:
            assert second.was_unfinished
            second.succeeded()
        with exclusive(stack, "up", print) as third:
            assert not third.was_unfinished

    def test_processes_of_living_runs_are_not_left(self, stack) -> None:
        mark = processes.own_mark(key_of(stack))
        environment = {**stack.environment, MARK: str(mark)}
        command = [sys.executable, "-c", "import time; time.sleep(600)"]
        child = subprocess.Popen(command, env=environment)
        wait_for(lambda: processes.left_of_run(mark), "the child has its environment")
        assert processes.left_of_dead_runs(key_of(stack)) == []
        processes.end(processes.left_of_run(mark))
        assert not is_working(child.pid)

    def test_a_plugin_without_its_engine_is_lost(self, stack) -> None:
        with socket.socket() as engine:
            engine.bind(("127.0.0.1", 0))
            engine.listen()
            address = f"127.0.0.1:{engine.getsockname()[1]}"
            command = [sys.executable, "-c", "import time; time.sleep(600)"]
            command += ["pulumi-resource-alicloud", address]
            plugin = subprocess.Popen(command, cwd=stack.folder, env=dict(stack.environment))
            assert processes.lost_plugins(stack.folder) == []
        wait_for(lambda: processes.lost_plugins(stack.folder), "the plugin is found")
        lines: list[str] = []
        assert leftovers.clear(stack, lines.append)
        name = f"pulumi-resource-alicloud ({plugin.pid})"
        assert lines == [f"Stack dev: ended plugins of a killed run: {name}"]
        assert not is_working(plugin.pid)

    @pytest.mark.parametrize("text", ["", "a", "a/b/c", "a/1"], ids=repr)
    def test_other_marks_are_none(self, text: str) -> None:
        assert processes.mark_of({MARK: text}) is None
        mark = Mark("a", 1, 2.5)
        assert processes.mark_of({MARK: str(mark)}) == mark


def is_working(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
