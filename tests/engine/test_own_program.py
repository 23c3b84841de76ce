"""The components in programs of other people: our examples, deployed as they stand."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.engine

EXAMPLES = Path(__file__).parents[2] / "examples"


def test_two_regions_with_explicit_providers_in_one_program(make_stack, cloud):
    stack = make_stack({}, program=(EXAMPLES / "two-regions" / "__main__.py").read_text())
    stack.deploy()
    outputs = stack.outputs()
    assert {vpc.region for vpc in cloud.state.vpcs.values()} == {"cn-beijing", "cn-shanghai"}
    for region in ("cn-beijing", "cn-shanghai"):
        endpoint = cloud.state.endpoints[outputs[region]["endpoint_id"]]
        assert (endpoint.region, endpoint.service_region) == (region, "cn-beijing")
        assert outputs[region]["private_domain"] == "vpc-cn-beijing.dashscope.aliyuncs.com"
    assert len(cloud.state.private_zones) == 2
    assert stack.plan() == {}
    stack.refresh()
    stack.destroy()
    assert not cloud.state.vpcs


def test_a_vpc_whose_ids_are_outputs_and_a_plugin_that_is_not_on_path(make_stack, cloud):
    config = {"alicloud:region": "cn-beijing"}
    stack = make_stack(config, program=(EXAMPLES / "existing-vpc" / "__main__.py").read_text())
    home = {
        "PATH": os.environ["PATH"],
        "PULUMI_HOME": str(stack.folder / "home"),
        "HOME": str(stack.folder),
    }
    dashlink = Path(sys.executable).with_name("dashlink")
    subprocess.run([str(dashlink), "plugin", "install"], env=home, check=True, capture_output=True)
    stack.hidden = (str(dashlink.parent),)
    for name in (
        "python",
        "python3",
    ):  # the engine's host runs by PATH: it finds this environment's Python, nothing else
        script = stack.folder / "home" / name
        script.write_text(f'#!/bin/sh\nexec {dashlink.with_name(name)} "$@"\n')
        script.chmod(0o755)
    stack.cloud = {**stack.cloud, "PATH": f"{stack.folder / 'home'}:{os.environ['PATH']}"}
    stack.deploy()
    assert stack.outputs()["openai_base_url"].startswith(
        "https://vpc-cn-beijing.dashscope.aliyuncs.com/"
    )
    assert len(cloud.state.vpcs) == 1
    assert stack.plan() == {}
    stack.refresh()
    stack.destroy()
    assert not cloud.state.vpcs
    assert not cloud.state.private_zones
