"""The Responses API with the real openai SDK."""

from __future__ import annotations

import json
from typing import Any

import openai
import pytest
import requests
from openai import OpenAI
from pydantic import BaseModel
from support.inside import API_KEY

PATHS = ["/compatible-mode/v1", "/api/v2/apps/protocols/compatible-mode/v1"]
MODEL = "qwen3-max"
TOOL = {
    "type": "function",
    "name": "get_time",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
}
REPLY = f"{MODEL} heard: hello there"


@pytest.fixture(params=PATHS, ids=["path", "older path"])
def client(model_server: str, request):
    base_url = f"http://{model_server}{request.param}"
    with OpenAI(api_key=API_KEY, base_url=base_url, max_retries=0) as client:
        yield client


@pytest.mark.parametrize(
    "value",
    [
        "hello there",
        [{"role": "user", "content": "hello there"}],
        [
            {
                "type": "message",
                "role": "user",
                "content": [{"type": "input_text", "text": "hello there"}],
            }
        ],
    ],
    ids=["text", "message", "content"],
)
def test_a_text_or_messages_are_answered(client, value):
    answer = client.responses.create(model=MODEL, input=value)
    assert (answer.output_text, answer.status, answer.model) == (REPLY, "completed", MODEL)
    assert (answer.usage.input_tokens, answer.usage.output_tokens) == (2, 4)


def test_a_stream_has_every_event_and_ends_with_the_usage(client):
    with client.responses.stream(model=MODEL, input="hello there") as stream:
        events = list(stream)
        final = stream.get_final_response()
    kinds = [event.type for event in events]
    assert kinds[:2] == ["response.created", "response.in_progress"]
    assert kinds.count("response.output_text.delta") == 4
    assert kinds[-1] == "response.completed"
    assert [event.sequence_number for event in events] == list(range(len(events)))
    assert (final.output_text, final.usage.total_tokens) == (REPLY, 6)


def test_a_tool_is_called_and_its_result_answered(client):
    first = client.responses.create(model=MODEL, input="use get_time", tools=[TOOL])
    (call,) = first.output
    assert (call.type, call.name, json.loads(call.arguments)) == (
        "function_call",
        "get_time",
        {"city": "use get_time"},
    )
    result: Any = {"type": "function_call_output", "call_id": call.call_id, "output": "noon"}
    options = {"tools": [TOOL], "previous_response_id": first.id}
    second = client.responses.create(model=MODEL, input=[result], **options)
    assert second.output_text == f"{MODEL} heard: noon"
    assert second.usage.input_tokens > first.usage.input_tokens


def test_a_call_is_streamed_in_pieces(client):
    options = {"tools": [TOOL], "tool_choice": {"type": "function", "name": "get_time"}}
    with client.responses.stream(model=MODEL, input="hello", **options) as stream:
        kinds = [event.type for event in stream]
        (call,) = stream.get_final_response().output
    assert "response.function_call_arguments.delta" in kinds
    assert json.loads(call.arguments) == {"city": "hello"}


class City(BaseModel):
    name: str
    people: int


def test_an_answer_fits_the_schema_of_the_request(client):
    answer = client.responses.parse(model=MODEL, input="Ulm", text_format=City)
    assert answer.output_parsed == City(name="Ulm", people=1)


def test_an_unknown_model_or_response_is_refused(client):
    with pytest.raises(openai.NotFoundError) as caught:
        client.responses.create(model="gpt-9", input="hello")
    assert caught.value.code == "model_not_found"
    with pytest.raises(openai.BadRequestError, match="there is no response resp_1"):
        client.responses.create(model=MODEL, input="hello", previous_response_id="resp_1")


@pytest.mark.parametrize(
    "body",
    [{}, {"input": [1]}, {"input": [{"content": "x"}]}, {"input": "x", "tools": [{}]}],
    ids=["no input", "no items", "no role", "no name"],
)
def test_an_invalid_request_is_refused(model_server, body):
    url = f"http://{model_server}{PATHS[0]}/responses"
    headers = {"Authorization": f"Bearer {API_KEY}"}
    answer = requests.post(url, json={"model": MODEL, **body}, headers=headers, timeout=10)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_parameter_error")


def test_only_the_latest_conversations_are_continued(client, monkeypatch):
    monkeypatch.setattr("dashlink_sandbox.inside.models.responses.MOST_RESPONSES", 1)
    first = client.responses.create(model=MODEL, input="hello")
    client.responses.create(model=MODEL, input="hello", previous_response_id=first.id)
    with pytest.raises(openai.BadRequestError):
        client.responses.create(model=MODEL, input="hello", previous_response_id=first.id)
