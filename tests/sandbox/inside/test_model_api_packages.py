"""The SDKs for Node and Java at Model APIs by rendered files, wherever the key is read."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.gateways import running_gateway
from support.java import java_machine
from support.keyed_apis import KeyedApis, keyed_apis
from support.node import node_machine
from support.node_rows import CHATS, MESSAGES, NATIVE, VECTORS

from dashlink.clients.render import render

REPLY = "qwen-plus heard: hello there"
NODE_FORMATS = ("openai-node", "anthropic-node", "vercel-ai-node")


@pytest.fixture(scope="module")
def apis() -> Iterator[KeyedApis]:
    with running_gateway() as place, keyed_apis(place) as created:
        yield created


@pytest.fixture
def node(apis, tmp_path):
    """A machine with Node and the files of every API; no host was dialled yet."""
    inside = apis.place.machine.inside
    inside.dialled.clear()
    machine = node_machine(apis.place.machine, tmp_path)
    for file in render(apis.outputs, NODE_FORMATS):
        machine.write(str(file.path), file.text)
    return machine


def _calls(apis, node, run, *names):
    """What one kind of call saw at each API, by one process."""
    cases = []
    for name in names:
        variables = {"MODEL_API_KEY": apis.keys[name]}
        cases.append({"run": run, "folder": f"model-apis/{name}", "variables": variables})
    return node.calls(*cases, user=apis.place.network.vpc_id)


@pytest.mark.parametrize(
    ("run", "names"),
    [("openaiFile", CHATS), ("aiFile", CHATS), ("anthropicFile", MESSAGES)],
    ids=["openai", "ai", "anthropic"],
)
def test_each_model_api_answers_an_sdk_for_node(apis, node, run, names):
    for seen in _calls(apis, node, run, *names):
        assert seen["chat"] == "".join(seen["stream"]) == REPLY
        assert len(seen["stream"]) > 1
        assert seen.get("by name", REPLY) == REPLY
    assert node.dialled() == apis.hosts(*names)


def test_a_model_api_of_embeddings_answers_node(apis, node):
    assert _calls(apis, node, "embeddingFile", *VECTORS) == [{"vector": [1024, 0]}]
    assert node.dialled() == apis.hosts(*VECTORS)


def test_each_model_api_of_dashscope_answers_java(apis, tmp_path):
    apis.place.machine.inside.dialled.clear()
    for file in render(apis.outputs, ["dashscope-java"]):
        path = tmp_path / file.path
        path.parent.mkdir(parents=True)
        path.write_text(file.text)
    cases = [(f"model-apis/{name}", name) for name in NATIVE]
    java = java_machine(apis.place.machine, tmp_path)
    answers = java.calls(*cases, user=apis.place.network.vpc_id, MODEL_API_KEY=apis.keys["image"])
    expected = [{"image": "PENDING"}, {"video": "PENDING"}, {"rerank": 1}, {"speech": "RIFF"}]
    assert answers == expected
    assert set(java.machine.inside.dialled) == apis.hosts(*NATIVE)


def test_a_model_api_answers_spring(apis, tmp_path):
    apis.place.machine.inside.dialled.clear()
    (file,) = render(apis.outputs, ["spring-ai"], api="chat")
    (tmp_path / "application.yml").write_text(file.text)
    java = java_machine(apis.place.machine, tmp_path)
    key, user = apis.keys["chat"], apis.place.network.vpc_id
    done = java.spring(".", "chat", user=user, MODEL_API_KEY=key)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.split("\n")[0] == REPLY
    assert set(java.machine.inside.dialled) == apis.hosts("chat")
