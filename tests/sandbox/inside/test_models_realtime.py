"""Conversations over a WebSocket, with the real dashscope SDK and event by event."""

from __future__ import annotations

import base64
import json
import queue
from contextlib import closing
from typing import Any

import pytest
import requests
import websocket
from dashscope.audio.qwen_omni import (
    MultiModality,
    OmniRealtimeCallback,
    OmniRealtimeConversation,
)
from support.inside import API_KEY

from dashlink_sandbox.inside.models import samples

MODEL = "qwen3-omni-flash-realtime"
HEADER = {"Authorization": f"Bearer {API_KEY}"}
SOUND = base64.b64encode(b"\x00" * 320).decode()


class Events(OmniRealtimeCallback):
    def __init__(self) -> None:
        self.received: queue.Queue[Any] = queue.Queue()

    def on_event(self, message) -> None:
        self.received.put(message)

    def until(self, kind: str) -> list[Any]:
        """The events up to the first one of a kind."""
        events = []
        while not events or events[-1]["type"] != kind:
            events.append(self.received.get(timeout=10))
        return events


@pytest.fixture
def events() -> Events:
    return Events()


@pytest.fixture
def conversation(model_server: str, events: Events):
    url = f"ws://{model_server}/api-ws/v1/realtime"
    conversation = OmniRealtimeConversation(MODEL, events, url=url, api_key=API_KEY)
    conversation.connect()
    with closing(conversation):
        yield conversation
    conversation.thread.join(timeout=10)


def test_the_sdk_gets_sound_with_its_transcript(conversation, events):
    conversation.update_session(
        output_modalities=[MultiModality.TEXT, MultiModality.AUDIO],
        voice="Ethan",
        enable_turn_detection=False,
    )
    updated = events.until("session.updated")
    assert updated[0]["session"]["model"] == MODEL
    assert updated[-1]["session"]["voice"] == "Ethan"
    conversation.append_audio(SOUND)
    conversation.commit()
    conversation.create_response()
    answer = events.until("response.done")
    text, sound = "", b""
    for event in answer:
        if event["type"] == "response.audio_transcript.delta":
            text += event["delta"]
        elif event["type"] == "response.audio.delta":
            sound += base64.b64decode(event["delta"])
    assert text == f"{MODEL} heard: 320 bytes of audio"
    assert sound == samples.pcm()
    assert answer[-1]["response"]["usage"]["total_tokens"] == 10
    assert conversation.get_last_response_id() == answer[-1]["response"]["id"]


def test_the_sdk_gets_text_alone_on_request(conversation, events):
    content = [{"type": "input_text", "text": "hello there"}]
    conversation.create_item({"type": "message", "role": "user", "content": content})
    conversation.create_response(output_modalities=[MultiModality.TEXT])
    answer = events.until("response.done")
    kinds = {event["type"] for event in answer}
    assert "response.text.delta" in kinds
    assert "response.audio.delta" not in kinds
    (item,) = answer[-1]["response"]["output"]
    assert item["content"] == [{"type": "text", "text": f"{MODEL} heard: hello there"}]


def test_the_sdk_ends_the_session(conversation, events):
    conversation.end_session()
    assert events.until("session.finished")[0]["type"] == "session.created"


@pytest.fixture
def connect(model_server: str):
    """Connect for a model, and read the first event."""
    opened = []

    def connect_for(model: str) -> tuple[websocket.WebSocket, Any]:
        url = f"ws://{model_server}/api-ws/v1/realtime?model={model}"
        opened.append(websocket.create_connection(url, header=HEADER, timeout=10))
        return opened[-1], json.loads(opened[-1].recv())

    yield connect_for
    for one in opened:
        one.close()


@pytest.mark.parametrize(
    ("event", "message"),
    [
        ("{", "the message is not JSON"),
        ({"type": "jump"}, "jump is unknown"),
        ({"type": "input_audio_buffer.commit"}, "the buffer of audio is empty"),
        ({"type": "input_audio_buffer.append", "audio": "?"}, "audio is not base64"),
        (
            {"type": "session.update", "session": {"modalities": ["audio"]}},
            "Invalid modalities: ['audio']. Supported combinations are: ['text'] and "
            "['audio', 'text'].",
        ),
    ],
    ids=["no JSON", "type", "no sound", "no base64", "modalities"],
)
def test_an_invalid_event_leaves_the_session_open(connect, event, message):
    one, created = connect(MODEL)
    one.send(event if isinstance(event, str) else json.dumps(event))
    error = json.loads(one.recv())
    assert (created["type"], error["type"]) == ("session.created", "error")
    assert message in error["error"]["message"]
    one.send(json.dumps({"type": "input_audio_buffer.clear"}))
    assert json.loads(one.recv())["type"] == "input_audio_buffer.cleared"


def test_an_unknown_model_ends_the_session(connect):
    one, error = connect("qwen-plus")
    assert (error["type"], error["error"]["code"]) == ("error", "model_not_found")
    assert one.recv() == ""  # closed


def test_without_the_key_the_handshake_is_refused(model_server):
    url = f"ws://{model_server}/api-ws/v1/realtime?model={MODEL}"
    with pytest.raises(websocket.WebSocketBadStatusException, match="401"):
        websocket.create_connection(url, timeout=10)


def test_a_conversation_requires_a_websocket(model_server):
    url = f"http://{model_server}/api-ws/v1/realtime"
    answer = requests.get(url, headers=HEADER, timeout=10)
    assert (answer.status_code, answer.json()["code"]) == (400, "InvalidParameter")
