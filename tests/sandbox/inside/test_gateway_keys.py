"""Keys in a header or a query: consumers as dashlink declares them, and its rendered files."""

from __future__ import annotations

import io
import sys

import pytest
from alibabacloud_apig20240327 import models
from dotenv import dotenv_values
from support.gateways import Place, Served, authorize
from support.processes import Run

from dashlink.clients.outputs import Outputs, parse_outputs
from dashlink.clients.render import render
from dashlink.gateway.ai_gateway import GatewaySettings
from dashlink.gateway.ai_service import AiServiceSettings
from dashlink.gateway.config import GatewayConfig
from dashlink.gateway.consumer import ConsumerSettings, consumer_inputs
from dashlink.gateway.domain import DomainSettings
from dashlink.gateway.model_api.outputs import model_api_outputs
from dashlink.gateway.model_api.settings import ModelApiSettings
from dashlink.provider.gateway.consumer import consumer_create_only, consumer_values
from dashlink.resources.models.consumer import ConsumerInputs

FROM_ENVIRONMENT = """
from openai import OpenAI
message = {"role": "user", "content": "hello"}
answer = OpenAI(max_retries=0).chat.completions.create(model="qwen-plus", messages=[message])
print(answer.choices[0].message.content)
"""
SOURCES = {
    "default": {},
    "header": {"api_key_headers": "x-api-key"},
    "query": {"api_key_query": "api_key"},
}


def _serve(place: Place, team: ConsumerSettings) -> tuple[Served, str]:
    """Serve a Model API for one consumer, created with dashlink's own payload; also its key."""
    key = place.new_name("ck-team/0123+456")
    served = place.serve(
        base_path="/chat",
        enableAuth=True,
        authConfig={"authType": "Apikey", "authMode": "Custom"},
    )
    inputs = consumer_inputs("team", team, lambda reference: key)
    consumer = ConsumerInputs(**{**inputs, "name": place.new_name("team")})
    body = {**consumer_values(consumer), **consumer_create_only(consumer)}
    request = models.CreateConsumerRequest().from_map(body)
    consumer_id = str(place.apig.create_consumer(request).body.data.consumer_id)
    authorize(place.cloud, consumer_id, served.api_id, place.environment_id)
    return served, key


def _outputs(served: Served, team: ConsumerSettings) -> Outputs:
    """The outputs of a stack with this API."""
    api = {"scene": "text", "domains": served.host, "base_path": "/chat", "service": "studio"}
    config = GatewayConfig(
        GatewaySettings(),
        {served.host: DomainSettings(scheme="http")},
        {"studio": AiServiceSettings(base_url="https://models.example.com/v1")},
        {"team": team},
        {"chat": ModelApiSettings(**api, consumers=["team"])},
    )
    document = {"version": 1, "stack": "dev", "region": "cn-beijing", "vpc_id": "vpc-1"}
    document |= {"vswitch_ids": {}, "security_group_id": "sg-1", "endpoints": {}}
    document["model_apis"] = {"chat": model_api_outputs(served.api_id, "chat", config, ())}
    return parse_outputs(document)


def _files(outputs: Outputs) -> dict[str, str]:
    return {file.path.name: file.text for file in render(outputs, ["dotenv", "openai-python"])}


def _team(source: str) -> ConsumerSettings:
    return ConsumerSettings(api_keys=[{"config": "teamKey"}], **SOURCES[source])


def _run(place: Place, program: str, **environment: str) -> Run:
    return place.machine.run(
        sys.executable, "-c", program, user=place.network.vpc_id, **environment
    )


@pytest.mark.parametrize("source", SOURCES, ids=str)
def test_the_rendered_program_is_answered(place, source):
    team = _team(source)
    served, key = _serve(place, team)
    program = _files(_outputs(served, team))["openai_client.py"]
    done = _run(place, program, MODEL_API_KEY=key)
    assert (done.returncode, done.stdout) == (0, "qwen-plus heard: Say hello in one sentence.\n")
    assert place.last(served).status == 200
    refused = _run(place, program, MODEL_API_KEY="ck-other")
    assert refused.returncode == 1
    assert "Error code: 401" in refused.stderr
    assert key not in refused.stderr


@pytest.mark.parametrize("source", ["header", "query"], ids=str)
def test_the_key_as_bearer_is_refused_there(place, source):
    served, key = _serve(place, _team(source))
    bearer = {"Authorization": f"Bearer {key}"}
    assert place.chat(served, headers=bearer).refusal == (401, "unauthorized")


@pytest.mark.parametrize("source", ["default", "header"], ids=str)
def test_the_sdk_is_answered_by_the_rendered_variables(place, source, monkeypatch):
    team = _team(source)
    served, key = _serve(place, team)
    monkeypatch.setenv("MODEL_API_KEY", key)
    values = dotenv_values(stream=io.StringIO(_files(_outputs(served, team))[".env"]))
    done = _run(place, FROM_ENVIRONMENT, **{name: text or "" for name, text in values.items()})
    assert (done.returncode, done.stdout) == (0, "qwen-plus heard: hello\n"), done.stderr


@pytest.mark.parametrize("source", SOURCES, ids=str)
def test_debug_sends_the_key_where_the_gateway_reads_it(place, source, tmp_path):
    team = _team(source)
    served, key = _serve(place, team)
    file = tmp_path / "outputs.json"
    file.write_text(_outputs(served, team).model_dump_json())
    command = ("--outputs", str(file), "--api", "chat", "--model", "qwen-plus", "hello")
    program = "from dashlink.cli import main; main()"
    arguments = (sys.executable, "-c", program, "debug", *command)
    user = place.network.vpc_id
    done = place.machine.run(*arguments, user=user, MODEL_API_KEY=key)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("qwen-plus heard: hello\n")
    refused = place.machine.run(*arguments, user=user, MODEL_API_KEY="ck-other/key")
    assert refused.returncode == 1
    assert "ck-other" not in refused.stderr
