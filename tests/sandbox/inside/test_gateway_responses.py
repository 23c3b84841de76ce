"""Calls of today's clients at an AI gateway: whether they pass is a matter of its routes."""

from __future__ import annotations

import pytest
from alibabacloud_apig20240327 import models
from support import official
from support.gateways import running_gateway
from support.waiting import wait_for

from dashlink_sandbox.dialects import Dialect

REQUEST = {"model": "qwen-plus", "input": "hello there"}
PATH = "/v1/responses"


@pytest.fixture(scope="module")
def newer():
    """A gateway with the route of the Responses API."""
    with running_gateway(dialect=Dialect.of({"response-routes": "present"})) as place:
        yield place


def paths_of(place, served) -> list[str]:
    request = models.ListHttpApiRoutesRequest(page_number=1, page_size=100)
    answer = official.apig(place.cloud).list_http_api_routes(served.api_id, request)
    return [item.match.path.value for item in answer.body.data.items]


def test_without_the_route_a_response_is_not_found(place):
    served = place.serve()
    assert PATH not in paths_of(place, served)
    assert place.ask("POST", served.url(PATH), REQUEST).refusal == (404, "no_route")


def test_with_the_route_a_response_comes_from_model_studio(newer):
    served = newer.serve()
    assert PATH in paths_of(newer, served)
    answer = newer.ask("POST", served.url(PATH), REQUEST)
    assert answer.status == 200
    (item,) = answer.json["output"]
    assert item["content"][0]["text"] == "qwen-plus heard: hello there"
    assert list(newer.cloud.inside.requests)[-1].path == f"/compatible-mode{PATH}"


def test_tokens_of_a_streamed_response_are_counted(newer):
    served = newer.serve()
    newer.ask("POST", served.url(PATH), {**REQUEST, "stream": True})
    wait_for(lambda: newer.last(served).tokens == 6, "the usage of the last event is counted")
