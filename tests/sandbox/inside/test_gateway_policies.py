"""Token limits, content security and cache of a Model API, and the streaming of responses."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from support.gateways import Body, Place, Served, api_keys, authorize, create_consumer, policy

from dashlink_sandbox.gateways import HttpApi
from dashlink_sandbox.inside.gateway.authentication import Request
from dashlink_sandbox.inside.gateway.policies import FORBIDDEN, PolicyState, Usage
from dashlink_sandbox.inside.gateway.refusal import GatewayRefusal
from dashlink_sandbox.inside.gateway.relay import TokenCount, stream_back

A_CHAT = 6  # tokens of: hello there; qwen-plus heard: hello there
REQUEST = Request("POST", "/", {}, {})


def _limit(kind: str, value: int = A_CHAT, **other: str) -> Body:
    rule = {"limitType": f"LimitBy{kind}", "limitMode": "TokenPerDay", "limitValue": value, **other}
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
    served = place.serve(policies=[_limit("Header", matchKey="X-Team", matchValue="*")])
    one, two = {"headers": {"X-Team": "one"}}, {"headers": {"x-team": "two"}}
    assert _statuses(place, served, one, one, two, two, {}, {}) == [200, 429, 200, 429, 200, 200]


def test_a_limit_for_one_value_does_not_apply_to_others(place):
    limit = _limit("Header", matchKey="X-Team", matchType="Exact", matchValue="one")
    served = place.serve(policies=[limit])
    one, two = {"headers": {"X-Team": "one"}}, {"headers": {"X-Team": "two"}}
    assert _statuses(place, served, one, one, two, two) == [200, 429, 200, 200]


def test_a_limit_by_query_counts_each_value_separately(place):
    served = place.serve(policies=[_limit("Query", matchKey="team", matchValue="*")])
    one, two = {"query": "?team=one"}, {"query": "?team=two"}
    assert _statuses(place, served, one, one, two) == [200, 429, 200]


def test_a_limit_by_model_counts_the_requested_model(place):
    target = {"serviceId": place.service("studio"), "modelName": "qwen-max"}
    served = place.serve(target, policies=[_limit("Model", matchValue="small")])
    small, large = {"model": "small"}, {"model": "large"}
    assert _statuses(place, served, small, small, large) == [200, 429, 200]


def test_a_limit_by_consumer_counts_each_consumer_separately(place):
    auth = {"authType": "Apikey", "authMode": "Custom"}
    limit = _limit("Consumer", matchValue="*")
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
    ],
    ids=str,
)
def test_a_limit_ends_with_its_window(mode, seconds):
    clock = [1_800_000_000.0]
    limit = _limit("Global")
    limit["aiTokenRateLimitConfig"]["globalRules"][0]["limitMode"] = mode
    api = _api(limit)
    state = PolicyState(clock=lambda: clock[0])
    usage = Usage(api, None, REQUEST, "")
    state.spend(usage, A_CHAT)
    with pytest.raises(GatewayRefusal) as refused:
        state.refuse_over_limit(usage)
    assert 0 < refused.value.retry_after_seconds <= seconds + 1
    clock[0] += refused.value.retry_after_seconds
    state.refuse_over_limit(usage)


def _cached(place: Place) -> Served:
    return place.serve(policies=[policy("AiCache", cacheMode="exact", cacheTTL=600)])


def test_the_same_question_is_answered_from_the_cache(place):
    served = _cached(place)
    first, second = place.chat(served), place.chat(served)
    assert (second.status, second.text, second.headers["X-Cache-Status"]) == (
        200,
        first.text,
        "hit",
    )
    outcomes = [(entry.cache_hit, len(entry.attempts)) for entry in place.entries(served)]
    assert outcomes == [(False, 1), (True, 0)]


@pytest.mark.parametrize(
    "other",
    [{"message": "something else"}, {"model": "qwen-max"}, {"stream": True}],
    ids=["another question", "another model", "a stream"],
)
def test_other_requests_are_not_answered_from_the_cache(place, other):
    served = _cached(place)
    place.chat(served)
    answer = place.chat(served, **other)
    assert (answer.status, len(place.last(served).attempts)) == (200, 1)
    assert "X-Cache-Status" not in answer.headers
    assert ("event-stream" in answer.headers["Content-Type"]) == ("stream" in other)


def test_an_api_without_a_cache_caches_nothing(place):
    served = place.serve()
    place.chat(served)
    assert "X-Cache-Status" not in place.chat(served).headers


def test_a_cached_response_expires():
    clock = [0.0]
    api = _api(policy("AiCache", cacheTTL=60))
    state = PolicyState(clock=lambda: clock[0])
    state.remember(api, "qwen-plus", "hello", b"answer")
    seen = []
    for clock[0] in (59.0, 60.0):
        seen.append(state.cached(api, "qwen-plus", "hello"))
    assert seen == [b"answer", None]


REFUSED = (400, "data_inspection_failed")


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize(
    ("requests", "answers"),
    [(True, False), (False, True), (False, False)],
    ids=["requests", "responses", "neither"],
)
def test_content_security_refuses_forbidden_text(place, stream, requests, answers):
    guard = policy("AiSecurityGuard", checkRequest=requests, checkResponse=answers)
    served = place.serve(policies=[guard])
    assert place.chat(served, stream=stream).status == 200
    bad = place.chat(served, f"say {FORBIDDEN}", stream=stream)
    if requests or answers:
        assert bad.refusal == REFUSED
        assert FORBIDDEN not in bad.text
    else:
        assert (bad.status, FORBIDDEN in bad.text) == (200, True)
    assert len(place.last(served).attempts) == (0 if requests else 1)


def test_a_refused_response_is_not_cached(place):
    guard = policy("AiSecurityGuard", checkRequest=False, checkResponse=True)
    served = place.serve(policies=[guard, policy("AiCache", cacheMode="exact", cacheTTL=600)])
    assert place.chat(served, FORBIDDEN).refusal == REFUSED
    assert place.chat(served, FORBIDDEN).refusal == REFUSED


def test_a_piece_is_forwarded_before_the_next_one_arrives():
    async def conversation() -> list[bytes]:
        heard = asyncio.Event()

        async def upstream(request: web.Request) -> web.StreamResponse:
            response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
            await response.prepare(request)
            await response.write(b"data: one\n\n")
            await heard.wait()  # until the client has received the first one
            await response.write(b"data: two\n\n")
            return response

        async def gateway(request: web.Request) -> web.StreamResponse:
            async with (
                aiohttp.ClientSession() as session,
                session.get(server.make_url("/")) as response,
            ):
                return (await stream_back(request, response, {}, TokenCount()))[0]

        apps = [web.Application(), web.Application()]
        for app, handler in zip(apps, (upstream, gateway), strict=True):
            app.router.add_get("/", handler)
        server = TestServer(apps[0])
        async with server, TestClient(TestServer(apps[1])) as client, client.get("/") as answer:
            first = await asyncio.wait_for(answer.content.readany(), 10)
            heard.set()
            return [first, await answer.read()]

    assert asyncio.run(conversation()) == [b"data: one\n\n", b"data: two\n\n"]
