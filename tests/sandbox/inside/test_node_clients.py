"""The SDKs for Node inside a VPC by rendered files alone, and every host that they dial.

Hosts are recorded by the sandbox's proxy, and for connections that pass by it, which are refused,
within the process (tests/node/dialled.cjs).
"""

from __future__ import annotations

import io

import pytest
from dotenv import dotenv_values
from support.client_files import FOLDERS, every_kind
from support.inside import API_KEY, PRIVATE_DOMAIN
from support.node import node_machine
from support.node_rows import PUBLIC

from dashlink.clients.catalog import PUBLIC_HOSTS, is_blocked
from dashlink.clients.render import render
from dashlink_sandbox.gateways import Upstream

REPLY = "qwen-plus heard: hello there"
FORMATS = ("openai-node", "anthropic-node", "vercel-ai-node", "dotenv", "dotenv-literal")
PROGRAMS = ("openai_client.mjs", "anthropic_client.mjs", "ai_client.mjs")
VARIABLES = ("OPENAI_BASE_URL", "OPENAI_API_KEY", "ANTHROPIC_BASE_URL", "ANTHROPIC_API_KEY")
LIST = """
import OpenAI from "openai";
console.log(process.env.OPENAI_API_KEY);
await new OpenAI({ maxRetries: 0 }).models.list();
"""


@pytest.fixture
def node(inside, tmp_path):
    """A machine with Node in a VPC with a way out to public hosts, which answer."""
    inside.state.vpcs["vpc-main"].has_way_out = True
    for host in PUBLIC_HOSTS:
        inside.state.upstreams[host] = Upstream(host=host)
    machine = node_machine(inside, tmp_path)
    for file in render(every_kind(), FORMATS):
        machine.write(str(file.path), file.text)
    return machine


def test_the_files_of_an_endpoint_are_answered(node):
    folder = {"folder": "dashscope"}
    openai, others, anthropic, ai, vectors = node.calls(
        {"run": "openaiFile", **folder},
        {"run": "openaiOthers", **folder},
        {"run": "anthropicFile", **folder},
        {"run": "aiFile", **folder},
        {"run": "aiOthers", **folder},
        DASHSCOPE_API_KEY=API_KEY,
    )
    for seen in (openai, anthropic, ai):
        assert seen["chat"] == "".join(seen["stream"]) == REPLY
        assert len(seen["stream"]) > 1
    assert ai["by name"] == others["response"] == REPLY
    assert others["vector"] == vectors["vector"] == [1024, 0]
    assert "qwen-plus" in others["models"]
    assert node.dialled() == {PRIVATE_DOMAIN}


@pytest.mark.parametrize("program", PROGRAMS, ids=str)
def test_a_file_answers_as_a_program(node, program):
    done = node.run(f"dashscope/{program}", "hello", "there", DASHSCOPE_API_KEY=API_KEY)
    assert (done.returncode, done.stdout) == (0, f"{REPLY}\n"), done.stderr
    assert node.dialled() == {PRIVATE_DOMAIN}


def test_a_file_without_its_key_names_the_variable(node):
    """Else the SDK would send the key of another service, OPENAI_API_KEY."""
    done = node.run("dashscope/openai_client.mjs", OPENAI_API_KEY="sk-other")
    assert done.returncode == 1
    assert "DASHSCOPE_API_KEY: is not set. Set it to your Model Studio key." in done.stderr
    assert node.dialled() == set()


def test_embeddings_of_a_server_without_base64_are_no_zeros(node):
    """openai 6 asks for base64, and reads floats as zeros, a quarter as many."""
    text = (node.folder / "dashscope/openai_client.mjs").read_text()
    node.write("old/openai_client.mjs", text.replace('from "openai"', 'from "openai-6"'))
    cases = ({"run": name, "folder": "old"} for name in ("floatsAlone", "openaiFile"))
    vectors, answers = node.calls(*cases, DASHSCOPE_API_KEY=API_KEY)
    assert vectors == {"vector": [1024, 0], "without the file": [256, 256]}
    assert answers["chat"] == "".join(answers["stream"]) == REPLY


def test_without_a_file_each_sdk_dials_a_public_host(node):
    keys = dict.fromkeys(("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "AI_GATEWAY_API_KEY"), API_KEY)
    cases = [{"run": name} for name in ("openaiVariables", "anthropicVariables", "aiByName")]
    node.calls(*cases, **keys)
    assert node.dialled() == {PUBLIC["openai"], PUBLIC["@anthropic-ai/sdk"], PUBLIC["ai"]}


def test_a_connection_past_the_proxy_is_recorded(node):
    """Node's fetch uses a proxy of the environment only where NODE_USE_ENV_PROXY is set."""
    done = node.run(
        "dashscope/openai_client.mjs", DASHSCOPE_API_KEY=API_KEY, NODE_USE_ENV_PROXY="0"
    )
    assert done.returncode == 1
    assert list(node.machine.inside.dialled) == []
    assert node.dialled() == {PRIVATE_DOMAIN}


@pytest.mark.parametrize("file", [".env", "literal.env"], ids=str)
def test_the_variables_of_a_file_let_no_sdk_dial_a_public_host(node, file):
    cases = []
    for folder in FOLDERS:
        variables = dict.fromkeys(VARIABLES)
        text = (node.folder / folder / file).read_text()
        variables |= dotenv_values(stream=io.StringIO(text), interpolate=False)
        for name in variables:
            if "_KEY" in name or "_TOKEN" in name:
                variables[name] = API_KEY
        cases.append({"run": "openaiVariables", "variables": variables})
        cases.append({"run": "anthropicVariables"})
    answers = node.calls(*cases)
    assert answers[0]["chat"] == answers[1]["chat"] == REPLY
    hosts = {host for host in node.dialled() if not is_blocked(host)}
    assert hosts - set(FOLDERS.values()) == set()
    assert PRIVATE_DOMAIN in hosts


def _by_dotenv(node, file):
    text = f'import dotenv from "dotenv"; dotenv.config({{ path: "{file}", quiet: true }});'
    node.write("load.mjs", text)
    return ("--import", "./load.mjs")


def _by_node(node, file):
    return (f"--env-file={file}",)


READERS = pytest.mark.parametrize("reader", [_by_dotenv, _by_node], ids=["dotenv", "node"])


@READERS
def test_a_file_with_references_sends_their_text_as_the_key(node, reader):
    """The trap: neither resolves ``${DASHSCOPE_API_KEY}``."""
    node.write("list.mjs", LIST)
    options = reader(node, "dashscope/.env")
    done = node.run(*options, "list.mjs", DASHSCOPE_API_KEY=API_KEY)
    assert (done.returncode, done.stdout) == (1, "${DASHSCOPE_API_KEY}\n")
    assert "401 Incorrect API key provided" in done.stderr


@READERS
def test_a_literal_file_is_answered_with_the_key_set(node, reader):
    node.write("list.mjs", LIST)
    options = reader(node, "dashscope/literal.env")
    done = node.run(*options, "list.mjs", OPENAI_API_KEY=API_KEY)
    assert (done.returncode, done.stdout) == (0, f"{API_KEY}\n"), done.stderr
    assert node.dialled() == {PRIVATE_DOMAIN}
