"""AI services of Model Studio and of others: the address and the protocols that are declared."""

from __future__ import annotations

import pulumi
import pytest
from support.declared_gateway import chat, gateway

from dashlink import AiServiceSettings, GatewaySettings
from dashlink.cloud.words import UPSTREAM, WORDS
from dashlink.endpoint.catalog import DASHSCOPE_PATHS

HOST = "https://vpc-cn-beijing.dashscope.aliyuncs.com"
STUDIO = {"openai", "dashscope", "anthropic", "rerank"}
OFFERED = ["OpenAI/v1", "DashScope", "Anthropic"]


def at_endpoint(**more):
    return AiServiceSettings(endpoint="dashscope", **more)


def declared_with(deploy, service, apis, spellings, **more):
    """A gateway with one AI service; the result of the program is the outputs of its APIs."""
    outputs = {"base_urls": {key: HOST + DASHSCOPE_PATHS[key] for key in STUDIO}}

    def program():
        created = gateway(
            endpoints={"dashscope": pulumi.Output.from_input(outputs)},
            gateway=GatewaySettings(spellings=spellings or {}),
            ai_services={"studio": service},
            model_apis=apis,
        )
        return dict(created.api_outputs)

    return deploy(program, **more)


def service_of(deploy, service, api=None, spellings=None):
    """The inputs of the AI service."""
    deployed = declared_with(deploy, service, {"chat": api or chat()}, spellings)
    return deployed.one(":AiService").inputs


def unverified_of(deploy, service, api, spellings=None):
    """The terms that the outputs of an API name as unverified."""
    deployed = declared_with(deploy, service, {"chat": api}, spellings)
    sentences = deployed.result["chat"]["unverified"]
    return {sentence.partition(":")[0] for sentence in sentences}


@pytest.mark.parametrize(
    ("protocols", "path"),
    [
        (None, "/compatible-mode/v1"),
        (["OpenAI/v1", "DashScope"], "/compatible-mode/v1"),
        (["DashScope"], "/api/v1"),
        (["Anthropic"], "/apps/anthropic"),
        (["vLLM"], "/compatible-api/v1"),
    ],
    ids=["default", "OpenAI first", "DashScope", "Anthropic", "vLLM"],
)
def test_the_first_protocol_decides_the_address(deploy, protocols, path):
    scene = {"vLLM": "rerank", "DashScope": "image"}.get((protocols or [""])[0], "text")
    protocol = protocols[0] if protocols else None
    api = chat(scene=scene, protocol=protocol)
    found = service_of(deploy, at_endpoint(protocols=protocols), api)
    assert found["address"] == HOST + path


@pytest.mark.parametrize("path", ["/", "/api/v1", "/compatible-mode/v1"], ids=str)
def test_a_spelling_replaces_the_path_of_model_studio(deploy, path):
    spellings = {UPSTREAM: path}
    for service in (at_endpoint(), at_endpoint(protocols=["OpenAI/v1", "DashScope"])):
        found = service_of(deploy, service, spellings=spellings)
        assert found["address"] == HOST + path.rstrip("/")
    own = AiServiceSettings(base_url="https://own.example.com/v1")
    assert service_of(deploy, own, spellings=spellings)["address"] == "https://own.example.com/v1"


@pytest.mark.parametrize("path", ["/", "/api/v1"], ids=str)
def test_a_path_of_the_service_comes_before_every_other(deploy, path):
    service = at_endpoint(endpoint_path=path)
    found = service_of(deploy, service, spellings={UPSTREAM: "/other"})
    assert found["address"] == HOST + path.rstrip("/")
    assert UPSTREAM not in unverified_of(deploy, service, chat(protocol="Anthropic"))


def test_the_first_candidate_is_the_path_of_the_endpoint():
    word = WORDS[UPSTREAM]
    assert word.value == DASHSCOPE_PATHS["openai"]
    assert "/" in word.candidates


def test_model_studio_is_declared_as_a_live_client_does(deploy):
    found = service_of(deploy, at_endpoint())
    assert (found["protocols"], found["compatibleProtocols"]) == (["OpenAI/v1"], OFFERED)


def test_a_protocol_is_declared_only_where_an_api_uses_it(deploy):
    rerank = chat(scene="rerank", protocol="vLLM")
    found = service_of(deploy, at_endpoint(), rerank)
    assert found["compatibleProtocols"] == [*OFFERED, "vLLM"]
    own = AiServiceSettings(base_url="https://own.example.com/v1")
    assert service_of(deploy, own)["protocols"] == ["OpenAI/v1"]
    assert service_of(deploy, own, rerank)["protocols"] == ["OpenAI/v1", "vLLM"]


def test_written_protocols_are_declared_as_they_are(deploy):
    written = at_endpoint(protocols=["DashScope"], compatible_protocols=["OpenAI/v1"])
    found = service_of(deploy, written)
    assert (found["protocols"], found["compatibleProtocols"]) == (["DashScope"], ["OpenAI/v1"])


def test_further_compatible_protocols_are_added_once(deploy):
    own = AiServiceSettings(
        base_url="https://own.example.com/v1", compatible_protocols=["Anthropic"]
    )
    found = service_of(deploy, own)
    assert (found["protocols"], found["compatibleProtocols"]) == (["OpenAI/v1"], ["Anthropic"])
    studio = at_endpoint(compatible_protocols=["ComfyUI"])
    assert service_of(deploy, studio)["compatibleProtocols"] == [*OFFERED, "ComfyUI"]


@pytest.mark.parametrize(
    ("service", "protocol", "is_unverified"),
    [
        (at_endpoint(), "OpenAI/v1", False),
        (at_endpoint(), "Anthropic", True),
        (at_endpoint(protocols=["Anthropic"]), "Anthropic", False),
        (AiServiceSettings(base_url="https://a.example.com", vendor="claude"), "Anthropic", False),
    ],
    ids=["OpenAI", "Anthropic", "Anthropic's own address", "another vendor"],
)
def test_a_path_for_another_protocol_is_unverified(deploy, service, protocol, is_unverified):
    terms = unverified_of(deploy, service, chat(protocol=protocol))
    assert (UPSTREAM in terms) == is_unverified


def test_a_spelling_of_the_path_is_no_longer_unverified(deploy):
    api = chat(protocol="Anthropic")
    assert UPSTREAM not in unverified_of(deploy, at_endpoint(), api, {UPSTREAM: "/"})


EAS = AiServiceSettings(eas={"workspace_id": "w", "service_name": "llm"})
ACCEPTED = {
    "term": "eas.private",
    "value": "private",
    "when": "2026-11-21T00:00:00+00:00",
    "how": "CreateService refused vpc",
}


def test_the_word_of_an_eas_service_is_unverified_in_its_apis(deploy):
    assert "eas.private" in unverified_of(deploy, EAS, chat())


def test_a_word_that_was_accepted_for_a_service_is_verified(deploy):
    document = declared_with(
        deploy, EAS, {"chat": chat()}, {}, outputs={"gw-service-studio": {"verified": [ACCEPTED]}}
    ).result["chat"]
    assert document["verified"] == [ACCEPTED]
    assert not any(sentence.startswith("eas.") for sentence in document["unverified"])
