"""`dashlink route` predicts what the gateway does: generated settings, requests over HTTP.

Each API passes through every step: settings -> inputs -> the provider's payload -> the cloud's API.
Each request goes through the forward proxy to the gateway, and from there to a model server.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Mapping
from math import sqrt
from typing import Any

import pytest
from support.declared_apis import Declared, declare
from support.gateways import DOMAIN, Place, Served
from support.http_load import Sent, send_all

from dashlink.gateway.model_api.plan import UNREACHABLE, Explanation, choices_of, explain
from dashlink.gateway.model_api.settings import ModelApiSettings
from dashlink_sandbox.gateways import Upstream
from dashlink_sandbox.inside.gateway.journal import Entry

BATCHES, BATCH = 10, 100  # the gateway searches all its APIs for each request
ROUNDS = 3  # requests of each API, each time with other failures
REQUESTS = 10_000
MOST_DEVIATIONS = 5  # of a binomial count: wrong less than once in half a million runs
SERVICES = ("one", "two", "three", "four")
MODELS = ("qwen-max", "qwen-plus", "qwen-turbo", "qwen3-max", "deepseek-v3", "gpt-4o", "glm-4.5")
UNKNOWN_MODEL = "qwen-unheard-of"
STATUSES = (400, 404, 429, 500, 503, UNREACHABLE)
PATTERN_LETTERS = "qwen3-maxplus45*?"
Chance = random.Random
Attempts = tuple[tuple[str, str, int], ...]


def choice(chance: Chance) -> dict[str, Any]:
    """A service, for three of four with a model that the model server has."""
    model = chance.choice(MODELS) if chance.random() < 0.75 else None
    return {"service": chance.choice(SERVICES), "model": model}


def pattern(chance: Chance) -> str:
    """A pattern of model names: arbitrary letters, or a known name with wildcards in it."""
    if chance.random() < 0.3:
        return "".join(chance.choices(PATTERN_LETTERS, k=chance.randint(1, 6)))
    letters = list(chance.choice(MODELS))
    for _ in range(chance.randint(0, 3)):
        letters[chance.randrange(len(letters))] = chance.choice("*?")
    return "".join(letters)


def weights(chance: Chance) -> list[dict[str, Any]]:
    cuts = sorted(chance.sample(range(1, 100), chance.randint(1, 3)))
    rows = []
    for low, high in zip([0, *cuts], [*cuts, 100], strict=True):
        rows.append({**choice(chance), "weight": high - low})
    return rows


def settings_of(chance: Chance, number: int) -> ModelApiSettings:
    """Settings of a text API, of every routing mode, with up to three fallbacks."""
    api: dict[str, Any] = {
        "scene": "text",
        "domains": [f"agrees.{DOMAIN}"],
        "base_path": f"/api-{number}",
        "fallbacks": [choice(chance) for _ in range(chance.randint(0, 3))],
    }
    api["fallback_only_on_upstream_codes"] = bool(api["fallbacks"]) and chance.random() < 0.3
    mode = chance.choice(["service", "by_model", "by_weight"])
    if mode == "service":
        api |= choice(chance)
    elif mode == "by_weight":
        api["by_weight"] = weights(chance)
    else:
        rows = range(chance.randint(1, 4))
        api["by_model"] = [{**choice(chance), "match": pattern(chance)} for _ in rows]
        api["default"] = chance.choice(["none", choice(chance)])
    return ModelApiSettings.model_validate(api)


def requested_model(chance: Chance, api: ModelApiSettings) -> str:
    """A model name; one that no model server has only where every service gets another one."""
    rewritten = all(one.model is not None for _, one in choices_of(api))
    return chance.choice((*MODELS, UNKNOWN_MODEL) if rewritten else MODELS)


def failures(chance: Chance) -> dict[str, int]:
    failing = chance.sample(SERVICES, chance.randint(0, len(SERVICES)))
    return {name: chance.choice(STATUSES) for name in failing}


def outcomes(explanation: Explanation) -> list[tuple[Attempts, int]]:
    """What `dashlink route` predicts: attempts and the client's status, for each branch."""
    found = []
    for branch in explanation.branches:
        attempts = tuple((one.service, one.model, max(one.status, 0)) for one in branch.attempts)
        found.append((attempts, branch.status))
    return found or [((), explanation.status)]


@pytest.fixture(scope="module")
def declared(place: Place) -> Iterator[Declared]:
    """Four services of dashlink's, each with a model server of its own in the VPC."""
    draft = place.cloud.cloud.draft()
    services = {}
    for name in SERVICES:
        host = f"{name}.models.internal"
        draft.upstreams[host] = Upstream(host=host, vpc_id=place.network.vpc_id)
        services[name] = {"base_url": f"http://{host}/v1", "api_keys": [{"config": "modelKey"}]}
    place.cloud.cloud.replace(draft)
    sections = {"ai_services": services, "domains": {f"agrees.{DOMAIN}": {"scheme": "http"}}}
    with declare(place, sections) as created:
        yield created


def let_fail(place: Place, failing: Mapping[str, int]) -> None:
    """Let these services fail, and the others respond."""
    draft = place.cloud.cloud.draft()
    for name in SERVICES:
        draft.upstreams.pop(name, None)
        if name in failing:
            draft.upstreams[name] = Upstream(host=name, failing=failing[name])
    place.cloud.cloud.replace(draft)


def send(
    place: Place, apis: Mapping[str, Served], models: Mapping[str, str]
) -> dict[str, tuple[Entry, int]]:
    """Send one request to each API; return the gateway's log entry and the client's status."""
    place.cloud.cloud.journal.entries.clear()
    requests = []
    for key, served in apis.items():
        body = {"model": models[key], "messages": [{"role": "user", "content": "hello"}]}
        requests.append(Sent(key, served.url("/v1/chat/completions"), body))
    received = send_all(place.machine.proxy(place.network.vpc_id), requests)
    entries = {entry.api: entry for entry in place.cloud.cloud.journal.entries}
    return {key: (entries[served.name], received[key].status) for key, served in apis.items()}


@pytest.mark.parametrize("batch", range(BATCHES), ids=lambda number: f"batch {number}")
def test_1000_generated_apis_respond_over_http_as_predicted(place, declared, batch):
    """1,000 APIs, 100 at a time, and 3,000 requests in all."""
    chance = random.Random(batch)
    settings = {f"api-{number}": settings_of(chance, number) for number in range(BATCH)}
    before = place.cloud.cloud.current()
    apis = {key: declared.send(key, api) for key, api in settings.items()}
    for _ in range(ROUNDS):
        failing = failures(chance)
        let_fail(place, failing)
        models = {key: requested_model(chance, api) for key, api in settings.items()}
        for key, (entry, status) in send(place, apis, models).items():
            predicted = outcomes(explain(settings[key], models[key], failing))
            seen = (tuple(entry.attempts), status)
            assert seen in predicted, (settings[key], models[key], failing)
    place.cloud.cloud.replace(before.draft())


def test_10000_requests_over_http_are_split_by_the_weights(place, declared):
    weights = {"one": 70, "two": 25, "three": 5}
    settings = ModelApiSettings.model_validate(
        {
            "scene": "text",
            "domains": [f"agrees.{DOMAIN}"],
            "base_path": "/split",
            "by_weight": [{"service": name, "weight": share} for name, share in weights.items()],
        }
    )
    url = declared.send("split", settings).url("/v1/chat/completions")
    body = {"model": "qwen-plus", "messages": [{"role": "user", "content": "hello"}]}
    let_fail(place, {})
    requests = (Sent(number, url, body) for number in range(REQUESTS))
    received = send_all(place.machine.proxy(place.network.vpc_id), requests).values()
    assert Counter(response.status for response in received) == {200: REQUESTS}
    counts = Counter(response.headers["x-gateway-service"] for response in received)
    branches = explain(settings, "qwen-plus").branches
    assert set(counts) == {branch.answer.service for branch in branches}
    for branch in branches:
        share = branch.share_percent / 100
        deviation = sqrt(REQUESTS * share * (1 - share))
        assert abs(counts[branch.answer.service] - REQUESTS * share) <= MOST_DEVIATIONS * deviation
