"""A stack on a private connection of a Model Studio workspace, which the console has created."""

from __future__ import annotations

import json
import sys

import pytest
import yaml
from alibabacloud_modelstudio20260210 import models as studio_models
from support import official
from support.base_stacks import assert_sound
from support.cli import DASHLINK
from support.clouds import REGION, ZONES, create_gateway, create_network, open_port
from support.inside import vpc_environment
from support.processes import run, run_ok
from support.sandbox_admin import console
from support.stack_files import stack_config

from engine.process import clean_environment

pytestmark = pytest.mark.engine

MESSAGE = "hello there"
DOMAIN = "models.example.internal"
ASK = """
import sys
from openai import OpenAI

client = OpenAI(base_url=sys.argv[1], api_key="none")
messages = [{"role": "user", "content": sys.argv[2]}]
answer = client.chat.completions.create(model="qwen-plus", messages=messages)
print(answer.choices[0].message.content)
"""


@pytest.fixture(scope="class")
def network(cloud):
    """The VPC of the connection."""
    return create_network(cloud)


@pytest.fixture(scope="class")
def far(cloud, network):
    """Another VPC with a route to the connection's."""
    far = create_network(cloud, "10.30")
    console(cloud, "peer", vpc_ids=[network.vpc_id, far.vpc_id])
    return far


@pytest.fixture(scope="class")
def workspace(cloud):
    """A workspace, whose hosts have another label than its id."""
    request = studio_models.CreateWorkspaceRequest(workspace_name="shop")
    return official.model_studio(cloud).create_workspace(request).body.workspace


@pytest.fixture(scope="class")
def connection(cloud, network, workspace):
    """Host and addresses of the connection, as the console shows them."""
    console(
        cloud,
        "workspace",
        label=workspace.api_host.partition(".")[0],
        vpc_id=network.vpc_id,
        vswitch_ids=list(network.vswitch_ids),
        security_group_id=network.group_id,
    )
    (endpoint,) = cloud.state.endpoints.values()
    host = cloud.state.endpoint_services[endpoint.service_id].private_domain
    return host, [zone.eni_ip for zone in endpoint.zones.values()]


@pytest.fixture(scope="class")
def gateway_id(cloud, network):
    """An AI gateway in the VPC of the connection."""
    return create_gateway(cloud, network)


@pytest.fixture(scope="class")
def before(cloud, connection, far, gateway_id):
    return cloud.state.model_copy(deep=True)


@pytest.fixture(scope="class")
def stack(create_stack, cloud, network, far, workspace, connection, gateway_id, before):
    """The stack of stacks/Pulumi.workspace.yaml with the ids of this cloud and a gateway."""
    host, addresses = connection
    settings = {
        "workspace_id": workspace.workspace_id,
        "host": host,
        "attach_to": [{"vpc_id": far.vpc_id, "region": REGION}],
        "addresses": addresses,
    }
    config = stack_config("workspace")
    config["dashlink:network"] |= {
        "vpc_id": network.vpc_id,
        "vswitch_ids": dict(zip(ZONES, network.vswitch_ids, strict=True)),
        "security_group_id": network.group_id,
    }
    config["dashlink:endpoints"]["studio"]["workspace"] = settings
    config |= {
        "dashlink:gateway": {"id": gateway_id},
        "dashlink:domains": {DOMAIN: {"scheme": "http"}},
        "dashlink:ai_services": {
            "studio": {"endpoint": "studio", "api_keys": [{"config": "studioKey"}]}
        },
        "dashlink:model_apis": {
            "chat": {"scene": "text", "domains": DOMAIN, "base_path": "/chat", "service": "studio"}
        },
    }
    stack = create_stack(config)
    stack.set_secret("dashlink:studioKey", cloud.api_key)
    stack.deploy()
    return stack


@pytest.fixture(scope="class")
def outputs(stack):
    return stack.outputs()


@pytest.fixture(scope="class")
def clients(outputs, folder):
    """The folder of the rendered files."""
    out = folder / "clients"
    run_ok([DASHLINK, "render", "-", "--out", str(out)], stdin=json.dumps(outputs))
    return out / "studio"


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


def chat(cloud, network, clients):
    command = [sys.executable, "openai_client.py", MESSAGE]
    return run_inside(cloud, network, command, folder=clients)


def check(cloud, network, outputs):
    command = [DASHLINK, "check", "--from-inside", "-"]
    return run_inside(cloud, network, command, stdin=json.dumps(outputs))


def services_of_connections(cloud):
    for endpoint in cloud.state.endpoints.values():
        yield cloud.state.endpoint_services[endpoint.service_id]


class TestWorkspaceConnection:
    def test_the_outputs_have_the_host_of_the_console(self, outputs, connection):
        host, addresses = connection
        studio = outputs["endpoints"]["studio"]
        assert (studio["host"], studio["addresses"]) == (host, addresses)
        assert studio["base_urls"]["openai"] == f"https://{host}/compatible-mode/v1"
        assert studio["endpoint_id"] is None

    def test_the_preflight_compares_the_workspace(self, stack, workspace):
        assert "endpoints.studio.workspace" not in "".join(stack.log)  # no warning
        config = yaml.safe_load(stack.settings_file.read_text())["config"]
        wrong = json.loads(json.dumps(config))
        wrong["dashlink:endpoints"]["studio"]["workspace"]["host"] = workspace.api_host
        stack.configure(wrong)
        assert "the workspace's public host, which leads over the internet" in stack.refused()
        stack.configure(config)

    def test_the_stack_creates_only_the_name_in_the_far_vpc(self, cloud, stack, far, before):
        assert stack.preview() == {}
        stack.refresh()
        assert cloud.state.endpoints == before.endpoints
        (host,) = {row.private_domain for row in services_of_connections(cloud)}
        (zone,) = [row for row in cloud.state.private_zones.values() if row.name == host]
        assert [vpc.vpc_id for vpc in zone.vpcs] == [far.vpc_id]

    def test_a_client_works_by_its_rendered_file(self, cloud, network, clients):
        done = chat(cloud, network, clients)
        assert done.returncode == 0, done
        assert f"qwen-plus heard: {MESSAGE}" in done.output

    def test_check_finds_nothing_wrong_from_outside(self, stack):
        assert_sound(stack)

    def test_check_succeeds_from_inside(self, cloud, network, outputs):
        checked = check(cloud, network, outputs)
        assert checked.returncode == 0, checked

    def test_a_model_api_reaches_the_models_through_it(self, cloud, network, outputs):
        base_url = outputs["model_apis"]["chat"]["base_urls"]["openai"]
        done = run_inside(cloud, network, [sys.executable, "-c", ASK, base_url, MESSAGE])
        assert done.returncode == 0, done
        assert f"qwen-plus heard: {MESSAGE}" in done.output

    def test_a_client_in_the_far_vpc_works_once_its_port_is_open(
        self, cloud, network, far, clients
    ):
        assert chat(cloud, far, clients).returncode != 0
        open_port(cloud, network.group_id, 443, "10.30.0.0/16")
        done = chat(cloud, far, clients)
        assert done.returncode == 0, done

    def test_a_connection_that_is_not_selected_is_reported(
        self, cloud, network, outputs, connection, clients
    ):
        host, _ = connection
        console(cloud, "select", host=host, selected=False)
        checked = check(cloud, network, outputs)
        failed = chat(cloud, network, clients)
        console(cloud, "select", host=host, selected=True)
        assert checked.returncode == 1, checked
        assert "no such name" in checked.stdout
        assert failed.returncode != 0

    def test_destroy_leaves_the_connection_as_it_was(self, cloud, stack, before):
        stack.destroy()
        assert cloud.state.endpoints == before.endpoints
        assert cloud.state.private_zones == {}
