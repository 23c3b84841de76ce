"""The sandbox is a cloud for others too: Terraform's own alicloud provider manages the same resources on it."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from support.stacks import LONGEST_RUN, plain_environment

import dashlink_sandbox
from engine import terraform

CONFIGURATION = Path(__file__).parent / "terraform" / "main.tf"
NOTHING_CHANGES, SOMETHING_CHANGES = 0, 2


@pytest.fixture
def run(tmp_path: Path, cloud: dashlink_sandbox.Sandbox) -> Callable[..., tuple[int, str]]:
    """Run a command of the Terraform CLI in a folder with the configuration; gives its exit code and what it said."""
    shutil.copy(CONFIGURATION, tmp_path)
    tool = terraform.terraform(tmp_path)
    environment = tool.environment(plain_environment(**cloud.env))

    def command(*words: str) -> tuple[int, str]:
        done = subprocess.run(
            [tool.program, *words, "-no-color"],
            cwd=tmp_path,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=LONGEST_RUN,
            check=False,
        )
        return done.returncode, done.stdout

    return command


@pytest.mark.engine
def test_terraform_applies_then_plans_nothing_then_leaves_the_cloud_empty(
    run: Callable[..., tuple[int, str]], cloud: dashlink_sandbox.Sandbox
) -> None:
    code, said = run("apply", "-auto-approve")
    assert code == 0, said
    assert 'private_domain = "vpc-cn-beijing.dashscope.aliyuncs.com"' in said
    code, said = run("plan", "-detailed-exitcode")
    assert code == NOTHING_CHANGES, said
    code, said = run("plan", "-detailed-exitcode", "-destroy")
    assert code == SOMETHING_CHANGES, said
    code, said = run("destroy", "-auto-approve")
    assert code == 0, said
    assert "Destroy complete! Resources: 12 destroyed." in said
    left = cloud.state
    kinds = (left.vpcs, left.vswitches, left.security_groups, left.endpoints, left.private_zones)
    assert [sorted(kind) for kind in kinds] == [[], [], [], [], []], "nothing is left in the cloud"
