"""Settings of a Model API as inputs: limits, caches, and what is not verified about their words."""

from __future__ import annotations

import pytest

from dashlink.gateway.model_api.inputs import model_api_inputs, terms_of
from dashlink.gateway.model_api.settings import ModelApiSettings
from dashlink.gateway.model_api.unverified import unverified_values
from dashlink.resources.models.model_api import CacheInputs, TokenLimitInputs

SERVICES = {"one": "svc-1"}
SEMANTIC = {
    "mode": "semantic",
    "embedding_service": "one",
    "embedding_model": "text-embedding-v4",
    "vector_host": "vectors",
    "vector_collection": "answers",
}


def api(**changed):
    fields = {"scene": "text", "domains": "models.example.internal", "service": "one"}
    return ModelApiSettings(**{**fields, **changed})


def limit_of(settings, spellings=None):
    (limit,) = model_api_inputs(api(limits=[settings]), SERVICES, spellings or {})["token_limits"]
    return TokenLimitInputs(**limit)


@pytest.mark.parametrize(
    ("settings", "mode", "amount"),
    [
        ({"tokens": 10}, "TokenPerMinute", 10),
        ({"tokens": 10, "per": "month"}, "TokenPerMonth", 10),
        ({"requests": 10}, "RequestPerMinute", 10),
        ({"requests": 10, "per": "second"}, "RequestPerSecond", 10),
        ({"concurrent": 10}, "Concurrency", 10),
    ],
    ids=["tokens", "month", "requests", "second", "concurrent"],
)
def test_a_limit_counts_one_of_three(settings, mode, amount):
    limit = limit_of(settings)
    assert (limit.limit_mode, limit.tokens) == (mode, amount)


@pytest.mark.parametrize(
    ("by", "limit_type"),
    [
        ("global", "Global"),
        ("consumer", "Consumer"),
        ("header", "Header"),
        ("query", "Query"),
        ("cookie", "Cookie"),
        ("ip", "IP"),
        ("model", "Model"),
    ],
    ids=str,
)
def test_a_limit_counts_by_one_of_seven(by, limit_type):
    limit = limit_of({"requests": 10, "by": by, "key": "k", "value": "v"})
    assert limit == TokenLimitInputs(
        limit_type=limit_type,
        limit_mode="RequestPerMinute",
        tokens=10,
        key="k",
        value="v",
        for_all=by == "global",
    )


def test_spellings_replace_the_words_of_a_limit():
    spellings = {"limit.ip": "ClientIp", "limit.concurrent": "Parallelism"}
    limit = limit_of({"concurrent": 2, "by": "ip"}, spellings)
    assert (limit.limit_type, limit.limit_mode) == ("ClientIp", "Parallelism")


@pytest.mark.parametrize("kind", ["dashscope", "openai"], ids=str)
def test_a_semantic_cache_has_types(kind):
    cache = {**SEMANTIC, "embedding_type": kind}
    inputs = CacheInputs(**model_api_inputs(api(cache=cache), SERVICES, {})["cache"])
    assert (inputs.mode, inputs.embedding_type, inputs.vector_type) == (
        "semantic",
        kind,
        "dashvector",
    )


def test_every_word_of_an_api_has_a_term():
    limits = [{"requests": 1, "by": "query", "key": "q"}, {"concurrent": 1}, {"tokens": 1}]
    settings = api(limits=limits, cache=SEMANTIC, consumers=["app"])
    assert terms_of(settings) == {
        "routing.single",
        "protocol.OpenAI/v1",
        "auth.api-key",
        "authorization.model-api",
        "limit.query",
        "limit.global",
        "limit.requests-per-minute",
        "limit.concurrent",
        "limit.per-minute",
        "cache.semantic",
        "cache-key.last-question",
        "embedding.dashscope",
        "vector.dashvector",
    }


def sentences_of(settings, spellings=None, verified=None):
    sentences = unverified_values(settings, terms_of(settings), spellings or {}, verified)
    return [sentence.partition(":")[0] for sentence in sentences]


def test_a_verified_word_is_no_longer_unverified():
    settings = api(limits=[{"requests": 1, "by": "query", "key": "q"}])
    assert sentences_of(settings) == ["limit.query", "limit.requests-per-minute"]
    verified = [{"term": "limit.query", "value": "Query", "when": "now", "how": "dry run"}]
    assert sentences_of(settings, verified=verified) == ["limit.requests-per-minute"]
    assert sentences_of(settings, {"limit.query": "Q"}, verified) == ["limit.requests-per-minute"]


def test_values_that_are_no_words_are_unverified():
    field = {"key": "team", "source": "request_header", "path": "x-team"}
    guard = {"service_address": "green", "risk_level": "max"}
    settings = api(observe={"logging": True, "fields": [field]}, content_security=guard)
    assert sentences_of(settings) == [
        "observe.logging",
        "observe.fields",
        "content_security.risk_level",
    ]


def test_ordinary_settings_have_nothing_unverified():
    assert sentences_of(api()) == []
