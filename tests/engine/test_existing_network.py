"""Stacks on a network that exists: it is checked, used and never changed."""

from __future__ import annotations

from copy import deepcopy

import pytest
from support.clouds import REGION, create_group, create_vpc, create_vswitches, open_port

pytestmark = pytest.mark.engine

CIDR = "10.50.0.0/16"
BLOCKS = {"cn-beijing-h": "10.50.1.0/24", "cn-beijing-k": "10.50.2.0/24"}


@pytest.fixture(scope="class")
def existing(cloud):
    """Ids of a VPC with two vSwitches and a security group without rules."""
    vpc_id = create_vpc(cloud, CIDR)
    return {
        "vpc_id": vpc_id,
        "vswitch_ids": create_vswitches(cloud, vpc_id, BLOCKS),
        "security_group_id": create_group(cloud, vpc_id),
    }


def settings(**network):
    return {
        "alicloud:region": REGION,
        "dashlink:network": {"zones": sorted(BLOCKS), **network},
        "dashlink:endpoints": {"dashscope": {"service": "com.aliyuncs.dashscope"}},
    }


@pytest.fixture(scope="class")
def stack(create_stack, existing):
    """A stack on the network, not deployed."""
    return create_stack(settings(**existing))


@pytest.fixture(scope="class")
def refusal(stack):
    """The output of `up` while the security group has no rules."""
    return stack.refused()


@pytest.fixture(scope="class")
def before(cloud, existing, refusal):
    """The cloud's state before the stack is deployed, with the rule that the error names."""
    open_port(cloud, existing["security_group_id"], 443, CIDR)
    return cloud.state.model_copy(deep=True)


@pytest.fixture(scope="class")
def deployed(stack, before):
    stack.deploy()
    return stack


class TestExistingNetwork:
    def test_missing_rules_are_reported_before_up_starts(self, cloud, refusal):
        assert "network.security_group_id" in refusal
        assert f"accept, TCP, port 443/443, from {CIDR}" in refusal
        assert "TCP 80" not in refusal  # clients dial the private name by https
        assert not cloud.state.endpoints

    def test_the_outputs_have_the_existing_ids(self, deployed, existing):
        outputs = deployed.outputs()
        assert outputs["vpc_id"] == existing["vpc_id"]
        assert outputs["vswitch_ids"] == existing["vswitch_ids"]

    def test_up_leaves_nothing_to_do(self, deployed):
        assert deployed.preview() == {}
        deployed.refresh()

    def test_destroy_leaves_the_network_as_it_was(self, cloud, deployed, before):
        deployed.destroy()
        after = cloud.state
        assert after.vpcs == before.vpcs
        assert after.vswitches == before.vswitches
        assert after.security_groups == before.security_groups
        assert not after.endpoints
        assert not after.private_zones


@pytest.fixture(scope="class")
def https_only(existing):
    """Settings with the existing VPC and a new security group."""
    vpc = {name: existing[name] for name in ("vpc_id", "vswitch_ids")}
    return settings(**vpc, ingress={"https_only": True})


@pytest.fixture(scope="class")
def stack_with_group(create_stack, https_only):
    stack = create_stack(https_only)
    stack.deploy()
    return stack


class TestNewGroup:
    def test_the_group_allows_https_from_the_vpc(self, cloud, stack_with_group):
        (group,) = [row for row in cloud.state.security_groups.values() if row.rules]
        rules = [(rule.ports, rule.source_cidr) for rule in group.rules]
        assert rules == [("443/443", CIDR)]

    def test_up_leaves_nothing_to_do(self, stack_with_group):
        assert stack_with_group.preview() == {}

    def test_one_more_range_is_one_more_rule(self, stack_with_group, https_only):
        wider = deepcopy(https_only)
        wider["dashlink:network"]["ingress"]["from_cidrs"] = ["10.99.0.0/24"]
        stack_with_group.configure(wider)
        planned = stack_with_group.preview()
        assert list(planned) == ["create"]
        assert len(planned["create"]) == 1
        stack_with_group.deploy()
        assert stack_with_group.preview() == {}

    def test_destroy_leaves_the_existing_network(self, cloud, stack_with_group, existing):
        stack_with_group.destroy()
        assert set(cloud.state.vpcs) == {existing["vpc_id"]}
        assert set(cloud.state.security_groups) == {existing["security_group_id"]}
