"""Client files for Model APIs: each has the API's URL, reads its key where it runs, and parses."""

from __future__ import annotations

import ast
import io

import pytest
from dotenv import dotenv_values

from dashlink.clients.outputs import parse_outputs
from dashlink.clients.render import MARKER, render
from dashlink.errors import RenderError
from dashlink.gateway.ai_gateway import GatewaySettings
from dashlink.gateway.ai_service import AiServiceSettings
from dashlink.gateway.catalog import ROUTES
from dashlink.gateway.config import GatewayConfig
from dashlink.gateway.domain import DomainSettings
from dashlink.gateway.model_api.outputs import model_api_outputs
from dashlink.gateway.model_api.settings import ModelApiSettings

DOMAIN = "models.example.internal"
CASES = [(scene, protocol) for scene, protocols in ROUTES.items() for protocol in protocols]
# The variable that the protocol's clients read, and its value below the API's base path.
VARIABLES = {
    "OpenAI/v1": ("OPENAI_BASE_URL", "https://models.example.internal/one/v1"),
    "Anthropic": ("ANTHROPIC_BASE_URL", "https://models.example.internal/one"),
    "DashScope": ("DASHSCOPE_HTTP_BASE_URL", "https://models.example.internal/one/api/v1"),
    "vLLM": ("RERANK_BASE_URL", "https://models.example.internal/one/v1"),
    "ComfyUI": ("COMFYUI_URL", "https://models.example.internal/one"),
}


def outputs_with(scene, protocol, **more):
    config = GatewayConfig(
        GatewaySettings(),
        {DOMAIN: DomainSettings(certificate_id="1-cn-hangzhou")},
        {"studio": AiServiceSettings(base_url="https://models.example.com/v1")},
        {},
        {
            "one": ModelApiSettings(
                scene=scene,
                protocol=protocol,
                domains=DOMAIN,
                base_path="/one",
                service="studio",
                **more,
            )
        },
    )
    document = {
        "version": 1,
        "stack": "dev",
        "region": "cn-beijing",
        "vpc_id": "vpc-1",
        "vswitch_ids": {},
        "security_group_id": "sg-1",
        "endpoints": {},
        "model_apis": {"one": model_api_outputs("api-1", "one", config, ())},
    }
    return parse_outputs(document)


@pytest.mark.parametrize(("scene", "protocol"), CASES, ids=str)
def test_every_protocol_of_every_scene_has_a_file_with_its_url(scene, protocol):
    (file,) = render(outputs_with(scene, protocol), ["dotenv"])
    assert str(file.path) == "model-apis/one/.env"
    assert MARKER in file.text
    values = dotenv_values(stream=io.StringIO(file.text), interpolate=False)
    variable, url = VARIABLES[protocol]
    if (scene, protocol) == ("audio", "DashScope"):
        variable, url = (
            "DASHSCOPE_WEBSOCKET_BASE_URL",
            "wss://models.example.internal/one/api-ws/v1/inference",
        )
    assert values[variable] == url


def test_a_consumers_key_is_read_from_the_environment(monkeypatch):
    monkeypatch.setenv("MODEL_API_KEY", "the key of this machine")
    for protocol, variable in (
        ("OpenAI/v1", "OPENAI_API_KEY"),
        ("Anthropic", "ANTHROPIC_AUTH_TOKEN"),
    ):
        (file,) = render(outputs_with("text", protocol), ["dotenv"])
        assert dotenv_values(stream=io.StringIO(file.text))[variable] == "the key of this machine"


def test_only_a_chat_api_has_a_program():
    files = render(outputs_with("text", "OpenAI/v1"), ["openai-python"])
    assert [str(file.path) for file in files] == ["model-apis/one/openai_client.py"]
    ast.parse(files[0].text)
    assert '"https://models.example.internal/one/v1"' in files[0].text
    assert render(outputs_with("embedding", "OpenAI/v1"), ["openai-python"]) == []


def test_the_notes_of_an_api_are_in_its_file():
    (file,) = render(outputs_with("text", "OpenAI/v1", observe={"logging": True}), ["dotenv"])
    assert "# Note: It logs whole requests and responses" in file.text


def test_a_users_template_is_rendered_for_a_model_api():
    outputs = outputs_with("text", "OpenAI/v1")
    template = "{{ name }}: {{ api.host }} {{ base_urls.openai }}"
    (file,) = render(outputs, [], templates={"app.yaml.j2": template})
    assert str(file.path) == "model-apis/one/app.yaml"
    assert file.text == "one: models.example.internal https://models.example.internal/one/v1"


@pytest.mark.parametrize("name", ["quoted", "pretty"], ids=str)
def test_a_filter_names_what_is_undefined(name):
    outputs = outputs_with("image", "DashScope")
    template = f"\nurl: {{{{ access.urls.openai | {name} }}}}"
    with pytest.raises(RenderError, match=r"^app\.yaml\.j2:2: .* no attribute 'openai'\. A temp"):
        render(outputs, [], templates={"app.yaml.j2": template})


def test_a_users_template_for_endpoints_skips_model_apis():
    outputs = outputs_with("text", "OpenAI/v1")
    assert render(outputs, [], templates={"app.yaml.j2": "{{ endpoint.host }}"}) == []
