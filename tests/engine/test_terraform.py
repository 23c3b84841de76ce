"""Terraform's own alicloud provider manages the same resources on the sandbox."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from support.base_stacks import assert_no_network
from support.processes import run

from engine import terraform
from engine.process import clean_environment

pytestmark = pytest.mark.engine

CONFIGURATION = Path(__file__).parent / "terraform" / "main.tf"
NO_CHANGES = 0
CHANGES = 2


@pytest.fixture(scope="class")
def command(folder, cloud):
    """A function that runs a command of the Terraform CLI in a folder with the configuration."""
    shutil.copy(CONFIGURATION, folder)
    tool = terraform.terraform(folder)
    environment = tool.environment({**clean_environment(), **cloud.env})

    def command(*arguments):
        return run([tool.program, *arguments, "-no-color"], folder=folder, environment=environment)

    return command


@pytest.fixture(scope="class")
def applied(command):
    """The output of `apply`."""
    done = command("apply", "-auto-approve")
    assert done.returncode == 0, done
    return done.output


class TestTerraform:
    def test_apply_outputs_the_private_name(self, applied):
        assert 'private_domain = "vpc-cn-beijing.dashscope.aliyuncs.com"' in applied

    def test_a_plan_after_apply_has_no_changes(self, applied, command):
        plan = command("plan", "-detailed-exitcode")
        assert plan.returncode == NO_CHANGES, plan

    def test_a_plan_to_destroy_has_changes(self, applied, command):
        plan = command("plan", "-detailed-exitcode", "-destroy")
        assert plan.returncode == CHANGES, plan

    def test_destroy_leaves_nothing(self, applied, command, cloud):
        done = command("destroy", "-auto-approve")
        assert done.returncode == 0, done
        assert "Destroy complete! Resources: 12 destroyed." in done.output
        assert_no_network(cloud)
