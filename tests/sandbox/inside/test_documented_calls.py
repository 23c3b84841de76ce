"""The calls that the documents of MaaS and PAI-EAS show, by the clients that they use."""

from __future__ import annotations

import json
import sys

import pytest
from support.inside import vpc_environment
from support.maas import MAINLAND, SERVICE_URL, Caller, chat
from support.processes import run

from dashlink_sandbox.eas import AclEntry, EasGateway, EasService
from engine.process import clean_environment

MESSAGES = [
    {"role": "system", "content": "You are a helpful assistant."},
    {"role": "user", "content": "hello"},
]
CHAT = f"{SERVICE_URL}/v1/chat/completions"
# Every parameter of the page with its default there.
DEFAULTS = {
    "max_tokens": 16,
    "top_k": -1,
    "top_p": 1.0,
    "temperature": 0.6,
    "stop": None,
    "stream": False,
    "n": 1,
    "use_beam_search": False,
    "presence_penalty": 0.0,
    "frequency_penalty": 0.0,
    "length_penalty": 1.0,
    "ignore_eos": False,
}
OWNER = "1000000000000001"
TOKEN = "token-of-the-service"
EAS = f"http://{OWNER}.vpc.cn-beijing.pai-eas.aliyuncs.com/api/predict/test"
# Dedicated gateways with their access lists for the internet; None: not on the internet.
ACCESS = {"gw-open": [], "gw-listed": [AclEntry(entry="192.0.2.0/24")], "gw-private": None}
REQUESTS = """
import json, sys
import requests
url, authorization, body = sys.argv[1:]
headers = {"Content-Type": "application/json", "Authorization": authorization}
answer = requests.post(url, headers=headers, data=body, timeout=20)
print(answer.status_code)
print(answer.text)
"""
OPENAI = """
import sys
from openai import OpenAI
client = OpenAI(api_key=sys.argv[2], base_url=sys.argv[1], max_retries=0)
messages = [{"role": "system", "content": "s"}, {"role": "user", "content": "hello"}]
answer = client.chat.completions.create(
    model="my-model", messages=messages, max_tokens=1024, temperature=0.6, stream=False
)
print(answer.choices[0].message.content)
"""


@pytest.fixture(scope="module")
def caller():
    with Caller.start() as caller:
        draft = caller.cloud.cloud.draft()
        draft.eas_services["eas-m-1"] = EasService(
            service_id="eas-m-1",
            name="test",
            region="cn-beijing",
            owner=OWNER,
            token=TOKEN,
            status="Running",
            ready=1.0,
            config={"metadata": {"name": "test", "instance": 1}},
        )
        for gateway_id, internet_acl in ACCESS.items():
            draft.eas_gateways[gateway_id] = EasGateway(
                gateway_id=gateway_id,
                name=gateway_id,
                region="cn-beijing",
                owner=OWNER,
                status="Running",
                internet=internet_acl is not None,
                internet_status="Running" if internet_acl is not None else "",
                internet_acl=internet_acl or [],
            )
            draft.eas_services[gateway_id] = draft.eas_services["eas-m-1"].model_copy(
                update={"service_id": gateway_id, "config": {"networking": {"gateway": gateway_id}}}
            )
        caller.cloud.cloud.replace(draft)
        yield caller


@pytest.fixture
def client(caller):
    """Run a command in the VPC; return its output."""

    def run_inside(*command):
        environment = vpc_environment(caller.proxy(), caller.cloud.ca_file)
        done = run(command, environment={**clean_environment(), **environment}, seconds=60)
        assert done.returncode == 0, done
        return done.stdout

    return run_inside


def curl(client, url, authorization, body):
    headers = ("-H", "Content-Type: application/json", "-H", f"Authorization: {authorization}")
    return client("curl", "-sS", "-X", "POST", url, *headers, "-d", json.dumps(body))


def eas_post(caller, path, body):
    headers = {"Authorization": TOKEN, "Content-Type": "application/json"}
    return caller.post(f"{EAS}{path}", body, headers=headers)


# MaaS ---------------------------------------------------------------------------------------------


def test_requests_calls_a_service_of_maas(caller, client):
    body = {"model": "my-model", "messages": MESSAGES, "max_tokens": 1024, "temperature": 0.6}
    key = f"Bearer {caller.key}"
    text = client(sys.executable, "-c", REQUESTS, CHAT, key, json.dumps(body))
    status, _, answer = text.partition("\n")
    assert status == "200"
    assert json.loads(answer)["choices"][0]["message"]["content"] == "my-model heard: hello"


def test_curl_calls_a_model_of_maas_by_its_name(caller, client):
    options = {"stream": True, "stream_options": {"include_usage": True}, "temperature": 0.6}
    body = {"model": "DeepSeek-R1", "messages": MESSAGES, **options}
    text = curl(client, f"{MAINLAND}/v1/chat/completions", f"Bearer {caller.key}", body)
    assert text.rstrip().endswith("data: [DONE]")
    assert "total_tokens" in text


def test_openais_sdk_calls_a_service_of_maas(caller, client):
    text = client(sys.executable, "-c", OPENAI, f"{SERVICE_URL}/v1", caller.key)
    assert text == "my-model heard: hello\n"


def test_the_documented_defaults_are_accepted(caller):
    body = {"model": "kimi-k2.6", "messages": MESSAGES, **DEFAULTS}
    del body["length_penalty"]  # with its default it needs beam search, as with any other value
    answer = caller.post(f"{MAINLAND}/v2/chat/completions", body)
    assert answer.status_code == 200, answer.text


def test_a_further_parameter_of_vllm_is_accepted(caller):
    body = {"model": "kimi-k2.6", "messages": MESSAGES, "min_tokens": 1, "seed": 7}
    assert caller.post(f"{MAINLAND}/v2/chat/completions", body).status_code == 200


def test_an_answer_of_maas_has_the_documented_fields(caller):
    answer = caller.post(CHAT, chat("my-model", "hello")).json()
    assert set(answer) == {"id", "object", "created", "model", "choices", "usage"}
    assert (answer["object"], answer["model"]) == ("chat.completion", "my-model")
    assert isinstance(answer["created"], int)
    (choice,) = answer["choices"]
    assert choice == {
        "index": 0,
        "message": {"role": "assistant", "content": "my-model heard: hello"},
        "logprobs": None,
        "finish_reason": "stop",
        "stop_reason": None,
    }
    usage = answer["usage"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]


def test_a_completion_of_maas_has_the_documented_fields(caller):
    body = {"model": "my-model", "prompt": "hello", "max_tokens": 150, "temperature": 0.7}
    answer = caller.post(f"{SERVICE_URL}/v1/completions", body).json()
    assert answer["object"] == "text_completion"
    (choice,) = answer["choices"]
    assert (choice["index"], choice["text"]) == (0, "my-model heard: hello")
    assert answer["usage"] == {"prompt_tokens": 1, "completion_tokens": 3, "total_tokens": 4}


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/v1/models"), ("GET", "/v1/chat/completions"), ("GET", "/v1/completions")],
    ids=["models", "chat", "completions"],
)
def test_an_interface_of_maas_has_one_method(caller, method, path):
    assert caller.send(method, f"{SERVICE_URL}{path}").status_code == 405


def test_models_of_a_service_need_a_key_and_no_body(caller):
    assert caller.get(f"{SERVICE_URL}/v1/models").status_code == 200
    refused = caller.send("GET", f"{SERVICE_URL}/v1/models", headers={})
    assert refused.status_code == 400


# PAI-EAS ------------------------------------------------------------------------------------------


def test_curl_calls_a_service_of_eas(client):
    body = {"model": "qwen-plus", "messages": MESSAGES}
    answer = json.loads(curl(client, f"{EAS}/v1/chat/completions", TOKEN, body))
    assert answer["choices"][0]["message"]["content"] == "qwen-plus heard: hello"


def test_requests_calls_a_service_of_eas(client):
    body = json.dumps({"model": "qwen-plus", "messages": MESSAGES})
    program = (sys.executable, "-c", REQUESTS, f"{EAS}/v1/chat/completions", TOKEN, body)
    status, _, answer = client(*program).partition("\n")
    assert status == "200"
    assert json.loads(answer)["choices"][0]["message"]["content"] == "qwen-plus heard: hello"


def test_a_service_of_eas_completes_a_prompt(caller):
    answer = eas_post(caller, "/v1/completions", {"model": "qwen-plus", "prompt": "hello"})
    assert answer.json()["choices"][0]["text"] == "qwen-plus heard: hello"


def test_a_reranker_on_eas_has_a_path_and_body_of_its_own(caller):
    documents = ["a dog", "a cat"]
    body = {"model": "qwen3-rerank", "query": "a cat", "documents": documents}
    answer = eas_post(caller, "/v1/rerank", body)
    assert answer.json()["results"][0]["index"] == 1
    refused = eas_post(caller, "/v1/chat/completions", body)
    assert refused.status_code in (400, 404)


@pytest.mark.parametrize("vpc", [0, 1], ids=["way-out", "no-way-out"])
def test_the_internet_address_of_eas_needs_a_way_out(caller, vpc):
    url = EAS.replace(".vpc.", ".")
    body = {"model": "qwen-plus", "messages": MESSAGES}
    headers = {"Authorization": TOKEN}
    answer = caller.post(f"{url}/v1/chat/completions", body, headers=headers, vpc=vpc)
    assert answer.status_code == (502 if vpc else 200)


@pytest.mark.parametrize(
    ("gateway_id", "status"), [("gw-open", 200), ("gw-listed", 403), ("gw-private", 502)], ids=str
)
def test_a_dedicated_gateway_is_on_the_internet_if_turned_on(caller, gateway_id, status):
    url = f"http://{gateway_id}.cn-beijing.pai-eas.aliyuncs.com/api/predict/test"
    body = {"model": "qwen-plus", "messages": MESSAGES}
    headers = {"Authorization": TOKEN}
    answer = caller.post(f"{url}/v1/chat/completions", body, headers=headers)
    assert answer.status_code == status
