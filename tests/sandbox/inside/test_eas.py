"""The data plane of PAI-EAS: who reaches a gateway, and what it answers."""

from __future__ import annotations

import ssl
import time

import httpx
import pytest
from support import clouds
from support.sandbox_admin import console

from dashlink_sandbox import Sandbox
from dashlink_sandbox.eas import EasGateway, EasService, LinkedVpc

OWNER = "1000000000000001"
TOKEN = "token-of-the-service"
HOST = f"{OWNER}.vpc.cn-beijing.pai-eas.aliyuncs.com"
URL = f"http://{HOST}/api/predict/chat"
BODY = {"model": "qwen-plus", "messages": [{"role": "user", "content": "hello"}]}


@pytest.fixture(scope="module")
def cloud():
    with Sandbox() as cloud:
        yield cloud


@pytest.fixture(scope="module")
def vpc_ids(cloud):
    """Two VPCs of the region, the first of them linked to a dedicated gateway, and services."""
    created = []
    for number in (70, 71):
        vpc_id = clouds.create_vpc(cloud, f"10.{number}.0.0/16")
        clouds.create_vswitches(cloud, vpc_id, {clouds.ZONES[0]: f"10.{number}.0.0/20"})
        created.append(vpc_id)
    draft = cloud.cloud.draft()
    linked = LinkedVpc(vpc_id=created[0], vswitch_id="vsw-1", address="10.70.0.30")
    draft.eas_gateways["gw-1"] = EasGateway(
        gateway_id="gw-1",
        name="own",
        region="cn-beijing",
        owner=OWNER,
        status="Running",
        linked={created[0]: linked},
    )
    for name, changes in {
        "chat": {},
        "own": {"config": {"networking": {"gateway": "gw-1"}}},
        "stopped": {"status": "Stopped"},
        "early": {"ready": time.time() + 3600},
        "quick": {"config": {"rpc": {"keepalive": 50}}},
    }.items():
        values = {"status": "Running", "ready": 1.0, "config": {}, **changes}
        values["config"] = {"metadata": {"name": name, "instance": 1}, **values["config"]}
        draft.eas_services[name] = EasService(
            service_id=name, name=name, region="cn-beijing", owner=OWNER, token=TOKEN, **values
        )
    cloud.cloud.replace(draft)
    return created


@pytest.fixture
def post(cloud, vpc_ids):
    def send(url=f"{URL}/v1/chat/completions", sent=TOKEN, vpc=0, json=BODY, **more):
        proxy = cloud.proxy.replace("http://", f"http://{vpc_ids[vpc]}:@")
        verify = ssl.create_default_context(cafile=str(cloud.ca_file))
        with httpx.Client(proxy=proxy, verify=verify, trust_env=False) as client:
            headers = {"Authorization": sent} if sent else {}
            return client.post(url, json=json, headers=headers, **more)

    return send


@pytest.mark.parametrize("sent", [TOKEN, f"Bearer {TOKEN}"], ids=["bare", "bearer"])
def test_a_service_answers_both_forms_of_its_token(post, sent):
    answer = post(sent=sent)
    assert answer.status_code == 200
    assert answer.json()["choices"][0]["message"]["content"] == "qwen-plus heard: hello"


def test_a_stream_passes_chunk_by_chunk(post):
    answer = post(json={**BODY, "stream": True})
    assert answer.headers["Content-Type"].startswith("text/event-stream")
    assert answer.text.rstrip().endswith("data: [DONE]")


@pytest.mark.parametrize("vpc", [0, 1], ids=["linked", "not-linked"])
def test_the_shared_gateway_works_from_any_vpc_of_the_region(post, vpc):
    assert post(vpc=vpc).status_code == 200
    assert post(URL.replace("http:", "https:") + "/v1/chat/completions", vpc=vpc).status_code == 200


@pytest.mark.parametrize(
    ("path", "sent", "status", "text"),
    [
        ("chat/v1/chat/completions", "wrong", 401, "Invalid token"),
        ("chat/v1/chat/completions", "", 401, "Invalid token"),
        ("chat", TOKEN, 404, '{"detail": "Not Found"}'),
        ("chat/chat/completions", TOKEN, 404, '{"detail": "Not Found"}'),
        ("chat/v1/nothing", TOKEN, 404, '{"detail": "Not Found"}'),
        ("nobody/v1/chat/completions", TOKEN, 404, ""),
        ("own/v1/chat/completions", TOKEN, 404, ""),
        ("early/v1/chat/completions", TOKEN, 404, ""),
        ("stopped/v1/chat/completions", TOKEN, 503, "no healthy upstream"),
    ],
    ids=[
        *("wrong-token", "no-token", "no-path", "without-version", "unknown-path"),
        *("unknown-service", "other-gateway", "no-route-yet", "stopped"),
    ],
)
def test_a_refusal_has_the_status_of_the_documents(post, path, sent, status, text):
    answer = post(f"http://{HOST}/api/predict/{path}", sent)
    assert answer.status_code == status
    assert text in answer.text
    assert bool(answer.text) is bool(text)


def test_an_unknown_model_is_named_as_vllm_does(post):
    answer = post(json={**BODY, "model": "nothing"})
    assert (answer.status_code, answer.json()["type"]) == (404, "NotFoundError")
    assert "nothing" in answer.json()["message"]


def test_a_body_above_one_megabyte_is_refused(post):
    content = "x" * (1024 * 1024)
    message = {"role": "user", "content": content}
    assert post(json={**BODY, "messages": [message]}).status_code == 413


@pytest.mark.parametrize(
    ("status", "text"), [(450, "queue is full"), (429, "too many requests")], ids=["450", "429"]
)
def test_a_simulated_failure_is_answered(cloud, post, status, text):
    console(cloud, "upstream", host="chat", failing=status)
    answer = post()
    console(cloud, "upstream", host="chat", failing=0)
    assert (answer.status_code, answer.text) == (status, text)


def test_a_request_longer_than_keepalive_ends_with_408(cloud, post):
    console(cloud, "upstream", host="quick", delay_seconds=0.2)
    assert post(f"http://{HOST}/api/predict/quick/v1/chat/completions").status_code == 408


def test_a_dedicated_gateway_is_reached_from_linked_vpcs_alone(post):
    url = "http://gw-1-vpc.cn-beijing.pai-eas.aliyuncs.com/api/predict/own/v1/chat/completions"
    assert post(url).status_code == 200
    refusal = post(url, vpc=1)
    assert refusal.status_code == 502
    assert "gw-1 is not linked to it" in refusal.text


@pytest.mark.parametrize(
    ("host", "cause"),
    [
        (HOST.replace("beijing", "shanghai"), "works in its own region, not cn-beijing"),
        (HOST.replace(".vpc", ""), "is on the internet: "),
    ],
    ids=["other-region", "internet"],
)
def test_a_name_of_elsewhere_is_not_reached(post, host, cause):
    refusal = post(f"http://{host}/api/predict/chat/v1/chat/completions")
    assert refusal.status_code == 502
    assert cause in refusal.text
