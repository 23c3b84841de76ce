"""Clients inside the VPC of a deployed stack, with its rendered files; and what breaks them.

The stack has two endpoints: clients dial `dashscope` by https on its private domain and `direct`
by http on the endpoint's own domain. A third endpoint in its network, `partner`, is dialled like
`direct`, and the owner of its service has not accepted it.
"""

from __future__ import annotations

import json
import sys
import threading
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
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
    "curl with headers": ["sh", "chat.sh"],
    "openai by .env": [PYTHON, CHAT, ".env"],
}
ENDPOINTS = ("dashscope", "direct")
STUDIO = "epsrv-2zesandboxdashscope"
PARTNER = "epsrv-2zesandboxpartner"  # accepts each connection by hand
CLIENT_ADDRESS = "10.20.112.10"  # the tenth of the vSwitch in cn-beijing-h
CODE = "Proxy-Status: sandbox; error=destination_unavailable; details="
# What a client prints of a connection that the network refuses for a cause, by scheme. The refusal
# is the answer of a proxy: to the request itself (http), or to CONNECT before TLS (https).
REFUSED = {
    "openai": {
        "https": ".ProxyError: 502 {cause}\n",
        "http": "openai.InternalServerError: Error code: 502 - {cause}\n",
    },
    "dashscope 1.x": {
        "https": "OSError('Tunnel connection failed: 502 {cause}')",
        "http": "SandboxNetwork: {cause} (request id ",
    },
    "dashscope 2.x": {
        "https": "<APIConnectionError> connection error: 502 {cause}\n",
        "http": "<APIStatusError> {cause} | code=SandboxNetwork | status_code=502\n",
    },
    "curl": {
        "https": "curl: (56) CONNECT tunnel failed, response 502\n",  # it hides the cause
        "http": '"message": "{cause}"',
    },
    "curl with headers": {
        "https": f'{CODE}"{{cause}}"',
        "http": f'{CODE}"{{cause}}"',
    },
}


class Inside:
    """A machine in the stack's VPC with the rendered files and the model key, nothing else."""

    def __init__(self, outputs, cloud, folder):
        self.outputs = outputs
        self.text = json.dumps(outputs)
        self.cloud = cloud
        self.folder = folder
        self.log = [run_ok([DASHLINK, "render", "-", "--out", str(folder)], stdin=self.text)]

    @property
    def vpc_id(self):
        return self.outputs["vpc_id"]

    def endpoint(self, name):
        return self.outputs["endpoints"][name]

    def path(self, name):
        """The steps from the name of an endpoint to an address, as a refusal has them."""
        endpoint = self.endpoint(name)
        if endpoint["private_domain"] is None:
            return endpoint["endpoint_domain"]
        return f"{endpoint['private_domain']} -> {endpoint['endpoint_domain']} -> {{address}}"

    def chat(self, client, endpoint, user=""):
        """Run the file of a client unchanged."""
        command = [*CLIENTS[client], MESSAGE]
        variables = {}
        if client == "dashscope 1.x":
            command[0] = str(dashscope1.python())
        if client == "curl with headers":
            (self.folder / ".curlrc").write_text("include\n")
            variables["CURL_HOME"] = str(self.folder)
        return self.run(command, user, variables, folder=self.folder / endpoint)

    def check(self, *options, user=""):
        """Run `dashlink check`."""
        command = [DASHLINK, "check", "--from-inside", "-", *options]
        return self.run(command, user, {}, stdin=self.text)

    def cause(self, endpoint, user=""):
        """The cause of a failure, as `dashlink check` reports it."""
        checked = self.check("--endpoint", endpoint, "--json", user=user)
        assert checked.returncode == 1, checked
        failed = json.loads(checked.stdout)["checks"][-1]
        assert failed["subject"] == f"endpoints.{endpoint}"
        assert (failed["check"], failed["state"]) == ("proxy", "failed")
        refused, status, cause = failed["message"].partition("Tunnel connection failed: 502 ")
        assert (refused, bool(status)) == ("", True), failed
        return cause

    def run(self, command, user, variables, **options):
        """Run a command with proxy and certificates, which replace a place in the VPC."""
        user = user or f"{self.vpc_id}.{self.outputs['vswitch_ids']['cn-beijing-h']}"
        proxy = self.cloud.proxy.replace("http://", f"http://{user}:inside@")
        environment = {
            **clean_environment(),
            **vpc_environment(proxy, self.cloud.ca_file),
            "DASHSCOPE_API_KEY": self.cloud.api_key,
            **variables,
        }
        done = run(command, environment=environment, seconds=120, **options)
        self.log.append(done.output)
        return done


@contextmanager
def command_lines():
    """Collect the command lines of every process that this one starts during the block.

    Other workers run clients too, some of which take a public key as an argument.
    """
    seen = set()
    ended = threading.Event()

    def look():
        own = psutil.Process()
        while not ended.wait(0.02):
            for process in own.children(recursive=True):
                with suppress(psutil.Error):
                    seen.add(" ".join(process.cmdline()))

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


def accept(inside):
    """Accept the connection of `partner`."""
    endpoint_id = inside.endpoint("partner")["endpoint_id"]
    console(inside.cloud, "accept", endpoint_id=endpoint_id)
    connected = {"Connected"}
    wait_for(lambda: statuses_of(inside.cloud, endpoint_id) == connected, "it is connected")


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


def with_partner(outputs, cloud):
    """Create an endpoint that nobody accepts; return the outputs with it.

    `up` itself has no outputs of an endpoint before its connection is accepted.
    """
    client = official.privatelink(cloud)
    zones = []
    for zone, vswitch_id in outputs["vswitch_ids"].items():
        row = privatelink_models.CreateVpcEndpointRequestZone(zone_id=zone, v_switch_id=vswitch_id)
        zones.append(row)
    request = privatelink_models.CreateVpcEndpointRequest(
        region_id=REGION,
        vpc_id=outputs["vpc_id"],
        service_id=PARTNER,
        security_group_id=[outputs["security_group_id"]],
        zone=zones,
    )
    endpoint_id = client.create_vpc_endpoint(request).body.endpoint_id
    wait_for(lambda: statuses_of(cloud, endpoint_id) == {"Wait"}, f"{endpoint_id} waits")
    endpoint = cloud.state.endpoints[endpoint_id]
    assert endpoint.connection_status == "Pending"
    domain = endpoint.endpoint_domain
    zones = {}
    for zone in endpoint.zones.values():
        zones[zone.zone_id] = {"domain": zone.zone_domain, "address": zone.eni_ip}
    direct = outputs["endpoints"]["direct"]
    partner = {
        **direct,
        "endpoint_id": endpoint_id,
        "service_name": None,
        "service_id": PARTNER,
        "endpoint_domain": domain,
        "host": domain,
        "zones": zones,
        "base_urls": {},
    }
    for protocol, url in direct["base_urls"].items():
        partner["base_urls"][protocol] = url.replace(direct["host"], domain)
    return {**outputs, "endpoints": {**outputs["endpoints"], "partner": partner}}


def statuses_of(cloud, endpoint_id):
    """The statuses of an endpoint's zones."""
    return {zone.status for zone in cloud.state.endpoints[endpoint_id].zones.values()}


def connection_is(inside, name, status):
    """The cause of a failure while the connection of an endpoint is not ``Connected``."""
    endpoint = inside.endpoint(name)
    service_id = endpoint["service_id"] or STUDIO
    which = f"the connection of the endpoint {endpoint['endpoint_id']} to its service {service_id}"
    return f"{inside.path(name)}: {which} is {status}, not Connected"


def port_is_closed(inside, name, port):
    """The cause of a failure while the security group allows nobody to connect to ``port``."""
    group_id, endpoint_id = (
        inside.outputs["security_group_id"],
        inside.endpoint(name)["endpoint_id"],
    )
    which = f"the security group {group_id} of {endpoint_id}"
    return f"{inside.path(name)}: {which} lets no tcp {port} in from {CLIENT_ADDRESS}"


def zone_is_not_attached(inside, vpc_id):
    """The cause of a failure in a VPC that the private zone is not attached to."""
    (zone,) = inside.cloud.state.private_zones.values()
    which = f"{zone.name} is in the private zone {zone.name} ({zone.zone_id})"
    return f"no such name in {vpc_id}: {which}, which is not attached to it"


def assert_fails(inside, endpoint, cause, user=""):
    """Assert that every client fails for ``cause``, as `dashlink check` reports it.

    ``{address}`` in the cause stands for one of the endpoint's addresses.
    """
    reported = inside.cause(endpoint, user)
    zones = inside.endpoint(endpoint)["zones"].values()
    assert reported in [cause.format(address=zone["address"]) for zone in zones]
    scheme = inside.endpoint(endpoint)["scheme"]
    for client, printed in REFUSED.items():
        chat = inside.chat(client, endpoint, user)
        assert chat.returncode != 0, f"{client} works although: {reported}\n{chat}"
        assert printed[scheme].format(cause=reported) in chat.output, f"{client}: {chat}"


@pytest.fixture(scope="class")
def inside(stack, cloud, folder):
    return Inside(with_partner(stack.outputs(), cloud), cloud, folder / "clients")


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
        for endpoint in ENDPOINTS:
            checked = inside.check("--endpoint", endpoint)
            assert checked.returncode == 0, checked

    def test_a_closed_https_port_is_reported(self, inside):
        with port_of_group(inside, 443):
            assert_fails(inside, "dashscope", port_is_closed(inside, "dashscope", 443))

    def test_a_closed_http_port_is_reported(self, inside):
        with port_of_group(inside, 80):
            assert_fails(inside, "direct", port_is_closed(inside, "direct", 80))

    def test_another_vpc_without_the_private_name_is_reported(self, inside, other_vpc):
        vpc_id, user = other_vpc
        assert_fails(inside, "dashscope", zone_is_not_attached(inside, vpc_id), user=user)

    def test_another_vpc_without_the_endpoint_is_reported(self, inside, other_vpc):
        vpc_id, user = other_vpc
        endpoint_id = inside.endpoint("direct")["endpoint_id"]
        owner = f"{{address}} is the endpoint {endpoint_id} in {inside.vpc_id}"
        cause = f"{inside.path('direct')}: {owner}, to which {vpc_id} has no route"
        assert_fails(inside, "direct", cause, user=user)

    def test_a_detached_private_name_is_reported(self, inside):
        with detached_name(inside):
            assert_fails(inside, "dashscope", zone_is_not_attached(inside, inside.vpc_id))

    def test_disconnected_zones_are_reported(self, inside):
        with zones_down(inside):
            assert_fails(inside, "dashscope", connection_is(inside, "dashscope", "Disconnected"))

    def test_a_rejected_connection_is_reported(self, inside):
        with rejected(inside):
            assert_fails(inside, "direct", connection_is(inside, "direct", "Disconnected"))

    def test_a_pending_connection_is_reported(self, inside):
        assert_fails(inside, "partner", connection_is(inside, "partner", "Pending"))

    def test_clients_work_once_the_owner_accepts(self, inside):
        accept(inside)
        assert f"qwen-plus heard: {MESSAGE}" in inside.chat("openai", "partner").output

    def test_clients_work_again_without_the_failures(self, inside):
        for endpoint in ENDPOINTS:  # each cause was the only one
            assert inside.chat("openai", endpoint).returncode == 0

    def test_a_deleted_endpoint_is_reported(self, inside):
        delete_endpoint(inside, "dashscope")
        domain = inside.endpoint("dashscope")["endpoint_domain"]
        path = inside.path("dashscope").removesuffix(" -> {address}")
        cause = f"{path}: no such name: no endpoint has the domain {domain} (deleted, or misspelt)"
        assert_fails(inside, "dashscope", cause)

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
