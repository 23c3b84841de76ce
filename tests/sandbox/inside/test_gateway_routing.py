"""The service for a model at an AI gateway, the model name that it is sent, and fallbacks."""

from __future__ import annotations

import random
from collections import Counter
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.gateways import BY_MODEL, Body, Place, Served, fallback

from dashlink_sandbox.dialects import Dialect
from dashlink_sandbox.gateways import HttpApi
from dashlink_sandbox.inside.gateway.refusal import GatewayRefusal
from dashlink_sandbox.inside.gateway.routing import Target, plan

DIALECT = Dialect.default()
ENOUGH_DEVIATIONS = 5  # of a binomial count: wrong less than once in half a million runs


@pytest.fixture
def upstream(place):
    """Change the behavior of services until the end of the test."""
    changed = set()

    def change(name: str, **settings: object) -> None:
        changed.add(name)
        place.console("upstream", host=name, **settings)

    yield change
    for name in changed:
        place.console("upstream", host=name)


def _api(scene: str, *services: Body, policies: tuple[Body, ...] = ()) -> HttpApi:
    config = {
        "backendScene": scene,
        "serviceConfigs": list(services),
        "policyConfigs": list(policies),
    }
    return HttpApi(http_api_id="api-1", name="one", type="LLM", deploy_config=config)


def _by_model(*patterns: str) -> HttpApi:
    rows = [{"serviceId": each, "modelNamePattern": each} for each in patterns]
    return _api(BY_MODEL, *rows)


@pytest.mark.parametrize(
    ("patterns", "model", "chosen"),
    [
        (("qwen-*", "*"), "qwen-plus", "qwen-*"),
        (("qwen-*", "*"), "qwen3-max", "*"),
        (("*", "qwen-*"), "qwen-plus", "*"),
        (("qwen?-max", "*"), "qwen3-max", "qwen?-max"),
        (("qwen?-max", "*"), "qwen-max", "*"),
        (("*-max", "*"), "qwen3-max", "*-max"),
        (("*/qwen*", "*"), "org/qwen-plus", "*/qwen*"),
        (("qwen.plus", "*"), "qwen-plus", "*"),
        (("Qwen-plus", "*"), "qwen-plus", "*"),
        (("qwen-*", "*"), "", "*"),
    ],
    ids=str,
)
def test_the_first_matching_pattern_decides(patterns, model, chosen):
    assert plan(_by_model(*patterns), model, 0.5, DIALECT).targets == (Target(chosen, None),)


def test_in_some_dialects_the_longest_pattern_decides():
    longest = Dialect.of({"pattern-order": "longest"})
    chosen = plan(_by_model("*", "qwen-*", "q*"), "qwen-plus", 0.5, longest)
    assert chosen.targets == (Target("qwen-*", None),)


def test_a_model_without_a_matching_pattern_has_no_service():
    with pytest.raises(GatewayRefusal) as refused:
        plan(_by_model("qwen-*"), "glm-4.5", 0.5, DIALECT)
    assert (refused.value.status, refused.value.code) == (404, "no_service_for_model")


def test_fallbacks_follow_in_their_order_with_their_models():
    falls = fallback("b", "c", only_upstream=True, b="qwen-turbo")
    service = {"serviceId": "a", "modelName": "qwen-max"}
    chosen = plan(_api("SingleService", service, policies=(falls,)), "requested", 0.5, DIALECT)
    targets = (Target("a", "qwen-max"), Target("b", "qwen-turbo"), Target("c", None))
    assert chosen.targets == targets
    assert chosen.only_upstream


def test_a_disabled_policy_has_no_effect():
    off = {**fallback("b"), "enable": False}
    api = _api("SingleService", {"serviceId": "a"}, policies=(off,))
    assert len(plan(api, "requested", 0.5, DIALECT).targets) == 1


def _by_weight(weights: dict[str, int]) -> HttpApi:
    rows = [{"serviceId": name, "weight": weight} for name, weight in weights.items()]
    return _api("MultiServiceByRatio", *rows)


def _within(count: int, of: int, share: float) -> bool:
    return abs(count - of * share) <= ENOUGH_DEVIATIONS * sqrt(of * share * (1 - share))


def test_10000_draws_choose_services_by_their_weights():
    weights = {"a": 70, "b": 25, "c": 5}
    api = _by_weight(weights)
    dice, total = random.Random(), 10_000
    counts: Counter[str] = Counter()
    for _ in range(total):
        counts[plan(api, "qwen-plus", dice.random(), DIALECT).targets[0].service_id] += 1
    for name, weight in weights.items():
        assert _within(counts[name], total, weight / 100), counts


@given(st.lists(st.integers(1, 100), min_size=1, max_size=20), st.floats(0, 1, exclude_max=True))
def test_the_share_that_contains_the_draw_decides(shares, draw):
    weights = list(shares)
    while sum(weights) > 100:
        weights.pop()
    if sum(weights) < 100:
        weights.append(100 - sum(weights))
    api = _by_weight({str(number): weight for number, weight in enumerate(weights)})
    chosen = int(plan(api, "x", draw, DIALECT).targets[0].service_id)
    assert sum(weights[:chosen]) <= draw * 100 < sum(weights[: chosen + 1])


def test_a_model_is_routed_by_its_name_and_rewritten_if_declared(place):
    served = place.serve(
        {"serviceId": place.service("qwen"), "modelNamePattern": "qwen*"},
        {
            "serviceId": place.service("others"),
            "modelNamePattern": "gpt-*",
            "modelName": "deepseek-v3",
        },
        scene=BY_MODEL,
    )
    assert place.chat(served, model="qwen-max").reply == "qwen-max heard: hello there"
    assert place.last(served).attempts == [("qwen", "qwen-max", 200)]
    rewritten = place.chat(served, model="gpt-9")
    assert rewritten.reply == "deepseek-v3 heard: hello there"
    assert place.last(served).attempts == [("others", "deepseek-v3", 200)]
    assert rewritten.headers["X-Gateway-Service"] == "others"
    assert rewritten.headers["X-Gateway-Model"] == "deepseek-v3"
    assert len(place.entries(served)) == 2
    assert place.chat(served, model="glm-4.5").refusal == (404, "no_service_for_model")


def _falling(place: Place, *, only_upstream: bool = False, stem: str = "fall") -> Served:
    first = place.service(f"{stem}-1")
    second = place.service(f"{stem}-2")
    third = place.service(f"{stem}-3")
    falls = fallback(second, third, only_upstream=only_upstream, **{second: "qwen-turbo"})
    return place.serve({"serviceId": first, "modelName": "qwen-max"}, policies=[falls])


def _statuses(place: Place, served: Served) -> list[int]:
    """The statuses of the attempts of the last request."""
    return [status for _, _, status in place.last(served).attempts]


@pytest.mark.parametrize("failing", [503, 429, 404, -1], ids=str)
def test_fallbacks_are_tried_in_order_until_one_succeeds(place, upstream, failing):
    served = _falling(place)
    tried = [("fall-1", "qwen-max", max(failing, 0)), ("fall-2", "qwen-turbo", 200)]
    upstream("fall-1", failing=failing)
    assert place.chat(served).reply == "qwen-turbo heard: hello there"
    assert place.last(served).attempts == tried
    upstream("fall-2", failing=failing)
    assert place.chat(served).reply == "qwen-plus heard: hello there"
    tried[1] = ("fall-2", "qwen-turbo", max(failing, 0))
    assert place.last(served).attempts == [*tried, ("fall-3", "qwen-plus", 200)]
    upstream("fall-1")
    assert place.chat(served).reply == "qwen-max heard: hello there"


def test_the_last_response_is_returned_when_all_fail(place, upstream):
    served = _falling(place)
    for number, failing in ((1, 503), (2, -1), (3, 502)):
        upstream(f"fall-{number}", failing=failing)
    answer = place.chat(served)
    assert (answer.status, answer.headers["X-Gateway-Service"]) == (502, "fall-3")
    upstream("fall-3", failing=-1)
    assert place.chat(served).refusal == (503, "upstream_unreachable")
    assert _statuses(place, served) == [503, 0, 0]


def test_an_error_of_the_service_is_followed_by_a_fallback(place):
    bad, good = place.service("bad-key", apiKeys=["sk-wrong"]), place.service("good-key")
    served = place.serve({"serviceId": bad}, policies=[fallback(good)])
    assert place.chat(served).reply == "qwen-plus heard: hello there"
    assert _statuses(place, served) == [401, 200]
    alone = place.serve({"serviceId": bad})
    answer = place.chat(alone)
    assert (answer.status, answer.json["error"]["code"]) == (401, "invalid_api_key")


def test_only_upstream_codes_excludes_failed_connections(place, upstream):
    served = _falling(place, only_upstream=True, stem="strict")
    upstream("strict-1", failing=500)
    assert place.chat(served).reply == "qwen-turbo heard: hello there"
    upstream("strict-1", failing=-1)
    assert place.chat(served).refusal == (503, "upstream_unreachable")
    assert place.last(served).attempts == [("strict-1", "qwen-max", 0)]


def test_a_service_over_the_first_byte_timeout_falls_back(place, upstream):
    slow, quick = place.service("slow"), place.service("quick")
    served = place.serve({"serviceId": slow}, policies=[fallback(quick)], firstByteTimeout=1)
    upstream("slow", delay_seconds=30)
    assert place.chat(served).reply == "qwen-plus heard: hello there"
    assert place.last(served).attempts == [("slow", "qwen-plus", 0), ("quick", "qwen-plus", 200)]


def test_a_stream_falls_back_before_its_first_piece(place, upstream):
    served = _falling(place)
    upstream("fall-1", failing=503)
    answer = place.chat(served, stream=True)
    assert "event-stream" in answer.headers["Content-Type"]
    assert answer.text.startswith("data: ")
    assert answer.text.endswith("data: [DONE]\n\n")
    assert '"model": "qwen-turbo"' in answer.text


def test_a_service_uses_all_of_its_keys(place):
    service = place.service("keys", apiKeys=[place.cloud.api_key, "sk-worn-out"])
    served = place.serve({"serviceId": service})
    assert {place.chat(served).status for _ in range(30)} == {
        200,
        401,
    }  # fails once in 500 million runs


def test_a_service_without_keys_receives_the_clients_key(place):
    service = place.service("keyless", apiKeys=[])
    served = place.serve({"serviceId": service})
    assert place.chat(served).status == 401
    assert (
        place.chat(served, headers={"Authorization": f"Bearer {place.cloud.api_key}"}).status == 200
    )
