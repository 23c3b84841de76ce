"""DashScope's jobs and speech as the real SDK and as plain requests meet them."""

from __future__ import annotations

import asyncio
import json
import threading
from collections import deque
from typing import Any

import dashscope
import pytest
from aiohttp import WSMsgType, WSServerHandshakeError, web
from aiohttp.test_utils import TestClient, TestServer
from dashscope.audio.tts_v2 import ResultCallback, SpeechSynthesizer
from dashscope.common.error import RequestFailure
from support.inside import LoopThread

from dashlink_sandbox.inside.models import application, jobs, samples

KEY = "sk-models-test"
HEADERS = {"Authorization": f"Bearer {KEY}"}
AIGC = "/api/v1/services/aigc"
IMAGES = f"{AIGC}/text2image/image-synthesis"
IMAGE_JOB = {"model": "wanx2.1-t2i-turbo", "input": {"prompt": "a cat"}}


@pytest.fixture
def sdk(loop_thread: LoopThread, monkeypatch):
    """The SDK, led to a server of its own."""
    runner = web.AppRunner(application(KEY, deque()), shutdown_timeout=1)

    async def start() -> int:
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        return site.port

    port = loop_thread.run(start())
    monkeypatch.setattr(dashscope, "api_key", KEY)
    monkeypatch.setattr(dashscope, "base_http_api_url", f"http://127.0.0.1:{port}/api/v1")
    monkeypatch.setattr(dashscope, "base_websocket_api_url", f"ws://127.0.0.1:{port}/api-ws/v1/inference")
    yield dashscope
    loop_thread.run(runner.cleanup())


@pytest.fixture
def at_once(monkeypatch):
    """The SDK waits for a second between two looks."""
    monkeypatch.setattr("dashscope.client.base_api.time.sleep", lambda seconds: None)


def answers(*requests: tuple[str, str, Any]) -> list[tuple[int, Any]]:
    """What one server answers to ``requests`` (method, path, body), {} in a path being the last task's id."""

    async def asked() -> list[tuple[int, Any]]:
        got: list[tuple[int, Any]] = []
        task_id = ""
        async with TestClient(TestServer(application(KEY, deque()))) as client:
            for method, path, body in requests:
                answer = await client.request(method, path.format(task_id), json=body, headers=HEADERS)
                content = await answer.json()
                assert content.pop("request_id")
                task_id = content.get("output", {}).get("task_id", task_id)
                got.append((answer.status, content))
        return got

    return asyncio.run(asked())


def test_the_sdk_gets_images(sdk, at_once):
    answer = sdk.ImageSynthesis.call(model="wanx2.1-t2i-turbo", prompt="a cat", n=2)
    assert (answer.status_code, answer.output.task_status) == (200, "SUCCEEDED")
    assert answer.output["model"] == "wanx2.1-t2i-turbo"
    assert [result["actual_prompt"] for result in answer.output.results] == ["wanx2.1-t2i-turbo heard: a cat"] * 2
    assert len({result.url for result in answer.output.results}) == 2
    assert answer.output.results[0].url.startswith("https://results.example/wanx2.1-t2i-turbo/")
    assert answer.usage.image_count == 2


def test_the_sdk_edits_images(sdk, at_once):
    options = {"function": "description_edit", "base_image_url": "https://images.example/a.png"}
    answer = sdk.ImageSynthesis.call(model="wanx2.1-imageedit", prompt="red", **options)
    assert [result["orig_prompt"] for result in answer.output.results] == ["red"]


@pytest.mark.parametrize("model", ["wanx2.1-t2v-turbo", "wan2.2-i2v-plus", "wanx2.1-kf2v-plus"])
def test_the_sdk_gets_a_video(sdk, at_once, model):
    answer = sdk.VideoSynthesis.call(model=model, prompt="a cat", img_url="https://images.example/a.png")
    assert (answer.status_code, answer.output.task_status) == (200, "SUCCEEDED")
    assert answer.output["actual_prompt"] == f"{model} heard: a cat"
    assert answer.output.video_url.startswith(f"https://results.example/{model}/")
    assert answer.usage.video_count == 1


def test_the_sdk_looks_and_cancels(sdk):
    job = sdk.ImageSynthesis.async_call(model="wanx2.1-t2i-turbo", prompt="a cat")
    assert job.output.task_status == "PENDING"
    assert sdk.ImageSynthesis.cancel(job).status_code == 200
    assert sdk.ImageSynthesis.fetch(job).output.task_status == "CANCELED"
    refused = sdk.ImageSynthesis.cancel(job)
    assert (refused.status_code, refused.code) == (400, "UnsupportedOperation")


def test_the_sdk_says_what_is_wrong(sdk):
    unknown = sdk.ImageSynthesis.async_call(model="wanx-9", prompt="a cat")
    assert (unknown.status_code, unknown.code) == (404, "ModelNotFound")
    keyless = sdk.VideoSynthesis.async_call(model="wanx2.1-t2v-turbo", prompt="a cat", api_key="sk-wrong")
    assert (keyless.status_code, keyless.code) == (401, "InvalidApiKey")


@pytest.mark.parametrize(
    ("what", "model"),
    [
        ("text2image/image-synthesis", "qwen-image"),
        ("image2image/image-synthesis", "wanx2.1-imageedit"),
        ("image2image/out-painting", "image-out-painting"),
        ("virtualmodel/generation", "wanx-virtualmodel"),
        ("background-generation/generation", "wanx-background-generation-v2"),
        ("video-generation/video-synthesis", "wan2.2-i2v-plus"),
        ("image2video/video-synthesis", "wanx2.1-kf2v-plus"),
    ],
)
def test_a_task_is_pending_then_running_then_has_what_was_asked_for(what, model):
    body = {"model": model, "input": {"image_url": "https://images.example/a.png", "ref_prompt": "a cat"}}
    look = ("GET", "/api/v1/tasks/{}", None)
    made, *looks = answers(("POST", f"{AIGC}/{what}", body), look, ("POST", "/api/v1/tasks/{}", {}), look)
    assert made == (200, {"output": {"task_id": made[1]["output"]["task_id"], "task_status": "PENDING"}})
    assert [each["output"]["task_status"] for _, each in looks] == ["RUNNING", "SUCCEEDED", "SUCCEEDED"]
    assert looks[1] == looks[2]
    output = looks[2][1]["output"]
    assert output["model"] == model
    results = output.get("results", [output])
    assert results[0]["actual_prompt"] == f"{model} heard: a cat"
    url = results[0].get("url") or results[0]["video_url"]
    assert url.startswith(f"https://results.example/{model}/{output['task_id']}")
    assert output.get("output_image_url", url) == url
    assert ("output_image_url" in output) == (what == "image2image/out-painting")


def test_a_running_task_cannot_be_cancelled():
    cancel = ("POST", "/api/v1/tasks/{}/cancel", None)
    _, _, refused = answers(("POST", IMAGES, IMAGE_JOB), ("GET", "/api/v1/tasks/{}", None), cancel)
    assert (refused[0], refused[1]["code"]) == (400, "UnsupportedOperation")


def test_a_task_that_nobody_knows_is_unknown():
    unknown, refused = answers(("GET", "/api/v1/tasks/none", None), ("POST", "/api/v1/tasks/none/cancel", None))
    assert unknown == (200, {"output": {"task_id": "none", "task_status": "UNKNOWN"}})
    assert refused[0] == 400


def test_old_tasks_are_forgotten(monkeypatch):
    look = ("GET", "/api/v1/tasks/{}", None)
    monkeypatch.setattr(jobs, "MOST_TASKS", 1)
    assert answers(*[("POST", IMAGES, IMAGE_JOB)] * 2, look)[2][1]["output"]["task_status"] == "RUNNING"
    monkeypatch.setattr(jobs, "MOST_TASKS", 0)
    assert answers(("POST", IMAGES, IMAGE_JOB), look)[1][1]["output"]["task_status"] == "UNKNOWN"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({**IMAGE_JOB, "model": "wanx2.1-t2v-turbo"}, 404),
        ({**IMAGE_JOB, "input": {}}, 400),
        ({**IMAGE_JOB, "parameters": {"n": 11}}, 400),
        ({**IMAGE_JOB, "parameters": "x"}, 400),
        ({}, 400),
    ],
)
def test_a_job_that_makes_no_sense_is_refused(body, status):
    ((answered, _),) = answers(("POST", IMAGES, body))
    assert answered == status


def test_the_sdk_speaks(sdk):
    synthesizer = SpeechSynthesizer(model="cosyvoice-v1", voice="longxiaochun")
    assert synthesizer.call("hello there") == samples.wav()
    last = synthesizer.get_response()
    assert last["header"]["event"] == "task-finished"
    assert last["payload"]["usage"] == {"characters": len("hello there")}


class Listener(ResultCallback):
    def __init__(self):
        self.heard: list[dict[str, Any]] = []
        self.done = threading.Event()

    def on_event(self, message):
        self.heard.append(json.loads(message)["payload"]["output"])

    def on_data(self, data):
        self.heard.append({"type": "audio", "data": data})

    def on_complete(self):
        self.done.set()


def test_the_sdk_speaks_sentence_by_sentence(sdk):
    listener = Listener()
    synthesizer = SpeechSynthesizer(model="cosyvoice-v2", voice="longxiaochun_v2", callback=listener)
    for text in ("one.", "two."):
        synthesizer.streaming_call(text)
    synthesizer.streaming_flush()
    synthesizer.streaming_complete()
    assert listener.done.is_set()
    one = ["sentence-begin", "sentence-synthesis", "audio", "sentence-end"]
    assert [event["type"] for event in listener.heard] == one * 2
    said = [event["original_text"] for event in listener.heard if "original_text" in event]
    assert said == ["cosyvoice-v2 heard: one."] * 2 + ["cosyvoice-v2 heard: two."] * 2
    assert b"".join(event.get("data", b"") for event in listener.heard) == samples.wav() + samples.pcm()


def test_the_sdk_says_that_there_is_no_such_voice_model(sdk):
    with pytest.raises(RequestFailure, match="Model can not be found: cosyvoice-9") as failed:
        SpeechSynthesizer(model="cosyvoice-9", voice="longxiaochun").call("hello")
    assert failed.value.name == "ModelNotFound"


INFERENCE = "/api-ws/v1/inference"
RUN = {"model": "cosyvoice-v1", "parameters": {"voice": "longxiaochun"}, "input": {}}
SAY = {"input": {"text": "hi"}}


def command(action: str, payload: Any, task_id: str = "t1") -> str:
    header = {"action": action, "task_id": task_id, "streaming": "duplex"}
    return json.dumps({"header": header, "payload": payload})


def converse(*said: str | bytes, path: str = INFERENCE, headers: dict[str, str] = HEADERS) -> list[Any]:
    """The events and sounds that are heard, until every task that was ended is finished or the server closes."""

    async def heard() -> list[Any]:
        server = TestServer(application(KEY, deque()))
        async with TestClient(server) as client, client.ws_connect(path, headers=headers) as socket:
            for each in said:
                await (socket.send_bytes(each) if isinstance(each, bytes) else socket.send_str(each))
            got: list[Any] = []
            ends = sum("finish-task" in each for each in said if isinstance(each, str))
            while not ends or got.count("task-finished") < ends:
                message = await socket.receive(timeout=10)
                if message.type is WSMsgType.CLOSE:
                    return [*got, "closed"]
                text = message.type is WSMsgType.TEXT
                got.append(json.loads(message.data)["header"]["event"] if text else message.data)
            return got

    return asyncio.run(heard())


ONE_TASK = ["task-started", "result-generated", "result-generated", samples.wav(), "result-generated", "task-finished"]


@pytest.mark.parametrize("path", [INFERENCE, f"{INFERENCE}/"])
def test_one_connection_serves_one_task_after_another(path):
    tasks = [
        [command("run-task", RUN, name), command("continue-task", SAY, name), command("finish-task", SAY, name)]
        for name in ("t1", "t2")
    ]
    assert converse(*tasks[0], *tasks[1], path=path) == ONE_TASK * 2


@pytest.mark.parametrize(
    "said",
    [
        [b"sound"],
        ["no JSON"],
        ["[]"],
        ["{}"],
        [command("continue-task", SAY)],
        [command("run-task", {**RUN, "parameters": {}})],
        [command("run-task", {**RUN, "model": "qwen-plus"})],
        [command("run-task", RUN), command("continue-task", SAY, "t2")],
        [command("run-task", RUN), command("run-task", RUN)],
        [command("run-task", RUN), command("stop-task", SAY)],
        [command("run-task", RUN), command("continue-task", {"input": {"text": ""}})],
    ],
)
def test_what_makes_no_sense_fails_the_task_and_ends_the_connection(said):
    assert converse(*said) == [*["task-started"] * (len(said) - 1), "task-failed", "closed"]


def test_without_the_key_there_is_no_conversation():
    with pytest.raises(WSServerHandshakeError) as refused:
        converse(headers={"Authorization": "Bearer sk-wrong"})
    assert refused.value.status == 401


def test_speech_is_for_websockets_alone():
    ((status, answer),) = answers(("GET", INFERENCE, None))
    assert (status, answer["code"]) == (400, "InvalidParameter")
