"""Limits of a Model API: by tokens, requests and concurrency, in every dimension."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from support.gateways import Body, Place, Served, api_keys, authorize, create_consumer, policy

from dashlink_sandbox.dialects import Dialect
from dashlink_sandbox.gateways import HttpApi
from dashlink_sandbox.inside.gateway.authentication import Request
from dashlink_sandbox.inside.gateway.limits import Limiter, Usage
from dashlink_sandbox.inside.gateway.refusal import GatewayRefusal

DIALECT = Dialect.default()
A_CHAT = 6  # tokens of: hello there; qwen-plus heard: hello there
REQUEST = Request("POST", "/", {}, {})


def _limit(kind: str, value: int = A_CHAT, **other: str) -> Body:
    rule = {"limitType": kind, "limitMode": "TokenPerDay", "limitValue": value}
    rule |= {"matchType": "All", **other}
    if kind == "Global":
        return policy("AiTokenRateLimit", rules=[], globalRules=[rule], enableGlobalRules=True)
    return policy("AiTokenRateLimit", rules=[rule], globalRules=[], enableGlobalRules=False)


def _statuses(place: Place, served: Served, *chats: dict[str, Any]) -> list[int]:
    return [place.chat(served, **chat).status for chat in chats]


def test_a_reached_global_limit_refuses_with_the_seconds_to_wait(place):
    served = place.serve(policies=[_limit("Global", A_CHAT + 1)])
    assert _statuses(place, served, {}, {}) == [200, 200]  # one token was left for the second one
    refused = place.chat(served)
    assert refused.refusal == (429, "token_limit")
    assert 1 <= int(refused.headers["Retry-After"]) <= 86_401
    assert place.last(served).attempts == []


def test_a_global_limit_applies_only_if_enabled(place):
    limit = _limit("Global")
    limit["aiTokenRateLimitConfig"]["enableGlobalRules"] = False
    assert _statuses(place, place.serve(policies=[limit]), {}, {}) == [200, 200]


def test_a_limit_by_header_counts_each_value_separately(place):
    served = place.serve(policies=[_limit("Header", matchKey="X-Team")])
    one, two = {"headers": {"X-Team": "one"}}, {"headers": {"x-team": "two"}}
    assert _statuses(place, served, one, one, two, two, {}, {}) == [200, 429, 200, 429, 200, 200]


def test_a_limit_for_one_value_does_not_apply_to_others(place):
    limit = _limit("Header", matchKey="X-Team", matchType="Exact", matchValue="one")
    served = place.serve(policies=[limit])
    one, two = {"headers": {"X-Team": "one"}}, {"headers": {"X-Team": "two"}}
    assert _statuses(place, served, one, one, two, two) == [200, 429, 200, 200]


def test_a_limit_by_query_counts_each_value_separately(place):
    served = place.serve(policies=[_limit("Query", matchKey="team")])
    one, two = {"query": "?team=one"}, {"query": "?team=two"}
    assert _statuses(place, served, one, one, two) == [200, 429, 200]


def test_a_limit_by_model_counts_the_requested_model(place):
    target = {"serviceId": place.service("studio"), "modelName": "qwen-max"}
    served = place.serve(target, policies=[_limit("Model", matchType="Exact", matchValue="small")])
    small, large = {"model": "small"}, {"model": "large"}
    assert _statuses(place, served, small, small, large) == [200, 429, 200]


def test_a_limit_by_consumer_counts_each_consumer_separately(place):
    auth = {"authType": "Apikey", "authMode": "Custom"}
    limit = _limit("Consumer")
    served = place.serve(policies=[limit], enableAuth=True, authConfig=auth)
    chats = []
    for key in ("sk-limited-one", "sk-limited-two"):
        name = place.new_name("limited")
        consumer_id = create_consumer(place.cloud, name, **api_keys(key))
        authorize(place.cloud, consumer_id, served.api_id, place.environment_id)
        chats += [{"headers": {"Authorization": f"Bearer {key}"}}] * 2
    assert _statuses(place, served, *chats) == [200, 429, 200, 429]


def test_the_tokens_of_a_stream_are_counted(place):
    served = place.serve(policies=[_limit("Global")])
    streamed = {"stream": True, "stream_options": {"include_usage": True}}
    assert _statuses(place, served, streamed, {}) == [200, 429]
    assert place.entries(served)[0].tokens == A_CHAT


def _api(rule: Body) -> HttpApi:
    config = {"policyConfigs": [rule]}
    return HttpApi(http_api_id="api-1", name="one", type="LLM", deploy_config=config)


@pytest.mark.parametrize(
    ("mode", "seconds"),
    [
        ("TokenPerSecond", 1),
        ("TokenPerMinute", 60),
        ("TokenPerHour", 3600),
        ("TokenPerDay", 86_400),
        ("TokenPerMonth", 31 * 86_400),
    ],
    ids=str,
)
def test_a_limit_ends_with_its_window(mode, seconds):
    clock = [1_800_000_000.0]
    limiter = Limiter(clock=lambda: clock[0])
    usage = _usage(_limit("Global", limitMode=mode))
    limiter.spend(usage, A_CHAT)
    with pytest.raises(GatewayRefusal) as refused, limiter.admitted(usage):
        pass
    assert 0 < refused.value.retry_after_seconds <= seconds + 1
    clock[0] += refused.value.retry_after_seconds
    with limiter.admitted(usage):
        pass


def _usage(limit: Body, dialect: Dialect = DIALECT) -> Usage:
    return Usage(_api(limit), None, REQUEST, "qwen-plus", dialect)


@pytest.mark.parametrize(
    ("day", "end"),
    [((2027, 2, 28), (2027, 3, 1)), ((2027, 12, 31), (2028, 1, 1))],
    ids=["february", "december"],
)
def test_a_month_ends_with_the_calendar_month(day, end):
    now = datetime(*day, 12, tzinfo=UTC).timestamp()
    limiter = Limiter(clock=lambda: now)
    usage = _usage(_limit("Global", limitMode="TokenPerMonth"))
    limiter.spend(usage, A_CHAT)
    with pytest.raises(GatewayRefusal) as refused, limiter.admitted(usage):
        pass
    seconds = datetime(*end, tzinfo=UTC).timestamp() - now
    assert refused.value.retry_after_seconds == int(seconds) + 1


@pytest.mark.parametrize("option", ["RequestPerMinute", "QueryPerMinute"], ids=str)
def test_a_limit_by_requests_counts_them_when_they_arrive(option):
    dialect = Dialect.of({"limit-requests": option})
    limiter = Limiter()
    usage = _usage(_limit("Global", 2, limitMode=option.replace("Minute", "Day")), dialect)
    for _ in range(2):
        with limiter.admitted(usage):
            pass
    with pytest.raises(GatewayRefusal) as refused, limiter.admitted(usage):
        pass
    assert (refused.value.status, refused.value.code) == (429, "request_limit")


def test_a_limit_by_requests_ignores_tokens(place):
    served = place.serve(policies=[_limit("Global", 3, limitMode="RequestPerDay")])
    assert _statuses(place, served, {}, {}, {}, {}) == [200, 200, 200, 429]
    assert place.chat(served).refusal == (429, "request_limit")


def test_a_limit_by_concurrency_counts_running_requests():
    limiter = Limiter()
    usage = _usage(_limit("Global", 1, limitMode="Concurrency"))
    with limiter.admitted(usage):
        with pytest.raises(GatewayRefusal) as refused, limiter.admitted(usage):
            pass
        assert (refused.value.status, refused.value.code) == (429, "concurrency_limit")
    with limiter.admitted(usage):
        pass


def test_concurrent_requests_over_http_are_limited(place):
    slow = place.service("slow")
    place.console("upstream", host="slow", delay_seconds=1.0)
    served = place.serve(
        {"serviceId": slow}, policies=[_limit("Global", 2, limitMode="Concurrency")]
    )
    with ThreadPoolExecutor(6) as pool:
        statuses = sorted(pool.map(lambda _: place.chat(served).status, range(6)))
    place.console("upstream", host="slow")
    assert statuses == [200, 200, 429, 429, 429, 429]
    assert place.chat(served).status == 200


def test_a_limit_by_cookie_counts_each_value_separately(place):
    served = place.serve(policies=[_limit("Cookie", matchKey="team")])
    one = {"headers": {"Cookie": "other=x; team=one"}}
    two = {"headers": {"Cookie": "team=two"}}
    assert _statuses(place, served, one, one, two, {}, {}) == [200, 429, 200, 200, 200]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has several loopback addresses")
def test_a_limit_by_address_counts_each_client_separately(place):
    limit = _limit("IP", matchType="Exact", matchValue="10.20.1.10")
    limited, free = place.serve(policies=[limit]), place.serve(policies=[_limit("IP")])
    assert _statuses(place, limited, {}, {}) == [200, 429]
    assert _statuses(place, free, {}, {}) == [200, 429]
    (other,) = [
        row.vswitch_id for row in place.cloud.state.vswitches.values() if row.cidr != "10.20.1.0/24"
    ]
    url = limited.url("/v1/chat/completions")
    body = {"model": "qwen-plus", "messages": [{"role": "user", "content": "hello there"}]}
    elsewhere = place.ask("POST", url, body, user=f"{place.network.vpc_id}.{other}")
    assert elsewhere.status == 200


@pytest.mark.parametrize(
    ("match", "counted"),
    [
        ({"matchType": "Prefix", "matchValue": "te"}, ["team", "tea"]),
        ({"matchType": "Regex", "matchValue": "t.a"}, ["tea"]),
        ({"matchType": "Exact", "matchValue": "team"}, ["team"]),
        ({"matchType": "All"}, ["team", "tea", "other"]),
    ],
    ids=["prefix", "regex", "exact", "all"],
)
def test_a_limit_counts_the_values_that_match(match, counted):
    limiter = Limiter()
    limit = _limit("Header", 1, matchKey="X-Team", limitMode="RequestPerDay", **match)
    refused = []
    for value in ("team", "tea", "other"):
        request = Request("POST", "/", {"x-team": value}, {})
        usage = Usage(_api(limit), None, request, "", DIALECT)
        with limiter.admitted(usage):
            pass
        try:
            with limiter.admitted(usage):
                pass
        except GatewayRefusal:
            refused.append(value)
    assert refused == counted


def test_the_words_of_limits_are_the_dialects():
    dialect = Dialect.of({"limit-types": "LimitByConsumer", "limit-global": "LimitByGlobal"})
    limiter = Limiter()
    for kind in ("LimitByModel", "LimitByGlobal"):
        limit = _limit(kind, 1, limitMode="RequestPerDay")
        if kind == "LimitByGlobal":
            config = limit["aiTokenRateLimitConfig"]
            config |= {"globalRules": config["rules"], "rules": [], "enableGlobalRules": True}
        for usage, refuses in ((_usage(limit), False), (_usage(limit, dialect), True)):
            outcomes = []
            for _ in range(2):
                try:
                    with limiter.admitted(usage):
                        outcomes.append(False)
                except GatewayRefusal:
                    outcomes.append(True)
            assert outcomes == [False, refuses]
