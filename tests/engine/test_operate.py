"""`dashlink up`, `down` and `refresh` that are killed on the real engine: one more run is whole.

A drawn sample; `make campaign` runs hundreds of points.
"""

from __future__ import annotations

import pytest
from support.kill_points import (
    CONFIG,
    PROGRAM,
    KillPoint,
    again,
    problems,
    strike,
)

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
