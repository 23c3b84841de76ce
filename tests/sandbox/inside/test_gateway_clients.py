"""The real SDKs at an AI gateway, each a process of its own in the VPC."""

from __future__ import annotations

import json

from support.gateways import Place, Served, fallback

OPENAI = """
from openai import OpenAI
MESSAGES = [{"role": "user", "content": "hello there"}]
def client(name):
    return OpenAI(base_url=URLS[name], max_retries=0)
chat = client("chat").chat.completions
seen["chat"] = chat.create(model="requested", messages=MESSAGES).choices[0].message.content
options = {"stream": True, "stream_options": {"include_usage": True}}
chunks = chat.create(model="requested", messages=MESSAGES, **options)
seen["pieces"], seen["tokens"] = [], 0
for chunk in chunks:
    seen["pieces"] += [choice.delta.content for choice in chunk.choices if choice.delta.content]
    seen["tokens"] = chunk.usage.total_tokens if chunk.usage else seen["tokens"]
embeddings = client("embedding").embeddings
vectors = embeddings.create(model="requested", input="x", dimensions=64).data
seen["vector"] = len(vectors[0].embedding)
seen["images"] = len(client("image").images.generate(model="requested", prompt="a cat", n=2).data)
sound = client("audio").audio.speech.create(model="requested", voice="a", input="hi")
seen["sound"] = sound.read()[:4].decode()
seen["models"] = [model.id for model in client("others").models.list()]
seen["model"] = client("others").models.retrieve("qwen-plus").id
"""

DASHSCOPE = """
import dashscope
from dashscope import ImageSynthesis, TextReRank, VideoSynthesis
from dashscope.client import base_api
base_api.time.sleep = lambda seconds: None  # the SDK waits for a second between two requests
dashscope.base_http_api_url = URLS["image"]
images = ImageSynthesis.call(model="wanx2.1-t2i-turbo", prompt="a cat", n=2)
seen["image"] = [images.output["model"], len(images.output.results), images.output.task_status]
dashscope.base_http_api_url = URLS["video"]
video = VideoSynthesis.call(model="wanx2.1-t2v-turbo", prompt="a cat")
seen["video"] = [video.output["model"], video.output.task_status]
dashscope.base_http_api_url = URLS["rerank"]
ranked = TextReRank.call(model="requested", query="cat", documents=["a dog", "a cat"])
seen["best"] = ranked.output.results[0].index
"""

SPEECH = """
import dashscope
from dashscope.audio.tts_v2 import SpeechSynthesizer
dashscope.base_websocket_api_url = URLS["speech"]
synthesizer = SpeechSynthesizer(model="cosyvoice-v2", voice="longxiaochun_v2")
seen["sound"] = synthesizer.call("hello there")[:4].decode()
seen["usage"] = synthesizer.get_response()["payload"]["usage"]
"""


def _serve(place: Place, category: str, protocol: str = "OpenAI/v1", model: str = "") -> Served:
    """Serve a Model API of this kind with a service of its own and, perhaps, a declared model."""
    name = f"{category}-{protocol.partition('/')[0]}".lower()
    target = {"serviceId": place.service(name), "modelName": model}
    if not model:
        del target["modelName"]
    return place.serve(target, category=category, protocol=protocol)


def _run(place: Place, program: str, urls: dict[str, str]):
    place.cloud.inside.requests.clear()
    return place.python(f"URLS = {urls!r}\n{program}", api_key="sk-client")


def _attempts(place: Place, served: Served) -> list[tuple[str, str, int]]:
    attempts = []
    for entry in place.entries(served):
        attempts += entry.attempts
    return attempts


def _received(place: Place) -> list[tuple[str, str]]:
    """Path and model of each request that the model server received."""
    return [(request.path, request.model) for request in place.cloud.inside.requests]


def test_the_openai_sdk_uses_the_declared_services_and_models(place):
    declared = {
        "chat": ("Text", "qwen-max"),
        "embedding": ("Embedding", "text-embedding-v4"),
        "image": ("Image", "qwen-image"),
        "audio": ("Audio", "cosyvoice-v1"),
        "others": ("Others", ""),
    }
    apis, urls = {}, {}
    for name, (category, model) in declared.items():
        apis[name] = _serve(place, category, model=model)
        urls[name] = apis[name].url("/v1")
    seen = _run(place, OPENAI, urls)
    assert seen["chat"] == "".join(seen["pieces"]) == "qwen-max heard: hello there"
    assert len(seen["pieces"]) > 1
    assert (seen["tokens"], seen["vector"], seen["images"]) == (6, 64, 2)
    assert (seen["sound"], seen["model"]) == ("RIFF", "qwen-plus")
    assert "qwen-plus" in seen["models"]
    for name, (category, model) in declared.items():
        assert set(_attempts(place, apis[name])) == {(f"{category}-openai".lower(), model, 200)}
    assert [entry.tokens for entry in place.entries(apis["chat"])] == [6, 6]
    prefix = "/compatible-mode/v1"
    assert _received(place) == [
        (f"{prefix}/chat/completions", "qwen-max"),
        (f"{prefix}/chat/completions", "qwen-max"),
        (f"{prefix}/embeddings", "text-embedding-v4"),
        (f"{prefix}/images/generations", "qwen-image"),
        (f"{prefix}/audio/speech", "cosyvoice-v1"),
        (f"{prefix}/models", ""),
        (f"{prefix}/models/qwen-plus", ""),
    ]
    assert {request.scheme for request in place.cloud.inside.requests} == {"https"}


def test_the_dashscope_sdk_creates_images_and_videos_and_ranks(place):
    apis, urls = {}, {}
    for name, model in (("image", ""), ("video", ""), ("rerank", "gte-rerank-v2")):
        apis[name] = _serve(place, name.title(), "DashScope", model)
        urls[name] = apis[name].url("/api/v1")
    seen = _run(place, DASHSCOPE, urls)
    assert seen["image"] == ["wanx2.1-t2i-turbo", 2, "SUCCEEDED"]
    assert seen["video"] == ["wanx2.1-t2v-turbo", "SUCCEEDED"]
    assert seen["best"] == 1
    for name, served in apis.items():
        for service, _, status in _attempts(place, served):
            assert (service, status) == (f"{name}-dashscope", 200)
        assert _attempts(place, served)
    routes = [entry.route for entry in place.entries(apis["image"])]
    assert routes == ["text-to-image", "tasks", "tasks"]
    requests = place.cloud.inside.requests
    posted = [request.model for request in requests if request.method == "POST"]
    assert posted == ["wanx2.1-t2i-turbo", "wanx2.1-t2v-turbo", "gte-rerank-v2"]


def test_the_dashscope_sdk_speaks_over_a_websocket(place):
    served = _serve(place, "Audio", "DashScope")
    seen = _run(place, SPEECH, {"speech": served.url("/api-ws/v1/inference", "ws")})
    assert seen == {"sound": "RIFF", "usage": {"characters": len("hello there")}}
    assert place.last(served).route == "text-to-audio"
    assert _attempts(place, served) == [("audio-dashscope", "", 101)]
    (request,) = place.cloud.inside.requests
    assert (request.path, request.headers["upgrade"]) == ("/api-ws/v1/inference", "websocket")


def test_a_websocket_falls_back_after_a_refused_handshake(place):
    bad, good = place.service("bad-key", apiKeys=["sk-wrong"]), place.service("good-key")
    kind = {"category": "Audio", "protocol": "DashScope"}
    served = place.serve({"serviceId": bad}, policies=[fallback(good, only_upstream=True)], **kind)
    seen = _run(place, SPEECH, {"speech": served.url("/api-ws/v1/inference", "ws")})
    assert seen["sound"] == "RIFF"
    assert _attempts(place, served) == [("bad-key", "", 401), ("good-key", "", 101)]


def test_vllm_and_anthropic_requests_reach_their_own_paths(place):
    ranked = _serve(place, "Rerank", "vLLM", "qwen3-rerank")
    body = {"model": "requested", "query": "cat", "documents": ["a dog", "a cat"]}
    answer = place.ask("POST", ranked.url("/v1/rerank"), body)
    assert (answer.status, answer.json["results"][0]["index"]) == (200, 1)
    served = _serve(place, "Text", "Anthropic", "qwen-plus")
    body = {"model": "requested", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]}
    answer = place.ask(
        "POST", served.url("/v1/messages"), body, {"anthropic-version": "2023-06-01"}
    )
    assert (answer.status, answer.json["content"][0]["text"]) == (200, "qwen-plus heard: hi")
    paths = [path for path, _ in _received(place)]
    assert paths[-2:] == ["/compatible-api/v1/rerank", "/apps/anthropic/v1/messages"]


FAILS = "from openai import OpenAI\nOpenAI(max_retries=0, base_url=URL).models.list()"


def test_the_sdk_shows_the_gateways_error_message(place):
    served = place.serve()
    program = f"URL = {served.url('/v1')!r}\n{FAILS}"
    done = place.machine.python(program, user=place.network.vpc_id, api_key="sk-x")
    assert done.returncode == 1
    assert f"The API {served.name} has no route for GET /v1/models." in done.stderr


def test_the_model_in_a_form_is_logged_and_rewritten(place):
    served = _serve(place, "Image", model="wanx2.1-imageedit")
    program = """
from openai import OpenAI
client = OpenAI(base_url=URL, max_retries=0)
photo = ("photo.png", b"not a photo \\x00\\xff")
seen["images"] = len(client.images.edit(model="requested", image=photo, prompt="red").data)
"""
    assert place.python(f"URL = {json.dumps(served.url('/v1'))}\n{program}") == {"images": 1}
    assert place.last(served).model == "requested"
    assert list(place.cloud.inside.requests)[-1].model == "wanx2.1-imageedit"
