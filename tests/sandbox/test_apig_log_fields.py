"""Log fields of Model APIs, by the official SDK: read, changed as a whole, removed."""

from __future__ import annotations

import pytest
from alibabacloud_apig20240327 import models
from alibabacloud_tea_openapi.models import OpenApiRequest, Params
from darabonba.runtime import RuntimeOptions
from support.provider_cases import base_gateway

CHAT = "/v1/chat/completions"
TEAM = {"fieldKey": "team", "source": "request_header", "jsonPath": "x-team", "recordEnabled": True}


@pytest.fixture(scope="module")
def base():
    with base_gateway() as created:
        yield created


@pytest.fixture
def api_id(base):
    return base.api()


def fields_of(base, api_id):
    """Return the keys of the log fields, by path and group."""
    request = models.GetApiPathFieldConfigRequest(gateway_id=base.gateway_id, http_api_id=api_id)
    configs = base.client.get_api_path_field_config(request).body.data.path_configs
    return {
        config.path: {
            group: [field.field_key for field in fields]
            for group, fields in config.field_paths.items()
        }
        for config in configs
    }


def update(base, api_id, *configs):
    """Send UpdateHttpApi; the SDK's models take one field where the API has a list."""
    policy = {
        "type": "AiStatistics",
        "enable": True,
        "aiStatisticsConfig": {"pathFieldConfigs": list(configs)},
    }
    config = {
        "gatewayId": base.gateway_id,
        "environmentId": base.environment_id,
        "backendScene": "SingleService",
        "serviceConfigs": [{"serviceId": base.services[0]}],
        "policyConfigs": [policy],
    }
    path = base.cloud.state.http_apis[api_id].base_path
    body = {"basePath": path, "deployConfigs": [config]}
    action = Params(
        action="UpdateHttpApi",
        version="2024-03-27",
        protocol="HTTP",
        pathname=f"/v1/http-apis/{api_id}",
        method="PUT",
        auth_type="AK",
        style="ROA",
        req_body_type="json",
        body_type="json",
    )
    base.client.call_api(action, OpenApiRequest(body=body), RuntimeOptions())


def test_a_new_api_has_the_products_own_fields(base, api_id):
    assert fields_of(base, api_id) == {
        path: {"basic": ["question", "input_token"], "custom": []}
        for path in (CHAT, "/v1/completions")
    }


def test_fields_are_replaced_as_a_whole(base, api_id):
    update(base, api_id, {"path": CHAT, "fieldPaths": {"basic": [], "custom": [TEAM]}})
    assert fields_of(base, api_id) == {CHAT: {"basic": [], "custom": ["team"]}}
    update(base, api_id)
    assert fields_of(base, api_id) == {CHAT: {"basic": [], "custom": ["team"]}}
    update(base, api_id, {"path": CHAT, "fieldPaths": {"basic": [], "custom": []}})
    assert fields_of(base, api_id) == {CHAT: {"basic": [], "custom": []}}


def test_a_key_is_unique_on_its_path(base, api_id):
    twice = {"path": CHAT, "fieldPaths": {"basic": [TEAM], "custom": [TEAM]}}
    with pytest.raises(Exception, match="not unique"):
        update(base, api_id, twice)
