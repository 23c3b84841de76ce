"""A stack on a network that was there before: it is used, held against the need, and never changed."""

from __future__ import annotations

from copy import deepcopy

import pytest
from alibabacloud_ecs20140526 import models as ecs_models
from alibabacloud_vpc20160428 import models as vpc_models
from support import official

pytestmark = pytest.mark.engine

REGION = "cn-beijing"
BLOCKS = {"cn-beijing-h": "10.50.1.0/24", "cn-beijing-k": "10.50.2.0/24"}


@pytest.fixture
def existing(cloud):
    """Ids of a VPC with two vSwitches and a security group without rules, made by the official SDKs."""
    vpc, ecs = official.vpc(cloud), official.ecs(cloud)
    vpc_id = vpc.create_vpc(
        vpc_models.CreateVpcRequest(region_id=REGION, cidr_block="10.50.0.0/16")
    ).body.vpc_id
    asked = vpc_models.DescribeVpcAttributeRequest(region_id=REGION, vpc_id=vpc_id)
    while vpc.describe_vpc_attribute(asked).body.status != "Available":
        pass
    vswitch_ids = {
        zone: vpc.create_vswitch(
            vpc_models.CreateVSwitchRequest(
                region_id=REGION, vpc_id=vpc_id, zone_id=zone, cidr_block=block
            )
        ).body.v_switch_id
        for zone, block in BLOCKS.items()
    }
    group = ecs.create_security_group(
        ecs_models.CreateSecurityGroupRequest(region_id=REGION, vpc_id=vpc_id)
    ).body
    return {
        "vpc_id": vpc_id,
        "vswitch_ids": vswitch_ids,
        "security_group_id": group.security_group_id,
    }


def let_in(cloud, existing, port):
    """Add the rule that the error asks for, as its reader would."""
    permission = ecs_models.AuthorizeSecurityGroupRequestPermissions(
        ip_protocol="tcp",
        port_range=f"{port}/{port}",
        source_cidr_ip="10.50.0.0/16",
        policy="accept",
        priority="1",
    )
    official.ecs(cloud).authorize_security_group(
        ecs_models.AuthorizeSecurityGroupRequest(
            region_id=REGION,
            security_group_id=existing["security_group_id"],
            permissions=[permission],
        )
    )


def config(existing):
    return {
        "alicloud:region": REGION,
        "dashlink:network": {"zones": sorted(BLOCKS), **existing},
        "dashlink:endpoints": {"dashscope": {"service": "com.aliyuncs.dashscope"}},
    }


def test_an_existing_network_is_used_and_left_as_it_was(make_stack, cloud, existing):
    stack = make_stack(config(existing))
    refused = stack.up()
    assert refused.code != 0
    assert "network.security_group_id" in refused.output
    assert "80" in refused.output
    assert "443" in refused.output
    assert "Traceback" not in refused.output
    assert not cloud.state.endpoints

    let_in(cloud, existing, 80)
    let_in(cloud, existing, 443)
    before = cloud.state.model_copy(deep=True)
    stack.deploy()
    outputs = stack.outputs()
    assert (outputs["vpc_id"], outputs["vswitch_ids"]) == (
        existing["vpc_id"],
        existing["vswitch_ids"],
    )
    assert stack.plan() == {}
    stack.refresh()
    stack.destroy()
    after = cloud.state
    assert (after.vpcs, after.vswitches, after.security_groups) == (
        before.vpcs,
        before.vswitches,
        before.security_groups,
    )
    assert not after.endpoints
    assert not after.private_zones


def test_a_new_group_in_an_existing_vpc_gains_one_rule_for_one_more_range(
    make_stack, cloud, existing
):
    mixed = config(existing)
    del mixed["dashlink:network"]["security_group_id"]
    mixed["dashlink:network"]["ingress"] = {"https_only": True}
    stack = make_stack(mixed)
    stack.deploy()
    (group,) = (item for item in cloud.state.security_groups.values() if item.rules)
    assert [(rule.ports, rule.source_cidr) for rule in group.rules] == [("443/443", "10.50.0.0/16")]
    assert stack.plan() == {}

    wider = deepcopy(mixed)
    wider["dashlink:network"]["ingress"]["from_cidrs"] = ["10.99.0.0/24"]
    stack.configure(wider)
    planned = stack.plan()
    assert list(planned) == ["create"]
    assert len(planned["create"]) == 1
    stack.deploy()
    assert stack.plan() == {}
    stack.destroy()
    assert set(cloud.state.vpcs) == {existing["vpc_id"]}
    assert set(cloud.state.security_groups) == {existing["security_group_id"]}
