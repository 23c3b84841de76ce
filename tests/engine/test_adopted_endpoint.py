"""A stack on an endpoint that exists: clients use it, and no run changes or deletes it."""

from __future__ import annotations

import json
import sys
from copy import deepcopy

import pytest
from support.base_stacks import assert_sound
from support.cli import DASHLINK
from support.clouds import ZONES, bind_zone, create_endpoint, create_network
from support.inside import vpc_environment
from support.processes import run, run_ok
from support.rpc import Rpc
from support.sandbox_admin import console, set_zone_status
from support.stack_files import stack_config

from engine.process import clean_environment

pytestmark = pytest.mark.engine

MESSAGE = "hello there"
NAME = "vpc-cn-beijing.dashscope.aliyuncs.com"


@pytest.fixture(scope="class")
def network(cloud):
    """A VPC with two vSwitches and a security group."""
    return create_network(cloud)


@pytest.fixture(scope="class")
def endpoint_id(cloud, network):
    """An endpoint that only the console's switch names."""
    endpoint_id = create_endpoint(cloud, network)
    (zone,) = cloud.state.private_zones.values()
    bind_zone(Rpc.from_env(cloud.url, cloud.env), zone.zone_id)
    console(cloud, "custom-domain", endpoint_id=endpoint_id, enabled=True)
    return endpoint_id


@pytest.fixture(scope="class")
def before(cloud, endpoint_id):
    """The endpoint and the private zones before the stack is deployed."""
    return cloud.state.model_copy(deep=True)


def network_settings(network):
    return {
        "vpc_id": network.vpc_id,
        "zones": list(ZONES),
        "vswitch_ids": dict(zip(ZONES, network.vswitch_ids, strict=True)),
        "security_group_id": network.group_id,
    }


@pytest.fixture(scope="class")
def settings(network, endpoint_id):
    """The settings of stacks/Pulumi.endpoint.yaml, with the ids of this cloud."""
    config = stack_config("endpoint")
    config["dashlink:network"] = network_settings(network)
    config["dashlink:endpoints"]["dashscope"]["id"] = endpoint_id
    return config


@pytest.fixture(scope="class")
def stack(create_stack, settings, before):
    """The deployed stack."""
    stack = create_stack(settings)
    stack.deploy()
    return stack


@pytest.fixture(scope="class")
def outputs(stack):
    return stack.outputs()


def run_inside(cloud, network, command, **options):
    """Run a command as a machine of the VPC would."""
    user = f"{network.vpc_id}.{network.vswitch_ids[0]}"
    proxy = cloud.proxy.replace("http://", f"http://{user}:inside@")
    environment = {
        **clean_environment(),
        **vpc_environment(proxy, cloud.ca_file),
        "DASHSCOPE_API_KEY": cloud.api_key,
    }
    return run(command, environment=environment, seconds=120, **options)


class TestAdoptedEndpoint:
    def test_the_outputs_are_those_of_the_endpoint(self, cloud, outputs, endpoint_id):
        endpoint = outputs["endpoints"]["dashscope"]
        record = cloud.state.endpoints[endpoint_id]
        assert endpoint["endpoint_id"] == endpoint_id
        assert endpoint["endpoint_domain"] == record.endpoint_domain
        assert endpoint["service_name"] == "com.aliyuncs.dashscope"
        assert endpoint["host"] == NAME
        addresses = {zone: row["address"] for zone, row in endpoint["zones"].items()}
        assert addresses == {zone: row.eni_ip for zone, row in record.zones.items()}

    def test_the_stack_has_no_resource_of_the_cloud(self, stack):
        resources = stack.export()["deployment"]["resources"]
        types = {row["type"] for row in resources if row["type"].startswith("alicloud:")}
        assert types == set()

    def test_up_leaves_nothing_to_do(self, stack):
        assert stack.preview() == {}
        stack.refresh()

    def test_a_client_works_by_its_rendered_file(self, cloud, network, outputs, folder):
        out = folder / "clients"
        run_ok([DASHLINK, "render", "-", "--out", str(out)], stdin=json.dumps(outputs))
        command = [sys.executable, "openai_client.py", MESSAGE]
        chat = run_inside(cloud, network, command, folder=out / "dashscope")
        assert chat.returncode == 0, chat
        assert f"qwen-plus heard: {MESSAGE}" in chat.output

    def test_check_finds_nothing_wrong_from_outside(self, stack):
        assert_sound(stack)

    def test_check_succeeds_from_inside(self, cloud, network, outputs):
        command = [DASHLINK, "check", "--from-inside", "-"]
        checked = run_inside(cloud, network, command, stdin=json.dumps(outputs))
        assert checked.returncode == 0, checked

    def test_a_lost_zone_is_reported_by_the_next_up(self, cloud, stack, endpoint_id):
        set_zone_status(cloud, endpoint_id, ZONES[0], "Disconnected")
        stack.run("refresh", "--yes", "--skip-preview")
        assert stack.preview() == {"update": ["access-dashscope-connection"]}
        set_zone_status(cloud, endpoint_id, ZONES[0], "Connected")
        stack.deploy()
        assert stack.preview() == {}

    def test_an_endpoint_of_another_vpc_is_refused(self, cloud, stack, settings, network):
        other = {**settings, "dashlink:network": network_settings(create_network(cloud, "10.30"))}
        stack.configure(other)
        refusal = stack.refused()
        assert f"not in the stack's VPC, but in {network.vpc_id}" in refusal

    def test_a_private_zone_is_created_only_on_request(self, cloud, stack, settings, endpoint_id):
        requested = deepcopy(settings)
        requested["dashlink:endpoints"]["dashscope"]["private_name"] = "private-zone"
        stack.configure(requested)
        stack.deploy()
        attached = [zone for zone in cloud.state.private_zones.values() if zone.vpcs]
        (zone,) = attached
        assert zone.name == NAME
        (record,) = zone.records.values()
        assert record.value == cloud.state.endpoints[endpoint_id].endpoint_domain

    def test_destroy_leaves_the_endpoint_as_it_was(self, cloud, stack, before, endpoint_id):
        stack.destroy()
        after = cloud.state
        assert after.endpoints[endpoint_id].model_dump(exclude={"zones"}) == before.endpoints[
            endpoint_id
        ].model_dump(exclude={"zones"})
        assert set(after.endpoints[endpoint_id].zones) == set(ZONES)
        assert after.private_zones == before.private_zones
