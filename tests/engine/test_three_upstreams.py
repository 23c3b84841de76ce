"""A Model API with Model Studio first, PAI-EAS second, MaaS third, as each goes down in turn.

The network has a new way out, whose address alone the key of MaaS allows. Clients in the VPC call
the API, and MaaS itself by the rendered files.
"""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path

import pytest
from support.base_stacks import assert_settled
from support.cli import DASHLINK
from support.clouds import REGION, ZONES, create_endpoint, create_gateway, create_network
from support.inside import vpc_environment
from support.maas import HONG_KONG, MAINLAND
from support.processes import run, run_ok
from support.sandbox_admin import console
from support.waiting import wait_for

from dashlink_sandbox.eas import EasService
from engine.process import clean_environment

pytestmark = pytest.mark.engine

CHAT = str(Path(__file__).parents[2] / "examples" / "chat.py")
DOMAIN = "models.example.internal"
OWNER = "1000000000000001"
TOKEN = "token-of-their-service-456789"
CLIENT_KEY = "sk-search-team-0123456789"
MAAS_KEY = "sk-of-maas-0123456789abcdef"
ELSEWHERE = "sk-of-another-address-0123456789"
NEW_KEY = "sk-of-maas-9876543210fedcba"
MODELS = {"studio": "qwen-plus", "own": "qwen-turbo", "huawei": "glm-5.1"}
MESSAGE = "hello there"
# Clients of MaaS: rendered files, and programs that read the rendered variables.
READ_VARIABLES = "import os, sys, dotenv; dotenv.load_dotenv('.env'); model = os.environ['MODEL']"
BY_ANTHROPIC = f"""{READ_VARIABLES}
import anthropic
message = {{"role": "user", "content": sys.argv[1]}}
answer = anthropic.Anthropic().messages.create(model=model, max_tokens=64, messages=[message])
print(answer.content[0].text)
"""
BY_REQUESTS = f"""{READ_VARIABLES}
import requests
body = {{"model": model, "messages": [{{"role": "user", "content": sys.argv[1]}}]}}
headers = {{"Authorization": f"Bearer {{os.environ['OPENAI_API_KEY']}}"}}
url = f"{{os.environ['OPENAI_BASE_URL']}}/chat/completions"
print(requests.post(url, json=body, headers=headers, timeout=60).text)
"""
CLIENTS = {
    "openai": (sys.executable, "openai_client.py"),
    "openai by .env": (sys.executable, CHAT, ".env"),
    "anthropic by .env": (sys.executable, "-c", BY_ANTHROPIC),
    "requests by .env": (sys.executable, "-c", BY_REQUESTS),
    "curl": ("sh", "chat.sh"),
}
# The services that are down, and the one that answers.
TURNS = {"all up": ((), "studio"), "studio": (("studio",), "own")}
TURNS["studio and own"] = (("studio", "own"), "huawei")
# A client of the Model API: it prints what it has seen of an answer, as one JSON object.
PROGRAM = """
import json, openai
seen = {{"model": "", "text": "", "reasoning": "", "totals": []}}
client = openai.OpenAI(base_url={url!r}, api_key={key!r}, max_retries=0)
options = {{"stream": True, "stream_options": {{"include_usage": True}}}} if {stream} else {{}}
messages = [{{"role": "user", "content": {text!r}}}]
try:
    answer = client.chat.completions.create(model="any", messages=messages, **options)
    for part in answer if {stream} else [answer]:
        seen["model"] = part.model
        for choice in part.choices:
            message = choice.delta if {stream} else choice.message
            seen["text"] += message.content or ""
            seen["reasoning"] += getattr(message, "reasoning_content", None) or ""
        if part.usage:
            seen["totals"].append(part.usage.total_tokens)
except openai.APIStatusError as error:
    seen["status"] = error.status_code
print(json.dumps(seen))
"""


@pytest.fixture(scope="class")
def network(cloud):
    """A VPC with two vSwitches, a security group, and no way out."""
    return create_network(cloud)


@pytest.fixture(scope="class")
def config(cloud, network):
    """Settings of a stack on an endpoint, a gateway and an EAS service that exist."""
    draft = cloud.cloud.draft()
    draft.eas_services["eas-m-theirs"] = EasService(
        service_id="eas-m-theirs",
        name="theirs",
        region=REGION,
        owner=OWNER,
        token=TOKEN,
        config={"metadata": {"name": "theirs", "instance": 1}, "containers": [{"image": "i"}]},
        status="Running",
        ready=1.0,
    )
    cloud.cloud.replace(draft)
    endpoint_id = create_endpoint(cloud, network)
    fallbacks = []
    for name in ("own", "huawei"):
        fallbacks.append({"service": name, "model": MODELS[name]})
    return {
        "alicloud:region": REGION,
        "dashlink:network": {
            "vpc_id": network.vpc_id,
            "zones": list(ZONES),
            "vswitch_ids": dict(zip(ZONES, network.vswitch_ids, strict=True)),
            "security_group_id": network.group_id,
            "egress": {},
        },
        "dashlink:endpoints": {"dashscope": {"id": endpoint_id, "private_name": "service"}},
        "dashlink:eas_services": {"own": {"name": "theirs"}},
        "dashlink:maas_services": {
            "huawei": {
                "base_url": MAINLAND,
                "protocols": ["openai", "anthropic"],
                "models": [MODELS["huawei"]],
                "api_key": {"config": "maasKey"},
            }
        },
        "dashlink:gateway": {"id": create_gateway(cloud, network)},
        "dashlink:domains": {DOMAIN: {"scheme": "http"}},
        "dashlink:consumers": {"search-team": {"api_keys": [{"config": "searchTeamKey"}]}},
        "dashlink:ai_services": {
            "studio": {"endpoint": "dashscope", "api_keys": [{"config": "studioKey"}]},
            "own": {"eas_service": "own"},
            "huawei": {"maas": "huawei"},
            "messages": {"maas": "huawei", "protocols": ["Anthropic"]},
        },
        "dashlink:model_apis": {
            "chat": {
                "scene": "text",
                "domains": [DOMAIN],
                "consumers": ["search-team"],
                "service": "studio",
                "model": MODELS["studio"],
                "fallbacks": fallbacks,
            },
            "messages": {
                "scene": "text",
                "protocol": "Anthropic",
                "domains": [DOMAIN],
                "base_path": "/messages",
                "consumers": ["search-team"],
                "service": "messages",
                "model": MODELS["huawei"],
            },
        },
    }


@pytest.fixture(scope="class")
def stack(create_stack, cloud, config):
    stack = create_stack(config)
    stack.set_secret("dashlink:studioKey", cloud.api_key)
    stack.set_secret("dashlink:searchTeamKey", CLIENT_KEY)
    stack.set_secret("dashlink:maasKey", MAAS_KEY)
    stack.deploy()
    allow(cloud, stack, MAAS_KEY)
    return stack


def allow(cloud, stack, key):
    """Create a key of MaaS that only the addresses of the stack's way out may use."""
    addresses = stack.outputs()["maas_services"]["huawei"]["source_addresses"]
    assert addresses
    console(cloud, "maas-key", key=key, addresses=addresses)


class Client:
    """A machine in the VPC: it calls the Model API, or runs a rendered file."""

    def __init__(self, stack, cloud, network, folder):
        self.url = stack.outputs()["model_apis"]["chat"]["base_urls"]["openai"]
        self.folder = folder
        proxy = cloud.proxy.replace("http://", f"http://{network.vpc_id}:inside@")
        self.environment = {**clean_environment(), **vpc_environment(proxy, cloud.ca_file)}
        outputs = json.dumps(stack.outputs())
        run_ok([DASHLINK, "render", "-", "--out", str(folder)], stdin=outputs)

    def chat(self, *, stream):
        values = {"url": self.url, "key": CLIENT_KEY, "stream": stream, "text": MESSAGE}
        command = [sys.executable, "-c", PROGRAM.format(**values)]
        return json.loads(run_ok(command, environment=self.environment, seconds=120))

    def run_file(self, *command, **variables):
        environment = {**self.environment, "MAAS_API_KEY": MAAS_KEY, **variables}
        folder = self.folder / "maas-services" / "huawei"
        return run([*command, MESSAGE], environment=environment, folder=folder, seconds=120)


@pytest.fixture(scope="class")
def client(stack, cloud, network, tmp_path_factory):
    return Client(stack, cloud, network, tmp_path_factory.mktemp("clients"))


def set_down(cloud, service, *, down):
    """Stop a service, or start it again, each as it stops by itself."""
    if service == "studio":
        host = "dashlink-test-studio"
        console(cloud, "upstream", host=host, failing=503 if down else 0)
    elif service == "own":
        draft = cloud.cloud.draft()
        row = draft.eas_services["eas-m-theirs"]
        status = "Stopped" if down else "Running"
        draft.eas_services["eas-m-theirs"] = row.model_copy(update={"status": status})
        cloud.cloud.replace(draft)
    else:
        console(cloud, "maas-model", name=MODELS["huawei"], instances=0 if down else 1)


@contextmanager
def outage(cloud, services):
    """Stop services, and start them again."""
    try:
        for service in services:
            set_down(cloud, service, down=True)
        yield
    finally:
        for service in services:
            set_down(cloud, service, down=False)


class TestThreeUpstreams:
    def test_up_leaves_nothing_to_do(self, stack):
        assert_settled(stack)

    @pytest.mark.parametrize(("down", "answers"), TURNS.values(), ids=TURNS)
    def test_the_next_answers_as_each_goes_down(self, client, cloud, down, answers):
        totals = []
        for stream in (False, True):
            with outage(cloud, down):
                seen = client.chat(stream=stream)
            assert seen["model"] == MODELS[answers]
            assert seen["text"] == f"{MODELS[answers]} heard: {MESSAGE}"
            assert bool(seen["reasoning"]) == (answers == "huawei")
            totals.append(seen["totals"][-1])
            counted = cloud.cloud.journal.entries[-1]
            wait_for(lambda counted=counted, total=totals[-1]: counted.tokens == total, "usage")
        assert totals[0] == totals[1]
        # MaaS sends counts in every chunk, which grow: the last one is the whole.
        assert (len(seen["totals"]) > 1) == (answers == "huawei")
        assert seen["totals"] == sorted(seen["totals"])

    @pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
    def test_the_client_gets_the_last_refusal(self, client, cloud, stream):
        with outage(cloud, MODELS):
            assert client.chat(stream=stream)["status"] >= 500

    @pytest.mark.parametrize("name", CLIENTS, ids=str)
    def test_the_rendered_files_of_maas_work_alone(self, client, name):
        done = client.run_file(*CLIENTS[name])
        assert done.returncode == 0, done
        assert f"{MODELS['huawei']} heard: {MESSAGE}" in done.output

    @pytest.mark.parametrize(
        ("variables", "cause"),
        [
            ({"MAAS_API_KEY": "wrong"}, "401, ModelArts.81003, the key is wrong"),
            ({"MODEL": "GLM-5.1"}, "404, ModelArts.81009, the address has no model of this name"),
            (
                {"MAAS_API_KEY": ELSEWHERE},
                "401, ModelArts.81015, the key's list of allowed addresses",
            ),
        ],
        ids=["key", "model", "address"],
    )
    def test_a_wrong_setting_of_a_client_is_named(self, client, cloud, variables, cause):
        console(cloud, "maas-key", key=ELSEWHERE, addresses=["192.0.2.7"])
        done = client.run_file(sys.executable, "openai_client.py", **variables)
        assert done.returncode != 0
        assert cause in done.output

    def test_anthropics_protocol_has_its_own_address_at_maas(self, client, stack, cloud):
        url = stack.outputs()["model_apis"]["messages"]["base_urls"]["anthropic"]
        keys = dict.fromkeys(("ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_API_KEY"), CLIENT_KEY)
        variables = {"ANTHROPIC_BASE_URL": url, "MODEL": "any", **keys}
        done = client.run_file(*CLIENTS["anthropic by .env"], **variables)
        assert f"{MODELS['huawei']} heard: {MESSAGE}" in done.output
        assert cloud.inside.requests[-1].path == "/anthropic/v1/messages"
        assert cloud.cloud.journal.entries[-1].host == DOMAIN

    def test_no_key_is_in_outputs_state_or_logs(self, stack):
        text = "\n".join([json.dumps(stack.outputs()), stack.state(), *stack.log])
        for key in (TOKEN, MAAS_KEY, CLIENT_KEY):
            assert key not in text

    def test_key_and_address_are_changed_in_place(self, stack, cloud, client, config):
        changed = deepcopy(config)
        changed["dashlink:maas_services"]["huawei"]["base_url"] = HONG_KONG
        stack.configure(changed)
        stack.set_secret("dashlink:maasKey", NEW_KEY)
        services = ["access-gateway-service-huawei", "access-gateway-service-messages"]
        assert stack.deploy() == {"update": services}
        allow(cloud, stack, NEW_KEY)
        with outage(cloud, ("studio", "own")):
            assert client.chat(stream=True)["model"] == MODELS["huawei"]
        assert cloud.inside.requests[-1].host == HONG_KONG.removeprefix("https://")
        assert_settled(stack)

    def test_destroy_leaves_what_existed(self, stack, cloud):
        stack.destroy()
        state = cloud.state
        assert not state.ai_services
        assert not state.nat_gateways
        assert [row.name for row in state.eas_services.values()] == ["theirs"]
        assert len(state.endpoints) == len(state.gateways) == 1
