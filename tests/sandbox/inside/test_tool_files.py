"""Client files of tools inside a VPC: the real program of each answers with the file alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support import dashscope1
from support.inside import API_KEY, PRIVATE_DOMAIN, Machine

from dashlink.clients.outputs import parse_outputs
from dashlink.clients.render import render

OUTPUTS = Path(__file__).parents[2] / "golden" / "public" / "outputs.json"
REPLY = "qwen-plus heard: hello there"
PROGRAMS = {
    "langchain-python": "langchain_client.py",
    "llama-index-python": "llama_index_client.py",
    "pydantic-ai-python": "pydantic_ai_client.py",
}
LITELLM = """
import sys, yaml, litellm
from litellm import Router
config = yaml.safe_load(open("litellm.yaml"))
router = Router(model_list=config["model_list"], **config["router_settings"])
messages = [{"role": "user", "content": "hello there"}]
answer = router.completion(model=config["model_list"][0]["model_name"], messages=messages)
print(answer.choices[0].message.content)
"""


@pytest.fixture(scope="module")
def tools_python():
    """A Python with LangChain, LlamaIndex, pydantic-ai and LiteLLM."""
    return str(dashscope1.python(dashscope1.TOOLS_LOCK_FILE))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The files of an endpoint for all formats here; it is the folder of the test's processes."""
    for file in render(parse_outputs(OUTPUTS.read_text()), [*PROGRAMS, "litellm", "shell"]):
        (tmp_path / file.path.name).write_text(file.text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def assert_answered_privately(inside: Machine, done):
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == REPLY
    assert set(inside.inside.dialled) == {PRIVATE_DOMAIN}


@pytest.mark.parametrize("name", PROGRAMS, ids=str)
def test_a_python_file_of_a_tool_answers(inside, folder, tools_python, name):
    done = inside.run(tools_python, PROGRAMS[name], "hello there", OPENAI_API_KEY="")
    assert_answered_privately(inside, done)


def test_litellm_answers_by_its_file(inside, folder, tools_python):
    done = inside.run(
        tools_python, "-c", LITELLM, OPENAI_API_KEY="", LITELLM_LOCAL_MODEL_COST_MAP="True"
    )
    assert_answered_privately(inside, done)


def test_curl_answers_with_the_variables_of_the_shell_file(inside, folder):
    body = {"model": "qwen-plus", "messages": [{"role": "user", "content": "hello there"}]}
    script = """. ./client.sh
    curl -sS --fail "$OPENAI_BASE_URL/chat/completions" -H "Content-Type: application/json" \
      -H "Authorization: Bearer $OPENAI_API_KEY" -d "$1" """
    done = inside.run(
        "sh", "-c", script, "sh", json.dumps(body), DASHSCOPE_API_KEY=API_KEY, OPENAI_API_KEY=""
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["choices"][0]["message"]["content"] == REPLY
