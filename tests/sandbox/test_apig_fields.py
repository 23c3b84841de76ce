"""The fields of APIG's requests: those of the SDK, those that are supported, and all others."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.apig_fields import table

from dashlink_sandbox import data
from dashlink_sandbox.catalog import read_data
from dashlink_sandbox.cloud import Cloud
from dashlink_sandbox.keyring import Identity
from dashlink_sandbox.services import apig
from dashlink_sandbox.services.apig import fields
from dashlink_sandbox.wire.errors import ApiError
from dashlink_sandbox.wire.request import WireRequest

FILE = Path(data.__file__).parent / "apig_fields.toml"
UNSUPPORTED = "Sandbox.UnsupportedParameter"


def test_the_table_is_that_of_the_sdk():
    expected = table(apig.SERVICE.actions)
    if os.environ.get("DASHLINK_WRITE_GOLDEN"):
        FILE.write_text(expected, encoding="utf-8")
    assert FILE.read_text(encoding="utf-8") == expected


def test_each_supported_field_is_one_of_the_sdk():
    assert set(read_data("apig_supported")) <= set(fields.actions())
    for action, row in fields.actions().items():
        for name in row.supported:
            assert name in row.query or _is_declared(name.split("."), row.body), (action, name)


def _is_declared(parts: list[str], known: Any) -> bool:
    head, *rest = parts
    if rest and head not in known:
        return False
    if rest == ["*"]:
        return bool(known[head])
    if rest:
        return _is_declared(rest, fields.models()[known[head].removeprefix("*")])
    return head in known


@pytest.fixture
def send() -> Callable[..., dict[str, Any]]:
    """A function that sends a body which the SDK's models could not hold."""
    cloud = Cloud()
    account = cloud.catalog.accounts[0]

    def send(route: str, body: dict[str, Any], **query: str) -> dict[str, Any]:
        method, path = route.split()
        headers = {"x-acs-version": apig.SERVICE.version}
        request = WireRequest(method, path, query, headers, json.dumps(body).encode())
        return cloud.perform(request, Identity(account, account.arn), "127.0.0.1")

    return send


def _refusal(send: Callable[..., Any], route: str, body: dict[str, Any], **query: str) -> str:
    with pytest.raises(ApiError) as caught:
        send(route, body, **query)
    assert caught.value.code == UNSUPPORTED
    return caught.value.message


_DEPLOYED = {"gatewayId": "gw-1", "environmentId": "env-1"}


@pytest.mark.parametrize(
    ("route", "body", "name"),
    [
        ("POST /v1/environments", {"colour": "red"}, "colour"),
        ("POST /v1/environments", {"colour": None}, "colour"),
        ("POST /v1/gateways", {"logConfig": {"sls": {"level": 1}}}, "logConfig.sls.level"),
        (
            "POST /v1/gateways",
            {"zoneConfig": {"zones": [{"zoneId": "a"}, {"zone": "b"}]}},
            "zoneConfig.zones.zone",
        ),
        (
            "POST /v1/http-apis",
            {"deployConfigs": [{**_DEPLOYED, "policyConfigs": [{"aiCacheConfig": {"ttl": 1}}]}]},
            "deployConfigs.policyConfigs.aiCacheConfig.ttl",
        ),
        (
            "POST /v1/services",
            {"serviceConfigs": [{"aiServiceConfig": {"apiKey": "x"}}]},
            "serviceConfigs.aiServiceConfig.apiKey",
        ),
        (
            "PUT /v1/consumers/cs-1",
            {"jwtIdentityConfig": {"jwtTokenConfig": {"place": "HEADER"}}},
            "jwtIdentityConfig.jwtTokenConfig.place",
        ),
    ],
    ids=["top", "null", "object", "list", "policy", "service", "consumer"],
)
def test_an_unknown_field_at_any_depth_is_refused(send, route, body, name):
    assert f"has no {name}." in _refusal(send, route, body)


def test_all_refused_fields_are_in_one_message(send):
    body = {"gatewayMode": "STANDARD", "colour": "red", "size": 1, "gatewayEdition": "Serverless"}
    message = _refusal(send, "POST /v1/gateways", body)
    assert "APIG's CreateGateway has no colour, size." in message
    assert "CreateGateway does not support gatewayEdition, gatewayMode." in message


@pytest.mark.parametrize(
    ("route", "query", "name"),
    [
        ("GET /v1/gateways", {"colour": "red"}, "colour"),
        ("GET /v1/http-apis", {"withPolicyConfigs": "true"}, "withPolicyConfigs"),
        ("GET /v1/policies", {"withSystemPolicy": "true"}, "withSystemPolicy"),
    ],
    ids=["unknown", "unsupported", "unsupported value"],
)
def test_a_parameter_of_the_query_is_refused(send, route, query, name):
    assert name in _refusal(send, route, {}, **query)


def test_a_field_without_a_value_is_accepted(send):
    body = {"name": "x", "gatewayId": "gw-1", "alias": None, "description": ""}
    with pytest.raises(ApiError, match="gateway gw-1 does not exist"):
        send("POST /v1/environments", body)


def test_any_keys_may_have_a_model(send):
    field = {"fieldKey": "model", "source": "request_body", "colour": "red"}
    statistics = {"pathFieldConfigs": [{"path": "/*", "fieldPaths": {"custom": [field]}}]}
    policy = {"type": "AiStatistics", "aiStatisticsConfig": statistics}
    body = {"deployConfigs": [{**_DEPLOYED, "policyConfigs": [policy]}]}
    name = "deployConfigs.policyConfigs.aiStatisticsConfig.pathFieldConfigs.fieldPaths.colour"
    assert f"has no {name}." in _refusal(send, "POST /v1/http-apis", body)


@pytest.mark.parametrize(
    ("body", "name"),
    [({"zoneConfig": "x"}, "zoneConfig"), ({"tag": ["x"]}, "tag")],
    ids=["object", "list of objects"],
)
def test_a_field_that_is_no_object_is_refused(send, body, name):
    with pytest.raises(ApiError, match=f"{name}: It is not an object"):
        send("POST /v1/gateways", body)


def test_a_body_repeats_the_values_of_its_path(send):
    with pytest.raises(ApiError, match="environment env-1 does not exist"):
        send("PUT /v1/environments/env-1", {"environmentId": "env-1", "alias": "x"})
    with pytest.raises(ApiError, match="environmentId: The path has another value"):
        send("PUT /v1/environments/env-1", {"environmentId": "env-2", "alias": "x"})
