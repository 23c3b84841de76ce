"""Programs of real clients: each asks what a rendered file names, and prints the answer.

A program has no URL of its own unless its client reads none from a variable. `PROGRAMS` run with
the variables of a `.env`, `FILES` are rendered programs and configurations. The versions are those
of the lock files.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from support import dashscope1

HELLO = "hello there"
ENDPOINT, CHAT, MESSAGE = "dashscope", "model-apis/chat", "model-apis/message"
IMAGE, SPEECH, VECTORS = "model-apis/image", "model-apis/speech", "model-apis/vectors"
RERANK, EAS, MAAS = "model-apis/rerank", "eas-services/qwen", "maas-services/huawei"
OPENAI_PATHS = (ENDPOINT, CHAT, EAS, MAAS)
STUDIO_PATHS = (ENDPOINT, CHAT)
ANTHROPIC_PATHS = (ENDPOINT, MESSAGE, MAAS)
VECTOR_PATHS = (ENDPOINT, VECTORS)
ENDPOINT_HOST, API_HOST = "vpc-cn-beijing.dashscope.aliyuncs.com", "clients.models.example"
EAS_HOST = "1000000000000001.vpc.cn-beijing.pai-eas.aliyuncs.com"
MAAS_HOST = "api.modelarts-maas.com"
HOSTS = {
    ENDPOINT: ENDPOINT_HOST,
    "model-apis": API_HOST,
    "eas-services": EAS_HOST,
    "maas-services": MAAS_HOST,
}
"""The private host of a path, by the first part of its folder; that of MaaS is on the internet."""
OPENAI, ANTHROPIC = "api.openai.com", "api.anthropic.com"
STUDIO, INTERNATIONAL = "dashscope.aliyuncs.com", "dashscope-intl.aliyuncs.com"

LOCK_FILES: Mapping[str, Path] = {
    "current": dashscope1.REQUIREMENTS / "lock.txt",
    "frameworks": dashscope1.FRAMEWORKS_LOCK_FILE,
    "tools": dashscope1.TOOLS_LOCK_FILE,
    "older": dashscope1.OLDER_LOCK_FILE,
    "dashscope 1": dashscope1.LOCK_FILE,
    "eas": dashscope1.EAS_LOCK_FILE,
}
HEAD = """
import os, warnings
warnings.simplefilter("ignore")
MODEL = os.environ.get("MODEL", "qwen-plus")
MESSAGES = [{"role": "user", "content": "hello there"}]
"""


@dataclass(frozen=True)
class Client:
    """A client, and how it asks for an answer.

    Attributes:
        name: Name in the table: what people call it.
        package: Package whose version counts; empty for a program of the machine.
        python: Which Python has it, a key of `LOCK_FILES`.
        program: Its program after `HEAD`, or a shell's; empty: the rendered file itself.
        paths: What it is run against.
        public: Hosts that it dials without the variables of the file; empty where it has no
            default, or where the file is the program.
        reply: What it prints, with ``MODEL`` for the model's name.
        format: Format of the file.
        file: The rendered file.
        with_env: Whether it needs the variables of the .env beside the file.
    """

    name: str
    package: str
    python: str
    program: str
    paths: tuple[str, ...]
    public: tuple[str, ...] = ()
    reply: str = f"MODEL heard: {HELLO}"
    format: str = "dotenv"
    file: str = ".env"
    with_env: bool = False

    @property
    def version(self) -> str:
        """The version in the lock file; empty for a program of the machine."""
        return version_of(self.package, LOCK_FILES[self.python]) if self.package else ""

    @property
    def title(self) -> str:
        """Its name and version, for the ids of tests."""
        words = [self.name, self.version, "" if self.file == ".env" else self.file]
        return " ".join(word for word in words if word)

    @property
    def command(self) -> tuple[str, ...]:
        """Its command, in the folder of the rendered files."""
        if self.python == "shell":
            return ("sh", "-c", self.program)
        python = python_of(self.python)
        return (python, "-c", HEAD + self.program) if self.program else (python, self.file, HELLO)


def version_of(package: str, lock_file: Path) -> str:
    """Return the version of a package in a lock file."""
    match = re.search(rf"^{re.escape(package)}==(\S+)", lock_file.read_text(), re.MULTILINE)
    assert match is not None, package
    return match[1]


def python_of(name: str) -> str:
    """Return the Python that has the packages of a lock file."""
    return sys.executable if name == "current" else str(dashscope1.python(LOCK_FILES[name]))


_OPENAI = """
from openai import OpenAI
answer = OpenAI(max_retries=0).chat.completions.create(model=MODEL, messages=MESSAGES)
print(answer.choices[0].message.content)
"""
_ANTHROPIC = """
from anthropic import Anthropic
answer = Anthropic(max_retries=0).messages.create(model=MODEL, max_tokens=50, messages=MESSAGES)
print(answer.content[0].text)
"""
_DASHSCOPE_1 = """
from dashscope import Generation
answer = Generation.call(model=MODEL, messages=MESSAGES, result_format="message")
assert answer.status_code == 200, answer
print(answer.output.choices[0].message.content)
"""
_DASHSCOPE_COMPLETIONS = """
from dashscope.aigc.chat_completion import Completions
print(Completions.create(model=MODEL, messages=MESSAGES).choices[0].message.content)
"""
_DASHSCOPE_2 = """
from dashscope import Client
answer = Client(max_retries=0).chat.completions.create(model=MODEL, messages=MESSAGES)
print(answer.choices[0].message.content)
"""
_IMAGE = """
from dashscope import ImageSynthesis
answer = ImageSynthesis.async_call(model="wanx2.1-t2i-turbo", prompt="a cat")
assert answer.status_code == 200, answer
print(answer.output.task_status)
"""
_IMAGE_2 = """
from dashscope import Client
answer = Client(max_retries=0).images.jobs.create(model="wanx2.1-t2i-turbo", prompt="a cat")
print("PENDING" if "PENDING" in str(answer) else answer)
"""
_SPEECH = """
from dashscope.audio.tts_v2 import SpeechSynthesizer
print(SpeechSynthesizer(model="cosyvoice-v2", voice="longxiaochun_v2").call("hello")[:4].decode())
"""
_SPEECH_2 = """
from dashscope import Client
answer = Client(max_retries=0).audio.tts.synthesize("hello", model="cosyvoice-v2", timeout=20)
print(getattr(answer, "audio", answer)[:4].decode())
"""
_VECTORS = """
from openai import OpenAI
answer = OpenAI(max_retries=0).embeddings.create(model="text-embedding-v4", input="x")
print(len(answer.data[0].embedding))
"""
_LANGCHAIN_VECTORS = """
from langchain_openai import OpenAIEmbeddings
model = OpenAIEmbeddings(model="text-embedding-v4", check_embedding_ctx_length=False)
print(len(model.embed_query("x")))
"""
_RERANK = """
import requests
url = os.environ["RERANK_BASE_URL"] + "/rerank"
body = {"model": "qwen3-rerank", "query": "cat", "documents": ["a dog", "a cat"]}
headers = {"Authorization": "Bearer " + os.environ["MODEL_API_KEY"]}
print(requests.post(url, json=body, headers=headers, timeout=20).json()["results"][0]["index"])
"""
_HTTPX = """
import httpx
url = os.environ["OPENAI_BASE_URL"] + "/chat/completions"
headers = {"Authorization": "Bearer " + os.environ["OPENAI_API_KEY"]}
answer = httpx.post(url, json={"model": MODEL, "messages": MESSAGES}, headers=headers)
print(answer.json()["choices"][0]["message"]["content"])
"""
_REQUESTS = _HTTPX.replace("httpx", "requests")
_LANGCHAIN = """
from langchain_openai import ChatOpenAI
print(ChatOpenAI(model=MODEL, max_retries=0).invoke("hello there").content)
"""
_LANGCHAIN_ANTHROPIC = """
from langchain_anthropic import ChatAnthropic
print(ChatAnthropic(model=MODEL, max_tokens=50, max_retries=0).invoke("hello there").content)
"""
_TONGYI = """
from langchain_community.chat_models import ChatTongyi
print(ChatTongyi(model=MODEL, max_retries=1).invoke("hello there").content)
"""
_QWEN = """
from langchain_qwq import ChatQwen
print(ChatQwen(model=MODEL, max_retries=0).invoke("hello there").content)
"""
_LLAMA = """
from llama_index.llms.openai_like import OpenAILike
print(OpenAILike(model=MODEL, is_chat_model=True, max_retries=0).complete("hello there").text)
"""
_LLAMA_DASHSCOPE = """
from llama_index.llms.dashscope import DashScope
key = os.environ["DASHSCOPE_API_KEY"]
print(DashScope(model_name=MODEL, api_key=key).complete("hello there").text)
"""
_PYDANTIC = """
from pydantic_ai import Agent
print(Agent(f"openai-chat:{MODEL}").run_sync("hello there").output)
"""
_PYDANTIC_ANTHROPIC = _PYDANTIC.replace("openai-chat", "anthropic")
_PYDANTIC_ALIBABA = """
from pydantic_ai import Agent
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.alibaba import AlibabaProvider
url = {"base_url": os.environ["OPENAI_BASE_URL"]} if "OPENAI_BASE_URL" in os.environ else {}
model = OpenAIChatModel(MODEL, provider=AlibabaProvider(**url))
print(Agent(model).run_sync("hello there").output)
"""
_AGENTS = """
from agents import Agent, Runner, set_default_openai_api
set_default_openai_api("chat_completions")
print(Runner.run_sync(Agent(name="a", model=MODEL), "hello there").final_output)
"""
_HAYSTACK = """
from haystack.components.generators.chat import OpenAIChatGenerator
from haystack.dataclasses import ChatMessage
generator = OpenAIChatGenerator(model=MODEL, max_retries=0)
print(generator.run([ChatMessage.from_user("hello there")])["replies"][0].text)
"""
_LLM = """
import pathlib, llm
url = os.environ.get("OPENAI_BASE_URL", "https://api.openai.com/v1")
entry = f"- {{model_id: own, model_name: {MODEL}, api_base: '{url}', api_key_name: own}}"
(llm.user_dir() / "extra-openai-models.yaml").write_text(entry)
key = os.environ["OPENAI_API_KEY"]
print(llm.get_model("own").prompt("hello there", key=key, stream=False).text())
"""
_LITELLM = """
import litellm
litellm.suppress_debug_info = True
answer = litellm.completion(model=f"openai/{MODEL}", messages=MESSAGES, num_retries=0)
print(answer.choices[0].message.content)
"""
_INSTRUCTOR = """
import instructor
from openai import OpenAI
from pydantic import BaseModel
class Animal(BaseModel):
    legs: int
client = instructor.from_openai(OpenAI(max_retries=0))
answer = client.chat.completions.create(model=MODEL, messages=MESSAGES, response_model=Animal)
print(type(answer.legs).__name__)
"""
_SMOLAGENTS = """
from smolagents import ChatMessage, MessageRole, OpenAIModel
parts = [{"type": "text", "text": "hello there"}]
print(OpenAIModel(MODEL).generate([ChatMessage(role=MessageRole.USER, content=parts)]).content)
"""
_AUTOGEN = """
import asyncio
from autogen_core.models import UserMessage
from autogen_ext.models.openai import OpenAIChatCompletionClient
family = dict.fromkeys(("vision", "function_calling", "json_output", "structured_output"), False)
client = OpenAIChatCompletionClient(model=MODEL, model_info={**family, "family": "unknown"})
print(asyncio.run(client.create([UserMessage(content="hello there", source="user")])).content)
"""
_QWEN_AGENT = """
from qwen_agent.llm import get_chat_model
model = get_chat_model({"model": MODEL, "model_type": "qwen_dashscope"})
print(list(model.chat(messages=MESSAGES))[-1][-1]["content"])
"""
_AGENTSCOPE = """
import asyncio
from agentscope.credential import OpenAICredential
from agentscope.message import Msg, TextBlock
from agentscope.model import OpenAIChatModel
url = {"base_url": os.environ["OPENAI_BASE_URL"]} if "OPENAI_BASE_URL" in os.environ else {}
credential = OpenAICredential(api_key=os.environ["OPENAI_API_KEY"], **url)
model = OpenAIChatModel(credential=credential, model=MODEL, stream=False)
message = Msg(name="user", role="user", content=[TextBlock(text="hello there")])
print(asyncio.run(model([message])).content[0].text)
"""
_CONTENT = """sed 's/.*"content": *"\\([^"]*\\)".*/\\1/'"""
_CURL = """
messages='[{"role": "user", "content": "hello there"}]'
curl -sS --fail "${OPENAI_BASE_URL:-https://api.openai.com/v1}/chat/completions" \\
  -H "Content-Type: application/json" -H "Authorization: Bearer $OPENAI_API_KEY" \\
  -d "{\\"model\\": \\"${MODEL:-qwen-plus}\\", \\"messages\\": $messages}" | """
_CURL += _CONTENT

_LITELLM_FILE = """
import yaml
from litellm import Router
config = yaml.safe_load(open("litellm.yaml"))
router = Router(model_list=config["model_list"], **config["router_settings"])
name = config["model_list"][0]["model_name"]
print(router.completion(model=name, messages=MESSAGES).choices[0].message.content)
"""
_REQUESTS_FILE = """
from requests_client import call
answer = call("/v1/chat/completions", {"model": MODEL, "messages": MESSAGES})
print(answer["choices"][0]["message"]["content"])
"""
_CHAT_FILE = f'sh ./chat.sh "{HELLO}" | {_CONTENT}'
_CURL_FILE = f". ./client.sh\n{_CURL}"


def _openai(name: str, package: str, python: str, program: str, *paths: str) -> Client:
    """Return a client of OpenAI's protocol, which dials api.openai.com by default."""
    return Client(name, package, python, program, paths or STUDIO_PATHS, (OPENAI,))


def _anthropic(name: str, package: str, python: str, program: str) -> Client:
    return Client(name, package, python, program, ANTHROPIC_PATHS, (ANTHROPIC,))


def _litellm(provider: str, paths: tuple[str, ...], public: str) -> Client:
    """Return LiteLLM with a prefix of models; without the file it gets its price list too."""
    program = _LITELLM.replace("openai/", f"{provider}/")
    hosts = (public, "raw.githubusercontent.com")
    return Client(f"LiteLLM, {provider}/", "litellm", "tools", program, paths, hosts)


def _studio(name: str, python: str, program: str, path: str = "", reply: str = "") -> Client:
    """Return a client of the package dashscope, which dials Model Studio by default."""
    paths = (ENDPOINT, path) if path else (ENDPOINT,)
    return Client(name, "dashscope", python, program, paths, (STUDIO,), reply or Client.reply)


SDKS: tuple[Client, ...] = (
    _openai("openai", "openai", "current", _OPENAI, *OPENAI_PATHS),
    _openai("openai", "openai", "tools", _OPENAI),
    _openai("openai", "openai", "older", _OPENAI),
    _anthropic("anthropic", "anthropic", "current", _ANTHROPIC),
    _anthropic("anthropic", "anthropic", "older", _ANTHROPIC),
    _studio("dashscope, Generation", "dashscope 1", _DASHSCOPE_1),
    _studio("dashscope, Generation", "tools", _DASHSCOPE_1),
    _studio("dashscope, Generation", "current", _DASHSCOPE_1),
    _studio("dashscope, Completions", "current", _DASHSCOPE_COMPLETIONS),
    _studio("dashscope, Client", "current", _DASHSCOPE_2),
    _studio("dashscope, images", "dashscope 1", _IMAGE, IMAGE, "PENDING"),
    _studio("dashscope, images", "current", _IMAGE_2, IMAGE, "PENDING"),
    _studio("dashscope, speech", "dashscope 1", _SPEECH, SPEECH, "RIFF"),
    _studio("dashscope, speech", "current", _SPEECH_2, SPEECH, "RIFF"),
    Client("openai, vectors", "openai", "current", _VECTORS, VECTOR_PATHS, (OPENAI,), "1024"),
    Client("requests, rerank", "requests", "current", _RERANK, (RERANK,), (), "1"),
    Client("requests", "requests", "current", _REQUESTS, OPENAI_PATHS),
    Client("httpx", "httpx", "current", _HTTPX, OPENAI_PATHS),
    Client("curl", "", "shell", _CURL, OPENAI_PATHS, (OPENAI,)),
)
"""SDKs and plain HTTP, by the variables of a .env."""
FRAMEWORKS: tuple[Client, ...] = (
    _openai("ChatOpenAI", "langchain-openai", "frameworks", _LANGCHAIN, *OPENAI_PATHS),
    Client(
        "OpenAIEmbeddings",
        "langchain-openai",
        "frameworks",
        _LANGCHAIN_VECTORS,
        VECTOR_PATHS,
        (OPENAI,),
        "1024",
    ),
    _anthropic("ChatAnthropic", "langchain-anthropic", "frameworks", _LANGCHAIN_ANTHROPIC),
    Client("ChatTongyi", "langchain-community", "frameworks", _TONGYI, (ENDPOINT,), (STUDIO,)),
    Client("ChatQwen", "langchain-qwq", "frameworks", _QWEN, STUDIO_PATHS, (INTERNATIONAL,)),
    _openai("pydantic-ai, openai:", "pydantic-ai-slim", "frameworks", _PYDANTIC),
    _anthropic("pydantic-ai, anthropic:", "pydantic-ai-slim", "frameworks", _PYDANTIC_ANTHROPIC),
    Client(
        "pydantic-ai, alibaba: with base_url",
        "pydantic-ai-slim",
        "frameworks",
        _PYDANTIC_ALIBABA,
        STUDIO_PATHS,
        (INTERNATIONAL,),
    ),
    _openai("OpenAI Agents SDK", "openai-agents", "frameworks", _AGENTS),
    _openai("Haystack", "haystack-ai", "frameworks", _HAYSTACK),
    _openai("llm with api_base", "llm", "frameworks", _LLM),
)
"""Frameworks beside the current SDKs."""
TOOLS: tuple[Client, ...] = (
    _openai("OpenAILike", "llama-index-llms-openai-like", "tools", _LLAMA),
    Client(
        "DashScope of LlamaIndex",
        "llama-index-llms-dashscope",
        "tools",
        _LLAMA_DASHSCOPE,
        (ENDPOINT,),
        (STUDIO,),
    ),
    _litellm("openai", OPENAI_PATHS, OPENAI),
    _litellm("dashscope", STUDIO_PATHS, STUDIO),
    # It sends ANTHROPIC_API_KEY as x-api-key alone, which the Model API does not read.
    _litellm("anthropic", (ENDPOINT, MAAS), ANTHROPIC),
    Client("instructor", "instructor", "tools", _INSTRUCTOR, STUDIO_PATHS, (OPENAI,), "int"),
    _openai("smolagents", "smolagents", "tools", _SMOLAGENTS),
    _openai("AutoGen", "autogen-ext", "tools", _AUTOGEN),
    Client("qwen-agent", "qwen-agent", "older", _QWEN_AGENT, (ENDPOINT,), (STUDIO,)),
    _openai("AgentScope with base_url", "agentscope", "older", _AGENTSCOPE),
)
"""Tools that need earlier SDKs."""


def _file(name: str, package: str, python: str, form: str, file: str, *paths: str) -> Client:
    """Return a rendered program."""
    return Client(name, package, python, "", paths or STUDIO_PATHS, format=form, file=file)


FILES: tuple[Client, ...] = (
    _file("openai", "openai", "current", "openai-python", "openai_client.py", *OPENAI_PATHS),
    _file(
        "dashscope",
        "dashscope",
        "dashscope 1",
        "dashscope-python",
        "dashscope_1_client.py",
        ENDPOINT,
    ),
    _file(
        "dashscope", "dashscope", "current", "dashscope-python", "dashscope_2_client.py", ENDPOINT
    ),
    Client(
        "curl",
        "",
        "shell",
        _CHAT_FILE,
        (ENDPOINT, EAS, MAAS),
        format="curl",
        file="chat.sh",
    ),
    Client(
        "requests",
        "requests",
        "current",
        _REQUESTS_FILE,
        (EAS,),
        format="curl",
        file="requests_client.py",
    ),
    _file("eas-prediction", "eas-prediction", "eas", "dashscope-python", "eas_client.py", EAS),
    _file(
        "ChatOpenAI",
        "langchain-openai",
        "frameworks",
        "langchain-python",
        "langchain_client.py",
        *OPENAI_PATHS,
    ),
    _file(
        "OpenAILike",
        "llama-index-llms-openai-like",
        "tools",
        "llama-index-python",
        "llama_index_client.py",
        *OPENAI_PATHS,
    ),
    _file(
        "pydantic-ai",
        "pydantic-ai-slim",
        "frameworks",
        "pydantic-ai-python",
        "pydantic_ai_client.py",
        *OPENAI_PATHS,
    ),
    Client(
        "LiteLLM's router",
        "litellm",
        "tools",
        _LITELLM_FILE,
        OPENAI_PATHS,
        format="litellm",
        file="litellm.yaml",
        with_env=True,  # LiteLLM reads its price list before the file
    ),
    Client("curl", "", "shell", _CURL_FILE, OPENAI_PATHS, format="shell", file="client.sh"),
)
"""Rendered programs and configurations, with the user's key as the one variable."""

CLIENTS: tuple[Client, ...] = (*SDKS, *FRAMEWORKS, *TOOLS, *FILES)
