"""`dashlink route` predicts what the data plane does, for generated APIs and requests.

Each API passes through every step: settings -> inputs -> the API's JSON -> the sandbox's record.
"""

from __future__ import annotations

import asyncio
import http.client
import itertools
import json
import random
from types import SimpleNamespace

import pytest
from aiohttp import web
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashlink.gateway.model_api.inputs import model_api_inputs
from dashlink.gateway.model_api.plan import UNREACHABLE, explain
from dashlink.gateway.model_api.settings import ModelApiSettings
from dashlink.provider.gateway.model_api_payload import model_api_update
from dashlink.resources.models.model_api import ModelApiInputs
from dashlink_sandbox import Sandbox
from dashlink_sandbox.gateways import AiService, Domain, Gateway, HttpApi, Upstream
from dashlink_sandbox.inside.gateway.handler import RequestHandler, Unreachable
from dashlink_sandbox.inside.gateway.refusal import GatewayRefusal
from dashlink_sandbox.inside.gateway.routing import plan
from dashlink_sandbox.state import Vpc, VSwitch

SERVICES = ("one", "two", "three", "four")
IDS = {name: f"svc-{name}" for name in SERVICES}
MODELS = ("qwen-max", "qwen-plus", "qwen-turbo", "qwen", "gpt-4o", "deepseek-v3", "q", "")

services = st.sampled_from(SERVICES)
models = st.sampled_from(MODELS)
target_models = st.one_of(st.none(), st.sampled_from(MODELS[:-1]))
choices = st.fixed_dictionaries({"service": services, "model": target_models})
patterns = st.text(alphabet="qwen-max4o*?", min_size=1, max_size=8)
statuses = st.sampled_from([400, 404, 429, 500, 503, UNREACHABLE])
failures = st.dictionaries(services, statuses, max_size=4)


@st.composite
def weights(draw):
    cuts = sorted(draw(st.lists(st.integers(1, 99), min_size=1, max_size=3, unique=True)))
    rows = []
    for low, high in itertools.pairwise([0, *cuts, 100]):
        rows.append({**draw(choices), "weight": high - low})
    return rows


@st.composite
def apis(draw):
    mode = draw(st.sampled_from(["service", "by_model", "by_weight"]))
    api = {
        "scene": "text",
        "domains": ["models.example.internal"],
        "fallbacks": draw(st.lists(choices, max_size=3)),
    }
    api["fallback_only_on_upstream_codes"] = bool(api["fallbacks"]) and draw(st.booleans())
    if mode == "service":
        api |= draw(choices)
    elif mode == "by_weight":
        api["by_weight"] = draw(weights())
    else:
        rows = draw(st.lists(st.tuples(choices, patterns), min_size=1, max_size=4))
        api["by_model"] = [{**choice, "match": pattern} for choice, pattern in rows]
        api["default"] = draw(st.one_of(st.just("none"), choices))
    return ModelApiSettings.model_validate(api)


def declared(api, base_path="/"):
    """The sandbox's record of an API, from the request that dashlink sends."""
    inputs = ModelApiInputs.model_validate(
        {"name": "api", "gateway_id": "gw-1", "environment_id": "env-1"}
        | model_api_inputs(api, IDS, {})
    )
    body = model_api_update(inputs)
    return HttpApi(
        http_api_id="api-1",
        name="api",
        type="LLM",
        gateway_id="gw-1",
        base_path=base_path,
        ai_protocols=("OpenAI/v1",),
        model_category="Text",
        remove_base_path_on_forward=True,
        deploy_config={**body["deployConfigs"][0], "customDomainIds": ["d-1"]},
        deployed=0.0,
    )


class Tried(RequestHandler):
    """The data plane with simulated services and its own order of attempts."""

    def __init__(self, failing):
        self.failing = failing
        self.attempts = []

    async def _attempt(self, exchange, target, *, last):
        name = target.service_id.removeprefix("svc-")
        status = self.failing.get(name, 200)
        model = target.model
        if model is None:
            model = exchange.received.model
        self.attempts.append((name, model))
        if status == UNREACHABLE:
            raise Unreachable("down")
        if last or status < 400:
            return web.Response(status=status)
        return None


def served(api, model, failing, draw):
    """The attempts of the data plane, and the client's status."""
    gateway = Tried(failing)
    try:
        chosen = plan(declared(api), model, draw)
        exchange = SimpleNamespace(received=SimpleNamespace(model=model))
        status = asyncio.run(gateway._try_all(exchange, chosen)).status
    except GatewayRefusal as refusal:
        status = refusal.status
    return tuple(gateway.attempts), status


def predicted(explanation):
    """The prediction of `explain`: share, attempts and status of each branch."""
    branches = []
    for branch in explanation.branches:
        attempts = tuple((one.service, one.model) for one in branch.attempts)
        branches.append((branch.share_percent, attempts, branch.status))
    return branches


@settings(max_examples=2500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(api=apis(), model=models, failing=failures)
def test_route_predicts_the_data_plane(api, model, failing):
    explanation = explain(api, model, failing)
    if not explanation.branches:
        assert served(api, model, failing, 0.5) == ((), explanation.status)
        return
    expected = predicted(explanation)
    if len(expected) == 1:
        _, attempts, status = expected[0]
        assert served(api, model, failing, 0.5) == (attempts, status)
        return
    by_draw = []
    for share, *outcome in expected:
        by_draw += [tuple(outcome)] * share
    for draw in (0, 37, 50, 99):  # percent
        assert served(api, model, failing, (draw + 0.5) / 100) == by_draw[draw]


UPSTREAMS = {}
for _name in SERVICES:
    _host = f"{_name}.example.internal"
    UPSTREAMS[_host] = Upstream(host=_host, vpc_id="vpc-1")


@pytest.fixture
def cloud():
    with Sandbox() as sandbox:
        draft = sandbox.cloud.draft()
        draft.vpcs["vpc-1"] = Vpc(vpc_id="vpc-1", region="cn-beijing", cidr="10.20.0.0/16")
        draft.vswitches["vsw-1"] = VSwitch(
            vswitch_id="vsw-1", vpc_id="vpc-1", zone_id="cn-beijing-h", cidr="10.20.1.0/24"
        )
        draft.gateways["gw-1"] = Gateway(
            gateway_id="gw-1",
            region="cn-beijing",
            name="gw",
            vpc_id="vpc-1",
            vswitches=(("cn-beijing-h", "vsw-1"),),
            status="Running",
            address="10.20.1.200",
            load_balancer="nlb.example.internal",
        )
        draft.domains["d-1"] = Domain(domain_id="d-1", name="nlb.example.internal")
        for name in SERVICES:
            draft.ai_services[IDS[name]] = AiService(
                service_id=IDS[name],
                gateway_id="gw-1",
                name=name,
                ai_config={
                    "provider": "custom",
                    "address": f"http://{name}.example.internal/v1",
                    "apiKeys": [sandbox.api_key],
                },
            )
        draft.upstreams |= UPSTREAMS
        sandbox.cloud.replace(draft)
        yield sandbox


def ask(connection, base_path, model):
    body = json.dumps({"model": model, "messages": [{"role": "user", "content": "hello"}]})
    headers = {
        "Content-Type": "application/json",
        "Proxy-Authorization": "Basic dnBjLTEudnN3LTE6aW5zaWRl",
    }
    url = f"http://nlb.example.internal{base_path}/v1/chat/completions"
    connection.request("POST", url, body, headers)
    response = connection.getresponse()
    response.read()
    return response.status


def test_generated_apis_respond_over_http_as_predicted(cloud):
    """120 APIs side by side, 600 requests through sockets, services that fail on demand."""
    chance = random.Random(20261121)
    generated = {f"/api-{number}": _random_api(chance) for number in range(120)}
    draft = cloud.cloud.draft()
    for number, (path, api) in enumerate(generated.items()):
        names = {"http_api_id": f"api-{number}", "name": f"api-{number}"}
        record = declared(api, path).model_copy(update=names)
        draft.http_apis[record.http_api_id] = record
    cloud.cloud.replace(draft)
    port = int(cloud.proxy.rpartition(":")[2])
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    for _ in range(5):
        failing = {}
        draft = cloud.cloud.draft()
        draft.upstreams = dict(UPSTREAMS)
        for name in chance.sample(SERVICES, 2):
            failing[name] = chance.choice([429, 503, UNREACHABLE])
            draft.upstreams[name] = Upstream(host=name, failing=failing[name])
        cloud.cloud.replace(draft)
        for path, api in generated.items():
            model = chance.choice(["qwen-max", "qwen-plus", "qwen-turbo"])
            explanation = explain(api, model, failing)
            before = len(cloud.cloud.journal.entries)
            status = ask(connection, path, model)
            entry = list(cloud.cloud.journal.entries)[before]
            attempts = tuple((service, sent) for service, sent, _ in entry.attempts)
            outcomes = predicted(explanation) or [(100, (), explanation.status)]
            assert (attempts, status) in [outcome[1:] for outcome in outcomes], (
                path,
                model,
                failing,
            )
    connection.close()


def _random_api(chance):
    """An API whose models the model server has, so that healthy services return 200."""
    known = ["qwen-max", "qwen-plus", "qwen-turbo", None]

    def choice():
        return {"service": chance.choice(SERVICES), "model": chance.choice(known)}

    api = {
        "scene": "text",
        "domains": ["x.example.internal"],
        "fallbacks": [choice() for _ in range(chance.randint(0, 3))],
    }
    api["fallback_only_on_upstream_codes"] = bool(api["fallbacks"]) and chance.random() < 0.3
    mode = chance.choice(["service", "by_model", "by_weight"])
    if mode == "by_weight":
        share = chance.randint(1, 99)
        api["by_weight"] = [{**choice(), "weight": share}, {**choice(), "weight": 100 - share}]
    elif mode == "by_model":
        matches = chance.sample(["qwen-max", "qwen-?lus", "qwen-*", "*o", "?wen-turbo"], 2)
        api["by_model"] = [{**choice(), "match": match} for match in matches]
        api["default"] = chance.choice(["none", choice()])
    else:
        api |= choice()
    return ModelApiSettings.model_validate(api)
