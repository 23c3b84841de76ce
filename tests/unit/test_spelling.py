"""Words in inputs and properties: found, replaced, and compared without a change."""

from __future__ import annotations

import pytest
from support.gateway_wire import API

from dashlink.provider.codec import to_properties
from dashlink.provider.gateway.spelling import (
    AI_SERVICE,
    MODEL_API,
    PROTOCOLS_OF_A_SERVICE,
    accepted,
    comparable,
    spelled_as,
)
from dashlink.resources.models.ai_service import AiServiceInputs, EasInputs

WORDS_OF_API = {
    "protocol.OpenAI/v1": "OpenAI/v1",
    "routing.by-model": "MultiServiceByModelName",
    "auth.api-key": "Apikey",
    "limit.global": "Global",
    "limit.header": "Header",
    "limit.per-minute": "TokenPerMinute",
    "limit.per-day": "TokenPerDay",
    "cache.semantic": "semantic",
    "cache-key.last-question": "lastQuestion",
    "embedding.dashscope": "dashscope",
    "vector.dashvector": "dashvector",
}
OLD = {
    "limit.global": "LimitByGlobal",
    "limit.header": "LimitByHeader",
    "cache.semantic": "SEMANTIC",
}
SERVICE = AiServiceInputs(
    gateway_id="gw-1",
    name="s",
    vendor="pai-eas",
    protocols=("OpenAI/v1", "vLLM"),
    eas=EasInputs(workspace_id="w", service_name="llm", endpoint_type="vpc"),
)


def test_the_words_of_an_api_are_found():
    assert MODEL_API.words_in(API) == WORDS_OF_API


def test_the_words_of_properties_are_found():
    assert MODEL_API.of_properties().words_in(to_properties(API)) == WORDS_OF_API


def test_the_words_of_a_service_are_found():
    assert AI_SERVICE.words_in(SERVICE) == {
        "protocol.OpenAI/v1": "OpenAI/v1",
        "protocol.vLLM": "vLLM",
        "eas.private": "vpc",
    }


def test_other_words_change_nothing_else():
    spelled = MODEL_API.respelled(API, OLD)
    assert MODEL_API.words_in(spelled) == WORDS_OF_API | OLD
    assert MODEL_API.respelled(spelled, WORDS_OF_API) == API


def test_absent_blocks_have_no_words():
    plain = API.model_copy(update={"cache": None, "token_limits": (), "auth_type": None})
    assert set(MODEL_API.words_in(plain)) == {"protocol.OpenAI/v1", "routing.by-model"}
    assert MODEL_API.respelled(plain, OLD) == plain


def test_terms_of_one_field_are_a_group():
    groups = MODEL_API.groups_in(API)
    assert {"limit.global", "limit.header"} in groups
    assert {"limit.per-minute", "limit.per-day"} in groups


@pytest.mark.parametrize("known", [API, MODEL_API.respelled(API, OLD)], ids=["new", "old"])
@pytest.mark.parametrize("cloud", [API, MODEL_API.respelled(API, OLD)], ids=["new", "old"])
def test_the_clouds_words_read_as_the_known_ones(cloud, known):
    assert spelled_as(MODEL_API, cloud, known) == known


def test_an_import_has_the_first_choices():
    assert spelled_as(MODEL_API, MODEL_API.respelled(API, OLD), None) == API


def test_another_value_of_the_cloud_is_drift():
    drifted = API.model_copy(update={"routing": "SingleService"})
    assert spelled_as(MODEL_API, drifted, API) == drifted
    unknown = API.model_copy(update={"routing": "ByName"})
    assert spelled_as(MODEL_API, unknown, API) == unknown


def test_an_earlier_word_is_no_change():
    after = to_properties(API)
    before = to_properties(MODEL_API.respelled(API, OLD))
    assert comparable(MODEL_API, before, after, {}) == after


def test_an_overridden_word_is_compared_as_it_is():
    after = to_properties(MODEL_API.respelled(API, OLD))
    before = to_properties(API)
    assert comparable(MODEL_API, before, after, {}) == before


def test_a_verified_word_of_the_settings_is_no_change():
    after = to_properties(MODEL_API.respelled(API, {"limit.header": "LimitByHeader"}))
    before = to_properties(API)
    verified = {"verified": [{"term": "limit.header", "value": "LimitByHeader"}]}
    assert comparable(MODEL_API, before, after, verified) == after


def test_a_candidate_that_an_accepted_service_has_is_no_change():
    after = {"protocols": ["anthropic/v1"], "compatibleProtocols": ["OpenAI/v1"]}
    before = {"protocols": ["Anthropic"], "compatibleProtocols": ["OpenAI/v1"]}
    assert accepted(PROTOCOLS_OF_A_SERVICE, before, after) == after


def test_a_word_that_is_no_candidate_is_a_change():
    before = {"protocols": ["Anthropic"]}
    assert accepted(PROTOCOLS_OF_A_SERVICE, before, {"protocols": ["Messages"]}) == before
