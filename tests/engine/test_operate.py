"""`dashlink up`, `down` and `refresh` that are killed on the real engine: one more run is whole.

A drawn sample; `make campaign` runs hundreds of points.
"""

from __future__ import annotations

import pytest
from alibabacloud_vpc20160428 import models
from support import official
from support.cli import DASHLINK
from support.kill_points import (
    CONFIG,
    OPTIONS,
    PROGRAM,
    KillPoint,
    again,
    problems,
    strike,
)
from support.processes import run
from support.terminal import answer, on_terminal

pytestmark = pytest.mark.engine

WHOLE = {"vpcs": 1, "vswitches": 2, "route_tables": 1, "security_groups": 1, "consumers": 1}
POINTS = [
    KillPoint("up", "all", "VPC.CreateVpc"),
    KillPoint("up", "engine", "VPC.CreateVSwitch"),
    KillPoint("up", "alicloud", "ECS.CreateSecurityGroup"),
    KillPoint("up", "dashlink", "APIG.CreateConsumer"),
    KillPoint("up", "cli", "VPC.CreateVpc"),
    KillPoint("up", "program", seconds=0.5),
    KillPoint("up", "terminal", "VPC.CreateVpc"),
    KillPoint("up", "interrupt twice", "VPC.CreateVSwitch"),
    KillPoint("down", "all", "VPC.DeleteVSwitch"),
    KillPoint("down", "interrupt", "ECS.DeleteSecurityGroup"),
    KillPoint("refresh", "terminate", seconds=1.0),
]


@pytest.mark.parametrize("point", POINTS, ids=str)
def test_one_more_run_is_whole(create_stack, cloud, point):
    stack = create_stack(CONFIG, PROGRAM)
    if point.command != "up":
        stack.deploy()
    strike(point, stack, cloud)
    expected = WHOLE
    if point.command == "down":
        expected = {}
    assert problems(stack, cloud, again(point, stack), expected) == []


def dashlink(stack, *arguments):
    """Run `dashlink` on a stack."""
    environment = stack.environment()
    return run([DASHLINK, *arguments], folder=stack.folder, environment=environment)


@pytest.fixture(scope="class")
def fresh(create_stack):
    """A stack that its backend does not have, with a file that has no salt."""
    stack = create_stack(CONFIG, PROGRAM)
    stack.run("stack", "rm", stack.name, "--yes", "--preserve-config")
    stack.settings_file.write_text("config:\n  alicloud:region: cn-beijing   # as written\n")
    return stack


@pytest.fixture(scope="class")
def previewed(fresh):
    before = fresh.settings_file.read_bytes(), fresh.state()
    done = dashlink(fresh, "preview", fresh.name)
    return done, before, (fresh.settings_file.read_bytes(), fresh.state())


@pytest.fixture(scope="class")
def deployed(fresh, previewed):
    done = dashlink(fresh, "up", fresh.name, *OPTIONS)
    assert done.returncode == 0, done
    return done


@pytest.fixture(scope="class")
def drifted(cloud, fresh, deployed):
    """The exit codes of drift before and after a change by hand, and the second output."""
    before = dashlink(fresh, "drift", fresh.name)
    (vpc_id,) = cloud.state.vpcs
    request = models.ModifyVpcAttributeRequest(vpc_id=vpc_id, vpc_name="changed by hand")
    official.vpc(cloud).modify_vpc_attribute(request)
    file = fresh.settings_file.read_bytes()
    after = dashlink(fresh, "drift", fresh.name)
    assert fresh.settings_file.read_bytes() == file
    return before, after


def test_a_terminal_shows_the_prompt_of_pulumi(create_stack, cloud):
    stack = create_stack(CONFIG, PROGRAM)
    command = [DASHLINK, "up", stack.name]
    environment = stack.environment() | {"TERM": "xterm"}
    child, controller = on_terminal(command, stack.folder, environment)
    question = b"Do you want to perform this update?"
    shown = answer(child, controller, question, b"yes\r", seconds=300)
    assert child.returncode == 0, shown
    assert "9 created" in shown
    assert len(cloud.state.vpcs) == 1


class TestWithoutSideEffects:
    def test_a_preview_of_a_new_stack_shows_its_resources(self, previewed):
        done, _, _ = previewed
        assert done.returncode == 0, done
        assert "not in the backend yet; previewed as a new stack" in done.stdout
        assert "+ 9 to create" in done.stdout

    def test_a_preview_changes_neither_file_nor_backend(self, previewed):
        _, before, after = previewed
        assert before == after

    def test_up_creates_the_stack(self, fresh, deployed):
        assert f"Stack {fresh.name}: created in file:///" in deployed.stdout

    def test_drift_returns_7_for_a_difference(self, drifted):
        before, after = drifted
        assert (before.returncode, after.returncode) == (0, 7), (before, after)
        assert "changed by hand" in after.stdout
