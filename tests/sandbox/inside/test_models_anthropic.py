"""Tools and the count of tokens in the Anthropic protocol, with the real SDK."""

from __future__ import annotations

import anthropic
import pytest
from anthropic import Anthropic
from support.inside import API_KEY

MODEL = "qwen-plus"
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}}
TOOLS = [
    {"name": "get_time", "input_schema": SCHEMA},
    {"name": "get_weather", "input_schema": SCHEMA},
    {"type": "web_search_20250305", "name": "web_search"},
]


@pytest.fixture
def client(model_server: str):
    base_url = f"http://{model_server}/apps/anthropic"
    with Anthropic(api_key=API_KEY, base_url=base_url, max_retries=0) as client:
        yield client


def ask(text: str, **options):
    messages = [{"role": "user", "content": text}]
    return {"model": MODEL, "max_tokens": 100, "messages": messages, "tools": TOOLS, **options}


@pytest.mark.parametrize(
    ("text", "choice", "names"),
    [
        ("hello", {"type": "auto"}, []),
        ("use get_time and get_weather", {"type": "auto"}, ["get_time", "get_weather"]),
        (
            "use get_time and get_weather",
            {"type": "auto", "disable_parallel_tool_use": True},
            ["get_time"],
        ),
        ("use web_search", {"type": "auto"}, []),
        ("hello", {"type": "any"}, ["get_time"]),
        ("hello", {"type": "tool", "name": "get_weather"}, ["get_weather"]),
        ("use get_time", {"type": "none"}, []),
    ],
    ids=["no name", "parallel", "one", "of the service", "any", "named", "none"],
)
def test_a_model_calls_the_tools_that_the_user_names(client, text, choice, names):
    answer = client.messages.create(**ask(text, tool_choice=choice))
    called = [block.name for block in answer.content if block.type == "tool_use"]
    assert called == names
    assert answer.stop_reason == ("tool_use" if names else "end_turn")


def test_a_call_is_streamed_and_its_result_answered(client):
    with client.messages.stream(**ask("use get_time")) as stream:
        kinds = [event.type for event in stream]
        first = stream.get_final_message()
    assert "input_json" in kinds
    (call,) = first.content
    assert call.input == {"city": "use get_time"}
    result = {"type": "tool_result", "tool_use_id": call.id, "content": "noon"}
    request = ask("use get_time")
    request["messages"] += [
        {"role": "assistant", "content": first.content},
        {"role": "user", "content": [result]},
    ]
    second = client.messages.create(**request)
    assert second.content[0].text == f"{MODEL} heard: noon"


def test_tokens_are_counted_as_a_message_uses_them(client):
    request = ask("hello there")
    used = client.messages.create(**request).usage.input_tokens
    del request["max_tokens"]
    assert client.messages.count_tokens(**request).input_tokens == used == 2


def test_tokens_of_an_unknown_model_are_not_counted(client):
    messages = [{"role": "user", "content": "hello"}]
    with pytest.raises(anthropic.NotFoundError, match="model: gpt-9"):
        client.messages.count_tokens(model="gpt-9", messages=messages)
