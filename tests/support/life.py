"""The steps of every stack with endpoints, from `up` to the last change; a class has its settings.

A class of tests that inherits from `Deployed`, or from `Life` with its changes, adds its own tests,
`destroy` last: the inherited ones run first, in the order of their definition.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any, ClassVar

import pytest
from alibabacloud_ecs20140526 import models as ecs_models
from alibabacloud_privatelink20200415 import models as privatelink_models
from alibabacloud_vpc20160428 import models as vpc_models
from support import official
from support.base_stacks import assert_settled
from support.clouds import REGION
from support.stacks import Stack

from dashlink_sandbox import Sandbox

Config = dict[str, Any]
Planned = dict[str, list[str]]

FURTHER_RANGE = "10.99.0.0/24"
OWN_TAGS = {"made-by": "dashlink", "dashlink-project": "dashlink", "dashlink-stack": "test"}


class Deployed:
    """What `up` creates.

    Attributes:
        config: Its settings.
        region: Its region.
        cidr: The block of its VPC.
        blocks: The blocks of its vSwitches, by zone.
        tags: The tags of its VPC and vSwitches.
        creates_vswitches: Whether the vSwitches are its own.
        creates_group: Whether the security group is its own.
        ports: The ports that the security group opens.
    """

    config: ClassVar[Mapping[str, Any]]
    region: ClassVar[str] = REGION
    cidr: ClassVar[str]
    blocks: ClassVar[Mapping[str, str]]
    tags: ClassVar[Mapping[str, str]] = OWN_TAGS
    creates_vswitches: ClassVar[bool] = True
    creates_group: ClassVar[bool] = True
    ports: ClassVar[tuple[int, ...]] = (443, 80)

    @pytest.fixture(scope="class")
    @classmethod
    def settings(cls) -> Config:
        """The settings of the stack."""
        return deepcopy(dict(cls.config))

    @pytest.fixture(scope="class")
    @classmethod
    def stack(cls, create_stack: Callable[..., Stack], settings: Config) -> Stack:
        """The deployed stack."""
        stack = create_stack(settings)
        stack.deploy()
        return stack

    @pytest.fixture(scope="class")
    @classmethod
    def outputs(cls, stack: Stack) -> Config:
        """The outputs before any change."""
        return stack.outputs()

    def test_up_leaves_nothing_to_do(self, stack: Stack, outputs: Config) -> None:
        assert_settled(stack)

    def test_the_vpc_has_its_block_and_tags(self, cloud: Sandbox, outputs: Config) -> None:
        client = official.vpc(cloud, region_id=self.region)
        request = vpc_models.DescribeVpcsRequest(region_id=self.region)
        (vpc,) = client.describe_vpcs(request).body.vpcs.vpc
        assert (vpc.vpc_id, vpc.cidr_block) == (outputs["vpc_id"], self.cidr)
        assert {tag.key: tag.value for tag in vpc.tags.tag} == self.tags

    def test_the_vswitches_have_their_blocks_and_tags(
        self, cloud: Sandbox, outputs: Config
    ) -> None:
        rows = self._vswitches(cloud, outputs)
        ids = {zone: row.v_switch_id for zone, row in rows.items()}
        assert ids == outputs["vswitch_ids"]
        assert {zone: row.cidr_block for zone, row in rows.items()} == self.blocks
        for row in rows.values():
            assert {tag.key: tag.value for tag in row.tags.tag} == self.tags

    def test_the_security_group_lets_in_the_vpc(self, cloud: Sandbox, outputs: Config) -> None:
        rules = [(f"{port}/{port}", self.cidr, "accept") for port in self.ports]
        assert self._rules(cloud, outputs) == sorted(rules)

    def test_the_zones_of_the_outputs_are_those_of_the_cloud(
        self, cloud: Sandbox, outputs: Config
    ) -> None:
        for endpoint in outputs["endpoints"].values():
            assert set(endpoint["zones"]) == set(self.blocks)
            assert endpoint["zones"] == self._zones(cloud, endpoint)

    def test_the_order_of_settings_is_irrelevant(
        self, stack: Stack, settings: Config, outputs: Config
    ) -> None:
        stack.configure(reordered(settings))
        assert stack.preview() == {}

    def _vswitches(self, cloud: Sandbox, outputs: Config) -> dict[str, Any]:
        """The vSwitches of the VPC by zone, as the official SDK reads them."""
        client = official.vpc(cloud, region_id=self.region)
        request = vpc_models.DescribeVSwitchesRequest(
            region_id=self.region, vpc_id=outputs["vpc_id"]
        )
        rows = client.describe_vswitches(request).body.v_switches.v_switch
        return {row.zone_id: row for row in rows}

    def _rules(self, cloud: Sandbox, outputs: Config) -> list[tuple[str, str, str]]:
        """The ingress rules of the security group, as the official SDK reads them."""
        request = ecs_models.DescribeSecurityGroupAttributeRequest(
            region_id=self.region,
            security_group_id=outputs["security_group_id"],
            direction="ingress",
        )
        client = official.ecs(cloud, region_id=self.region)
        rules = []
        for rule in client.describe_security_group_attribute(request).body.permissions.permission:
            rules.append((rule.port_range, rule.source_cidr_ip, rule.policy.lower()))
        return sorted(rules)

    def _zones(self, cloud: Sandbox, endpoint: Mapping[str, Any]) -> dict[str, dict[str, str]]:
        """The zones of an endpoint in the shape of the outputs, as the official SDK reads them."""
        client = official.privatelink(cloud, region_id=self.region)
        request = privatelink_models.ListVpcEndpointZonesRequest(
            region_id=self.region, endpoint_id=endpoint["endpoint_id"]
        )
        zones = {}
        for zone in client.list_vpc_endpoint_zones(request).body.zones:
            zones[zone.zone_id] = {"domain": zone.zone_domain, "address": zone.eni_ip}
        return zones


class Life(Deployed):
    """The life of a stack: what `up` creates, and what it does about small changes.

    Attributes:
        further_zone: The zone that it gets.
        further_block: The block of the vSwitch in that zone.
    """

    further_zone: ClassVar[str] = "cn-beijing-l"
    further_block: ClassVar[str]

    @pytest.fixture(scope="class")
    @classmethod
    def retagged(cls, stack: Stack, settings: Config, outputs: Config) -> Planned:
        """Change a tag and deploy; return what that changed."""
        stack.configure({**settings, "dashlink:tags": {"team": "ranking"}})
        return stack.deploy()

    @pytest.fixture(scope="class")
    @classmethod
    def wider(cls, settings: Config) -> Config:
        """The settings with one more zone, and one more range that may connect."""
        wider = deepcopy(settings)
        network = wider["dashlink:network"]
        network["zones"] = [*network["zones"], cls.further_zone]
        network["ingress"] = {**network.get("ingress", {}), "from_cidrs": [FURTHER_RANGE]}
        return wider

    @pytest.fixture(scope="class")
    @classmethod
    def widened(cls, stack: Stack, wider: Config, retagged: Planned) -> Planned:
        """Deploy the wider settings; return what that changed."""
        stack.configure({**wider, "dashlink:tags": {"team": "ranking"}})
        return stack.deploy()

    def test_a_changed_tag_is_an_update_in_place(
        self, cloud: Sandbox, outputs: Config, retagged: Planned
    ) -> None:
        assert set(retagged) == {"update"}
        state = cloud.state
        assert {row.tags["team"] for row in state.endpoints.values()} == {"ranking"}
        if self.creates_vswitches:
            rows = [*state.vpcs.values(), *state.vswitches.values()]
            assert {row.tags["team"] for row in rows} == {"ranking"}

    def test_one_more_range_is_one_more_rule_for_each_port(
        self, cloud: Sandbox, outputs: Config, widened: Planned
    ) -> None:
        names = []
        if self.creates_group:
            names = [f"access-{port}-from-10.99.0.0-24" for port in self.ports]
        assert [name for name in widened["create"] if "-from-" in name] == names
        rules = []
        for port in self.ports:
            for cidr in (self.cidr, FURTHER_RANGE):
                rules.append((f"{port}/{port}", cidr, "accept"))
        assert self._rules(cloud, outputs) == sorted(rules)

    def test_one_more_zone_replaces_and_deletes_nothing(
        self, outputs: Config, widened: Planned
    ) -> None:
        assert set(widened) == {"create", "update"}
        connections = [f"access-{name}-connection" for name in outputs["endpoints"]]
        if self.creates_group:
            connections.append("access-contents")
        assert widened["update"] == sorted(connections)
        in_zone = [name for name in widened["create"] if name.endswith(self.further_zone)]
        vswitches = int(self.creates_vswitches)
        assert len(in_zone) == len(outputs["endpoints"]) + vswitches

    def test_the_further_zone_is_connected(
        self, cloud: Sandbox, stack: Stack, outputs: Config, widened: Planned
    ) -> None:
        after = stack.outputs()
        for name, endpoint in after["endpoints"].items():
            assert set(endpoint["zones"]) == {*self.blocks, self.further_zone}
            assert endpoint["zones"] == self._zones(cloud, endpoint)
            assert endpoint["endpoint_id"] == outputs["endpoints"][name]["endpoint_id"]
        vswitch = self._vswitches(cloud, after)[self.further_zone]
        assert vswitch.v_switch_id == after["vswitch_ids"][self.further_zone]
        assert vswitch.cidr_block == self.further_block

    def test_the_wider_stack_has_nothing_to_do(self, stack: Stack, widened: Planned) -> None:
        assert_settled(stack)


def reordered(value: Any) -> Any:
    """``value`` with every map and list in reverse order."""
    if isinstance(value, dict):
        return {key: reordered(item) for key, item in reversed(value.items())}
    if isinstance(value, list):
        return [reordered(item) for item in reversed(value)]
    return value
