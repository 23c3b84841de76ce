"""`make live` in a fresh checkout: the life of a scratch stack, with the account of another."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess

import pytest
import yaml
from support.processes import run, run_ok
from support.sandbox_admin import inject_fault

from engine.process import clean_environment

pytestmark = pytest.mark.engine

SETTINGS = {
    "alicloud:region": "cn-beijing",
    "dashlink:network": {
        "cidr": "10.20.0.0/16",
        "zones": ["cn-beijing-h", "cn-beijing-k", "cn-beijing-l"],
    },
    "dashlink:endpoints": {"dashscope": {"service": "com.aliyuncs.dashscope"}},
    "dashlink:gateway": {"zones": ["cn-beijing-h", "cn-beijing-k"]},
    "dashlink:tags": {"stage": "account"},
}
STEPS = [
    "up",
    "a preview without changes",
    "a refresh without changes",
    "dashlink verify, with its report",
    "destroy",
    "nothing is left",
]


class Account:
    """A checkout with the stack `account`, whose environment leads to a cloud as to an account."""

    def __init__(self, checkout, cloud):
        self.checkout = checkout
        self.cloud = cloud
        self.report = checkout / "live-report.json"
        state = checkout.with_name("state")
        state.mkdir()
        self.backend = state.as_uri()
        self.environment = {
            **clean_environment(),
            **cloud.env,
            "DASHLINK_ENGINE_RELEASE": "off",
            "PULUMI_BACKEND_URL": self.backend,
            "PULUMI_CONFIG_PASSPHRASE": "passphrase of the account",
            "PULUMI_HOME": str(checkout.with_name("home")),
            "NO_COLOR": "1",
        }
        file = checkout / "stacks" / "Pulumi.account.yaml"
        file.write_text(yaml.safe_dump({"config": SETTINGS}))
        commit = ["git", "-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-m", "account"]
        run_ok(["git", "add", "--all"], folder=checkout)
        run_ok(commit, folder=checkout)
        self._settings_files = self.settings_files()

    def command(self, *options):
        python = str(self.checkout / ".venv" / "bin" / "python")
        return [python, "-m", "engine", "live", "--stack", "account", *options]

    def live(self, *options):
        """Run `make live` without a terminal."""
        command = self.command(*options)
        return run(command, folder=self.checkout, environment=self.environment)

    def live_on_a_terminal(self, answer):
        """Run `make live` on a terminal, and answer its question; return exit code and output."""
        controller, terminal = pty.openpty()
        os.write(controller, f"{answer}\n".encode())
        done = subprocess.run(
            self.command(),
            cwd=self.checkout,
            env=self.environment,
            stdin=terminal,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        os.close(controller)
        os.close(terminal)
        return done.returncode, done.stdout

    def files_left(self):
        """The files that are new or changed; of settings, ignored ones too."""
        changed = run_ok(["git", "status", "--short"], folder=self.checkout).splitlines()
        return {*changed, *(self.settings_files() - self._settings_files)}

    def settings_files(self):
        return {path.name for path in (self.checkout / "stacks").glob("Pulumi.*")}


def results(done):
    """The result of each step, as the run's last lines have them."""
    rows = re.findall(r"^  (ok|failed) +(.+)$", done.stdout, re.MULTILINE)
    return [(step, result) for result, step in rows]


def records_of(cloud):
    """The numbers of records of each kind that a stack creates."""
    state = cloud.state
    kinds = ("vpcs", "vswitches", "security_groups", "endpoints", "private_zones", "gateways")
    kinds += ("ai_services", "domains", "consumers", "http_apis", "authorization_rules")
    return {kind: len(getattr(state, kind)) for kind in kinds if getattr(state, kind)}


@pytest.fixture(scope="class")
def account(checkout, cloud):
    return Account(checkout, cloud)


@pytest.fixture(scope="class")
def done(account):
    """The run that is confirmed."""
    return account.live("--yes")


class TestLive:
    def test_a_run_without_a_terminal_needs_yes(self, account, cloud):
        refused = account.live()
        assert refused.returncode == 1
        assert refused.stderr == ("live: it creates resources that cost money. Confirm by --yes.\n")
        assert records_of(cloud) == {}
        assert account.files_left() == set()

    def test_another_answer_than_the_name_starts_nothing(self, account, cloud):
        code, output = account.live_on_a_terminal("yes")
        assert code == 1
        assert output.endswith("Nothing was created.\n")
        assert cloud.cloud.log() == []
        assert account.files_left() == set()

    def test_a_stack_without_a_state_backend_leaves_no_file(self, account, cloud):
        account.environment["PULUMI_BACKEND_URL"] = "file:///dev/null/state"
        refused = account.live("--yes")
        account.environment["PULUMI_BACKEND_URL"] = account.backend
        assert refused.returncode == 1
        assert "pulumi stack select --create failed" in refused.stderr
        assert cloud.cloud.log() == []
        assert account.files_left() == set()

    def test_it_announces_what_it_creates_and_costs(self, done):
        lines = done.stdout.splitlines()
        scratch = re.fullmatch(
            r"Stack (live-[0-9a-f]{6}), in cn-beijing, with the account of account:", lines[0]
        )
        assert scratch
        assert lines[1:6] == [
            "  a VPC 10.253.0.0/16, vSwitches in 2 zones, a security group: free of charge",
            "  2 x endpoint, for each zone: CNY 0.14 for each started hour",
            "  2 x private zone: no price known here; see the cloud's price page",
            "  1 x AI gateway: no price known here; see the cloud's price page",
            "  At the end everything is destroyed; nothing of it is left. "
            "It takes about 15 minutes.",
        ]

    def test_every_step_succeeds(self, done):
        assert done.returncode == 0, done
        assert results(done) == [(step, "ok") for step in STEPS]

    def test_the_scratch_stack_had_every_scene(self, cloud, done):
        created = [call for call in cloud.cloud.log() if call["action"] == "CreateHttpApi"]
        assert len([call for call in created if call["status"] == 200]) >= 7

    def test_it_writes_the_report_of_verify(self, account, done):
        report = json.loads(account.report.read_text())
        assert report
        assert f"Report: {account.report}" in done.stdout

    def test_nothing_is_left_in_the_cloud(self, cloud, done):
        assert records_of(cloud) == {}

    def test_no_file_is_left_in_the_checkout(self, account, done):
        assert account.files_left() == set()

    def test_a_run_that_fails_destroys_what_it_created(self, account, cloud, done):
        # The alicloud provider retries an HTTP 500 for ten minutes, but no refusal.
        inject_fault(cloud, kind="refuse", product="VPC", action="CreateVSwitch", times=1000)
        failed = account.live("--yes")
        assert failed.returncode == 1
        assert results(failed) == [("up", "failed"), ("destroy", "ok"), ("nothing is left", "ok")]
        assert records_of(cloud) == {}
        assert not account.report.exists()
        assert account.files_left() == set()
