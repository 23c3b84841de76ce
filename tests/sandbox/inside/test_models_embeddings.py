"""Embeddings in both protocols: formats of a vector, limits of a call, vectors of each model."""

from __future__ import annotations

import base64
import json
import math
import struct
from typing import Any

import dashscope
import openai
import pytest
import requests
from openai import OpenAI
from support.inside import API_KEY

V4, V3, OTHER = "text-embedding-v4", "text-embedding-v3", "text-embedding-3-small"
HEADERS = {"Authorization": f"Bearer {API_KEY}"}


@pytest.fixture
def client(model_server: str):
    base_url = f"http://{model_server}/compatible-mode/v1"
    with OpenAI(api_key=API_KEY, base_url=base_url, max_retries=0) as client:
        yield client


def post(model_server: str, **body: Any) -> requests.Response:
    url = f"http://{model_server}/compatible-mode/v1/embeddings"
    return requests.post(url, json=body, headers=HEADERS, timeout=10)


def test_a_vector_has_the_requested_format(model_server):
    floats = post(model_server, model=V4, input="a cat", encoding_format="float").json()
    vector = floats["data"][0]["embedding"]
    assert (len(vector), floats["usage"]["total_tokens"]) == (1024, 2)
    encoded = post(model_server, model=V4, input="a cat", encoding_format="base64").json()
    raw = base64.b64decode(encoded["data"][0]["embedding"])
    assert struct.unpack("<1024f", raw) == pytest.approx(vector, abs=1e-6)


def test_without_a_format_a_vector_is_a_list(model_server):
    answer = post(model_server, model=V4, input="a cat", dimensions=64).json()
    assert [type(value) for value in answer["data"][0]["embedding"]] == [float] * 64


def test_an_unknown_format_is_refused(model_server):
    answer = post(model_server, model=V4, input="a cat", encoding_format="hex")
    assert (answer.status_code, answer.json()["error"]["type"]) == (400, "invalid_request_error")


def test_the_openai_sdk_asks_for_base64_and_gets_every_number(client):
    sent = []
    client._client.event_hooks["request"] = [
        lambda request: sent.append(json.loads(request.read()))
    ]
    by_default = client.embeddings.create(model=V4, input="a cat").data[0].embedding
    as_floats = client.embeddings.create(model=V4, input="a cat", encoding_format="float")
    assert [body["encoding_format"] for body in sent] == ["base64", "float"]
    assert (len(by_default), by_default.count(0.0)) == (1024, 0)
    assert by_default == pytest.approx(as_floats.data[0].embedding, abs=1e-6)


def similarity(one: list[float], other: list[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True)) / math.hypot(*one)


def test_vectors_of_two_models_have_nothing_in_common(client):
    vectors = {}
    for model in (V4, V3, OTHER):
        vectors[model] = client.embeddings.create(model=model, input="a cat").data[0].embedding
    assert similarity(vectors[V4], vectors[V4]) == pytest.approx(1)
    for other in (V3, OTHER):
        assert abs(similarity(vectors[V4], vectors[other])) < 0.2


@pytest.mark.parametrize(
    ("model", "count", "refused"),
    [(V4, 10, False), (V4, 11, True), (V3, 11, True), (OTHER, 11, False)],
    ids=["ten", "eleven", "eleven of v3", "another vendor"],
)
def test_a_call_takes_at_most_ten_texts(model_server, model, count, refused):
    answer = post(model_server, model=model, input=["x"] * count, dimensions=8)
    assert answer.status_code == (400 if refused else 200)
    if refused:
        assert answer.json()["error"] == {
            "message": "<400> InternalError.Algo.InvalidParameter: Value error, batch size is "
            "invalid, it should not be larger than 10.: input.contents",
            "type": "InvalidParameter",
            "param": None,
            "code": "InvalidParameter",
        }


def test_tokens_instead_of_texts_are_refused(client):
    with pytest.raises(openai.BadRequestError, match="contents is neither str nor list of str"):
        client.embeddings.create(model=V4, input=[[1, 2, 3]])


def test_the_dashscope_sdk_gets_the_same_limit(model_server, monkeypatch):
    monkeypatch.setattr(dashscope, "base_http_api_url", f"http://{model_server}/api/v1")
    options = {"model": V4, "api_key": API_KEY, "dimension": 8}
    answer = dashscope.TextEmbedding.call(input=["x"] * 11, **options)
    assert (answer.status_code, answer.code) == (400, "InvalidParameter")
    assert "batch size is invalid, it should not be larger than 10" in answer.message
    assert len(dashscope.TextEmbedding.call(input=["x"] * 10, **options).output["embeddings"]) == 10
