"""Services of MaaS: base URLs by kind of address, models, limits, outputs."""

from __future__ import annotations

import json

import pytest

from dashlink.clients.outputs import MaasServiceOutputs
from dashlink.maas.catalog import HONG_KONG, MAINLAND, SERVICE_HOSTS, Limit, default_limit
from dashlink.maas.plan import (
    UNVERIFIED_ADDRESS,
    UNVERIFIED_SOURCE,
    chat_base_url,
    is_known_address,
    maas_outputs,
)
from dashlink.maas.settings import MaasServiceSettings

SINGLE = f"{SERVICE_HOSTS[0]}/v1/infers/937cabe5-d673-47f1-9e7c-2b4de06abcde"
ALL = ["openai", "v1", "v2", "anthropic"]


def service(base_url=MAINLAND, **more):
    return MaasServiceSettings(base_url=base_url, **more)


def test_a_region_has_a_base_url_by_protocol():
    assert maas_outputs(service(f"{HONG_KONG}/", protocols=ALL))["base_urls"] == {
        "openai": f"{HONG_KONG}/openai/v1",
        "v1": f"{HONG_KONG}/v1",
        "v2": f"{HONG_KONG}/v2",
        "anthropic": f"{HONG_KONG}/anthropic",
    }


def test_a_single_service_answers_one_protocol():
    assert maas_outputs(service(SINGLE))["base_urls"] == {"v1": f"{SINGLE}/v1"}


@pytest.mark.parametrize(
    ("base_url", "known"),
    [
        (MAINLAND, True),
        (f"{HONG_KONG}/", True),
        (SINGLE, True),
        ("https://api-cn-north-4.modelarts-maas.com", False),
        (f"{MAINLAND}/v1/infers/abc", False),
        ("https://maas.example.com", False),
    ],
    ids=["mainland", "Hong Kong", "single", "another region", "mixed", "proxy"],
)
def test_addresses_of_the_sources_are_known(base_url, known):
    outputs = maas_outputs(service(base_url))
    assert is_known_address(service(base_url)) == known
    assert (UNVERIFIED_ADDRESS not in outputs["unverified"]) == known


@pytest.mark.parametrize(
    ("protocols", "url"),
    [
        (None, f"{MAINLAND}/openai/v1"),
        (["anthropic", "v2", "openai"], f"{MAINLAND}/v2"),
        (["anthropic"], None),
    ],
    ids=["default", "first", "none"],
)
def test_the_first_protocol_of_openais_sdks_is_for_chats(protocols, url):
    assert chat_base_url(service(protocols=protocols)) == url


@pytest.mark.parametrize(
    ("written", "default"),
    [({}, None), ({"models": ["A", "b"]}, "A"), ({"models": ["A"], "default_model": "A"}, "A")],
    ids=["none", "first", "written"],
)
def test_the_default_model_is_taken_literally(written, default):
    assert maas_outputs(service(**written))["default_model"] == default


@pytest.mark.parametrize(
    ("model", "limit"),
    [
        ("deepseek-v4-pro", Limit(3, 30_000)),
        ("DeepSeek-V4", Limit(3, 30_000)),
        ("deepseek-v3.2", Limit(700)),
        ("glm-5.1", Limit(30)),
        ("qwen3-32b", Limit(1500, 500_000)),
    ],
    ids=str,
)
def test_default_limits_depend_on_the_model(model, limit):
    assert default_limit(model) == limit


def test_notes_have_the_figures_of_low_limits():
    notes = maas_outputs(service(models=["deepseek-v4-pro", "qwen3-32b"]))["notes"]
    assert notes == [
        "deepseek-v4-pro answers at most 3 requests and 30,000 tokens a minute (default limit, "
        "second-hand)."
    ]
    granted = service(models=["deepseek-v4-pro"], requests_per_minute=600)
    assert maas_outputs(granted)["notes"] == []


def test_addresses_for_the_list_of_a_key_are_outputs():
    outputs = maas_outputs(service(), ["203.0.113.7", "203.0.113.8"])
    assert outputs["source_addresses"] == ["203.0.113.7", "203.0.113.8"]
    assert "203.0.113.7, 203.0.113.8" in outputs["notes"][0]
    assert UNVERIFIED_SOURCE in outputs["unverified"]


def test_outputs_have_the_label_of_the_key_and_not_the_key():
    settings = service(api_key={"config": "maasKey"}, key_label="search")
    outputs = maas_outputs(settings)
    assert "the label search" in outputs["notes"][0]
    assert "maasKey" not in json.dumps(outputs)
    assert MaasServiceOutputs.model_validate(outputs).base_urls["openai"]
