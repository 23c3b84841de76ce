"""The real SDKs and curl inside a VPC, unmodified, and the errors that they show.

Each client is a process of its own with a clean environment, set as in its documentation. All of
them show the cause of a refusal, in one of the three places where the proxy sends it.
"""

from __future__ import annotations

import json

import pytest
from support import dashscope1
from support.inside import ENDPOINT_DOMAIN, FINANCE_DOMAIN, PRIVATE_DOMAIN, Machine

REPLY = "qwen-plus heard: hello there"
MESSAGES = [{"role": "user", "content": "hello there"}]
SCHEMES = pytest.mark.parametrize("scheme", ["https", "http"], ids=str)
HEAD = f"import asyncio, json\nMESSAGES = {MESSAGES!r}\nseen = {{}}\n"
TAIL = "\nprint(json.dumps(seen))\n"

OPENAI = """
from openai import AsyncOpenAI, OpenAI
client = OpenAI(max_retries=0)
answer = client.chat.completions.create(model="qwen-plus", messages=MESSAGES)
seen["chat"], seen["tokens"] = answer.choices[0].message.content, answer.usage.total_tokens
options = dict(stream=True, stream_options={"include_usage": True})
chunks = list(client.chat.completions.create(model="qwen-plus", messages=MESSAGES, **options))
deltas = [chunk.choices[0].delta.content for chunk in chunks if chunk.choices]
seen["pieces"] = [delta for delta in deltas if delta]
seen["stream_tokens"] = chunks[-1].usage.total_tokens
vectors = client.embeddings.create(model="text-embedding-v4", input="x", dimensions=64).data
seen["vector"] = len(vectors[0].embedding)
seen["models"] = [model.id for model in client.models.list()]
async def again():
    async with AsyncOpenAI(max_retries=0) as other:
        answer = await other.chat.completions.create(model="qwen-plus", messages=MESSAGES)
        return answer.choices[0].message.content
seen["async"] = asyncio.run(again())
"""

DASHSCOPE_1 = """
import dashscope
from dashscope import Generation, Models, MultiModalConversation, TextEmbedding, TextReRank
answer = Generation.call(model="qwen-plus", messages=MESSAGES, result_format="message")
assert answer.status_code == 200, answer
seen["chat"], seen["tokens"] = answer.output.choices[0].message.content, answer.usage.total_tokens
options = dict(result_format="message", stream=True, incremental_output=True)
chunks = list(Generation.call(model="qwen-plus", messages=MESSAGES, **options))
texts = [chunk.output.choices[0].message.content for chunk in chunks]
seen["pieces"] = [text for text in texts if text]
seen["stream_tokens"] = chunks[-1].usage.total_tokens
seen["prompt"] = Generation.call(model="qwen-plus", prompt="hello there").output.text
parts = [{"role": "user", "content": [{"text": "hello there"}]}]
answer = MultiModalConversation.call(model="qwen-vl-max", messages=parts)
seen["multimodal"] = answer.output.choices[0].message.content
answer = TextEmbedding.call(model="text-embedding-v4", input=["x", "y"], dimension=64)
seen["vector"] = [len(vector["embedding"]) for vector in answer.output["embeddings"]]
request = dict(query="cat", documents=["a dog", "a cat"], return_documents=True)
ranked = TextReRank.call(model="gte-rerank-v2", **request)
seen["best"] = ranked.output.results[0]["document"]["text"]
models = Models.list(page_size=100).output["models"]
seen["models"] = [model.get("name") or model.get("model") for model in models]
"""

APPLICATION = """
from dashscope import Application
answer = Application.call(app_id="1a2b3c", prompt="hello there")
assert answer.status_code == 200, answer
seen["text"], seen["session"] = answer.output.text, answer.output.session_id
options = dict(stream=True, incremental_output=True, session_id=answer.output.session_id)
chunks = list(Application.call(app_id="1a2b3c", prompt="and again", **options))
seen["pieces"] = [chunk.output.text for chunk in chunks if chunk.output.text]
seen["sessions"] = sorted({chunk.output.session_id for chunk in chunks})
seen["tokens"] = chunks[-1].usage.models[0].input_tokens
"""

DASHSCOPE_1_ASYNC = """
from dashscope import AioGeneration
async def again():
    answer = await AioGeneration.call(model="qwen-plus", messages=MESSAGES, result_format="message")
    assert answer.status_code == 200, answer
    options = dict(result_format="message", stream=True, incremental_output=True)
    text = ""
    async for chunk in await AioGeneration.call(model="qwen-plus", messages=MESSAGES, **options):
        text += chunk.output.choices[0].message.content
    return answer.output.choices[0].message.content, text
seen["chat"], seen["stream"] = asyncio.run(again())
"""

DASHSCOPE_2 = """
from dashscope.v2.client import AsyncClient, Client
client = Client()
answer = client.chat.completions.create(model="qwen-plus", messages=MESSAGES)
seen["chat"], seen["tokens"] = answer.choices[0].message.content, answer.usage.total_tokens
chunks = list(client.chat.completions.create(model="qwen-plus", messages=MESSAGES, stream=True))
deltas = [chunk.choices[0].delta.content for chunk in chunks if chunk.choices]
seen["pieces"] = [delta for delta in deltas if delta]
vectors = client.embeddings.create(model="text-embedding-v4", input="x", dimension=64).embeddings
seen["vector"] = len(vectors[0].embedding)
ranked = client.rerank.create(model="gte-rerank-v2", query="cat", documents=["a dog", "a cat"])
seen["best"] = ranked.results[0].index
seen["models"] = [model.model for model in client.models.list(page_size=100).models]
async def again():
    async with AsyncClient() as other:
        answer = await other.chat.completions.create(model="qwen-plus", messages=MESSAGES)
        return answer.choices[0].message.content
seen["async"] = asyncio.run(again())
"""

NEWER_CALLS = """
import base64
from openai import OpenAI
client = OpenAI(max_retries=0)
seen["response"] = client.responses.create(model="qwen-plus", input="hello there").output_text
with client.responses.stream(model="qwen-plus", input="hello there") as stream:
    texts = [event.delta for event in stream if event.type == "response.output_text.delta"]
seen["pieces"] = texts
file = client.files.create(file=("hello.wav", b"sound"), purpose="file-extract")
seen["files"] = [each.id == file.id for each in client.files.list()]
sound = ("hello.wav", b"sound")
seen["sound"] = client.audio.transcriptions.create(model="whisper-1", file=sound).text
"""

REALTIME = """
import os, websocket
url = os.environ["REALTIME_URL"] + "?model=qwen3-omni-flash-realtime"
header = {"Authorization": "Bearer " + os.environ["DASHSCOPE_API_KEY"]}
socket = websocket.create_connection(url, header=header, timeout=10)
seen["first"] = json.loads(socket.recv())["type"]
content = [{"type": "input_text", "text": "hello there"}]
item = {"type": "message", "role": "user", "content": content}
socket.send(json.dumps({"type": "conversation.item.create", "item": item}))
response = {"modalities": ["text"]}
socket.send(json.dumps({"type": "response.create", "response": response}))
event = {"type": ""}
while event["type"] != "response.done":
    event = json.loads(socket.recv())
    if event["type"] == "response.text.done":
        seen["text"] = event["text"]
socket.close()
"""


def base_urls(scheme: str, host: str = PRIVATE_DOMAIN) -> dict[str, str]:
    native = f"{scheme}://{host}/api/v1"
    return {
        "OPENAI_BASE_URL": f"{scheme}://{host}/compatible-mode/v1",
        "DASHSCOPE_HTTP_BASE_URL": native,
        "DASHSCOPE_BASE_URL": native,
    }


def run(inside: Machine, program: str, scheme: str, **options: str) -> dict[str, object]:
    done = inside.python(HEAD + program + TAIL, **base_urls(scheme), **options)
    assert done.returncode == 0, done.stderr
    seen: dict[str, object] = json.loads(done.stdout)
    return seen


@pytest.fixture(scope="session")
def python_1() -> str:
    return str(dashscope1.python())


@SCHEMES
def test_the_openai_sdk_works(inside, scheme):
    seen = run(inside, OPENAI, scheme)
    assert seen["chat"] == seen["async"] == "".join(seen["pieces"]) == REPLY
    assert len(seen["pieces"]) > 1
    assert (seen["tokens"], seen["stream_tokens"], seen["vector"]) == (6, 6, 64)
    assert "qwen-plus" in seen["models"]
    assert {request.scheme for request in inside.inside.requests} == {scheme}
    assert {request.host for request in inside.inside.requests} == {PRIVATE_DOMAIN}


def test_the_newer_calls_of_the_openai_sdk_work(inside):
    seen = run(inside, NEWER_CALLS, "https")
    assert seen["response"] == "".join(seen["pieces"]) == REPLY
    assert (seen["files"], seen["sound"]) == ([True], "whisper-1 heard: hello.wav of 5 bytes")


@SCHEMES
def test_a_realtime_conversation_works(inside, scheme):
    web_socket = {"https": "wss", "http": "ws"}[scheme]
    url = f"{web_socket}://{PRIVATE_DOMAIN}/api-ws/v1/realtime"
    seen = inside.seen(REALTIME, REALTIME_URL=url)
    assert seen["first"] == "session.created"
    assert seen["text"] == "qwen3-omni-flash-realtime heard: hello there"


@SCHEMES
@pytest.mark.parametrize("version", ["1", "2"], ids=str)
def test_the_dashscope_1_api_works_in_both_sdks(inside, scheme, version, python_1):
    seen = run(inside, DASHSCOPE_1, scheme, **({"python": python_1} if version == "1" else {}))
    assert seen["chat"] == seen["prompt"] == "".join(seen["pieces"]) == REPLY
    assert len(seen["pieces"]) > 1
    assert (seen["tokens"], seen["stream_tokens"]) == (6, 6)
    assert (seen["vector"], seen["best"]) == ([64, 64], "a cat")
    assert seen["multimodal"] == [{"text": "qwen-vl-max heard: hello there"}]
    assert "qwen-plus" in seen["models"]


@SCHEMES
@pytest.mark.parametrize("version", ["1", "2"], ids=str)
def test_an_application_answers(inside, scheme, version, python_1):
    seen = run(inside, APPLICATION, scheme, **({"python": python_1} if version == "1" else {}))
    assert seen["text"] == "application 1a2b3c heard: hello there"
    assert "".join(seen["pieces"]) == "application 1a2b3c heard: and again"
    assert len(seen["pieces"]) > 1
    assert (seen["sessions"], seen["tokens"]) == ([seen["session"]], 2)


@pytest.mark.parametrize("version", ["1", "2"], ids=str)
def test_the_dashscope_1_async_api_works_over_http(inside, version, python_1):
    """Over TLS this API ignores the environment and trusts certifi's authorities alone."""
    seen = run(
        inside, DASHSCOPE_1_ASYNC, "http", **({"python": python_1} if version == "1" else {})
    )
    assert seen["chat"] == seen["stream"] == REPLY


@SCHEMES
def test_the_dashscope_2_client_works(inside, scheme):
    seen = run(inside, DASHSCOPE_2, scheme)
    assert seen["chat"] == seen["async"] == "".join(seen["pieces"]) == REPLY
    assert len(seen["pieces"]) > 1
    assert (seen["tokens"], seen["vector"], seen["best"]) == (6, 64, 1)
    assert "qwen-plus" in seen["models"]


@SCHEMES
def test_curl_works(inside, scheme):
    url = f"{scheme}://{PRIVATE_DOMAIN}/compatible-mode/v1/chat/completions"
    body = json.dumps({"model": "qwen-plus", "messages": MESSAGES})
    key = "Authorization: Bearer " + inside.api_key
    content_type = "Content-Type: application/json"
    done = inside.run("curl", "-sS", "--fail", url, "-H", key, "-H", content_type, "-d", body)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["choices"][0]["message"]["content"] == REPLY


def test_the_finance_service_has_http_and_no_tls(inside):
    plain = inside.run("curl", "-sS", f"http://{FINANCE_DOMAIN}/api/v1/models")
    assert plain.stdout.startswith('{"code": "InvalidApiKey"')
    secure = inside.run("curl", "-sS", f"https://{FINANCE_DOMAIN}/api/v1/models")
    assert secure.returncode == 35  # SSL connect error


def test_the_endpoints_own_domain_has_no_certificate(inside):
    done = inside.run("curl", "-sS", f"https://{ENDPOINT_DOMAIN}/api/v1/models")
    assert done.returncode == 60  # peer certificate cannot be authenticated
    assert ENDPOINT_DOMAIN in done.stderr


LIST_MODELS = {
    "openai": """
from openai import OpenAI
OpenAI(max_retries=0).models.list()
""",
    "dashscope 1.x": """
from dashscope import Models
answer = Models.list()
assert answer.status_code == 200, answer
""",
    "dashscope 2.x": """
from dashscope.v2.client import Client
Client(max_retries=0).models.list()
""",
}


def close_port(state):
    state.security_groups["sg-main"].rules.clear()
    return "the security group sg-main of ep-2ze1 lets no tcp"


def detach_name(state):
    state.private_zones["pz-1"].vpcs.clear()
    return "(pz-1), which is not attached to it"


def delete_endpoint(state):
    del state.endpoints["ep-2ze1"]
    return f"no endpoint has the domain {ENDPOINT_DOMAIN}"


def stop_zones(state):
    for zone in state.endpoints["ep-2ze1"].zones.values():
        zone.status = "Disconnected"
    return "of the endpoint ep-2ze1 is Disconnected, not Connected"


def leave_pending(state):
    state.endpoints["ep-2ze1"].connection_status = "Pending"
    return "is Pending, not Connected"


def call_from_elsewhere(state):
    state.private_zones["pz-1"].vpcs[0].vpc_id = "vpc-other"
    return "to which vpc-other has no route"


MISTAKES = [
    close_port,
    detach_name,
    delete_endpoint,
    stop_zones,
    leave_pending,
    call_from_elsewhere,
]


def list_models(inside: Machine, client: str, python_1: str, scheme: str, **options: str):
    if client == "dashscope 1.x":
        options["python"] = python_1
    return inside.python(LIST_MODELS[client], **options, **base_urls(scheme))


@pytest.mark.parametrize("client", LIST_MODELS, ids=str)
@pytest.mark.parametrize("make_mistake", MISTAKES, ids=lambda mistake: mistake.__name__)
def test_a_client_shows_the_cause_over_https(inside, client, make_mistake, python_1):
    cause = make_mistake(inside.state)
    user = "vpc-other" if make_mistake is call_from_elsewhere else "vpc-main"
    done = list_models(inside, client, python_1, "https", user=user)
    assert done.returncode == 1
    assert cause in done.stderr  # from the status line
    assert list(inside.inside.requests) == []


@pytest.mark.parametrize("client", LIST_MODELS, ids=str)
def test_a_client_shows_the_cause_over_http(inside, client, python_1):
    cause = close_port(inside.state)
    done = list_models(inside, client, python_1, "http")
    assert done.returncode == 1
    assert cause in done.stderr  # from the body
    assert list(inside.inside.requests) == []


@pytest.mark.parametrize("client", LIST_MODELS, ids=str)
def test_a_client_shows_that_its_key_is_wrong(inside, client, python_1):
    message = "Incorrect API key" if client == "openai" else "Invalid API-key"
    done = list_models(inside, client, python_1, "https", api_key="sk-wrong")
    assert done.returncode == 1
    assert f"{message} provided" in done.stderr
    assert "sk-wrong" not in str(list(inside.inside.requests))
