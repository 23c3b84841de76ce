"""Tools, JSON, several choices and usage in chats, with the real SDKs."""

from __future__ import annotations

import json
from typing import Literal

import openai
import pytest
from openai import OpenAI
from pydantic import BaseModel
from support.inside import API_KEY

MODEL = "qwen-plus"
ASK = [{"role": "user", "content": "use get_weather and get_time"}]
PARAMETERS = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
    "required": ["city", "days"],
}


def tool(name: str) -> dict[str, object]:
    return {"type": "function", "function": {"name": name, "parameters": PARAMETERS}}


TOOLS = [tool("get_weather"), tool("get_time")]


@pytest.fixture
def client(model_server: str):
    base_url = f"http://{model_server}/compatible-mode/v1"
    with OpenAI(api_key=API_KEY, base_url=base_url, max_retries=0) as client:
        yield client


def names_of(choice) -> list[str]:
    return [call.function.name for call in choice.message.tool_calls or ()]


@pytest.mark.parametrize(
    ("text", "options", "names"),
    [
        ("hello", {}, []),
        ("use get_time", {}, ["get_time"]),
        ("use get_weather and get_time", {}, ["get_weather"]),
        (
            "use get_weather and get_time",
            {"parallel_tool_calls": True},
            ["get_weather", "get_time"],
        ),
        ("use get_time", {"tool_choice": "none"}, []),
        ("hello", {"tool_choice": "required"}, ["get_weather"]),
        (
            "hello",
            {"tool_choice": {"type": "function", "function": {"name": "get_time"}}},
            ["get_time"],
        ),
    ],
    ids=["no name", "name", "two names", "parallel", "none", "required", "one tool"],
)
def test_a_model_calls_the_tools_that_the_user_names(client, text, options, names):
    messages = [{"role": "user", "content": text}]
    answer = client.chat.completions.create(
        model=MODEL, messages=messages, tools=TOOLS, **options
    ).choices[0]
    assert names_of(answer) == names
    assert answer.finish_reason == ("tool_calls" if names else "stop")
    assert bool(answer.message.content) is not bool(names)


def test_arguments_fit_the_schema_of_the_tool(client):
    answer = client.chat.completions.create(model=MODEL, messages=ASK, tools=TOOLS).choices[0]
    (call,) = answer.message.tool_calls
    assert call.id.startswith("call_")
    assert json.loads(call.function.arguments) == {"city": ASK[0]["content"], "days": 1}


def test_after_the_result_of_a_tool_the_model_answers(client):
    first = client.chat.completions.create(model=MODEL, messages=ASK, tools=TOOLS).choices[0]
    call = first.message.tool_calls[0]
    result = {"role": "tool", "tool_call_id": call.id, "content": "sunny"}
    messages = [*ASK, first.message.to_dict(), result]
    second = client.chat.completions.create(model=MODEL, messages=messages, tools=TOOLS)
    assert second.choices[0].message.content == f"{MODEL} heard: sunny"


def test_calls_of_tools_are_streamed_in_pieces(client):
    options = {"tools": TOOLS, "parallel_tool_calls": True}
    with client.chat.completions.stream(model=MODEL, messages=ASK, **options) as stream:
        kinds = [event.type for event in stream]
        final = stream.get_final_completion().choices[0]
    assert kinds.count("tool_calls.function.arguments.delta") > 2
    assert (names_of(final), final.finish_reason) == (["get_weather", "get_time"], "tool_calls")
    arguments = [json.loads(call.function.arguments) for call in final.message.tool_calls]
    assert arguments == [{"city": ASK[0]["content"], "days": 1}] * 2


class Report(BaseModel):
    title: str
    rating: int
    mood: Literal["good", "bad"]
    parts: list[str]
    parent: Report | None


def test_an_answer_fits_the_json_schema_of_the_request(client):
    messages = [{"role": "user", "content": "report"}]
    answer = client.chat.completions.parse(model=MODEL, messages=messages, response_format=Report)
    report = answer.choices[0].message.parsed
    assert report is not None
    assert (report.title, report.mood, report.parts) == ("report", "good", ["report"])


def test_an_object_is_json_where_a_message_names_it(client):
    form = {"type": "json_object"}
    messages = [{"role": "user", "content": "hello in JSON"}]
    answer = client.chat.completions.create(model=MODEL, messages=messages, response_format=form)
    document = json.loads(answer.choices[0].message.content)
    assert document == {"model": MODEL, "heard": "hello in JSON"}


def test_json_without_its_name_is_refused_as_by_model_studio(client):
    form = {"type": "json_object"}
    messages = [{"role": "user", "content": "hello"}]
    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(model=MODEL, messages=messages, response_format=form)
    assert caught.value.code == "invalid_parameter_error"
    assert "<400> InternalError.Algo.InvalidParameter: 'messages' must" in caught.value.message


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_n_choices_are_answered_and_counted(client, stream):
    messages = [{"role": "user", "content": "hello"}]
    options = {"stream": True, "stream_options": {"include_usage": True}} if stream else {}
    answer = client.chat.completions.create(model=MODEL, messages=messages, n=3, **options)
    texts = {0: "", 1: "", 2: ""}
    for chunk in answer if stream else [answer]:
        for choice in chunk.choices:
            piece = choice.delta if stream else choice.message
            texts[choice.index] += piece.content or ""
        usage = chunk.usage
    assert set(texts.values()) == {f"{MODEL} heard: hello"}
    assert (usage.prompt_tokens, usage.completion_tokens) == (1, 9)


def test_more_than_four_choices_are_refused(client):
    with pytest.raises(openai.BadRequestError, match="n is not a number from 1 to 4"):
        client.chat.completions.create(model=MODEL, messages=ASK, n=5)


def test_an_unknown_model_is_refused_as_by_model_studio(client):
    with pytest.raises(openai.NotFoundError) as caught:
        client.chat.completions.create(model="Qwen-Plus", messages=ASK)
    assert caught.value.code == "model_not_found"
    assert "`Qwen-Plus` does not exist or you do not have access to it." in caught.value.message
