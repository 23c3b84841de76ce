"""Which response of an endpoint, a Model API or a service is right, and which is named a fault."""

from __future__ import annotations

import json

import pytest

from dashlink.clients.outputs import ModelApiOutputs, RouteOutputs
from dashlink.clients.probe import Response
from dashlink.clients.targets import api_target, eas_target, maas_target

PREDICT = "http://1.vpc.cn-beijing.pai-eas.aliyuncs.com/api/predict/qwen"
MAAS = "https://api.modelarts-maas.com/openai/v1"


def api(auth="api-key", routes=None, domain="models.example"):
    url = f"http://{domain}/chat/v1"
    route = RouteOutputs(name="chat", path="/chat/v1/chat/completions", methods=("POST",))
    return ModelApiOutputs(
        api_id="api-1",
        name="chat",
        scene="text",
        protocol="OpenAI/v1",
        scheme="http",
        host=domain,
        domains={domain: {"openai": url}},
        base_urls={"openai": url},
        routes=(route,) if routes is None else routes,
        auth=auth,
        consumers=(),
        services=("studio",),
    )


def answer(target, status, body=b"{}", reason="reason"):
    finding = target.judge(Response(status, reason, body))
    assert bool(finding.advice) == (finding.state == "failed")
    return finding


@pytest.mark.parametrize(
    ("auth", "status", "state", "text"),
    [
        ("api-key", 401, "ok", "as it must"),
        ("api-key", 403, "ok", "as it must"),
        ("api-key", 400, "failed", "not 401"),
        ("api-key", 404, "failed", "responds 404"),
        (None, 400, "ok", "reaches a service"),
        (None, 401, "failed", "responds 401"),
        (None, 405, "failed", "responds 405"),
        (None, 503, "failed", "no upstream"),
    ],
    ids=str,
)
def test_a_model_api_is_judged_without_a_key(auth, status, state, text):
    target = api_target(api(auth), "models.example", ())
    finding = answer(target, status, reason="no upstream")
    assert finding.state == state
    assert text in finding.message


def test_a_model_api_gets_a_post_on_its_first_plain_route():
    target = api_target(api(), "models.example", ("10.20.1.5",))
    assert (target.method, target.path) == ("POST", "/chat/v1/chat/completions")
    assert (target.body, target.addresses) == (b"{}", {"10.20.1.5"})


@pytest.mark.parametrize(
    "route",
    [("/files/*", ("POST",)), ("/v1/models", ("GET",))],
    ids=["wildcard", "other-method"],
)
def test_without_a_plain_route_there_is_no_target(route):
    path, methods = route
    routes = (RouteOutputs(name="one", path=path, methods=methods),)
    assert api_target(api(routes=routes), "models.example", ()) is None


def test_a_wildcard_domain_is_dialled_by_a_name_below():
    target = api_target(api(domain="*.models.example"), "*.models.example", ())
    assert target.host == "dashlink-check.models.example"


@pytest.mark.parametrize(
    ("status", "body", "state"),
    [
        (401, b"{}", "ok"),
        (404, b'{"detail": "Not Found"}', "ok"),
        (404, b"", "failed"),
        (503, b"no healthy upstream", "failed"),
        (502, b"bad", "failed"),
    ],
    ids=str,
)
def test_a_service_of_eas_is_judged_without_a_token(status, body, state):
    target = eas_target(PREDICT, is_private=True)
    assert target.path == "/api/predict/qwen/v1/models"
    assert answer(target, status, body).state == state


@pytest.mark.parametrize(
    ("status", "body", "state", "text"),
    [
        (400, {"error": {"code": "ModelArts.81002"}}, "ok", "ModelArts.81002"),
        (400, {"error_code": "ModelArts.81002"}, "ok", "ModelArts.81002"),
        (401, {"error_code": "ModelArts.81015"}, "ok", "ModelArts.81015"),
        (404, {"error_code": "APIG.0101"}, "failed", "APIG.0101"),
        (503, ["no object"], "failed", "responds 503"),
    ],
    ids=["openai", "own", "allow-list", "path", "down"],
)
def test_a_service_of_maas_is_judged_without_a_key(status, body, state, text):
    target = maas_target("openai", MAAS)
    assert (target.host, target.path) == (
        "api.modelarts-maas.com",
        "/openai/v1/chat/completions",
    )
    finding = answer(target, status, json.dumps(body).encode())
    assert finding.state == state
    assert text in finding.message


def test_a_service_of_maas_is_asked_in_its_own_protocol():
    target = maas_target("anthropic", "https://api.modelarts-maas.com/anthropic")
    assert target.path == "/anthropic/v1/messages"
