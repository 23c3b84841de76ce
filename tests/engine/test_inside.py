"""Clients inside the VPC of a deployed stack, with its rendered files; and what breaks them.

The stack has two endpoints: clients dial `dashscope` by https on its private domain and `direct`
by http on the endpoint's own domain.
"""

from __future__ import annotations

import json
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest
from alibabacloud_privatelink20200415 import models as privatelink_models
from support import dashscope1, official
from support.cli import DASHLINK
from support.clouds import (
    REGION,
    ZONES,
    bind_zone,
    closed_port,
    create_vpc,
    create_vswitches,
)
from support.inside import vpc_environment
from support.processes import run, run_ok
from support.rpc import Rpc
from support.sandbox_admin import console, set_zone_status
from support.waiting import wait_for

from engine.process import clean_environment

pytestmark = pytest.mark.engine

CIDR = "10.20.0.0/16"
CHAT = str(Path(__file__).parents[2] / "examples" / "chat.py")
CONFIG = {
    "alicloud:region": REGION,
    "dashlink:network": {"cidr": CIDR, "zones": list(ZONES)},
    "dashlink:endpoints": {
        "dashscope": {"service": "com.aliyuncs.dashscope"},
        "direct": {"service": "com.aliyuncs.dashscope", "private_name": "none"},
    },
    "dashlink:clients": ["dotenv", "openai-python", "dashscope-python", "curl"],
}
MESSAGE = "hello there"
PYTHON = sys.executable
CLIENTS = {
    "openai": [PYTHON, "openai_client.py"],
    "dashscope 1.x": ["python of dashscope 1.x", "dashscope_1_client.py"],
    "dashscope 1.x API in 2.x": [PYTHON, "dashscope_1_client.py"],
    "dashscope 2.x": [PYTHON, "dashscope_2_client.py"],
    "curl": ["sh", "chat.sh"],
    "openai by .env": [PYTHON, CHAT, ".env"],
}
FAILING_CLIENTS = ("openai", "dashscope 1.x", "dashscope 2.x", "curl")
ENDPOINTS = ("dashscope", "direct")


class Inside:
    """A machine in the stack's VPC with the rendered files and the model key, nothing else."""

    def __init__(self, stack, cloud, folder):
        self.outputs = stack.outputs()
        self.text = json.dumps(self.outputs)
        self.cloud = cloud
        self.folder = folder
        self.log = [run_ok([DASHLINK, "render", "-", "--out", str(folder)], stdin=self.text)]

    @property
    def vpc_id(self):
        return self.outputs["vpc_id"]

    def endpoint(self, name):
        return self.outputs["endpoints"][name]

    def chat(self, client, endpoint, user=""):
        """Run the file of a client unchanged."""
        command = [*CLIENTS[client], MESSAGE]
        if client == "dashscope 1.x":
            command[0] = str(dashscope1.python())
        return self.run(command, user=user, folder=self.folder / endpoint)

    def check(self, *options, user=""):
        """Run `dashlink check`."""
        command = [DASHLINK, "check", "--from-inside", "-", *options]
        return self.run(command, user=user, stdin=self.text)

    def run(self, command, user, **options):
        """Run a command with proxy and certificates, which replace a place in the VPC."""
        user = user or f"{self.vpc_id}.{self.outputs['vswitch_ids']['cn-beijing-h']}"
        proxy = self.cloud.proxy.replace("http://", f"http://{user}:inside@")
        environment = {
            **clean_environment(),
            **vpc_environment(proxy, self.cloud.ca_file),
            "DASHSCOPE_API_KEY": self.cloud.api_key,
        }
        done = run(command, environment=environment, seconds=120, **options)
        self.log.append(done.output)
        return done


@contextmanager
def command_lines():
    """Collect the command lines of every process of this machine during the block."""
    seen = set()
    ended = threading.Event()

    def look():
        while not ended.wait(0.02):
            for entry in Path("/proc").iterdir():
                if entry.name.isdigit():
                    try:
                        line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                    except (OSError, UnicodeDecodeError):
                        continue
                    seen.add(line)

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield seen
    finally:
        ended.set()
        watcher.join()


def port_of_group(inside, port):
    return closed_port(inside.cloud, inside.outputs["security_group_id"], port, CIDR)


@contextmanager
def detached_name(inside):
    """Detach the private zone from the VPC."""
    (zone,) = inside.cloud.state.private_zones.values()
    rpc = Rpc.from_env(inside.cloud.url, inside.cloud.env)
    bind_zone(rpc, zone.zone_id)
    yield
    bind_zone(rpc, zone.zone_id, inside.vpc_id)


@contextmanager
def zones_down(inside):
    """Disconnect all zones of `dashscope`."""
    endpoint_id = inside.endpoint("dashscope")["endpoint_id"]
    for zone in ZONES:
        set_zone_status(inside.cloud, endpoint_id, zone, "Disconnected")
    yield
    for zone in ZONES:
        set_zone_status(inside.cloud, endpoint_id, zone, "Connected")


@contextmanager
def rejected(inside):
    """Reject the connection of `direct`."""
    endpoint_id = inside.endpoint("direct")["endpoint_id"]
    console(inside.cloud, "reject", endpoint_id=endpoint_id)
    yield
    console(inside.cloud, "accept", endpoint_id=endpoint_id)


def delete_endpoint(inside, name):
    client = official.privatelink(inside.cloud)
    endpoint_id = inside.endpoint(name)["endpoint_id"]
    request = {"region_id": REGION, "endpoint_id": endpoint_id}
    for zone in ZONES:
        client.remove_zone_from_vpc_endpoint(
            privatelink_models.RemoveZoneFromVpcEndpointRequest(**request, zone_id=zone)
        )
    wait_for(lambda: not inside.cloud.state.endpoints[endpoint_id].zones, "no zone is left")
    client.delete_vpc_endpoint(privatelink_models.DeleteVpcEndpointRequest(**request))


def assert_fails(inside, endpoint, *texts, user=""):
    """Assert that every client fails, and that `dashlink check` reports the cause."""
    checked = inside.check("--endpoint", endpoint, user=user)
    assert checked.returncode == 1, checked
    for text in texts:
        assert text in checked.stdout
    for client in FAILING_CLIENTS:
        chat = inside.chat(client, endpoint, user)
        assert chat.returncode != 0, f"{client} works although: {checked.stdout}\n{chat}"


@pytest.fixture(scope="class")
def inside(stack, cloud, folder):
    return Inside(stack, cloud, folder / "clients")


@pytest.fixture(scope="class")
def chats(inside):
    """The chats of all clients on both endpoints, and all command lines during them."""
    chats = {}
    with command_lines() as seen:
        for endpoint in ENDPOINTS:
            for client in CLIENTS:
                chats[client, endpoint] = inside.chat(client, endpoint)
    return chats, seen


@pytest.fixture(scope="class")
def other_vpc(cloud, stack):
    """Another VPC of the account with a vSwitch, as the proxy's user."""
    vpc_id = create_vpc(cloud, "10.60.0.0/16")
    vswitch_ids = create_vswitches(cloud, vpc_id, {"cn-beijing-h": "10.60.1.0/24"})
    return vpc_id, f"{vpc_id}.{vswitch_ids['cn-beijing-h']}"


class TestClientsInside:
    config = CONFIG

    @pytest.mark.parametrize(
        ("endpoint", "scheme"), [("dashscope", "https"), ("direct", "http")], ids=ENDPOINTS
    )
    def test_an_endpoint_has_its_scheme(self, inside, endpoint, scheme):
        assert inside.endpoint(endpoint)["scheme"] == scheme

    @pytest.mark.parametrize("endpoint", ENDPOINTS, ids=ENDPOINTS)
    @pytest.mark.parametrize("client", CLIENTS, ids=list(CLIENTS))
    def test_a_client_works_by_its_rendered_file(self, chats, client, endpoint):
        chat = chats[0][client, endpoint]
        assert chat.returncode == 0, chat
        assert f"qwen-plus heard: {MESSAGE}" in chat.output

    def test_check_succeeds(self, inside):
        checked = inside.check()
        assert checked.returncode == 0, checked

    def test_a_closed_https_port_is_reported(self, inside):
        with port_of_group(inside, 443):
            assert_fails(inside, "dashscope", inside.outputs["security_group_id"], "443")

    def test_a_closed_http_port_is_reported(self, inside):
        with port_of_group(inside, 80):
            assert_fails(inside, "direct", inside.outputs["security_group_id"], "80")

    def test_another_vpc_without_the_private_name_is_reported(self, inside, other_vpc):
        vpc_id, user = other_vpc
        assert_fails(inside, "dashscope", "not attached", vpc_id, user=user)

    def test_another_vpc_without_the_endpoint_is_reported(self, inside, other_vpc):
        vpc_id, user = other_vpc
        assert_fails(inside, "direct", vpc_id, user=user)

    def test_a_detached_private_name_is_reported(self, inside):
        with detached_name(inside):
            assert_fails(inside, "dashscope", "not attached", inside.vpc_id)

    def test_disconnected_zones_are_reported(self, inside):
        with zones_down(inside):
            assert_fails(inside, "dashscope", "Disconnected")

    def test_a_rejected_connection_is_reported(self, inside):
        with rejected(inside):
            assert_fails(inside, "direct", "onnect")

    def test_clients_work_again_without_the_failures(self, inside):
        assert inside.chat("openai", "dashscope").returncode == 0  # each cause was the only one

    def test_a_deleted_endpoint_is_reported(self, inside):
        delete_endpoint(inside, "dashscope")
        assert_fails(inside, "dashscope", inside.endpoint("dashscope")["endpoint_domain"])

    def test_no_secret_is_in_state_files_output_or_arguments(self, stack, cloud, inside, chats):
        rendered = [path.read_text() for path in inside.folder.rglob("*") if path.is_file()]
        places = {
            "state": stack.state(),
            "outputs": inside.text,
            "logs": "\n".join([*stack.log, *inside.log]),
            "rendered files": "\n".join(rendered),
            "arguments of clients": "\n".join(chats[1]),
        }
        assert "chat.sh" in places["arguments of clients"]
        for name, text in places.items():
            assert cloud.api_key not in text, name
            assert cloud.env["ALICLOUD_SECRET_KEY"] not in text, name
            assert cloud.env["ALICLOUD_ACCESS_KEY"] not in text, name
