"""Huawei MaaS by real clients: behind a NAT gateway, by its EIP, and behind an AI gateway."""

from __future__ import annotations

import json

import pytest
from support.gateways import fallback, running_gateway
from support.maas import HONG_KONG, MAINLAND, create_way_out
from support.waiting import wait_for

from dashlink_sandbox.eas import EasService

OPENAI = """
import openai
client = openai.OpenAI(api_key={key!r}, base_url={url!r}, max_retries=0)
"""
QUESTION = '[{"role": "user", "content": "hello world"}]'
STREAM = f"""
texts = {{"reasoning_content": "", "content": ""}}
for chunk in client.chat.completions.create(model="glm-5.1", messages={QUESTION}, stream=True):
    for field in texts:
        texts[field] += getattr(chunk.choices[0].delta, field, None) or ""
    seen["total"] = chunk.usage.total_tokens
seen["texts"] = texts
"""


@pytest.fixture(scope="module")
def place():
    """A gateway in a network with a NAT gateway; ``place.eip`` is its public address."""
    with running_gateway() as place:
        place.eip = create_way_out(place.cloud, place.network)
        yield place


def test_openais_client_works_behind_a_nat_gateway(place):
    program = OPENAI.format(key=place.cloud.api_key, url=f"{MAINLAND}/openai/v1") + STREAM
    seen = place.python(program)
    assert seen["texts"]["content"] == "glm-5.1 heard: hello world"
    assert seen["texts"]["reasoning_content"] == "glm-5.1 thinks about 2 words."
    assert seen["total"] == 11


def test_openais_client_reads_the_code_of_an_error(place):
    program = f"""{OPENAI.format(key="wrong", url=f"{MAINLAND}/openai/v1")}
try:
    client.chat.completions.create(model="glm-5.1", messages={QUESTION})
except openai.AuthenticationError as error:
    seen["code"] = error.code
"""
    assert place.python(program)["code"] == "ModelArts.81003"


def test_anthropics_client_works_with_both_forms_of_the_key(place):
    program = f"""
import anthropic
for form in ("api_key", "auth_token"):
    key = {{form: {place.cloud.api_key!r}}}
    client = anthropic.Anthropic(base_url="{HONG_KONG}/anthropic", **key)
    message = client.messages.create(model="glm-5.1", max_tokens=50, messages={QUESTION})
    seen[form] = message.content[0].text
    with client.messages.stream(model="glm-5.1", max_tokens=50, messages={QUESTION}) as stream:
        seen[f"{{form}} streamed"] = "".join(stream.text_stream)
"""
    seen = place.python(program)
    assert set(seen.values()) == {"glm-5.1 heard: hello world"}
    assert len(seen) == 4


def test_requests_reads_the_body_of_an_error(place):
    program = f"""
import requests
body = {{"model": "glm-5.1", "messages": {QUESTION}}}
answer = requests.post("{MAINLAND}/v2/chat/completions", json=body, timeout=20)
seen["answer"] = [answer.status_code, answer.json()["error_code"]]
"""
    assert place.python(program)["answer"] == [400, "ModelArts.81002"]


def test_curl_lists_the_models(place):
    header = f"Authorization: Bearer {place.cloud.api_key}"
    command = ("curl", "--silent", "--show-error", "--header", header, f"{MAINLAND}/v1/models")
    done = place.machine.run(*command, user=place.network.vpc_id)
    assert done.returncode == 0, done.stderr
    assert "glm-5.1" in done.stdout


def test_a_key_that_lists_the_eip_works_and_another_does_not(place):
    place.console("maas-key", key="sk-own", addresses=[place.eip])
    place.console("maas-key", key="sk-other", addresses=["192.0.2.7"])
    program = f"""
import requests
body = {{"model": "kimi-k2.6", "messages": {QUESTION}}}
for key in ("sk-own", "sk-other"):
    headers = {{"Authorization": f"Bearer {{key}}"}}
    url = "{MAINLAND}/v2/chat/completions"
    answer = requests.post(url, json=body, headers=headers, timeout=20)
    seen[key] = [answer.status_code, answer.json().get("error_msg", "")]
"""
    seen = place.python(program)
    assert seen["sk-own"] == [200, ""]
    status, text = seen["sk-other"]
    assert status == 401
    assert text.startswith(f"Invalid client ip {place.eip}, rejected by")


def _maas(place, name, **config):
    address = f"{MAINLAND}/openai/v1"
    config = {"provider": "custom", "address": address, **config}
    return {"serviceId": place.service(name, **config)}


def test_a_gateway_reaches_maas_by_its_own_way_out(place):
    place.console("maas-key", key="sk-gateway", addresses=[place.eip])
    served = place.serve(_maas(place, "huawei", apiKeys=["sk-gateway"]))
    answer = place.chat(served, "hello world", model="kimi-k2.6")
    assert answer.reply == "kimi-k2.6 heard: hello world"
    assert place.cloud.inside.requests[-1].host == "api.modelarts-maas.com"
    streamed = place.chat(served, "hello world", model="kimi-k2.6", stream=True)
    assert streamed.text.rstrip().endswith("data: [DONE]")
    wait_for(lambda: place.last(served).tokens == 6, "the last usage is counted, not the sum")


def test_a_gateway_falls_back_from_a_limit_of_maas(place):
    place.console("maas-model", name="scarce", protocols=["openai"], requests=1)
    studio = place.service("studio")
    served = place.serve(
        _maas(place, "scarce"), policies=[fallback(studio, **{studio: "qwen-max"})]
    )
    replies = [place.chat(served, "hello", model="scarce").reply for _ in range(2)]
    assert replies == ["scarce heard: hello", "qwen-max heard: hello"]
    assert [row[2] for row in place.last(served).attempts] == [429, 200]


def _eas(place, token):
    """An AI service with the full URL of a service of PAI-EAS, and its token."""
    owner = "1000000000000001"
    draft = place.cloud.cloud.draft()
    draft.eas_services["chat"] = EasService(
        service_id="chat",
        name="chat",
        region="cn-beijing",
        owner=owner,
        token=token,
        config={"metadata": {"name": "chat"}},
        status="Running",
        ready=1.0,
    )
    place.cloud.cloud.replace(draft)
    url = f"http://{owner}.vpc.cn-beijing.pai-eas.aliyuncs.com/api/predict/chat/v1"
    return place.service("pai", provider="custom", address=url, apiKeys=[token])


def test_studio_eas_and_maas_answer_as_each_goes_down(place):
    pai = _eas(place, "token-of-pai")
    huawei = _maas(place, "third", apiKeys=[place.cloud.api_key])["serviceId"]
    first = place.service("first")
    models = {pai: "qwen-max", huawei: "kimi-k2.6"}
    served = place.serve({"serviceId": first}, policies=[fallback(pai, huawei, **models)])
    options = {"stream": True, "stream_options": {"include_usage": True}}
    texts = []
    for name, model in (("", "qwen-plus"), ("first", "qwen-max"), ("pai", "kimi-k2.6")):
        if name:
            place.console("upstream", host=name, failing=503)
        answer = place.chat(served, "hello world", **options)
        texts.append("".join(_contents(answer.text)))
        assert place.last(served).attempts[-1][1:] == (model, 200)
        wait_for(lambda: place.last(served).tokens == 6, f"the usage of {model} is counted")
    for name in ("first", "pai"):
        place.console("upstream", host=name, failing=0)
    assert texts == [
        "qwen-plus heard: hello world",
        "qwen-max heard: hello world",
        "kimi-k2.6 heard: hello world",
    ]


def _contents(stream):
    for line in stream.splitlines():
        if line.startswith("data: {"):
            for choice in json.loads(line.removeprefix("data: "))["choices"]:
                yield choice["delta"].get("content", "")


def test_a_missing_snat_entry_is_named_to_the_client(place):
    draft = place.cloud.cloud.draft()
    saved = dict(draft.snat_entries)
    draft.snat_entries.clear()
    place.cloud.cloud.replace(draft)
    program = f"import requests\nrequests.get('{MAINLAND}/v1/models', timeout=20)"
    done = place.machine.python(program, user=place.network.vpc_id)
    draft = place.cloud.cloud.draft()
    draft.snat_entries.update(saved)
    place.cloud.cloud.replace(draft)
    assert done.returncode != 0
    assert "no SNAT entry of ngw-" in done.output
