"""Client files of EAS services by real clients inside a VPC: they work, or name the cause."""

from __future__ import annotations

import sys

import pytest
from support import clouds, dashscope1
from support.inside import vpc_environment
from support.processes import run

from dashlink.clients.outputs import parse_outputs
from dashlink.clients.render import render
from dashlink.eas.plan import eas_outputs
from dashlink.eas.settings import EasServiceSettings
from dashlink_sandbox import Sandbox
from dashlink_sandbox.eas import EasGateway, EasService, LinkedVpc
from engine.process import clean_environment

OWNER = "1000000000000001"
TOKEN = "token-of-the-service"
SHARED = f"{OWNER}.vpc.cn-beijing.pai-eas.aliyuncs.com"
DEDICATED = "gw-1-vpc.cn-beijing.pai-eas.aliyuncs.com"
# Services by name: changes of the record, and the host of their gateway.
SERVICES = {
    "chat": ({}, SHARED),
    "own": ({"config": {"networking": {"gateway": "gw-1"}}}, DEDICATED),
    "stopped": ({"status": "Stopped"}, SHARED),
    "unknown": (None, SHARED),
}
CLIENTS = {
    "openai": [sys.executable, "openai_client.py"],
    "requests": [sys.executable, "requests_client.py"],
    "curl": ["sh", "chat.sh"],
    "eas-prediction": ["python of eas-prediction", "eas_client.py"],
}


def document(folder):
    """The outputs of a stack with every service, and its client files."""
    services = {}
    for name, (_, host) in SERVICES.items():
        url = f"http://{host}/api/predict/{name}"
        kind = "PrivateGateway" if host == DEDICATED else "DefaultGateway"
        row = {"kind": kind, "gateway_id": "g", "vpc_urls": [url], "internet_urls": []}
        settings = EasServiceSettings(name=name, default_model="qwen-plus")
        services[name] = eas_outputs(name, "eas-m-1", settings, [row])
    outputs = {
        "version": 1,
        "stack": "dev",
        "region": "cn-beijing",
        "vpc_id": "vpc-1",
        "vswitch_ids": {},
        "security_group_id": "sg-1",
        "endpoints": {},
        "eas_services": services,
    }
    for file in render(parse_outputs(outputs), ()):
        path = folder / file.path.relative_to("eas-services")
        path.parent.mkdir(exist_ok=True)
        path.write_text(file.text)
    return folder


@pytest.fixture(scope="module")
def eas_python():
    """A Python with Alibaba Cloud's own client."""
    return str(dashscope1.python(dashscope1.EAS_LOCK_FILE))


@pytest.fixture(scope="module")
def cloud():
    with Sandbox() as cloud:
        yield cloud


@pytest.fixture(scope="module")
def vpc_ids(cloud):
    """Two VPCs, the first of them linked to the dedicated gateway."""
    created = []
    for number in (70, 71):
        vpc_id = clouds.create_vpc(cloud, f"10.{number}.0.0/16")
        clouds.create_vswitches(cloud, vpc_id, {clouds.ZONES[0]: f"10.{number}.0.0/20"})
        created.append(vpc_id)
    draft = cloud.cloud.draft()
    draft.eas_gateways["gw-1"] = EasGateway(
        gateway_id="gw-1",
        name="own",
        region="cn-beijing",
        owner=OWNER,
        status="Running",
        linked={created[0]: LinkedVpc(vpc_id=created[0], vswitch_id="vsw-1", address="10.70.0.30")},
    )
    for name, (changes, _) in SERVICES.items():
        if changes is None:
            continue
        values = {"status": "Running", "ready": 1.0, "config": {}, **changes}
        values["config"] = {"metadata": {"name": name, "instance": 1}, **values["config"]}
        draft.eas_services[name] = EasService(
            service_id=name, name=name, region="cn-beijing", owner=OWNER, token=TOKEN, **values
        )
    cloud.cloud.replace(draft)
    return created


@pytest.fixture(scope="module")
def call(cloud, vpc_ids, eas_python, tmp_path_factory):
    """Run a client with the rendered files of a service in a VPC."""
    folder = document(tmp_path_factory.mktemp("clients"))

    def call(client, service="chat", *arguments, token=TOKEN, vpc=0, **environment):
        program, *files = CLIENTS[client]
        program = eas_python if program.startswith("python of") else program
        proxy = cloud.proxy.replace("http://", f"http://{vpc_ids[vpc]}:inside@")
        variables = {
            **clean_environment(),
            **vpc_environment(proxy, cloud.ca_file),
            "EAS_TOKEN": token,
            **environment,
        }
        words = [program, *files, *arguments]
        return run(words, environment=variables, folder=folder / service, seconds=120)

    return call


def arguments_of(client):
    return ["/v1/models"] if client == "requests" else ["hello"]


@pytest.mark.parametrize("service", ["chat", "own"], ids=["shared", "dedicated"])
@pytest.mark.parametrize("client", CLIENTS, ids=str)
def test_a_client_is_answered(call, client, service):
    done = call(client, service, *arguments_of(client))
    assert done.returncode == 0, done
    expected = '"qwen-plus"' if client == "requests" else "qwen-plus heard: hello"
    assert expected in done.output


@pytest.mark.parametrize(
    ("service", "more", "causes"),
    [
        ("chat", {"token": "wrong"}, ["401, the token is missing or wrong"]),
        ("stopped", {}, ["503, no instance is ready"]),
        ("unknown", {}, ["404, the gateway does not know the service"]),
        ("own", {"vpc": 1}, ["not linked"]),
    ],
    ids=["token", "stopped", "unknown-service", "not-linked"],
)
@pytest.mark.parametrize("client", CLIENTS, ids=str)
def test_a_client_names_the_cause(call, client, service, more, causes):
    done = call(client, service, *arguments_of(client), **more)
    assert done.returncode != 0
    assert "Traceback" not in done.output
    assert [cause for cause in causes if cause not in done.output] == []
    assert TOKEN not in done.output


@pytest.mark.parametrize("client", ["openai", "curl", "eas-prediction"], ids=str)
def test_a_client_names_a_model_that_does_not_exist(call, client):
    done = call(client, "chat", "hello", MODEL="nobodys")
    assert done.returncode != 0
    assert "the model does not exist" in done.output


def test_a_path_that_is_incomplete_is_named(call):
    done = call("requests", "chat", "/models")
    assert "404, the path is incomplete: append that of the model server" in done.output


SIGNED = """\
import os, sys, urllib3
from urllib.parse import urlsplit
from eas_prediction import PredictClient, PredictException, StringRequest
proxy = os.environ["HTTP_PROXY"]
login = urlsplit(proxy)
headers = urllib3.make_headers(proxy_basic_auth=f"{login.username}:{login.password}")
client = PredictClient(f"http://{sys.argv[1]}", "chat/v1/chat/completions")
client.set_token(os.environ["EAS_TOKEN"])
client.set_retry_count(1)
client.set_content_type("application/json")
client.connection_pool = urllib3.ProxyManager(proxy, proxy_headers=headers)
client.init()
body = '{"model": "qwen-plus", "messages": [{"role": "user", "content": "hello"}]}'
try:
    print(client.predict(StringRequest(body)).response_data.decode())
except PredictException as error:
    print(error.code)
client.destroy()
"""


@pytest.mark.parametrize(
    ("token", "text"), [(TOKEN, "qwen-plus heard: hello"), ("wrong", "401")], ids=["right", "wrong"]
)
def test_alibabas_client_may_sign_instead(call, tmp_path, token, text):
    file = tmp_path / "signed.py"
    file.write_text(SIGNED)
    CLIENTS["signed"] = ["python of eas-prediction", str(file)]
    done = call("signed", "chat", SHARED, token=token)
    del CLIENTS["signed"]
    assert text in done.output
