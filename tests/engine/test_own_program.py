"""The components in programs of their own: the examples, deployed unchanged."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from support.cli import DASHLINK
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

    def test_each_region_has_a_private_zone(self, cloud, two_regions):
        assert len(cloud.state.private_zones) == 2

    def test_up_leaves_nothing_to_do(self, two_regions):
        assert two_regions.preview() == {}
        two_regions.refresh()

    def test_destroy_leaves_nothing(self, cloud, two_regions):
        two_regions.destroy()
        assert not cloud.state.vpcs


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

    def test_the_stack_uses_the_vpc_of_the_program(self, cloud, installed_plugin):
        assert len(cloud.state.vpcs) == 1

    def test_up_leaves_nothing_to_do(self, installed_plugin):
        assert installed_plugin.preview() == {}
        installed_plugin.refresh()

    def test_destroy_leaves_nothing(self, cloud, installed_plugin):
        installed_plugin.destroy()
        assert not cloud.state.vpcs
        assert not cloud.state.private_zones
