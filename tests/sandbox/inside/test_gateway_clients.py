"""The real SDKs at an AI gateway, each a process of its own in the VPC.

dashlink's settings declare the APIs, and its outputs have the base URLs, in two dialects: one as
the catalog expects, one with other names and paths of routes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from support.declared_apis import Declared, declare
from support.gateways import DOMAIN, Place, running_gateway

from dashlink_sandbox.dialects import Dialect

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


OTHER_ROUTES = {
    "route-names": "v1-chat-completions",
    "route-paths": "without-base-path",
    "route-versions": "none",
}
ANTHROPIC = {"protocol": "Anthropic", "model": "qwen-plus"}
APIS = {
    "chat": {"scene": "text", "model": "qwen-max"},
    "embedding": {"scene": "embedding", "model": "text-embedding-v4"},
    "image": {"scene": "image", "protocol": "OpenAI/v1", "model": "qwen-image"},
    "photo": {"scene": "image", "protocol": "OpenAI/v1", "model": "wanx2.1-imageedit"},
    "audio": {"scene": "audio", "protocol": "OpenAI/v1", "model": "cosyvoice-v1"},
    "others": {"scene": "others"},
    "native-image": {"scene": "image"},
    "native-video": {"scene": "video"},
    "native-rerank": {"scene": "rerank", "model": "gte-rerank-v2"},
    "speech": {"scene": "audio"},
    "rerank": {"scene": "rerank", "protocol": "vLLM", "model": "qwen3-rerank"},
    "message": {"scene": "text", **ANTHROPIC},
    "broken-speech": {
        "scene": "audio",
        "service": "wrong-key",
        "fallbacks": [{"service": "speech"}],
        "fallback_only_on_upstream_codes": True,
    },
}


def sections():
    """Settings with a service of Model Studio, a domain and a base path for each API."""
    services, domains, apis = {}, {}, {}
    for name, api in APIS.items():
        host = f"{name}.{DOMAIN}"
        domains[host] = {"scheme": "http"}
        apis[name] = {"domains": [host], "base_path": f"/of/{name}", "service": name, **api}
        services[name] = {"endpoint": "dashscope", "api_keys": [{"config": "modelKey"}]}
    services["wrong-key"] = {"endpoint": "dashscope", "api_keys": [{"config": "wrongKey"}]}
    return {"ai_services": services, "domains": domains, "model_apis": apis}


@pytest.fixture(scope="module", params=[{}, OTHER_ROUTES], ids=["catalog", "other routes"])
def declared(request: pytest.FixtureRequest) -> Iterator[Declared]:
    with (
        running_gateway(dialect=Dialect.of(request.param)) as place,
        declare(place, sections()) as created,
    ):
        yield created


@pytest.fixture
def place(declared: Declared) -> Place:
    declared.place.cloud.inside.requests.clear()
    declared.place.cloud.cloud.journal.entries.clear()
    return declared.place


def _url(declared: Declared, name: str) -> str:
    """The one base URL of an API in dashlink's outputs."""
    (url,) = declared.outputs[name].base_urls.values()
    return url


def _run(declared: Declared, program: str, **apis: str):
    """Run a program whose map URLS has the base URLs of these APIs."""
    urls = {name: _url(declared, api) for name, api in apis.items()}
    return declared.place.python(f"URLS = {urls!r}\n{program}", api_key="sk-client")


def _attempts(declared: Declared, name: str) -> list[tuple[str, str, int]]:
    attempts = []
    for entry in declared.place.entries(declared.apis[name]):
        attempts += entry.attempts
    return attempts


def _routes(declared: Declared, name: str) -> list[str]:
    """The paths of the routes that served requests to an API, as its outputs have them."""
    paths = {route.name: route.path for route in declared.outputs[name].routes}
    return [paths[entry.route] for entry in declared.place.entries(declared.apis[name])]


def _received(place: Place) -> list[tuple[str, str]]:
    """Path and model of each request that the model server received."""
    return [(request.path, request.model) for request in place.cloud.inside.requests]


def test_the_openai_sdk_uses_the_declared_services_and_models(declared, place):
    names = ("chat", "embedding", "image", "audio", "others")
    seen = _run(declared, OPENAI, **{name: name for name in names})
    assert seen["chat"] == "".join(seen["pieces"]) == "qwen-max heard: hello there"
    assert len(seen["pieces"]) > 1
    assert (seen["tokens"], seen["vector"], seen["images"]) == (6, 64, 2)
    assert (seen["sound"], seen["model"]) == ("RIFF", "qwen-plus")
    assert "qwen-plus" in seen["models"]
    for name in names:
        assert set(_attempts(declared, name)) == {(name, APIS[name].get("model", ""), 200)}
    assert [entry.tokens for entry in place.entries(declared.apis["chat"])] == [6, 6]
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


def test_the_dashscope_sdk_creates_images_and_videos_and_ranks(declared, place):
    apis = {"image": "native-image", "video": "native-video", "rerank": "native-rerank"}
    seen = _run(declared, DASHSCOPE, **apis)
    assert seen["image"] == ["wanx2.1-t2i-turbo", 2, "SUCCEEDED"]
    assert seen["video"] == ["wanx2.1-t2v-turbo", "SUCCEEDED"]
    assert seen["best"] == 1
    for name in apis.values():
        assert {(service, status) for service, _, status in _attempts(declared, name)} == {
            (name, 200)
        }
    prefix = "/of/native-image/api/v1"
    tasks = f"{prefix}/tasks/*"
    created = f"{prefix}/services/aigc/text2image/image-synthesis"
    assert _routes(declared, "native-image") == [created, tasks, tasks]
    requests = place.cloud.inside.requests
    posted = [request.model for request in requests if request.method == "POST"]
    assert posted == ["wanx2.1-t2i-turbo", "wanx2.1-t2v-turbo", "gte-rerank-v2"]


def test_the_dashscope_sdk_speaks_over_a_websocket(declared, place):
    seen = _run(declared, SPEECH, speech="speech")
    assert seen == {"sound": "RIFF", "usage": {"characters": len("hello there")}}
    assert _routes(declared, "speech") == ["/of/speech/api-ws/v1/inference"]
    assert _attempts(declared, "speech") == [("speech", "", 101)]
    (request,) = place.cloud.inside.requests
    assert (request.path, request.headers["upgrade"]) == ("/api-ws/v1/inference", "websocket")


def test_a_websocket_falls_back_after_a_refused_handshake(declared, place):
    seen = _run(declared, SPEECH, speech="broken-speech")
    assert seen["sound"] == "RIFF"
    assert _attempts(declared, "broken-speech") == [("wrong-key", "", 401), ("speech", "", 101)]


def test_vllm_and_anthropic_requests_reach_their_own_paths(declared, place):
    body = {"model": "requested", "query": "cat", "documents": ["a dog", "a cat"]}
    answer = place.ask("POST", f"{_url(declared, 'rerank')}/rerank", body)
    assert (answer.status, answer.json["results"][0]["index"]) == (200, 1)
    body = {"model": "requested", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]}
    headers = {"anthropic-version": "2023-06-01"}
    message = declared.outputs["message"]
    answer = place.ask("POST", f"http://{message.host}{message.routes[0].path}", body, headers)
    assert (answer.status, answer.json["content"][0]["text"]) == (200, "qwen-plus heard: hi")
    paths = [path for path, _ in _received(place)]
    assert paths == ["/compatible-api/v1/reranks", "/apps/anthropic/v1/messages"]


def test_a_base_url_that_the_routes_do_not_show_is_unverified(declared, place):
    message = declared.outputs["message"]
    works = place.ask("POST", f"{_url(declared, 'message')}/v1/messages", {}).status != 404
    sentence = "base_urls: dashlink's catalog; no route of the API ends in /v1/messages"
    assert (sentence not in message.unverified) == works


FAILS = "from openai import OpenAI\nOpenAI(max_retries=0, base_url=URL).models.list()"


def test_the_sdk_shows_the_gateways_error_message(declared, place):
    url = _url(declared, "chat")
    program = f"URL = {url!r}\n{FAILS}"
    done = place.machine.python(program, user=place.network.vpc_id, api_key="sk-x")
    assert done.returncode == 1
    path = url.partition("/of/chat")[2]
    assert f"The API chat has no route for GET {path}/models." in done.stderr


def test_the_model_in_a_form_is_logged_and_rewritten(declared, place):
    program = """
from openai import OpenAI
client = OpenAI(base_url=URL, max_retries=0)
photo = ("photo.png", b"not a photo \\x00\\xff")
seen["images"] = len(client.images.edit(model="requested", image=photo, prompt="red").data)
"""
    url = json.dumps(_url(declared, "photo"))
    assert place.python(f"URL = {url}\n{program}") == {"images": 1}
    assert place.last(declared.apis["photo"]).model == "requested"
    assert list(place.cloud.inside.requests)[-1].model == "wanx2.1-imageedit"
