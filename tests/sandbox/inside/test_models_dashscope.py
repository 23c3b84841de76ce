"""DashScope's jobs and speech, with the real SDK and with plain requests."""

from __future__ import annotations

import asyncio
import base64
import json
import threading
from collections import deque
from typing import Any

import dashscope
import pytest
from aiohttp import WSMsgType, WSServerHandshakeError
from aiohttp.test_utils import TestClient, TestServer
from dashscope.audio.tts_v2 import ResultCallback, SpeechSynthesizer
from dashscope.common.error import RequestFailure
from support.inside import API_KEY

from dashlink_sandbox.inside.models import application, jobs, samples

HEADERS = {"Authorization": f"Bearer {API_KEY}"}
AIGC = "/api/v1/services/aigc"
IMAGES = f"{AIGC}/text2image/image-synthesis"
IMAGE_JOB = {"model": "wanx2.1-t2i-turbo", "input": {"prompt": "a cat"}}
CREATE = ("POST", IMAGES, IMAGE_JOB)
FETCH = ("GET", "/api/v1/tasks/{}", None)


@pytest.fixture
def sdk(model_server: str, monkeypatch):
    """The SDK, set to a server of its own."""
    monkeypatch.setattr(dashscope, "api_key", API_KEY)
    monkeypatch.setattr(dashscope, "base_http_api_url", f"http://{model_server}/api/v1")
    web_socket_url = f"ws://{model_server}/api-ws/v1/inference"
    monkeypatch.setattr(dashscope, "base_websocket_api_url", web_socket_url)
    return dashscope


@pytest.fixture
def at_once(monkeypatch):
    """Skip the second that the SDK waits between two requests."""
    monkeypatch.setattr("dashscope.client.base_api.time.sleep", lambda seconds: None)


def answers(*requests: tuple[str, str, Any]) -> list[tuple[int, Any]]:
    """Status and body of each response of one server.

    Args:
        requests: Method, path and body; {} in a path is the id of the last task.
    """

    async def send() -> list[tuple[int, Any]]:
        received: list[tuple[int, Any]] = []
        task_id = ""
        async with TestClient(TestServer(application(API_KEY, deque()))) as client:
            for method, path, body in requests:
                answer = await client.request(
                    method, path.format(task_id), json=body, headers=HEADERS
                )
                content = await answer.json()
                assert content.pop("request_id")
                task_id = content.get("output", {}).get("task_id", task_id)
                received.append((answer.status, content))
        return received

    return asyncio.run(send())


def test_the_sdk_generates_images(sdk, at_once):
    answer = sdk.ImageSynthesis.call(model="wanx2.1-t2i-turbo", prompt="a cat", n=2)
    assert (answer.status_code, answer.output.task_status) == (200, "SUCCEEDED")
    assert answer.output["model"] == "wanx2.1-t2i-turbo"
    one, two = answer.output.results
    for result in (one, two):
        assert result["actual_prompt"] == "wanx2.1-t2i-turbo heard: a cat"
    assert one.url != two.url
    assert one.url.startswith("https://results.example/wanx2.1-t2i-turbo/")
    assert answer.usage.image_count == 2


def test_the_sdk_edits_images(sdk, at_once):
    options = {"function": "description_edit", "base_image_url": "https://images.example/a.png"}
    answer = sdk.ImageSynthesis.call(model="wanx2.1-imageedit", prompt="red", **options)
    (result,) = answer.output.results
    assert result["orig_prompt"] == "red"


VIDEO_MODELS = ["wanx2.1-t2v-turbo", "wan2.2-i2v-plus", "wanx2.1-kf2v-plus"]


@pytest.mark.parametrize("model", VIDEO_MODELS, ids=str)
def test_the_sdk_generates_a_video(sdk, at_once, model):
    url = "https://images.example/a.png"
    answer = sdk.VideoSynthesis.call(model=model, prompt="a cat", img_url=url)
    assert (answer.status_code, answer.output.task_status) == (200, "SUCCEEDED")
    assert answer.output["actual_prompt"] == f"{model} heard: a cat"
    assert answer.output.video_url.startswith(f"https://results.example/{model}/")
    assert answer.usage.video_count == 1


def test_the_sdk_fetches_and_cancels_a_task(sdk):
    job = sdk.ImageSynthesis.async_call(model="wanx2.1-t2i-turbo", prompt="a cat")
    assert job.output.task_status == "PENDING"
    assert sdk.ImageSynthesis.cancel(job).status_code == 200
    assert sdk.ImageSynthesis.fetch(job).output.task_status == "CANCELED"
    refused = sdk.ImageSynthesis.cancel(job)
    assert (refused.status_code, refused.code) == (400, "UnsupportedOperation")


def test_the_sdk_shows_the_error_of_a_job(sdk):
    unknown = sdk.ImageSynthesis.async_call(model="wanx-9", prompt="a cat")
    assert (unknown.status_code, unknown.code) == (404, "ModelNotFound")
    keyless = sdk.VideoSynthesis.async_call(
        model="wanx2.1-t2v-turbo", prompt="a cat", api_key="sk-wrong"
    )
    assert (keyless.status_code, keyless.code) == (401, "InvalidApiKey")


@pytest.mark.parametrize(
    ("job", "model"),
    [
        ("text2image/image-synthesis", "qwen-image"),
        ("image2image/image-synthesis", "wanx2.1-imageedit"),
        ("image2image/out-painting", "image-out-painting"),
        ("virtualmodel/generation", "wanx-virtualmodel"),
        ("background-generation/generation", "wanx-background-generation-v2"),
        ("video-generation/video-synthesis", "wan2.2-i2v-plus"),
        ("image2video/video-synthesis", "wanx2.1-kf2v-plus"),
    ],
    ids=str,
)
def test_a_task_is_pending_then_running_then_succeeded(job, model):
    section = {"image_url": "https://images.example/a.png", "ref_prompt": "a cat"}
    create = ("POST", f"{AIGC}/{job}", {"model": model, "input": section})
    created, *fetched = answers(create, FETCH, ("POST", "/api/v1/tasks/{}", {}), FETCH)
    task_id = created[1]["output"]["task_id"]
    assert created == (200, {"output": {"task_id": task_id, "task_status": "PENDING"}})
    statuses = [body["output"]["task_status"] for _, body in fetched]
    assert statuses == ["RUNNING", "SUCCEEDED", "SUCCEEDED"]
    assert fetched[1] == fetched[2]
    output = fetched[2][1]["output"]
    assert output["model"] == model
    results = output.get("results", [output])
    assert results[0]["actual_prompt"] == f"{model} heard: a cat"
    url = results[0].get("url") or results[0]["video_url"]
    assert url.startswith(f"https://results.example/{model}/{output['task_id']}")
    assert output.get("output_image_url", url) == url
    assert ("output_image_url" in output) == (job == "image2image/out-painting")


def test_a_running_task_cannot_be_cancelled():
    cancel = ("POST", "/api/v1/tasks/{}/cancel", None)
    _, _, refused = answers(CREATE, FETCH, cancel)
    assert (refused[0], refused[1]["code"]) == (400, "UnsupportedOperation")


def test_a_task_that_does_not_exist_is_unknown():
    fetch, cancel = ("GET", "/api/v1/tasks/none", None), ("POST", "/api/v1/tasks/none/cancel", None)
    unknown, refused = answers(fetch, cancel)
    assert unknown == (200, {"output": {"task_id": "none", "task_status": "UNKNOWN"}})
    assert refused[0] == 400


@pytest.mark.parametrize(
    ("most", "status"), [(1, "RUNNING"), (0, "UNKNOWN")], ids=["latest", "older"]
)
def test_only_the_latest_tasks_are_stored(monkeypatch, most, status):
    monkeypatch.setattr(jobs, "MOST_TASKS", most)
    *_, (_, fetched) = answers(CREATE, CREATE, FETCH)
    assert fetched["output"]["task_status"] == status


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({**IMAGE_JOB, "model": "wanx2.1-t2v-turbo"}, 404),
        ({**IMAGE_JOB, "input": {}}, 400),
        ({**IMAGE_JOB, "parameters": {"n": 11}}, 400),
        ({**IMAGE_JOB, "parameters": "x"}, 400),
        ({}, 400),
    ],
    ids=["model", "input", "n", "parameters", "empty"],
)
def test_an_invalid_job_is_refused(body, status):
    ((answered, _),) = answers(("POST", IMAGES, body))
    assert answered == status


def test_the_sdk_synthesizes_speech(sdk):
    synthesizer = SpeechSynthesizer(model="cosyvoice-v1", voice="longxiaochun")
    assert synthesizer.call("hello there") == samples.wav()
    last = synthesizer.get_response()
    assert last["header"]["event"] == "task-finished"
    assert last["payload"]["usage"] == {"characters": len("hello there")}


class Listener(ResultCallback):
    def __init__(self):
        self.events: list[dict[str, Any]] = []
        self.done = threading.Event()

    def on_event(self, message):
        self.events.append(json.loads(message)["payload"]["output"])

    def on_data(self, data):
        self.events.append({"type": "audio", "data": data})

    def on_complete(self):
        self.done.set()


def test_the_sdk_synthesizes_sentence_by_sentence(sdk):
    listener = Listener()
    synthesizer = SpeechSynthesizer(
        model="cosyvoice-v2", voice="longxiaochun_v2", callback=listener
    )
    for text in ("one.", "two."):
        synthesizer.streaming_call(text)
    synthesizer.streaming_flush()
    synthesizer.streaming_complete()
    assert listener.done.is_set()
    one = ["sentence-begin", "sentence-synthesis", "audio", "sentence-end"]
    assert [event["type"] for event in listener.events] == one * 2
    texts = []
    sound = b""
    for event in listener.events:
        sound += event.get("data", b"")
        if "original_text" in event:
            texts.append(event["original_text"])
    assert texts == ["cosyvoice-v2 heard: one."] * 2 + ["cosyvoice-v2 heard: two."] * 2
    assert sound == samples.wav() + samples.pcm()


def test_the_sdk_shows_that_a_voice_model_does_not_exist(sdk):
    with pytest.raises(RequestFailure, match="Model can not be found: cosyvoice-9") as failed:
        SpeechSynthesizer(model="cosyvoice-9", voice="longxiaochun").call("hello")
    assert failed.value.name == "ModelNotFound"


INFERENCE = "/api-ws/v1/inference"
RUN = {"model": "cosyvoice-v1", "parameters": {"voice": "longxiaochun"}, "input": {}}
SAY = {"input": {"text": "hi"}}


def command(action: str, payload: Any, task_id: str = "t1") -> str:
    header = {"action": action, "task_id": task_id, "streaming": "duplex"}
    return json.dumps({"header": header, "payload": payload})


def converse(
    *messages: str | bytes, path: str = INFERENCE, headers: dict[str, str] = HEADERS
) -> list[Any]:
    """The received events and sounds, until every task is finished or the server closes."""

    async def received() -> list[Any]:
        server = TestServer(application(API_KEY, deque()))
        async with TestClient(server) as client, client.ws_connect(path, headers=headers) as socket:
            ends = 0
            for each in messages:
                if isinstance(each, bytes):
                    await socket.send_bytes(each)
                else:
                    await socket.send_str(each)
                    ends += "finish-task" in each
            events: list[Any] = []
            while not ends or events.count("task-finished") < ends:
                message = await socket.receive(timeout=10)
                if message.type is WSMsgType.CLOSE:
                    return [*events, "closed"]
                if message.type is WSMsgType.TEXT:
                    events.append(json.loads(message.data)["header"]["event"])
                else:
                    events.append(message.data)
            return events

    return asyncio.run(received())


ONE_TASK = [
    "task-started",
    "result-generated",
    "result-generated",
    samples.wav(),
    "result-generated",
    "task-finished",
]


@pytest.mark.parametrize("path", [INFERENCE, f"{INFERENCE}/"], ids=["no slash", "slash"])
def test_one_connection_serves_one_task_after_another(path):
    messages = []
    for task_id in ("t1", "t2"):
        messages.append(command("run-task", RUN, task_id))
        messages.append(command("continue-task", SAY, task_id))
        messages.append(command("finish-task", SAY, task_id))
    assert converse(*messages, path=path) == ONE_TASK * 2


START = command("run-task", RUN)
INVALID_MESSAGES = {
    "binary": [b"sound"],
    "no JSON": ["no JSON"],
    "no object": ["[]"],
    "empty": ["{}"],
    "not started": [command("continue-task", SAY)],
    "no voice": [command("run-task", {**RUN, "parameters": {}})],
    "unknown model": [command("run-task", {**RUN, "model": "qwen-plus"})],
    "another task": [START, command("continue-task", SAY, "t2")],
    "started twice": [START, START],
    "unknown action": [START, command("stop-task", SAY)],
    "empty text": [START, command("continue-task", {"input": {"text": ""}})],
}


@pytest.mark.parametrize("messages", INVALID_MESSAGES.values(), ids=INVALID_MESSAGES)
def test_an_invalid_message_fails_the_task_and_closes(messages):
    started = ["task-started"] * (len(messages) - 1)
    assert converse(*messages) == [*started, "task-failed", "closed"]


def test_without_the_key_the_handshake_is_refused():
    with pytest.raises(WSServerHandshakeError) as refused:
        converse(headers={"Authorization": "Bearer sk-wrong"})
    assert refused.value.status == 401


def test_speech_requires_a_websocket():
    ((status, answer),) = answers(("GET", INFERENCE, None))
    assert (status, answer["code"]) == (400, "InvalidParameter")


def test_the_sdk_draws_at_once(sdk):
    messages = [{"role": "user", "content": [{"text": "a cat"}]}]
    answer = sdk.MultiModalConversation.call(
        model="qwen-image", messages=messages, n=2, size="1328*1328"
    )
    images = answer.output.choices[0].message.content
    assert len({image["image"] for image in images}) == 2
    for image in images:
        assert image["image"].startswith("https://results.example/qwen-image/")
    usage = (answer.usage["image_count"], answer.usage["width"], answer.usage["height"])
    assert usage == (2, 1328, 1328)


@pytest.mark.parametrize(
    "request_",
    [
        {"input": {"messages": [{"role": "user", "content": [{"image": "x"}]}]}},
        {"input": {"prompt": "a cat"}, "parameters": {"size": "large"}},
        {"input": {"prompt": "a cat"}, "parameters": {"n": 7}},
    ],
    ids=["no text", "size", "n"],
)
def test_an_invalid_image_is_refused(request_):
    path = f"{AIGC}/multimodal-generation/generation"
    ((status, body),) = answers(("POST", path, {"model": "qwen-image", **request_}))
    assert (status, body["code"]) == (400, "InvalidParameter")


def test_the_sdk_speaks_by_http(sdk):
    options = {"model": "qwen3-tts-flash", "text": "hello there", "voice": "Cherry"}
    answer = sdk.MultiModalConversation.call(**options)
    assert answer.status_code == 200, answer
    audio = answer.output.audio
    assert audio["url"].startswith("https://results.example/qwen3-tts-flash/")
    assert (audio["data"], answer.output.finish_reason) == ("", "stop")
    assert answer.usage["characters"] == 11


def test_the_sdk_streams_speech_by_http(sdk):
    options = {"text": "hello there", "voice": "Cherry", "stream": True}
    chunks = list(sdk.MultiModalConversation.call(model="qwen3-tts-flash", **options))
    sound = b"".join(base64.b64decode(chunk.output.audio["data"]) for chunk in chunks)
    assert sound == samples.pcm()
    assert [bool(chunk.output.audio["url"]) for chunk in chunks] == [False, False, True]


def test_speech_by_http_needs_a_voice():
    path = f"{AIGC}/multimodal-generation/generation"
    request = {"model": "qwen-tts", "input": {"text": "hello"}}
    ((status, body),) = answers(("POST", path, request))
    assert (status, body["code"]) == (400, "InvalidParameter")


def test_the_sdk_calls_a_tool(sdk):
    function = {"name": "get_time", "parameters": {"type": "object", "properties": {"city": {}}}}
    options = {"tools": [{"type": "function", "function": function}], "result_format": "message"}
    messages = [{"role": "user", "content": "use get_time"}]
    whole = sdk.Generation.call(model="qwen-plus", messages=messages, **options)
    *_, streamed = sdk.Generation.call(
        model="qwen-plus", messages=messages, stream=True, incremental_output=True, **options
    )
    for answer in (whole, streamed):
        choice = answer.output.choices[0]
        (call,) = choice.message.tool_calls
        assert call["function"]["name"] == "get_time"
        assert json.loads(call["function"]["arguments"]) == {"city": "use get_time"}
        assert choice.finish_reason == "tool_calls"
