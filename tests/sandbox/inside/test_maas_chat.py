"""Huawei MaaS as clients within a VPC see it: chats, streams, and the other APIs."""

from __future__ import annotations

import base64
import json
import struct

import httpx
import pytest
from support.maas import HONG_KONG, MAINLAND, SERVICE_URL, Caller, chat, chunks_of
from support.sandbox_admin import console


@pytest.fixture(scope="module")
def caller():
    with Caller.start() as caller:
        yield caller


def test_nothing_is_reached_without_a_way_out(caller):
    refusal = caller.get(f"{MAINLAND}/v1/models", vpc=1)
    assert refusal.status_code == 502
    assert "has no way out" in refusal.text


def test_a_host_listens_on_443_alone(caller):
    assert "listens on 443" in caller.get(f"{MAINLAND.replace('https', 'http')}/v1/models").text


def test_models_are_listed_by_their_literal_names(caller):
    listed = caller.get(f"{MAINLAND}/v1/models").json()
    names = [model["id"] for model in listed["data"]]
    assert {"DeepSeek-R1", "deepseek-v3.2", "glm-5.1", "bge-m3"} <= set(names)
    assert listed["data"][0] == {"id": names[0], "object": "model", "created": 0, "owned_by": ""}


@pytest.mark.parametrize(
    ("path", "model"),
    [
        ("/v1/chat/completions", "DeepSeek-V3"),
        ("/v2/chat/completions", "kimi-k2.6"),
        ("/openai/v1/chat/completions", "kimi-k2.6"),
    ],
    ids=["v1", "v2", "openai"],
)
@pytest.mark.parametrize("host", [MAINLAND, HONG_KONG], ids=["mainland", "hong-kong"])
def test_a_model_answers_on_the_paths_of_its_protocols(caller, host, path, model):
    answer = caller.post(f"{host}{path}", chat(model)).json()
    assert answer["choices"][0]["message"]["content"] == f"{model} heard: hello world"
    assert answer["usage"] == {"prompt_tokens": 2, "completion_tokens": 4, "total_tokens": 6}


def test_a_service_answers_its_three_paths_and_no_other(caller):
    assert caller.get(f"{SERVICE_URL}/v1/models").json()["data"][0]["id"] == "my-model"
    answer = caller.post(f"{SERVICE_URL}/v1/chat/completions", chat("my-model")).json()
    assert answer["choices"][0]["message"]["content"] == "my-model heard: hello world"
    body = {"model": "my-model", "prompt": "hello"}
    answer = caller.post(f"{SERVICE_URL}/v1/completions", body).json()
    assert answer["choices"][0]["text"] == "my-model heard: hello"
    refusal = caller.post(f"{SERVICE_URL}/v1/embeddings", {"model": "my-model", "input": "x"})
    assert (refusal.status_code, refusal.json()["error_code"]) == (404, "APIG.0101")


def test_the_usage_of_a_stream_grows_with_each_chunk(caller):
    body = chat("kimi-k2.6", stream=True)
    chunks = chunks_of(caller.post(f"{MAINLAND}/openai/v1/chat/completions", body))
    totals = [chunk["usage"]["total_tokens"] for chunk in chunks]
    assert totals == sorted(totals)
    assert totals[0] == 3
    assert totals[-1] == 6
    assert len(totals) == 5


def test_a_stream_reports_no_usage_where_that_is_turned_off(caller):
    body = chat("kimi-k2.6", stream=True, stream_options={"include_usage": False})
    chunks = chunks_of(caller.post(f"{MAINLAND}/openai/v1/chat/completions", body))
    assert not any("usage" in chunk for chunk in chunks)


@pytest.mark.parametrize("asked", [False, True], ids=["not-asked", "asked"])
def test_a_service_reports_the_usage_of_a_stream_on_request(caller, asked):
    options = {"stream_options": {"include_usage": True}} if asked else {}
    body = chat("my-model", stream=True, **options)
    chunks = chunks_of(caller.post(f"{SERVICE_URL}/v1/chat/completions", body))
    with_usage = [chunk["usage"]["total_tokens"] for chunk in chunks if chunk.get("usage")]
    assert with_usage == [6] * asked


def test_reasoning_comes_before_the_answer_in_a_stream(caller):
    body = chat("glm-5.1", stream=True)
    chunks = chunks_of(caller.post(f"{MAINLAND}/v2/chat/completions", body))
    fields = []
    for chunk in chunks[:-1]:
        fields.append("reasoning_content" in chunk["choices"][0]["delta"])
    assert fields == sorted(fields, reverse=True)
    assert fields[0]
    assert not fields[-1]


@pytest.mark.parametrize(
    ("model", "options", "thinks"),
    [
        ("DeepSeek-R1", {}, True),
        ("deepseek-v3.2", {}, False),
        ("deepseek-v3.2", {"thinking": True}, True),
        ("qwen3-30b-a3b", {}, True),
        ("qwen3-30b-a3b", {"enable_thinking": False}, False),
        ("DeepSeek-V3", {"thinking": True}, False),
    ],
    ids=["always", "off", "turned-on", "on", "turned-off", "never"],
)
def test_a_model_thinks_as_a_request_asks(caller, model, options, thinks):
    body = chat(model, chat_template_kwargs=options)
    message = caller.post(f"{MAINLAND}/v1/chat/completions", body).json()["choices"][0]["message"]
    assert ("reasoning_content" in message) is thinks


@pytest.mark.parametrize(
    ("options", "content", "finish"),
    [
        ({"max_tokens": 2}, "kimi-k2.6 heard:", "length"),
        ({"stop": "heard"}, "kimi-k2.6 ", "stop"),
        ({"stop": ["world", "hello"]}, "kimi-k2.6 heard: ", "stop"),
    ],
    ids=["max-tokens", "stop", "stop-list"],
)
def test_an_answer_ends_where_the_request_says(caller, options, content, finish):
    body = chat("kimi-k2.6", **options)
    choice = caller.post(f"{MAINLAND}/v2/chat/completions", body).json()["choices"][0]
    assert (choice["message"]["content"], choice["finish_reason"]) == (content, finish)


def test_a_service_writes_16_tokens_unless_asked_for_more(caller):
    body = chat("my-model", "word " * 20)
    for more, length in (({}, 16), ({"max_tokens": 18}, 18)):
        answer = caller.post(f"{SERVICE_URL}/v1/chat/completions", {**body, **more}).json()
        assert answer["usage"]["completion_tokens"] == length
        assert answer["choices"][0]["finish_reason"] == "length"


@pytest.mark.parametrize(("failing", "status"), [(503, 503), (-1, None)], ids=["503", "broken"])
def test_a_host_fails_on_demand(caller, failing, status):
    host = HONG_KONG.removeprefix("https://")
    console(caller.cloud, "upstream", host=host, failing=failing)
    try:
        if status is None:
            with pytest.raises(httpx.HTTPError):
                caller.get(f"{HONG_KONG}/v1/models")
        else:
            assert caller.get(f"{HONG_KONG}/v1/models").status_code == status
    finally:
        console(caller.cloud, "upstream", host=host, failing=0)
    assert caller.get(f"{HONG_KONG}/v1/models").status_code == 200


def test_the_text_of_an_embedding_is_moderated(caller):
    body = {"model": "bge-m3", "input": "sandbox-forbidden"}
    answer = caller.post(f"{MAINLAND}/v1/embeddings", body)
    assert (answer.status_code, answer.json()["error_code"]) == (403, "ModelArts.81011")


def test_n_choices_are_returned(caller):
    body = chat("kimi-k2.6", n=3, temperature=0.7)
    choices = caller.post(f"{MAINLAND}/v2/chat/completions", body).json()["choices"]
    assert [choice["index"] for choice in choices] == [0, 1, 2]


def test_embeddings_have_1024_dimensions_in_both_formats(caller):
    body = {"model": "bge-m3", "input": ["hello world", "other words"]}
    plain = caller.post(f"{MAINLAND}/v1/embeddings", body).json()
    assert [len(row["embedding"]) for row in plain["data"]] == [1024, 1024]
    encoded = caller.post(f"{MAINLAND}/v1/embeddings", {**body, "encoding_format": "base64"})
    raw = base64.b64decode(encoded.json()["data"][0]["embedding"])
    assert struct.unpack("<1024f", raw) == pytest.approx(plain["data"][0]["embedding"], abs=1e-6)


def test_rerank_orders_documents_by_relevance(caller):
    documents = ["nothing here", "hello world"]
    body = {"model": "bge-reranker-v2-m3", "query": "hello world", "documents": documents}
    results = caller.post(f"{MAINLAND}/v1/rerank", body).json()["results"]
    assert [row["index"] for row in results] == [1, 0]
    assert results[0]["document"] == {"text": "hello world"}


@pytest.mark.parametrize(
    "headers",
    [{"x-api-key": "{key}"}, {"Authorization": "Bearer {key}"}],
    ids=["x-api-key", "bearer"],
)
def test_the_anthropic_path_takes_both_forms_of_the_key(caller, headers):
    sent = {name: form.format(key=caller.key) for name, form in headers.items()}
    body = {**chat("glm-5.1"), "max_tokens": 100}
    answer = caller.post(f"{HONG_KONG}/anthropic/v1/messages", body, headers=sent)
    assert answer.json()["content"] == [{"type": "text", "text": "glm-5.1 heard: hello world"}]


def test_the_anthropic_path_streams_events(caller):
    body = {**chat("glm-5.1", stream=True), "max_tokens": 100}
    text = caller.post(f"{HONG_KONG}/anthropic/v1/messages", body).text
    events = [line.removeprefix("event: ") for line in text.splitlines() if "event:" in line]
    assert (events[0], events[-1]) == ("message_start", "message_stop")


def test_requests_are_recorded_without_keys(caller):
    caller.post(f"{MAINLAND}/v2/chat/completions", chat("kimi-k2.6"))
    recorded = caller.cloud.inside.requests[-1]
    assert (recorded.host, recorded.path, recorded.model) == (
        "api.modelarts-maas.com",
        "/v2/chat/completions",
        "kimi-k2.6",
    )
    assert caller.key not in json.dumps(dict(recorded.headers))
