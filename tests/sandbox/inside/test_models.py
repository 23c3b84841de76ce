"""The model server's dialects on the wire: shapes that no SDK shows, and how each says no."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from dashlink_sandbox.inside.models import RecordedRequest, application, catalog

KEY = "sk-models-test"
MESSAGES = [{"role": "user", "content": "hello there"}]
COMPATIBLE = "/compatible-mode/v1/chat/completions"
NATIVE = "/api/v1/services/aigc/text-generation/generation"
MULTIMODAL = "/api/v1/services/aigc/multimodal-generation/generation"
ANTHROPIC = "/apps/anthropic/v1/messages"
RERANK = "/compatible-api/v1/reranks"
VLLM_RERANK = "/compatible-api/v1/rerank"
EMBEDDINGS = "/compatible-mode/v1/embeddings"
RANKED = {"model": "qwen3-rerank", "query": "a cat", "documents": ["a dog", "a cat", "fish"], "top_n": 2}
EMBEDDED = {"model": "text-embedding-v4", "input": ["one", "one", "two"], "dimensions": 8}
CHAT = {"model": "qwen-plus", "messages": MESSAGES}
GENERATION = {"model": "qwen-plus", "input": {"messages": MESSAGES}}
MESSAGE = {**CHAT, "max_tokens": 100}


def ask(
    path: str, body: Any, headers: dict[str, str] | None = None, seen: deque[RecordedRequest] | None = None
) -> tuple[int, str]:
    """POST ``body`` (GET without one) with the right key, unless ``headers`` say otherwise."""

    async def asked() -> tuple[int, str]:
        app = application(KEY, deque() if seen is None else seen)
        sent = {"Authorization": f"Bearer {KEY}"} if headers is None else headers
        data = body if isinstance(body, str | None) else json.dumps(body)
        async with TestClient(TestServer(app)) as client:
            answer = await client.request("GET" if body is None else "POST", path, data=data, headers=sent)
            return answer.status, await answer.text()

    return asyncio.run(asked())


def events(text: str) -> list[Any]:
    """The data of each server-sent event."""
    lines = [line.removeprefix("data:").strip() for line in text.splitlines() if line.startswith("data:")]
    return [line if line == "[DONE]" else json.loads(line) for line in lines]


def test_a_stream_without_usage_asked_for_has_none_and_ends_with_done():
    status, text = ask(COMPATIBLE, {**CHAT, "stream": True})
    chunks = events(text)
    assert (status, chunks.pop()) == (200, "[DONE]")
    assert [chunk["usage"] for chunk in chunks] == [None] * len(chunks)
    assert chunks[-1]["choices"][0]["finish_reason"] == "stop"
    assert {chunk["id"] for chunk in chunks} == {chunks[0]["id"]}


@pytest.mark.parametrize("incremental", [True, False])
def test_a_native_stream_is_incremental_only_on_request(incremental):
    parameters = {"result_format": "message", "incremental_output": incremental}
    headers = {"Authorization": f"Bearer {KEY}", "X-DashScope-SSE": "enable"}
    status, text = ask(NATIVE, {**GENERATION, "parameters": parameters}, headers)
    contents = [event["output"]["choices"][0]["message"]["content"] for event in events(text)]
    whole = "qwen-plus heard: hello there"
    assert (status, "".join(contents) if incremental else contents[-1]) == (200, whole)
    assert text.startswith("id:1\nevent:result\n:HTTP_STATUS/200\ndata:")
    assert [event["output"]["choices"][0]["finish_reason"] for event in events(text)][-2:] == ["null", "stop"]


@pytest.mark.parametrize(
    ("path", "parameters", "output"),
    [
        (NATIVE, {}, {"text": "qwen-plus heard: hello there", "finish_reason": "stop"}),
        (
            MULTIMODAL,
            {},
            {
                "choices": [
                    {
                        "finish_reason": "stop",
                        "message": {"role": "assistant", "content": [{"text": "qwen-plus heard: hello there"}]},
                    }
                ]
            },
        ),
    ],
)
def test_a_native_answer_has_the_format_of_its_path(path, parameters, output):
    status, text = ask(path, {**GENERATION, "parameters": parameters})
    assert (status, json.loads(text)["output"]) == (200, output)


def test_the_anthropic_dialect_answers_whole_and_streamed():
    whole = json.loads(ask(ANTHROPIC, MESSAGE, {"x-api-key": KEY})[1])
    assert whole["content"] == [{"type": "text", "text": "qwen-plus heard: hello there"}]
    assert whole["usage"] == {"input_tokens": 2, "output_tokens": 4}
    streamed = events(ask(ANTHROPIC, {**MESSAGE, "stream": True})[1])
    assert [event["type"] for event in streamed][:2] == ["message_start", "content_block_start"]
    assert [event["type"] for event in streamed][-3:] == ["content_block_stop", "message_delta", "message_stop"]
    text = "".join(event["delta"].get("text", "") for event in streamed if "delta" in event)
    assert text == whole["content"][0]["text"]
    assert streamed[-2]["usage"] == whole["usage"]


def test_rerank_gives_the_best_first_and_no_more_than_asked_for():
    status, text = ask(RERANK, RANKED)
    assert status == 200
    assert json.loads(text)["results"] == [{"index": 1, "relevance_score": 1.0}, {"index": 0, "relevance_score": 0.5}]


@pytest.mark.parametrize(("top_n", "kept"), [(0, 3), (None, 3), (2, 2), (9, 3)])
def test_rerank_as_vllm_gives_the_documents_too(top_n, kept):
    status, text = ask(VLLM_RERANK, {**RANKED, "top_n": top_n})
    answer = json.loads(text)
    assert (status, answer["model"], answer["usage"]) == (200, "qwen3-rerank", {"prompt_tokens": 7, "total_tokens": 7})
    best = {"index": 1, "document": {"text": "a cat", "multi_modal": None}, "relevance_score": 1.0}
    assert (answer["results"][0], len(answer["results"])) == (best, kept)


@pytest.mark.parametrize("path", [COMPATIBLE, ANTHROPIC])
@pytest.mark.parametrize(
    "model", ["deepseek-v3", "deepseek-r1", "gpt-4o", "gpt-4o-mini", "moonshot-v1-8k", "glm-4.5", "claude-sonnet-4-5"]
)
def test_models_of_other_vendors_chat_too(path, model):
    status, text = ask(path, {**MESSAGE, "model": model})
    assert (status, json.loads(text)["model"]) == (200, model)
    assert f"{model} heard: hello there" in text


def test_every_model_has_one_kind_and_is_listed():
    assert len(set(catalog.all_models())) == len(catalog.all_models())
    assert set(catalog.models()) == {"chat", "embedding", "rerank", "image", "video", "speech"}
    listed = [each["id"] for each in json.loads(ask("/compatible-mode/v1/models", None)[1])["data"]]
    assert listed == list(catalog.all_models())


def test_equal_texts_have_equal_embeddings_and_others_do_not():
    vectors = [each["embedding"] for each in json.loads(ask(EMBEDDINGS, EMBEDDED)[1])["data"]]
    assert vectors[0] == vectors[1] != vectors[2]
    assert [len(vector) for vector in vectors] == [8, 8, 8]
    assert sum(value * value for value in vectors[0]) == pytest.approx(1)


COMPATIBLE_KEY = {
    "message": "Incorrect API key provided. For details, see: "
    "https://www.alibabacloud.com/help/en/model-studio/error-code#apikey-error",
    "type": "invalid_request_error",
    "param": None,
    "code": "invalid_api_key",
}


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        (COMPATIBLE, CHAT, {"error": COMPATIBLE_KEY}),
        (RERANK, {"model": "qwen3-rerank"}, {"error": COMPATIBLE_KEY}),
        (NATIVE, GENERATION, {"code": "InvalidApiKey", "message": "Invalid API-key provided."}),
        (
            ANTHROPIC,
            MESSAGE,
            {"type": "error", "error": {"type": "authentication_error", "message": "invalid x-api-key"}},
        ),
    ],
)
@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer sk-wrong"}, {"Authorization": KEY}])
def test_without_the_key_each_dialect_says_401_in_its_own_shape(path, body, expected, headers):
    status, text = ask(path, body, headers)
    answer = json.loads(text)
    assert answer.pop("request_id")
    assert (status, answer) == (401, expected)


@pytest.mark.parametrize(
    ("path", "body", "status", "where"),
    [
        (COMPATIBLE, {**CHAT, "model": "gpt-9"}, 404, ("error", "code", "model_not_found")),
        (COMPATIBLE, {**CHAT, "model": "text-embedding-v4"}, 404, ("error", "code", "model_not_found")),
        (COMPATIBLE, "{", 400, ("error", "code", "invalid_parameter_error")),
        (COMPATIBLE, [], 400, ("error", "code", "invalid_parameter_error")),
        (COMPATIBLE, {"model": "qwen-plus"}, 400, ("error", "code", "invalid_parameter_error")),
        (COMPATIBLE, {"model": "qwen-plus", "messages": ["hi"]}, 400, ("error", "code", "invalid_parameter_error")),
        ("/compatible-mode/v1/reranks", {}, 404, ("error", "code", "not_found")),
        ("/compatible-mode/v1/models/gpt-9", None, 404, ("error", "code", "model_not_found")),
        (NATIVE, {**GENERATION, "model": "gpt-9"}, 404, ("code", "ModelNotFound")),
        (NATIVE, {"model": "qwen-plus"}, 400, ("code", "InvalidParameter")),
        (NATIVE, {**GENERATION, "parameters": []}, 200, ()),
        (NATIVE, {**GENERATION, "parameters": "x"}, 400, ("code", "InvalidParameter")),
        ("/api/v1/chat/completions", CHAT, 404, ("code", "NotFound")),
        ("/", None, 404, ("code", "NotFound")),
        (ANTHROPIC, {**MESSAGE, "model": "gpt-9"}, 404, ("error", "type", "not_found_error")),
        (ANTHROPIC, CHAT, 400, ("error", "type", "invalid_request_error")),
        (RERANK, {**RANKED, "top_n": "2"}, 400, ("error", "code", "invalid_parameter_error")),
        (VLLM_RERANK, {**RANKED, "top_n": "2"}, 400, ("error", "code", "invalid_parameter_error")),
        (VLLM_RERANK, {**RANKED, "model": "qwen-plus"}, 404, ("error", "code", "model_not_found")),
        (RERANK, {**RANKED, "documents": []}, 400, ("error", "code", "invalid_parameter_error")),
        (EMBEDDINGS, {**EMBEDDED, "model": "text-embedding-3-small"}, 200, ()),
        (EMBEDDINGS, {**EMBEDDED, "dimensions": 10**9}, 400, ("error", "code", "invalid_parameter_error")),
    ],
)
def test_a_request_that_makes_no_sense_is_refused_in_the_dialects_shape(path, body, status, where):
    answered, text = ask(path, body)
    assert answered == status
    value: Any = json.loads(text)
    for step in where[:-1]:
        value = value[step]
    assert not where or value == where[-1]


def test_requests_are_noted_without_keys():
    seen: deque[RecordedRequest] = deque()
    headers = {"Authorization": f"Bearer {KEY}", "x-api-key": KEY, "Cookie": KEY, "X-DashScope-WorkSpace": "ws-1"}
    ask(NATIVE, GENERATION, headers, seen)
    ask(NATIVE, GENERATION, {"Authorization": "Bearer sk-wrong"}, seen)
    assert [(each.method, each.path, each.scheme) for each in seen] == [("POST", NATIVE, "http")] * 2
    assert seen[0].headers["x-dashscope-workspace"] == "ws-1"
    assert KEY not in repr(seen)
    assert "sk-wrong" not in repr(seen)


def test_requests_are_noted_with_the_model_that_they_name():
    seen: deque[RecordedRequest] = deque()
    for body in (CHAT, {**CHAT, "model": "gpt-9"}, {"model": 9}, {"messages": []}, [CHAT], "{", "", None):
        ask(COMPATIBLE, body, seen=seen)
    ask(COMPATIBLE, CHAT, {}, seen)
    assert [each.model for each in seen] == ["qwen-plus", "gpt-9", *[""] * 6, "qwen-plus"]


@pytest.mark.parametrize(("boundary", "status", "model"), [("X", 200, "qwen-image"), ("Y", 400, "")])
def test_forms_are_noted_with_the_model_that_they_name_and_answered_all_the_same(boundary, status, model):
    seen: deque[RecordedRequest] = deque()
    field = "--X\r\nContent-Disposition: form-data; name="
    form = f'{field}"model"\r\n\r\nqwen-image\r\n{field}"image"; filename="a.png"\r\n\r\npicture\r\n--X--\r\n'
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": f"multipart/form-data; boundary={boundary}"}
    answered, _ = ask("/compatible-mode/v1/images/variations", form, headers, seen)
    assert (answered, [each.model for each in seen]) == (status, [model])


def test_a_body_that_is_too_large_is_refused_and_noted(monkeypatch):
    monkeypatch.setattr("dashlink_sandbox.inside.models.LARGEST_BODY_BYTES", 100)
    seen: deque[RecordedRequest] = deque()
    status, _ = ask(COMPATIBLE, {**CHAT, "user": "x" * 200}, seen=seen)
    assert (status, [(each.path, each.model) for each in seen]) == (413, [(COMPATIBLE, "")])
