"""Content security and cache of a Model API, and the streaming of responses."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from support.gateways import Body, Place, Served, create_service, policy

from dashlink_sandbox.dialects import Dialect
from dashlink_sandbox.gateways import HttpApi
from dashlink_sandbox.inside.gateway.cache import Cache, Question
from dashlink_sandbox.inside.gateway.relay import TokenCount, stream_back
from dashlink_sandbox.inside.gateway.security import FORBIDDEN

DIALECT = Dialect.default()


def _api(rule: Body) -> HttpApi:
    config = {"policyConfigs": [rule]}
    return HttpApi(http_api_id="api-1", name="one", type="LLM", deploy_config=config)


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
    api = _api(policy("AiCache", cacheMode="exact", cacheTTL=60))
    cache = Cache(clock=lambda: clock[0])
    question = Question(api, "qwen-plus", "hello")
    cache.store(question, b"answer", DIALECT)
    seen = []
    for clock[0] in (59.0, 60.0):
        seen.append(cache.find(question, DIALECT))
    assert seen == [b"answer", None]


SIMILAR = "please explain to me how a private link works today"
SAME_WORDS = "please explain to me how the private link works today"
OTHER = "write a poem about rain"


def _semantic(place: Place, threshold: float = 0.8, **embedding: Any) -> Served:
    config = {"type": "dashscope", "serviceId": place.service("studio")}
    config |= {"modelName": "text-embedding-v4", **embedding}
    vectors = {"type": "dashvector", "threshold": threshold}
    sections = {"embeddingConfig": config, "vectorConfig": vectors}
    cache = policy("AiCache", cacheMode="semantic", cacheTTL=600, **sections)
    return place.serve(policies=[cache])


def _hits(place: Place, served: Served, *messages: str) -> list[bool]:
    for message in messages:
        assert place.chat(served, message).status == 200
    return [entry.cache_hit for entry in place.entries(served)]


def test_a_semantic_cache_answers_similar_questions(place):
    served = _semantic(place)
    assert _hits(place, served, SIMILAR, SAME_WORDS, OTHER) == [False, True, False]


def test_an_exact_cache_answers_no_similar_question(place):
    assert _hits(place, _cached(place), SIMILAR, SAME_WORDS) == [False, False]


def test_the_threshold_decides_what_is_similar(place):
    assert _hits(place, _semantic(place, 0.99), SIMILAR, SAME_WORDS) == [False, False]


def test_without_an_embedding_a_semantic_cache_is_empty(place):
    served = _semantic(place, modelName="no-such-model")
    assert _hits(place, served, SIMILAR, SIMILAR) == [False, False]
    keyless = create_service(place.cloud, place.gateway_id, "bad-embedding", apiKeys=["sk-x"])
    assert _hits(place, _semantic(place, serviceId=keyless), SIMILAR, SIMILAR) == [False, False]


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
