"""The components in programs of their own: the examples, deployed unchanged."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from support.base_stacks import assert_no_network, assert_settled
from support.cli import DASHLINK
from support.inside import ask
from support.processes import run_ok

pytestmark = pytest.mark.engine

EXAMPLES = Path(__file__).parents[2] / "examples"
HOST = "vpc-cn-beijing.dashscope.aliyuncs.com"


def example(name):
    return (EXAMPLES / name / "__main__.py").read_text()


@pytest.fixture(scope="class")
def two_regions(create_stack):
    stack = create_stack({}, example("two-regions"))
    stack.deploy()
    return stack


@pytest.fixture(scope="class")
def outputs(two_regions):
    return two_regions.outputs()


class TestTwoRegions:
    def test_each_region_has_a_vpc(self, cloud, two_regions):
        assert {vpc.region for vpc in cloud.state.vpcs.values()} == {"cn-beijing", "cn-shanghai"}

    @pytest.mark.parametrize("region", ["cn-beijing", "cn-shanghai"], ids=str)
    def test_each_region_has_an_endpoint_to_beijing(self, cloud, outputs, region):
        output = outputs[region]
        endpoint = cloud.state.endpoints[output["endpoint_id"]]
        assert (endpoint.region, endpoint.service_region) == (region, "cn-beijing")
        assert output["private_domain"] == HOST

    @pytest.mark.parametrize("region", ["cn-beijing", "cn-shanghai"], ids=str)
    def test_a_client_of_each_region_gets_an_answer(self, cloud, outputs, region):
        endpoint = cloud.state.endpoints[outputs[region]["endpoint_id"]]
        base_url = outputs[region]["base_urls"]["openai"]
        asked = ask(cloud, endpoint.vpc_id, base_url, "hello there")
        assert asked.returncode == 0, asked
        assert "qwen-plus heard: hello there" in asked.output

    def test_each_region_has_a_private_zone(self, cloud, two_regions):
        zones = cloud.state.private_zones.values()
        assert {zone.name for zone in zones} == {HOST}
        attached = [(vpc.region, vpc.vpc_id) for zone in zones for vpc in zone.vpcs]
        vpcs = cloud.state.vpcs.values()
        assert sorted(attached) == sorted((vpc.region, vpc.vpc_id) for vpc in vpcs)

    def test_up_leaves_nothing_to_do(self, two_regions):
        assert_settled(two_regions)

    def test_the_bandwidth_changes_in_place(self, cloud, two_regions, outputs):
        program = example("two-regions")
        assert "cross_region_bandwidth_mbps=100" in program
        two_regions.write_program(program.replace("mbps=100", "mbps=200"))
        assert two_regions.deploy() == {"update": ["dashscope-cn-shanghai-endpoint"]}
        endpoint = cloud.state.endpoints[outputs["cn-shanghai"]["endpoint_id"]]
        assert endpoint.cross_region_bandwidth_mbps == 200
        changed = two_regions.outputs()["cn-shanghai"]
        assert (changed["service_region"], changed["cross_region_bandwidth_mbps"]) == (
            "cn-beijing",
            200,
        )

    def test_destroy_leaves_nothing(self, cloud, two_regions):
        two_regions.destroy()
        assert_no_network(cloud)


@pytest.fixture(scope="class")
def installed_plugin(create_stack):
    """A deployed stack whose plugin is in PULUMI_HOME and not on PATH."""
    stack = create_stack({"alicloud:region": "cn-beijing"}, example("existing-vpc"))
    path = f"{stack.home}:{os.environ['PATH']}"
    environment = {"PATH": path, "PULUMI_HOME": str(stack.home), "HOME": str(stack.folder)}
    run_ok([DASHLINK, "plugin", "install"], environment=environment)
    folder = Path(sys.executable).parent
    stack.hidden = (str(folder),)
    for name in ("python", "python3"):  # the language host finds Python by PATH
        script = stack.home / name
        script.write_text(f'#!/bin/sh\nexec {folder / name} "$@"\n')
        script.chmod(0o755)
    stack.cloud = {**stack.cloud, "PATH": path}
    stack.deploy()
    return stack


class TestInstalledPlugin:
    def test_the_program_gets_the_base_url(self, installed_plugin):
        assert installed_plugin.outputs()["openai_base_url"].startswith(f"https://{HOST}/")

    def test_the_endpoint_is_in_the_vpc_of_the_program(self, cloud, installed_plugin):
        (vpc,) = cloud.state.vpcs.values()
        (endpoint,) = cloud.state.endpoints.values()
        assert (vpc.name, endpoint.vpc_id) == ("landing-zone", vpc.vpc_id)
        vswitches = {zone.vswitch_id for zone in endpoint.zones.values()}
        assert vswitches == set(cloud.state.vswitches)

    def test_up_leaves_nothing_to_do(self, installed_plugin):
        assert_settled(installed_plugin)

    def test_destroy_leaves_nothing(self, cloud, installed_plugin):
        installed_plugin.destroy()
        assert_no_network(cloud)
