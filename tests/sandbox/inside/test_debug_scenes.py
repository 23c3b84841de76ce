"""`dashlink debug` asks a Model API of each scene through a gateway; it reports another model."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator

import pytest
from support.declared_apis import Declared, declare
from support.gateways import DOMAIN
from support.inside import vpc_environment
from support.processes import Run

from dashlink.cli import main

SCENES = {
    "messages": ({"scene": "text", "protocol": "Anthropic"}, "qwen-plus"),
    "image": ({"scene": "image", "protocol": "OpenAI/v1"}, "qwen-image"),
    "image-job": ({"scene": "image", "protocol": "DashScope"}, "wanx2.1-t2i-turbo"),
    "video": ({"scene": "video"}, "wanx2.1-t2v-turbo"),
    "audio": ({"scene": "audio", "protocol": "OpenAI/v1"}, "cosyvoice-v1"),
    "speech": ({"scene": "audio"}, "cosyvoice-v2"),
    "embedding": ({"scene": "embedding"}, "text-embedding-v4"),
    "rerank-job": ({"scene": "rerank", "protocol": "DashScope"}, "gte-rerank-v2"),
    "rerank": ({"scene": "rerank", "protocol": "vLLM"}, "qwen3-rerank"),
    "others": ({"scene": "others"}, ""),
}
RESULTS = {
    "messages": "qwen-plus heard: a small cat",
    "image": r"https?://\S+\.png",
    "image-job": r"task [0-9a-f-]+, PENDING",
    "video": r"task [0-9a-f-]+, PENDING",
    "audio": r"[1-9]\d* bytes of audio/wav",
    "speech": r"[1-9]\d* bytes of audio/wav",
    "embedding": "a vector of 1024 numbers",
    "rerank-job": r"relevance 1\.0",
    "rerank": r"relevance 1\.0",
    "others": r"\d\d models, e\.g\. qwen-plus",
}
NAMES_A_MODEL = {"messages", "embedding", "rerank"}
FALLBACK = {"service": "broken", "fallbacks": [{"service": "studio", "model": "qwen-turbo"}]}
CHATS = {
    "chat": ({"scene": "text"}, "qwen-plus"),
    "renamed": ({"scene": "text", "model": "qwen-max"}, "qwen-plus"),
    "fallback": ({"scene": "text", **FALLBACK}, "qwen-plus"),
    "vectors": ({"scene": "embedding", "model": "text-embedding-v3"}, "text-embedding-v4"),
    "speech-of-no-key": ({"scene": "audio", "service": "broken"}, "cosyvoice-v2"),
}


@pytest.fixture(scope="module")
def declared(place) -> Iterator[Declared]:
    domain = f"debug.{DOMAIN}"
    apis = {}
    for name, (api, _) in {**SCENES, **CHATS}.items():
        apis[name] = {"service": "studio", "domains": [domain], "base_path": f"/{name}", **api}
    services = {
        "studio": {"endpoint": "dashscope", "api_keys": [{"config": "modelKey"}]},
        "broken": {"endpoint": "dashscope", "api_keys": [{"config": "wrongKey"}]},
    }
    domains = {domain: {"scheme": "http"}}
    with declare(
        place, {"ai_services": services, "domains": domains, "model_apis": apis}
    ) as created:
        yield created


@pytest.fixture
def debug(declared, tmp_path, monkeypatch, capsys):
    """Run `dashlink debug` in this process, from a machine in the VPC."""
    place = declared.place
    apis = {name: api.model_dump(mode="json") for name, api in declared.outputs.items()}
    head = {"version": 1, "stack": "dev", "region": "cn-beijing", "vpc_id": "vpc-1"}
    document = {**head, "vswitch_ids": {}, "security_group_id": "sg-1", "endpoints": {}}
    (tmp_path / "outputs.json").write_text(json.dumps({**document, "model_apis": apis}))
    monkeypatch.chdir(tmp_path)
    proxy = place.machine.proxy(place.network.vpc_id)
    for name, value in vpc_environment(proxy, place.cloud.ca_file).items():
        monkeypatch.setenv(name, value)

    def execute(*arguments: str) -> Run:
        line = ["dashlink", "debug", "--outputs", "outputs.json", *arguments, "a small cat"]
        monkeypatch.setattr(sys, "argv", line)
        with pytest.raises(SystemExit) as caught:
            sys.exit(main())
        out, err = capsys.readouterr()
        return Run(int(caught.value.code or 0), out, err)

    return execute


@pytest.mark.parametrize("name", SCENES, ids=str)
def test_each_scene_gets_its_smallest_request(debug, name):
    model = SCENES[name][1]
    options = ["--model", model] if model else []
    done = debug("--api", name, *options)
    assert (done.returncode, done.stderr) == (0, ""), done
    result, details = done.stdout.splitlines()
    assert re.fullmatch(RESULTS[name], result)
    reported = model if name in NAMES_A_MODEL else "no model reported"
    assert re.fullmatch(rf"  \[{reported}(, \w+ \d+)*, all after \d+\.\d\d s\]", details)


@pytest.mark.parametrize(
    ("name", "model"),
    [("renamed", "qwen-max"), ("fallback", "qwen-turbo"), ("vectors", "text-embedding-v3")],
    ids=["routing", "fallback", "embedding"],
)
def test_another_model_than_requested_is_reported(debug, name, model):
    requested = CHATS[name][1]
    done = debug("--api", name, "--model", requested)
    assert done.stdout.splitlines()[-1] == (
        f"  answered by {model}, not by {requested}: a fallback, or a model that the API's routing "
        f"names (`dashlink route --api {name} --model {requested}`)"
    )
    document = json.loads(debug("--api", name, "--model", requested, "--json").stdout)
    assert (document["model"], document["other_model"]) == (model, True)


def test_the_requested_model_is_not_reported_as_another(debug):
    done = debug("--api", "chat", "--model", "qwen-plus")
    assert "answered by" not in done.stdout
    document = json.loads(debug("--api", "chat", "--model", "qwen-plus", "--json").stdout)
    assert document["text"] == "qwen-plus heard: a small cat"
    assert (document["version"], document["kind"], document["name"]) == (1, "model-api", "chat")
    assert (document["requested_model"], document["other_model"]) == ("qwen-plus", False)


def test_an_unknown_model_of_a_scene_is_one_line(debug):
    done = debug("--api", "embedding", "--model", "no-such-model")
    assert done.returncode == 1
    assert done.stderr.startswith("embedding: 404, the upstream does not know the model no-such")


@pytest.mark.parametrize(
    ("name", "model", "problem"),
    [
        ("speech", "no-such-model", "the upstream does not know the model no-such-model"),
        ("speech-of-no-key", "cosyvoice-v2", "401, no API key was sent"),
    ],
    ids=["unknown model", "refused key"],
)
def test_speech_that_fails_is_one_line_with_advice(debug, name, model, problem):
    done = debug("--api", name, "--model", model)
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert problem in line


def test_speech_takes_another_voice_and_format(debug):
    options = ("--param", "voice=longwan_v2", "--param", "format=mp3")
    done = debug("--api", "speech", "--model", "cosyvoice-v2", *options)
    assert re.match(r"[1-9]\d* bytes of audio/mp3\n", done.stdout), done


def test_a_proxy_that_refuses_speech_says_why(debug, declared, monkeypatch):
    proxy = declared.place.machine.proxy("vpc-unknown")
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy"):
        monkeypatch.setenv(name, proxy)
    done = debug("--api", "speech", "--model", "cosyvoice-v2")
    assert done.returncode == 1
    assert done.stderr.startswith("speech: the proxy of HTTP_PROXY"), done
    assert "vpc-unknown" in done.stderr
