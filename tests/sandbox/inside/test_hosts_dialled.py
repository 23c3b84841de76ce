"""No client dials a public host: each real one, with each rendered file, in a VPC with a way out.

Every host is recorded: by the sandbox's proxy, and for connections that pass by it, which are
refused, within the client's process (support/audit). The public hosts answer with the sandbox's
models, so that a client that dials one succeeds, as on the internet.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest
from dotenv import dotenv_values
from support import dashscope1
from support.client_files import FOLDERS, every_kind
from support.inside import API_KEY, PRIVATE_DOMAIN, Machine

from dashlink.clients.catalog import PUBLIC_HOSTS, is_blocked
from dashlink.clients.render import render
from dashlink_sandbox.gateways import Upstream

AUDIT = Path(dashscope1.__file__).parent / "audit"
STUDIO = "dashscope.aliyuncs.com"
# The calls of a program run side by side, and end whatever the answer: the host counts.
HEAD = """
import os, sys, threading, warnings
warnings.simplefilter("ignore")
MESSAGES = [{"role": "user", "content": "hello there"}]
PARTS = [{"role": "user", "content": [{"text": "hello there"}]}]
SOUND = os.environ["SOUND"]
THREADS = []
def attempt(call, *arguments, **options):
    thread = threading.Thread(target=complete, args=(call, arguments, options))
    thread.start()
    THREADS.append(thread)
def complete(call, arguments, options):
    try:
        answer = call(*arguments, **options)
        if hasattr(answer, "__next__"):
            list(answer)
        print("answered", getattr(call, "__qualname__", call))
    except Exception as error:
        print("failed", getattr(call, "__qualname__", call), type(error).__name__, str(error)[:300])
"""
OPENAI = """
from openai import OpenAI
client = OpenAI(max_retries=0, timeout=20)
attempt(client.chat.completions.create, model="qwen-plus", messages=MESSAGES)
attempt(client.responses.create, model="qwen-plus", input="hello")
attempt(client.embeddings.create, model="text-embedding-v4", input="x")
attempt(client.images.generate, model="qwen-image", prompt="a cat")
attempt(client.audio.speech.create, model="cosyvoice-v1", voice="a", input="hi")
attempt(client.audio.transcriptions.create, model="paraformer-v2", file=("a.wav", b"RIFF"))
attempt(client.models.list)
def realtime():
    with client.realtime.connect(model="qwen3-omni-flash-realtime"):
        pass
attempt(realtime)
"""
ANTHROPIC = """
from anthropic import Anthropic
client = Anthropic(max_retries=0, timeout=20)
attempt(client.messages.create, model="qwen-plus", max_tokens=9, messages=MESSAGES)
attempt(client.messages.count_tokens, model="qwen-plus", messages=MESSAGES)
"""
DASHSCOPE_1 = """
import dashscope
from dashscope.audio.asr import Recognition, RecognitionCallback
from dashscope.audio.qwen_omni import OmniRealtimeCallback
from dashscope.audio.qwen_tts_realtime import QwenTtsRealtimeCallback
from dashscope.audio.tts_v2 import SpeechSynthesizer
attempt(dashscope.Generation.call, model="qwen-plus", messages=MESSAGES)
attempt(dashscope.MultiModalConversation.call, model="qwen-vl-max", messages=PARTS)
attempt(dashscope.TextEmbedding.call, model="text-embedding-v4", input="x")
attempt(dashscope.TextReRank.call, model="gte-rerank-v2", query="cat", documents=["dog"])
attempt(dashscope.ImageSynthesis.async_call, model="wanx2.1-t2i-turbo", prompt="a cat")
attempt(dashscope.VideoSynthesis.async_call, model="wanx2.1-t2v-turbo", prompt="a cat")
attempt(dashscope.Application.call, app_id="1a2b3c", prompt="hello")
attempt(dashscope.Models.list)
attempt(dashscope.Files.list)
attempt(dashscope.audio.asr.Transcription.async_call, model="paraformer-v2", file_urls=["http://a"])
from dashscope.aigc.chat_completion import Completions
attempt(Completions.create, model="qwen-plus", messages=MESSAGES)
def speak():
    SpeechSynthesizer(model="cosyvoice-v2", voice="longxiaochun_v2").call("hello", 5000)
attempt(speak)
attempt(dashscope.audio.tts.SpeechSynthesizer.call, model="sambert-zhichu-v1", text="hello")
def recognize():
    options = dict(format="pcm", sample_rate=16000, callback=RecognitionCallback())
    Recognition(model="paraformer-realtime-v2", **options).call(SOUND)
attempt(recognize)
def omni():
    talk = omni_class(model="qwen-omni-turbo-realtime", callback=OmniRealtimeCallback())
    talk.connect()
    talk.close()
def tts():
    talk = tts_class(model="qwen-tts-realtime", callback=QwenTtsRealtimeCallback())
    talk.connect()
    talk.close()
attempt(omni)
attempt(tts)
from dashscope import agentstudio
studio = agentstudio.Client(workspace="ws1", max_retries=0)
attempt(lambda: list(studio.agents.list()))
"""
REALTIME_BY_VARIABLE = """
import functools
from dashscope.audio import qwen_omni, qwen_tts_realtime
url = {"url": os.environ["REALTIME_URL"]} if "REALTIME_URL" in os.environ else {}
omni_class = functools.partial(qwen_omni.OmniRealtimeConversation, **url)
tts_class = functools.partial(qwen_tts_realtime.QwenTtsRealtime, **url)
"""
REALTIME_BY_FILE = """
import dashscope_1_client
omni_class = dashscope_1_client.OmniRealtimeConversation
tts_class = dashscope_1_client.QwenTtsRealtime
"""
DASHSCOPE_2 = """
attempt(client.chat.completions.create, model="qwen-plus", messages=MESSAGES)
attempt(client.multimodal.chat.create, model="qwen-vl-max", messages=PARTS)
attempt(client.multimodal.embeddings.create, model="multimodal-embedding-v1", input={"text": "x"})
attempt(client.embeddings.create, model="text-embedding-v4", input="x")
attempt(client.rerank.create, model="gte-rerank-v2", query="cat", documents=["dog"])
attempt(client.images.jobs.create, model="wanx2.1-t2i-turbo", prompt="a cat")
attempt(client.videos.jobs.create, model="wanx2.1-t2v-turbo", prompt="a cat")
attempt(client.apps.completions.create, app_id="1a2b3c", prompt="hello")
attempt(client.tokenization.count, model="qwen-plus", messages=MESSAGES)
attempt(client.models.list)
attempt(client.files.list)
audio = client.audio
attempt(audio.tts.synthesize, "hello", model="cosyvoice-v2", timeout=10)
attempt(audio.tts.http.synthesize, "hello", model="qwen-tts", voice="Cherry")
attempt(audio.asr.transcribe, file_urls=["http://a"])
attempt(lambda: list(audio.asr.recognize_file(SOUND, model="paraformer-realtime-v2", timeout=10)))
def realtime():
    with connect(model="qwen-omni-turbo-realtime", timeout=10):
        pass
attempt(realtime)
attempt(lambda: list(Client(workspace="ws1", max_retries=0).agentstudio.agents.list()))
"""
CLIENT_BY_VARIABLE = """
import functools
from dashscope import Client
client = Client(max_retries=0)
url = {"ws_url": os.environ["REALTIME_URL"]} if "REALTIME_URL" in os.environ else {}
connect = functools.partial(client.audio.realtime.connect, **url)
"""
CLIENT_BY_FILE = """
import dashscope_2_client
from dashscope import Client
client, connect = dashscope_2_client.client, dashscope_2_client.connect_realtime
"""
OTHER_PROTOCOLS = """
for protocol in ("openai", "anthropic"):
    other = dashscope_2_client.client_of(protocol).with_options(max_retries=0)
    attempt(other.chat.completions.create, model="qwen-plus", messages=MESSAGES)
"""

BY_VARIABLES = {
    "openai and anthropic": OPENAI + ANTHROPIC,
    "dashscope 2.x": CLIENT_BY_VARIABLE + DASHSCOPE_2,
    "api of 1.x in dashscope 2.x": REALTIME_BY_VARIABLE + DASHSCOPE_1,
    "dashscope 1.x": REALTIME_BY_VARIABLE + DASHSCOPE_1,
}
BY_FILES = {
    "dashscope 2.x": CLIENT_BY_FILE + DASHSCOPE_2 + OTHER_PROTOCOLS,
    "api of 1.x in dashscope 2.x": REALTIME_BY_FILE + DASHSCOPE_1,
    "dashscope 1.x": REALTIME_BY_FILE + DASHSCOPE_1,
}

WORKSPACE = "ws1.cn-beijing.maas.aliyuncs.com"
PUBLIC_OF = {
    "openai and anthropic": {"api.openai.com", "api.anthropic.com"},
    "dashscope 2.x": {STUDIO, WORKSPACE},
    "api of 1.x in dashscope 2.x": {STUDIO, WORKSPACE},
    "dashscope 1.x": {STUDIO, WORKSPACE},
}


@pytest.fixture
def machine(inside: Machine) -> Machine:
    """A machine in a VPC with a way out to public hosts, which answer."""
    inside.state.vpcs["vpc-main"].has_way_out = True
    for host in PUBLIC_HOSTS:
        inside.state.upstreams[host] = Upstream(host=host)
    return inside


def dialled(machine: Machine, client: str, program: str, folder: Path, **variables: str):
    """Run a client and return the hosts that it dialled, and what it printed."""
    python = str(dashscope1.python()) if client == "dashscope 1.x" else sys.executable
    direct = folder / "directly"
    sound = folder / "a.pcm"
    sound.write_bytes(bytes(3200))
    done = machine.python(
        HEAD + program + "for thread in THREADS:\n    thread.join()\n",
        python=python,
        PYTHONPATH=f"{AUDIT}:{folder}",
        HOME=str(folder),
        DIALLED_DIRECTLY=str(direct),
        SOUND=str(sound),
        **variables,
    )
    assert done.returncode == 0, done.stderr
    by_proxy = set(machine.inside.dialled)
    return by_proxy | (set(direct.read_text().split()) if direct.exists() else set()), done.stdout


def environment_of(folder: str) -> dict[str, str]:
    """The variables of the .env file in a folder, with the user's key as clients get it."""
    (file,) = [
        file for file in render(every_kind(), ["dotenv"]) if str(file.path) == f"{folder}/.env"
    ]
    keys = ("DASHSCOPE_API_KEY", "MODEL_API_KEY", "EAS_TOKEN", "MAAS_API_KEY")
    values = dotenv_values(stream=io.StringIO(file.text), interpolate=False)
    variables = dict.fromkeys(keys, API_KEY)
    for name, value in values.items():
        variables[name] = API_KEY if str(value).startswith("${") else str(value)
    return variables


def public(hosts: set[str], own: str) -> set[str]:
    return {host for host in hosts if host != own and not is_blocked(host)}


@pytest.mark.parametrize("client", BY_VARIABLES, ids=str)
def test_without_a_file_each_client_dials_public_hosts(machine, client, tmp_path):
    program = BY_VARIABLES[client]
    hosts, printed = dialled(machine, client, program, tmp_path, ANTHROPIC_API_KEY=API_KEY)
    assert hosts == PUBLIC_OF[client], printed


@pytest.mark.parametrize("folder", FOLDERS, ids=str)
@pytest.mark.parametrize("client", ["dashscope 1.x", "all others"], ids=str)
def test_with_a_file_no_client_dials_a_public_host(machine, folder, client, tmp_path):
    programs = {name: text for name, text in BY_VARIABLES.items() if name != "dashscope 1.x"}
    if client == "dashscope 1.x":
        programs = {client: BY_VARIABLES[client]}
    # Each program has variables of its own.
    calls = [f"exec({text!r}, dict(globals()))\n" for text in programs.values()]
    variables = environment_of(folder)
    hosts, printed = dialled(machine, client, "".join(calls), tmp_path, **variables)
    assert public(hosts, FOLDERS[folder]) == set(), printed
    assert hosts, printed


@pytest.mark.parametrize("client", BY_FILES, ids=str)
def test_a_program_dials_the_endpoint_alone(machine, client, tmp_path):
    for file in render(every_kind(), ["dashscope-python"], endpoint="dashscope"):
        (tmp_path / file.path.name).write_text(file.text)
    hosts, printed = dialled(machine, client, BY_FILES[client], tmp_path)
    assert hosts == {PRIVATE_DOMAIN}, printed
