"""Words of Model APIs in clouds of several dialects: found out, kept, and no drift afterwards."""

from __future__ import annotations

from contextlib import contextmanager

import pytest
from pulumi.runtime.proto import provider_pb2
from support.provider import engine_for, refused, unsealed
from support.provider_cases import base_gateway, new_name, plain_api

from dashlink.cloud.words import NO_WORD, WORDS
from dashlink_sandbox import Dialect

NONE = provider_pb2.DiffResponse.DIFF_NONE
OLD_WORDS = {
    "limit-types": "LimitByConsumer",
    "limit-global": "LimitByGlobal",
    "limit-requests": "QueryPerMinute",
    "cache-modes": "NORMAL",
    "cache-key": "default",
    "routing-by-model": "MultiServiceByModel",
}
CHECKED = {"dry-run-checks": "all"}
UNCHECKED = {"dry-run-checks": "structure"}
DIALECTS = {
    "default": {},
    "first-choices": {"routing-by-model": "MultiServiceByModelName"},
    "old-words": OLD_WORDS,
    "passed-is-an-error": {**OLD_WORDS, "dry-run-answer": "DryRunOperation"},
    "unchecked": UNCHECKED,
    "unchecked-old-words": {**OLD_WORDS, **UNCHECKED},
    "drawn-1": Dialect.draw(1).choices,
    "drawn-2": Dialect.draw(2).choices,
    "drawn-3": Dialect.draw(3).choices,
}


@contextmanager
def started(choices):
    with base_gateway(Dialect.of(choices)) as base, engine_for(base.cloud) as engine:
        yield base, engine


@pytest.fixture(scope="module", params=DIALECTS.values(), ids=DIALECTS)
def cloud(request):
    with started(request.param) as both:
        yield both


def first(term):
    return WORDS[term].value


def limit(by, mode, amount, **more):
    words = {"limitType": first(f"limit.{by}"), "limitMode": first(f"limit.{mode}")}
    return {**words, "tokens": amount, "forAll": by == "global", **more}


def every_word(base, **changed):
    """An API with a word of every family."""
    one, other = base.services
    return {
        "name": new_name("words"),
        "gatewayId": base.gateway_id,
        "environmentId": base.environment_id,
        "category": first("scene.text"),
        "protocol": first("protocol.OpenAI/v1"),
        "basePath": f"/{new_name('words')}",
        "domainIds": base.domains[:1],
        "routing": first("routing.by-model"),
        "targets": [
            {"serviceId": one, "pattern": "qwen-max*"},
            {"serviceId": other, "pattern": "*"},
        ],
        "authType": first("auth.api-key"),
        "tokenLimits": [
            limit("consumer", "per-day", 1000),
            limit("header", "requests-per-minute", 10, key="x-team"),
            limit("ip", "concurrent", 5),
            limit("global", "requests-per-minute", 600),
        ],
        "cache": {"mode": first("cache.exact"), "ttlSeconds": 60},
        **changed,
    }


def words_of(base, created):
    """The words that the cloud has stored of an API."""
    config = base.cloud.state.http_apis[created.id].deploy_config
    policies = {policy["type"]: policy for policy in config["policyConfigs"]}
    limits = policies["AiTokenRateLimit"]["aiTokenRateLimitConfig"]
    cache = policies["AiCache"]["aiCacheConfig"]
    rules = [*limits["rules"], *limits["globalRules"]]
    return {
        "routing": config["backendScene"],
        "types": [rule["limitType"] for rule in rules],
        "modes": [rule["limitMode"] for rule in rules],
        "cache": [cache["cacheMode"], cache["cacheKeyStrategy"]],
    }


def expected_words(base):
    """The words that the cloud's dialect has, by its own choices."""
    dialect = base.cloud.state.dialect
    types = dialect.words("limit-types")
    requests = dialect.words("limit-requests")["minute"]
    return {
        "routing": dialect["routing-by-model"],
        "types": [types["consumer"], types["header"], types["ip"], dialect["limit-global"]],
        "modes": ["TokenPerDay", requests, dialect["limit-concurrency"], requests],
        "cache": [dialect.words("cache-modes")["exact"], dialect["cache-key"]],
    }


def test_the_words_of_the_cloud_are_found(cloud):
    base, engine = cloud
    created = engine.create("ModelApi", every_word(base))
    assert words_of(base, created) == expected_words(base)


@pytest.mark.parametrize(
    ("scene", "protocol"),
    [("text", "Anthropic"), ("image", "DashScope"), ("rerank", "vLLM"), ("image", "ComfyUI")],
    ids=["anthropic", "dashscope", "vllm", "comfyui"],
)
def test_the_word_of_a_protocol_is_found(cloud, scene, protocol):
    base, engine = cloud
    inputs = {
        **plain_api(base),
        "category": first(f"scene.{scene}"),
        "protocol": first(f"protocol.{protocol}"),
    }
    created = engine.create("ModelApi", inputs)
    stored = base.cloud.state.http_apis[created.id]
    assert stored.ai_protocols == (base.cloud.state.dialect[f"protocol-{protocol.lower()}"],)
    assert engine.diff(engine.refresh(created), inputs).changes == NONE


def test_words_that_were_found_are_no_drift(cloud):
    base, engine = cloud
    inputs = every_word(base)
    created = engine.create("ModelApi", inputs)
    assert engine.diff(created, inputs).changes == NONE
    refreshed = engine.refresh(created)
    assert engine.diff(refreshed, inputs).changes == NONE
    verified = [unsealed(one.properties).get("verified") for one in (created, refreshed)]
    assert verified[0] == verified[1]


def test_an_update_keeps_the_words_of_the_cloud(cloud):
    base, engine = cloud
    inputs = every_word(base)
    created = engine.create("ModelApi", inputs)
    changed = {**inputs, "description": "another"}
    updated = engine.update(created, changed)
    assert words_of(base, updated) == expected_words(base)
    assert engine.diff(engine.refresh(updated), changed).changes == NONE


def test_nothing_is_left_of_the_search(cloud):
    base, engine = cloud
    before = set(base.cloud.state.http_apis)
    created = engine.create("ModelApi", every_word(base))
    assert set(base.cloud.state.http_apis) - before == {created.id}
    assert NO_WORD not in base.cloud.state.model_dump_json()


def test_verified_words_are_in_the_state_and_reported():
    with started({**OLD_WORDS, **CHECKED}) as (base, engine):
        created = engine.create("ModelApi", every_word(base))
        verified = {row["term"]: row for row in unsealed(created.properties)["verified"]}
        row = verified["routing.by-model"]
        assert (row["value"], row["how"]) == ("MultiServiceByModel", "dry run of CreateHttpApi")
        text = "routing.by-model: the cloud accepts MultiServiceByModel (dry run of CreateHttpApi)"
        assert engine.messages.count(text) == 1


def test_a_verified_word_in_the_settings_is_no_change():
    with started({**OLD_WORDS, **CHECKED}) as (base, engine):
        inputs = every_word(base)
        created = engine.create("ModelApi", inputs)
        written = {**inputs, "routing": OLD_WORDS["routing-by-model"]}
        assert engine.diff(created, written).changes == NONE
        another = {**inputs, "routing": "MultiServiceByContent"}
        assert list(engine.diff(created, another).diffs) == ["routing"]


def test_words_in_the_state_are_not_asked_about():
    with started(CHECKED) as (base, engine):
        inputs = every_word(base)
        created = engine.create("ModelApi", inputs)
        with engine_for(base.cloud) as later:
            sent = calls(base, "UpdateHttpApi")
            later.update(created, {**inputs, "description": "another"})
            assert calls(base, "UpdateHttpApi") == sent + 1


def test_where_nothing_is_checked_nothing_is_verified():
    choices = {**UNCHECKED, "routing-by-model": "MultiServiceByModelName"}
    with started(choices) as (base, engine):
        created = engine.create("ModelApi", every_word(base))
        assert not unsealed(created.properties).get("verified")
        assert calls(base, "CreateHttpApi") == 2  # one of them is the dry run


@pytest.mark.parametrize("choices", [CHECKED, UNCHECKED], ids=["checked", "unchecked"])
def test_a_word_that_no_candidate_meets_leaves_nothing(choices):
    with started(choices) as (base, engine):
        error = refused(engine.create, "ModelApi", every_word(base, routing="ByName"))
        assert "backendScene must be one of" in error
        assert "[InvalidParameter.WithValue, request id " in error
        assert base.cloud.state.http_apis == {}


def test_words_of_earlier_states_are_no_change():
    with started(OLD_WORDS) as (base, engine):
        inputs = every_word(base)
        words = {"consumer": "LimitByConsumer", "header": "LimitByHeader", "ip": "LimitByIP"}
        old = dict(inputs, cache={**inputs["cache"], "mode": "NORMAL"})
        old["tokenLimits"] = []
        for row in inputs["tokenLimits"]:
            by = row["limitType"].lower()
            old["tokenLimits"].append({**row, "limitType": words.get(by, "LimitByGlobal")})
        created = engine.create("ModelApi", old)
        assert engine.diff(created, inputs).changes == NONE
        assert engine.diff(created, old).changes == NONE
        assert engine.diff(engine.refresh(created), inputs).changes == NONE


def test_an_override_of_a_word_is_a_change():
    with started({}) as (base, engine):
        inputs = every_word(base)
        created = engine.create("ModelApi", inputs)
        assert engine.diff(created, {**inputs, "routing": "MultiServiceByModel"}).diffs == [
            "routing"
        ]


def calls(base, action):
    """Count the calls of an action, dry runs among them."""
    return [row["action"] for row in base.cloud.cloud.log()].count(action)
