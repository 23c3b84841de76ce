"""The model server's protocols on the wire: shapes that no SDK shows, and errors."""

from __future__ import annotations

import asyncio
import json
import math
from collections import deque
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from dashlink_sandbox.inside.models import RecordedRequest, application, catalog

KEY = "sk-models-test"
VALID = {"Authorization": f"Bearer {KEY}"}
MESSAGES = [{"role": "user", "content": "hello there"}]
COMPATIBLE = "/compatible-mode/v1/chat/completions"
NATIVE = "/api/v1/services/aigc/text-generation/generation"
MULTIMODAL = "/api/v1/services/aigc/multimodal-generation/generation"
ANTHROPIC = "/apps/anthropic/v1/messages"
RERANK = "/compatible-api/v1/reranks"
VLLM_RERANK = "/compatible-api/v1/rerank"
EMBEDDINGS = "/compatible-mode/v1/embeddings"
RANKED = {
    "model": "qwen3-rerank",
    "query": "a cat",
    "documents": ["a dog", "a cat", "fish"],
    "top_n": 2,
}
EMBEDDED = {"model": "text-embedding-v4", "input": ["one", "one", "two"], "dimensions": 8}
REPLY = "qwen-plus heard: hello there"
CHAT = {"model": "qwen-plus", "messages": MESSAGES}
GENERATION = {"model": "qwen-plus", "input": {"messages": MESSAGES}}
MESSAGE = {**CHAT, "max_tokens": 100}


def ask(
    path: str,
    body: Any,
    headers: dict[str, str] = VALID,
    requests: deque[RecordedRequest] | None = None,
) -> tuple[int, str]:
    """POST ``body`` to a new server; GET for None."""
    method = "POST"
    data = body
    if body is None:
        method = "GET"
    elif not isinstance(body, str):
        data = json.dumps(body)
    app = application(KEY, deque() if requests is None else requests)

    async def send() -> tuple[int, str]:
        async with TestClient(TestServer(app)) as client:
            answer = await client.request(method, path, data=data, headers=headers)
            return answer.status, await answer.text()

    return asyncio.run(send())


def events(text: str) -> list[Any]:
    """The JSON in each server-sent event."""
    documents = []
    for line in text.splitlines():
        if line.startswith("data:"):
            documents.append(json.loads(line.removeprefix("data:")))
    return documents


def content_of(event: Any) -> Any:
    """The text in an event of DashScope's API."""
    return event["output"]["choices"][0]["message"]["content"]


def test_a_stream_has_no_usage_by_default_and_ends_with_done():
    status, text = ask(COMPATIBLE, {**CHAT, "stream": True})
    assert status == 200
    assert text.endswith("\n\ndata: [DONE]\n\n")
    chunks = events(text.removesuffix("data: [DONE]\n\n"))
    for chunk in chunks:
        assert chunk["usage"] is None
        assert chunk["id"] == chunks[0]["id"]
    assert chunks[-1]["choices"][0]["finish_reason"] == "stop"


@pytest.mark.parametrize("incremental", [True, False], ids=["incremental", "whole"])
def test_a_native_stream_is_incremental_only_on_request(incremental):
    parameters = {"result_format": "message", "incremental_output": incremental}
    headers = {**VALID, "X-DashScope-SSE": "enable"}
    status, text = ask(NATIVE, {**GENERATION, "parameters": parameters}, headers)
    streamed = events(text)
    whole = content_of(streamed[-1])
    if incremental:
        whole = "".join(map(content_of, streamed))
    assert (status, whole) == (200, REPLY)
    assert text.startswith("id:1\nevent:result\n:HTTP_STATUS/200\ndata:")
    finishes = [event["output"]["choices"][0]["finish_reason"] for event in streamed[-2:]]
    assert finishes == ["null", "stop"]


MULTIMODAL_MESSAGE = {"role": "assistant", "content": [{"text": REPLY}]}
OUTPUTS = {
    NATIVE: {"text": REPLY, "finish_reason": "stop"},
    MULTIMODAL: {"choices": [{"finish_reason": "stop", "message": MULTIMODAL_MESSAGE}]},
}


@pytest.mark.parametrize("path", OUTPUTS, ids=["text", "multimodal"])
def test_a_native_response_has_the_format_of_its_path(path):
    status, text = ask(path, {**GENERATION, "parameters": {}})
    assert (status, json.loads(text)["output"]) == (200, OUTPUTS[path])


def test_the_anthropic_protocol_responds_whole_and_streamed():
    whole = json.loads(ask(ANTHROPIC, MESSAGE, {"x-api-key": KEY})[1])
    assert whole["content"] == [{"type": "text", "text": REPLY}]
    assert whole["usage"] == {"input_tokens": 2, "output_tokens": 4}
    streamed = events(ask(ANTHROPIC, {**MESSAGE, "stream": True})[1])
    types = [event["type"] for event in streamed]
    assert types[:2] == ["message_start", "content_block_start"]
    assert types[-3:] == ["content_block_stop", "message_delta", "message_stop"]
    text = ""
    for event in streamed:
        text += event.get("delta", {}).get("text", "")
    assert text == whole["content"][0]["text"]
    assert streamed[-2]["usage"] == whole["usage"]


def test_rerank_returns_the_top_n_documents_best_first():
    status, text = ask(RERANK, RANKED)
    assert status == 200
    best = {"index": 1, "relevance_score": 1.0}
    assert json.loads(text)["results"] == [best, {"index": 0, "relevance_score": 0.5}]


@pytest.mark.parametrize(("top_n", "count"), [(0, 3), (None, 3), (2, 2), (9, 3)], ids=str)
def test_rerank_as_vllm_returns_the_documents_too(top_n, count):
    status, text = ask(VLLM_RERANK, {**RANKED, "top_n": top_n})
    answer = json.loads(text)
    assert (status, answer["model"]) == (200, "qwen3-rerank")
    assert answer["usage"] == {"prompt_tokens": 7, "total_tokens": 7}
    best = {"index": 1, "document": {"text": "a cat", "multi_modal": None}, "relevance_score": 1.0}
    assert (answer["results"][0], len(answer["results"])) == (best, count)


OTHER_VENDORS = [
    "deepseek-v3",
    "deepseek-r1",
    "gpt-4o",
    "gpt-4o-mini",
    "moonshot-v1-8k",
    "glm-4.5",
    "claude-sonnet-4-5",
]


@pytest.mark.parametrize("path", [COMPATIBLE, ANTHROPIC], ids=["compatible", "anthropic"])
@pytest.mark.parametrize("model", OTHER_VENDORS, ids=str)
def test_models_of_other_vendors_chat_too(path, model):
    status, text = ask(path, {**MESSAGE, "model": model})
    assert (status, json.loads(text)["model"]) == (200, model)
    assert f"{model} heard: hello there" in text


def test_every_model_has_one_kind_and_is_listed():
    assert len(set(catalog.all_models())) == len(catalog.all_models())
    kinds = {"chat", "embedding", "rerank", "image", "video", "speech", "transcription", "realtime"}
    assert set(catalog.models()) == kinds
    listed = json.loads(ask("/compatible-mode/v1/models", None)[1])["data"]
    assert [each["id"] for each in listed] == list(catalog.all_models())


def test_equal_texts_have_equal_embeddings_and_others_do_not():
    data = json.loads(ask(EMBEDDINGS, EMBEDDED)[1])["data"]
    one, same, other = (each["embedding"] for each in data)
    assert one == same != other
    assert (len(one), len(other)) == (8, 8)
    assert math.hypot(*one) == pytest.approx(1)


COMPATIBLE_KEY = {
    "message": "Incorrect API key provided. For details, see: "
    "https://www.alibabacloud.com/help/en/model-studio/error-code#apikey-error",
    "type": "invalid_request_error",
    "param": None,
    "code": "invalid_api_key",
}
ANTHROPIC_KEY = {"type": "authentication_error", "message": "invalid x-api-key"}
INVALID = ("error", "code", "invalid_parameter_error")
NO_MODEL = ("error", "code", "model_not_found")


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        (COMPATIBLE, CHAT, {"error": COMPATIBLE_KEY}),
        (RERANK, {"model": "qwen3-rerank"}, {"error": COMPATIBLE_KEY}),
        (NATIVE, GENERATION, {"code": "InvalidApiKey", "message": "Invalid API-key provided."}),
        (ANTHROPIC, MESSAGE, {"type": "error", "error": ANTHROPIC_KEY}),
    ],
    ids=["compatible", "rerank", "native", "anthropic"],
)
@pytest.mark.parametrize(
    "headers",
    [{}, {"Authorization": "Bearer sk-wrong"}, {"Authorization": KEY}],
    ids=["no key", "wrong key", "no scheme"],
)
def test_without_the_key_each_protocol_has_its_own_401(path, body, expected, headers):
    status, text = ask(path, body, headers)
    answer = json.loads(text)
    assert answer.pop("request_id")
    assert (status, answer) == (401, expected)


INVALID_MESSAGES = {"model": "qwen-plus", "messages": ["hi"]}
REQUESTS = {
    "unknown model": (COMPATIBLE, {**CHAT, "model": "gpt-9"}, 404, NO_MODEL),
    "wrong kind of model": (COMPATIBLE, {**CHAT, "model": "text-embedding-v4"}, 404, NO_MODEL),
    "no JSON": (COMPATIBLE, "{", 400, INVALID),
    "no object": (COMPATIBLE, [], 400, INVALID),
    "no messages": (COMPATIBLE, {"model": "qwen-plus"}, 400, INVALID),
    "invalid messages": (COMPATIBLE, INVALID_MESSAGES, 400, INVALID),
    "unknown path": ("/compatible-mode/v1/reranks", {}, 404, ("error", "code", "not_found")),
    "no such model": ("/compatible-mode/v1/models/gpt-9", None, 404, NO_MODEL),
    "native model": (NATIVE, {**GENERATION, "model": "gpt-9"}, 404, ("code", "ModelNotFound")),
    "native input": (NATIVE, {"model": "qwen-plus"}, 400, ("code", "InvalidParameter")),
    "empty parameters": (NATIVE, {**GENERATION, "parameters": []}, 200, ()),
    "parameters": (NATIVE, {**GENERATION, "parameters": "x"}, 400, ("code", "InvalidParameter")),
    "native path": ("/api/v1/chat/completions", CHAT, 404, ("code", "NotFound")),
    "root": ("/", None, 404, ("code", "NotFound")),
    "anthropic model": (
        ANTHROPIC,
        {**MESSAGE, "model": "gpt-9"},
        404,
        ("error", "type", "not_found_error"),
    ),
    "max_tokens": (ANTHROPIC, CHAT, 400, ("error", "type", "invalid_request_error")),
    "top_n": (RERANK, {**RANKED, "top_n": "2"}, 400, INVALID),
    "top_n of vLLM": (VLLM_RERANK, {**RANKED, "top_n": "2"}, 400, INVALID),
    "model of vLLM": (VLLM_RERANK, {**RANKED, "model": "qwen-plus"}, 404, NO_MODEL),
    "no documents": (RERANK, {**RANKED, "documents": []}, 400, INVALID),
    "OpenAI's embeddings": (EMBEDDINGS, {**EMBEDDED, "model": "text-embedding-3-small"}, 200, ()),
    "dimensions": (EMBEDDINGS, {**EMBEDDED, "dimensions": 10**9}, 400, INVALID),
}


@pytest.mark.parametrize(("path", "body", "status", "where"), REQUESTS.values(), ids=REQUESTS)
def test_an_invalid_request_is_refused_in_the_protocols_shape(path, body, status, where):
    answered, text = ask(path, body)
    assert answered == status
    value: Any = json.loads(text)
    for step in where[:-1]:
        value = value[step]
    assert not where or value == where[-1]


def test_requests_are_recorded_without_keys():
    requests: deque[RecordedRequest] = deque()
    headers = {**VALID, "x-api-key": KEY, "Cookie": KEY, "X-DashScope-WorkSpace": "ws-1"}
    ask(NATIVE, GENERATION, headers, requests)
    ask(NATIVE, GENERATION, {"Authorization": "Bearer sk-wrong"}, requests)
    assert len(requests) == 2
    for each in requests:
        assert (each.method, each.path, each.scheme) == ("POST", NATIVE, "http")
    assert requests[0].headers["x-dashscope-workspace"] == "ws-1"
    assert KEY not in repr(requests)
    assert "sk-wrong" not in repr(requests)


def test_requests_are_recorded_with_the_model_that_they_name():
    requests: deque[RecordedRequest] = deque()
    other = {**CHAT, "model": "gpt-9"}
    for body in (CHAT, other, {"model": 9}, {"messages": []}, [CHAT], "{", "", None):
        ask(COMPATIBLE, body, requests=requests)
    ask(COMPATIBLE, CHAT, {}, requests)
    models = [each.model for each in requests]
    assert models == ["qwen-plus", "gpt-9", *[""] * 6, "qwen-plus"]


@pytest.mark.parametrize(
    ("boundary", "status", "model"),
    [("X", 200, "qwen-image"), ("Y", 400, "")],
    ids=["valid", "another boundary"],
)
def test_forms_are_recorded_with_their_model_and_handled(boundary, status, model):
    requests: deque[RecordedRequest] = deque()
    field = "--X\r\nContent-Disposition: form-data; name="
    model_field = f'{field}"model"\r\n\r\nqwen-image\r\n'
    image_field = f'{field}"image"; filename="a.png"\r\n\r\npicture\r\n'
    form = f"{model_field}{image_field}--X--\r\n"
    headers = {**VALID, "Content-Type": f"multipart/form-data; boundary={boundary}"}
    answered, _ = ask("/compatible-mode/v1/images/variations", form, headers, requests)
    assert answered == status
    (request,) = requests
    assert request.model == model


def test_a_body_that_is_too_large_is_refused_and_recorded(monkeypatch):
    monkeypatch.setattr("dashlink_sandbox.inside.models.LARGEST_BODY_BYTES", 100)
    requests: deque[RecordedRequest] = deque()
    status, _ = ask(COMPATIBLE, {**CHAT, "user": "x" * 200}, requests=requests)
    assert status == 413
    (request,) = requests
    assert (request.path, request.model) == (COMPATIBLE, "")
