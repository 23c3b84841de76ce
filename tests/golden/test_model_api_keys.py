"""Client files of Model APIs whose consumers send their key elsewhere than SDKs do."""

from __future__ import annotations

import io
import runpy

import pytest
from dotenv import dotenv_values

from dashlink.clients.outputs import BEARER, KeyPlacement, ModelApiOutputs, parse_outputs
from dashlink.clients.render import render
from dashlink.gateway.ai_gateway import GatewaySettings
from dashlink.gateway.ai_service import AiServiceSettings
from dashlink.gateway.config import GatewayConfig
from dashlink.gateway.consumer import ConsumerSettings
from dashlink.gateway.domain import DomainSettings
from dashlink.gateway.model_api.outputs import model_api_outputs, notes_of
from dashlink.gateway.model_api.settings import ModelApiSettings

DOMAIN = "models.example.internal"
KEYS = {"api_keys": [{"config": "teamKey"}]}
CUSTOM = "ANTHROPIC_CUSTOM_HEADERS"
TOKEN = {"jwt": {"jwks": {"config": "jwks"}, "header": "x-token", "prefix": "Token "}}
X_API_KEY = KeyPlacement(source="header", name="x-api-key", prefix="")
IN_QUERY = KeyPlacement(source="query", name="api_key", prefix="")


def config(consumers, scene="text", protocol=None, **more):
    return GatewayConfig(
        GatewaySettings(),
        {DOMAIN: DomainSettings(certificate_id="1-cn-hangzhou")},
        {"studio": AiServiceSettings(base_url="https://models.example.com/v1")},
        {name: ConsumerSettings(**values) for name, values in consumers.items()},
        {
            "one": ModelApiSettings(
                scene=scene,
                protocol=protocol,
                domains=DOMAIN,
                base_path="/one",
                service="studio",
                consumers=tuple(consumers),
                **more,
            )
        },
    )


def outputs_of(consumers, **more):
    return model_api_outputs("api-1", "one", config(consumers, **more), ())


def files_of(consumers, **more):
    document = {
        "version": 1,
        "stack": "dev",
        "region": "cn-beijing",
        "vpc_id": "vpc-1",
        "vswitch_ids": {},
        "security_group_id": "sg-1",
        "endpoints": {},
        "model_apis": {"one": outputs_of(consumers, **more)},
    }
    files = render(parse_outputs(document), ["dotenv", "openai-python"])
    return {file.path.name: file.text for file in files}


def variables(text, monkeypatch):
    monkeypatch.setenv("MODEL_API_KEY", "ck-team")
    return dotenv_values(stream=io.StringIO(text))


@pytest.mark.parametrize(
    ("consumers", "more", "place"),
    [
        ({}, {}, None),
        ({"team": KEYS}, {}, BEARER),
        ({"team": {**KEYS, "api_key_headers": "x-api-key"}}, {}, X_API_KEY),
        ({"team": {**KEYS, "api_key_headers": ["x-api-key", "authorization"]}}, {}, BEARER),
        ({"team": {**KEYS, "api_key_query": "api_key"}}, {}, IN_QUERY),
        (
            {"team": TOKEN},
            {"auth": {"by": "jwt"}},
            KeyPlacement(source="header", name="x-token", prefix="Token "),
        ),
        (
            {"team": {"ak_sk": [{"access_key": "a", "secret_key": {"config": "b"}}]}},
            {"auth": {"by": "ak-sk"}},
            None,
        ),
        (
            {
                "a": {**KEYS, "api_key_headers": ["x-a", "x-api-key"]},
                "b": {**KEYS, "api_key_headers": ["x-api-key"]},
            },
            {},
            X_API_KEY,
        ),
    ],
    ids=[
        "no consumers",
        "default",
        "header",
        "header or default",
        "query",
        "token",
        "signature",
        "header in common",
    ],
)
def test_the_outputs_say_where_the_key_belongs(consumers, more, place):
    outputs = ModelApiOutputs.model_validate(outputs_of(consumers, **more))
    assert outputs.key_in == place
    assert outputs.notes == ()


def test_consumers_without_a_place_in_common_have_a_note():
    consumers = {
        "a": {**KEYS, "api_key_query": "api_key"},
        "b": KEYS,
        "c": {**KEYS, "api_key_headers": ["x-c", "x-d"]},
    }
    outputs = ModelApiOutputs.model_validate(outputs_of(consumers))
    assert outputs.key_in == BEARER
    first = "reads the key of a in the query parameter api_key, unlike the others'."
    second = "reads the key of c in the header x-c, unlike the others'."
    assert outputs.notes == (f"It {first}", f"It {second}")
    own = [f"Model API one: it {first}", f"Model API one: it {second}"]
    assert list(notes_of(config(consumers))) == own
    del consumers["b"]
    assert ModelApiOutputs.model_validate(outputs_of(consumers)).key_in == IN_QUERY


def test_outputs_of_an_earlier_version_have_the_default_place():
    document = outputs_of({"team": KEYS})
    del document["key_in"]
    assert ModelApiOutputs.model_validate(document).key_in == BEARER


OF_HEADER = """\
client = OpenAI(
    base_url=BASE_URL,
    api_key="unused",  # the SDK requires one and sends it as `Authorization: Bearer`, which the \
gateway does not read
    default_headers={"x-api-key": os.environ["MODEL_API_KEY"]},
)
"""
OF_QUERY = OF_HEADER.replace('headers={"x-api-key"', 'query={"api_key"')
OF_TOKEN = OF_HEADER.replace('"x-api-key": os', '"x-token": "Token " + os')


@pytest.mark.parametrize(
    ("team", "more", "text", "sent"),
    [
        ({**KEYS, "api_key_headers": "x-api-key"}, {}, OF_HEADER, {"x-api-key": "ck-team"}),
        ({**KEYS, "api_key_query": "api_key"}, {}, OF_QUERY, {"api_key": "ck-team"}),
        (TOKEN, {"auth": {"by": "jwt"}}, OF_TOKEN, {"x-token": "Token ck-team"}),
    ],
    ids=["header", "query", "token"],
)
def test_the_program_sends_the_key_where_it_belongs(team, more, text, sent, tmp_path, monkeypatch):
    program = files_of({"team": team}, **more)["openai_client.py"]
    assert text in program
    file = tmp_path / "openai_client.py"
    file.write_text(program)
    monkeypatch.setenv("MODEL_API_KEY", "ck-team")
    client = runpy.run_path(str(file), run_name="openai_client")["client"]
    assert sent.items() <= {**client.default_headers, **client.default_query}.items()
    assert client.api_key == "unused"


def test_the_variables_of_openai_name_the_header(monkeypatch):
    text = files_of({"team": {**KEYS, "api_key_headers": "x-api-key"}})[".env"]
    values = variables(text, monkeypatch)
    assert values["OPENAI_API_KEY"] == "unused"
    assert values["OPENAI_CUSTOM_HEADERS"] == "x-api-key: ck-team"
    assert (
        "# The gateway reads it in the header x-api-key, not in `Authorization: Bearer`, where "
        "SDKs send keys.\n"
    ) in text


def test_no_variable_puts_a_key_into_a_query(monkeypatch):
    text = files_of({"team": {**KEYS, "api_key_query": "api_key"}})[".env"]
    values = variables(text, monkeypatch)
    assert "ck-team" not in values.values()
    assert 'pass `default_query={"api_key": …}` in code, as openai_client.py does.\n' in text


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("x-api-key", {"ANTHROPIC_API_KEY": "ck-team", CUSTOM: "x-api-key: ck-team"}),
        ("X-Api-Key", {"ANTHROPIC_API_KEY": "ck-team", CUSTOM: "X-Api-Key: ck-team"}),
        ("x-team", {"ANTHROPIC_API_KEY": "unused", CUSTOM: "x-team: ck-team"}),
        ("authorization", dict.fromkeys(("ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_API_KEY"), "ck-team")),
    ],
    ids=["x-api-key", "other case", "other header", "default"],
)
def test_anthropics_sdk_sends_the_header_of_the_key(header, expected, monkeypatch):
    consumers = {"team": {**KEYS, "api_key_headers": header}}
    values = variables(files_of(consumers, protocol="Anthropic")[".env"], monkeypatch)
    keys = {
        name: value for name, value in values.items() if name.endswith(("_KEY", "_TOKEN", CUSTOM))
    }
    assert keys == expected


@pytest.mark.parametrize("scene", ["image", "audio"], ids=str)
def test_dashscopes_sdk_gets_a_hint(scene, monkeypatch):
    consumers = {"team": {**KEYS, "api_key_headers": "x-api-key"}}
    text = files_of(consumers, scene=scene, protocol="DashScope")[".env"]
    assert variables(text, monkeypatch)["DASHSCOPE_API_KEY"] == "unused"
    assert 'pass `headers={"x-api-key": …}` to each call\nDASHSCOPE_API_KEY=unused\n' in text
