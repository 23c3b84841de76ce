"""Stacks on a network that exists: it is checked, used and never changed."""

from __future__ import annotations

from copy import deepcopy

import pytest
from support.base_stacks import assert_sound
from support.clouds import REGION, create_group, create_vpc, create_vswitches, open_port
from support.life import FURTHER_RANGE, Life

pytestmark = pytest.mark.engine

CIDR = "10.50.0.0/16"
BLOCKS = {"cn-beijing-h": "10.50.1.0/24", "cn-beijing-k": "10.50.2.0/24"}
NO_TAGS = {}
FURTHER = {"cn-beijing-l": "10.50.3.0/24"}


@pytest.fixture(scope="class")
def existing(cloud):
    """Ids of a VPC with two vSwitches and a security group without rules."""
    vpc_id = create_vpc(cloud, CIDR)
    return {
        "vpc_id": vpc_id,
        "vswitch_ids": create_vswitches(cloud, vpc_id, BLOCKS),
        "security_group_id": create_group(cloud, vpc_id),
    }


def with_network(**network):
    return {
        "alicloud:region": REGION,
        "dashlink:network": {"zones": sorted(BLOCKS), **network},
        "dashlink:endpoints": {"dashscope": {"service": "com.aliyuncs.dashscope"}},
    }


class ExistingNetwork(Life):
    """A VPC and vSwitches that exist."""

    cidr = CIDR
    blocks = BLOCKS
    tags = NO_TAGS
    further_block = FURTHER["cn-beijing-l"]
    creates_vswitches = False

    @pytest.fixture(scope="class")
    @classmethod
    def wider(cls, cloud, existing, settings):
        """The settings with a further vSwitch, which its owner has created, and a range."""
        wider = deepcopy(settings)
        network = wider["dashlink:network"]
        network["zones"] = [*network["zones"], *FURTHER]
        network["vswitch_ids"] |= create_vswitches(cloud, existing["vpc_id"], FURTHER)
        network["ingress"] = {**network.get("ingress", {}), "from_cidrs": [FURTHER_RANGE]}
        return wider


@pytest.fixture(scope="class")
def refusal(create_stack, settings):
    """The stack, and the output of its `up` while the security group has no rules."""
    stack = create_stack(settings)
    return stack, stack.refused()


class TestExistingGroup(ExistingNetwork):
    creates_group = False
    ports = (443,)

    @pytest.fixture(scope="class")
    @classmethod
    def settings(cls, existing):
        return with_network(**existing)

    @pytest.fixture(scope="class")
    @classmethod
    def stack(cls, cloud, existing, refusal):
        """The deployed stack, after the rule that the error names was added."""
        stack, _ = refusal
        open_port(cloud, existing["security_group_id"], 443, CIDR)
        stack.deploy()
        return stack

    @pytest.fixture(scope="class")
    @classmethod
    def refused_range(cls, stack, wider, retagged):
        """The output of `up` while the group does not let in the further range."""
        stack.configure(wider)
        return stack.refused()

    @pytest.fixture(scope="class")
    @classmethod
    def before(cls, cloud, existing, refused_range):
        """The network, with the further rule that the error names."""
        open_port(cloud, existing["security_group_id"], 443, FURTHER_RANGE)
        return cloud.state.model_copy(deep=True)

    @pytest.fixture(scope="class")
    @classmethod
    def widened(cls, stack, wider, before):
        stack.configure({**wider, "dashlink:tags": {"team": "ranking"}})
        return stack.deploy()

    def test_a_missing_rule_is_reported_before_up_starts(self, refusal):
        _, output = refusal
        assert "network.security_group_id" in output
        assert f"accept, TCP, port 443/443, from {CIDR}" in output
        assert "TCP 80" not in output  # clients dial the private name by https
        assert "Created" not in output

    def test_a_range_without_a_rule_is_reported_too(self, refused_range):
        assert f"accept, TCP, port 443/443, from {FURTHER_RANGE}" in refused_range

    def test_the_outputs_have_the_existing_ids(self, outputs, existing):
        assert outputs["vpc_id"] == existing["vpc_id"]
        assert outputs["vswitch_ids"] == existing["vswitch_ids"]
        assert outputs["security_group_id"] == existing["security_group_id"]

    def test_check_finds_nothing_wrong(self, stack, outputs):
        assert_sound(stack)

    def test_destroy_leaves_the_network_as_it_was(self, cloud, stack, before):
        stack.destroy()
        after = cloud.state
        assert after.vpcs == before.vpcs
        assert after.vswitches == before.vswitches
        assert after.security_groups == before.security_groups
        assert not after.endpoints
        assert not after.private_zones


class TestNewGroup(ExistingNetwork):
    ports = (443,)

    @pytest.fixture(scope="class")
    @classmethod
    def settings(cls, existing):
        """Settings with the existing VPC and a new security group."""
        vpc = {name: existing[name] for name in ("vpc_id", "vswitch_ids")}
        return with_network(**vpc, ingress={"https_only": True})

    def test_the_group_is_a_new_one(self, outputs, existing):
        assert outputs["security_group_id"] != existing["security_group_id"]

    def test_destroy_leaves_the_existing_network(self, cloud, stack, existing, widened):
        stack.destroy()
        assert set(cloud.state.vpcs) == {existing["vpc_id"]}
        assert set(cloud.state.security_groups) == {existing["security_group_id"]}
        assert len(cloud.state.vswitches) == len(BLOCKS) + len(FURTHER)
