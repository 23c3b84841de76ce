"""A deployed stack works from inside its VPC by rendered files alone; with one thing wrong it stops, the cause named.

The stack has two endpoints: `dashscope` is dialled by https on its private domain, `direct` by http on its own domain.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest
from alibabacloud_ecs20140526 import models as ecs_models
from alibabacloud_privatelink20200415 import models as privatelink_models
from alibabacloud_tea_openapi.client import Client as OpenApiClient
from alibabacloud_tea_openapi.models import OpenApiRequest, Params
from alibabacloud_tea_util.models import RuntimeOptions
from alibabacloud_vpc20160428 import models as vpc_models
from support import dashscope1, official
from support.stacks import plain_environment

pytestmark = pytest.mark.engine

REGION = "cn-beijing"
DASHLINK = str(Path(sys.executable).with_name("dashlink"))
CONFIG = {
    "alicloud:region": REGION,
    "dashlink:network": {"cidr": "10.20.0.0/16", "zones": ["cn-beijing-h", "cn-beijing-k"]},
    "dashlink:endpoints": {
        "dashscope": {"service": "com.aliyuncs.dashscope"},
        "direct": {"service": "com.aliyuncs.dashscope", "private_name": "none"},
    },
    "dashlink:clients": ["dotenv", "openai-python", "dashscope-python", "curl"],
}


class Inside:
    """A machine in the stack's VPC: it has the rendered files, the model key, and nothing else."""

    def __init__(self, stack, cloud, folder):
        self.outputs = stack.outputs()
        self.cloud = cloud
        self.folder = folder
        self.logs = []
        text = json.dumps(self.outputs)
        done = subprocess.run(
            [DASHLINK, "render", "-", "--out", str(folder)],
            input=text,
            text=True,
            capture_output=True,
            check=True,
        )
        self.logs.append(done.stdout)

    def environment(self, vpc_id="", vswitch_id=""):
        """Proxy and certificates, as a machine in the VPC would need none; and the key."""
        vswitch = vswitch_id or self.outputs["vswitch_ids"]["cn-beijing-h"]
        user = vpc_id or f"{self.outputs['vpc_id']}.{vswitch}"
        proxy = self.cloud.proxy.replace("http://", f"http://{user}:inside@")
        ca_file = str(self.cloud.ca_file)
        return plain_environment(
            HTTP_PROXY=proxy,
            HTTPS_PROXY=proxy,
            http_proxy=proxy,
            SSL_CERT_FILE=ca_file,
            REQUESTS_CA_BUNDLE=ca_file,
            CURL_CA_BUNDLE=ca_file,
            DASHSCOPE_API_KEY=self.cloud.api_key,
        )

    def run(self, client, endpoint, **where):
        """Run one client's file as it is; gives its exit code and all that it said."""
        files = self.folder / endpoint
        commands = {
            "openai": [sys.executable, "openai_client.py", "hello there"],
            "dashscope 1.x": [str(dashscope1.python()), "dashscope_1_client.py", "hello there"],
            "dashscope 1.x API in 2.x": [sys.executable, "dashscope_1_client.py", "hello there"],
            "dashscope 2.x": [sys.executable, "dashscope_2_client.py", "hello there"],
            "curl": ["sh", "chat.sh", "hello there"],
            "openai by .env": [sys.executable, str(CHAT), ".env", "hello there"],
        }
        done = subprocess.run(
            commands[client],
            cwd=files,
            env=self.environment(**where),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        self.logs += [done.stdout, done.stderr]
        return done.returncode, done.stdout + done.stderr


CHAT = Path(__file__).parents[2] / "examples" / "chat.py"
CLIENTS = (
    "openai",
    "dashscope 1.x",
    "dashscope 1.x API in 2.x",
    "dashscope 2.x",
    "curl",
    "openai by .env",
)
FAILING_CLIENTS = ("openai", "dashscope 1.x", "dashscope 2.x", "curl")


def console(cloud, what, **body):
    request = urllib.request.Request(
        f"{cloud.url}/_sandbox/console/{what}",
        json.dumps(body).encode(),
        {"Content-Type": "application/json"},
    )
    urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30).close()


def pvtz(cloud, action, query):
    """PrivateZone has no SDK of its own here: its calls are made by the SDKs' common client."""
    params = Params(
        action=action,
        version="2018-01-01",
        protocol="HTTP",
        pathname="/",
        method="POST",
        auth_type="AK",
        style="RPC",
        req_body_type="formData",
        body_type="json",
    )
    client = OpenApiClient(official.config(cloud))
    return client.call_api(params, OpenApiRequest(query=query), RuntimeOptions())["body"]


@contextmanager
def closed_port(inside, port):
    ecs = official.ecs(inside.cloud)
    rule = {
        "ip_protocol": "tcp",
        "port_range": f"{port}/{port}",
        "source_cidr_ip": "10.20.0.0/16",
        "policy": "accept",
        "priority": "1",
        "nic_type": "intranet",
    }
    group = {"region_id": REGION, "security_group_id": inside.outputs["security_group_id"]}
    revoke = [ecs_models.RevokeSecurityGroupRequestPermissions(**rule)]
    ecs.revoke_security_group(ecs_models.RevokeSecurityGroupRequest(**group, permissions=revoke))
    yield
    again = [ecs_models.AuthorizeSecurityGroupRequestPermissions(**rule)]
    ecs.authorize_security_group(
        ecs_models.AuthorizeSecurityGroupRequest(**group, permissions=again)
    )


@contextmanager
def detached_name(inside):
    (zone,) = inside.cloud.state.private_zones.values()
    pvtz(inside.cloud, "BindZoneVpc", {"ZoneId": zone.zone_id})
    yield
    bound = {
        "ZoneId": zone.zone_id,
        "Vpcs.1.RegionId": REGION,
        "Vpcs.1.VpcId": inside.outputs["vpc_id"],
    }
    pvtz(inside.cloud, "BindZoneVpc", bound)


@contextmanager
def zones_down(inside, endpoint):
    endpoint_id = inside.outputs["endpoints"][endpoint]["endpoint_id"]
    for zone in inside.outputs["vswitch_ids"]:
        console(
            inside.cloud,
            "zone-status",
            endpoint_id=endpoint_id,
            zone_id=zone,
            status="Disconnected",
        )
    yield
    for zone in inside.outputs["vswitch_ids"]:
        console(
            inside.cloud, "zone-status", endpoint_id=endpoint_id, zone_id=zone, status="Connected"
        )


@contextmanager
def rejected(inside, endpoint):
    endpoint_id = inside.outputs["endpoints"][endpoint]["endpoint_id"]
    console(inside.cloud, "reject", endpoint_id=endpoint_id)
    yield
    console(inside.cloud, "accept", endpoint_id=endpoint_id)


def fails(inside, endpoint, *words, **where):
    """Every client fails, and `dashlink check` gives the proxy's cause, with these words in it."""
    cause = refusal(inside, endpoint, **where)
    for word in words:
        assert word in cause, cause
    for client in FAILING_CLIENTS:
        code, said = inside.run(client, endpoint, **where)
        assert code != 0, f"{client} works although: {cause}\n{said}"


def refusal(inside, endpoint, **where):
    """`dashlink check` through the same proxy: it fails, and says what the proxy says."""
    text = json.dumps(inside.outputs)
    command = [DASHLINK, "check", "--from-inside", "-", "--endpoint", endpoint]
    done = subprocess.run(
        command,
        input=text,
        env=inside.environment(**where),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    inside.logs.append(done.stdout)
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stdout


def test_clients_work_by_rendered_files_alone_and_name_what_is_wrong(
    make_stack, cloud, tmp_path, spied_arguments
):
    stack = make_stack(CONFIG)
    stack.deploy()
    inside = Inside(stack, cloud, tmp_path / "clients")
    assert inside.outputs["endpoints"]["dashscope"]["scheme"] == "https"
    assert inside.outputs["endpoints"]["direct"]["scheme"] == "http"

    with spied_arguments() as seen:
        for endpoint in ("dashscope", "direct"):
            for client in CLIENTS:
                code, said = inside.run(client, endpoint)
                assert (code, "qwen-plus heard: hello there" in said) == (0, True), (
                    f"{client} on {endpoint}: {said}"
                )
    checked = subprocess.run(
        [DASHLINK, "check", "--from-inside", "-"],
        input=json.dumps(inside.outputs),
        env=inside.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout

    vpc_id, group = inside.outputs["vpc_id"], inside.outputs["security_group_id"]
    with closed_port(inside, 443):
        fails(inside, "dashscope", group, "443")
    with closed_port(inside, 80):
        fails(inside, "direct", group, "80")
    other, vswitch_id = _vpc_with_a_vswitch(cloud)
    elsewhere = {"vpc_id": f"{other}.{vswitch_id}"}
    fails(inside, "dashscope", "not attached", other, **elsewhere)
    fails(inside, "direct", other, **elsewhere)
    with detached_name(inside):
        fails(inside, "dashscope", "not attached", vpc_id)
    with zones_down(inside, "dashscope"):
        fails(inside, "dashscope", "Disconnected")
    with rejected(inside, "direct"):
        fails(inside, "direct", "onnect")
    assert (
        inside.run("openai", "dashscope")[0] == 0
    )  # all of it was mended: each cause was the only one

    _delete_endpoint(inside, "dashscope")
    fails(inside, "dashscope", inside.outputs["endpoints"]["dashscope"]["endpoint_domain"])

    secrets = {
        "model key": cloud.api_key,
        "access key secret": cloud.env["ALICLOUD_SECRET_KEY"],
        "access key": cloud.env["ALICLOUD_ACCESS_KEY"],
    }
    places = {
        "state": stack.state(),
        "outputs": json.dumps(inside.outputs),
        "logs": "\n".join([*stack.log, *inside.logs]),
        "rendered files": "\n".join(
            path.read_text() for path in (tmp_path / "clients").rglob("*") if path.is_file()
        ),
        "arguments of clients": "\n".join(seen),
    }
    assert "chat.sh" in places["arguments of clients"]
    found = [
        (name, place)
        for name, secret in secrets.items()
        for place, text in places.items()
        if secret in text
    ]
    assert found == []


def _vpc_with_a_vswitch(cloud):
    """Another VPC of the same account; as a proxy's user name."""
    client = official.vpc(cloud)
    vpc_id = client.create_vpc(
        vpc_models.CreateVpcRequest(region_id=REGION, cidr_block="10.60.0.0/16")
    ).body.vpc_id
    asked = vpc_models.DescribeVpcAttributeRequest(region_id=REGION, vpc_id=vpc_id)
    end = time.monotonic() + 30
    while client.describe_vpc_attribute(asked).body.status != "Available":
        assert time.monotonic() < end, "the VPC does not get ready"
    request = vpc_models.CreateVSwitchRequest(
        region_id=REGION, vpc_id=vpc_id, zone_id="cn-beijing-h", cidr_block="10.60.1.0/24"
    )
    return vpc_id, client.create_vswitch(request).body.v_switch_id


def _delete_endpoint(inside, endpoint):
    privatelink = official.privatelink(inside.cloud)
    endpoint_id = inside.outputs["endpoints"][endpoint]["endpoint_id"]
    for zone in inside.outputs["vswitch_ids"]:
        privatelink.remove_zone_from_vpc_endpoint(
            privatelink_models.RemoveZoneFromVpcEndpointRequest(
                region_id=REGION, endpoint_id=endpoint_id, zone_id=zone
            )
        )
    while any(zones := inside.cloud.state.endpoints[endpoint_id].zones):
        privatelink.list_vpc_endpoint_zones(
            privatelink_models.ListVpcEndpointZonesRequest(
                region_id=REGION, endpoint_id=endpoint_id
            )
        )
        assert zones
    privatelink.delete_vpc_endpoint(
        privatelink_models.DeleteVpcEndpointRequest(region_id=REGION, endpoint_id=endpoint_id)
    )


@pytest.fixture
def spied_arguments():
    """Collects the argument lists of every process of this machine that is ours, while the block runs."""

    @contextmanager
    def spy():
        seen: set[str] = set()
        ended = threading.Event()

        def look():
            while not ended.wait(0.02):
                for entry in Path("/proc").iterdir():
                    if entry.name.isdigit():
                        try:
                            seen.add((entry / "cmdline").read_bytes().replace(b"\0", b" ").decode())
                        except (OSError, UnicodeDecodeError):
                            continue

        watcher = threading.Thread(target=look)
        watcher.start()
        try:
            yield seen
        finally:
            ended.set()
            watcher.join()

    return spy
