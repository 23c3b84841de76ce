"""Log fields of a Model API, by the paths of its routes.

Sources: SDK 11.6.0, models AiStatisticsConfigPathFieldConfigs (a list without a path deletes that
path's fields; an absent or empty list changes nothing), AiStatisticsPathField and
GetApiPathFieldConfigResponseBody (a key is unique within its path). Which fields a new API has is
open: two of the texts' examples, `question` and `input_token`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashlink_sandbox.model_routes import routes_of
from dashlink_sandbox.services.apig.answers import items_of, ok
from dashlink_sandbox.services.apig.http_apis import find_api
from dashlink_sandbox.services.apig.log_field_rules import stored_fields
from dashlink_sandbox.services.base import Answer, Call

_BASIC: tuple[Mapping[str, Any], ...] = (
    {
        "fieldKey": "question",
        "source": "request_body",
        "jsonPath": "messages.#.content",
        "category": "conversation",
    },
    {
        "fieldKey": "input_token",
        "source": "response_body",
        "jsonPath": "usage.prompt_tokens",
        "category": "usage",
    },
)


def describe(call: Call) -> Answer:
    """GetApiPathFieldConfig."""
    api = find_api(call, call.params.required("httpApiId"))
    gateway_id = call.params.required("gatewayId")
    configs = stored_fields(items_of(api.deploy_config, "policyConfigs"))
    if not configs:
        for route in routes_of(api, call.dialect):
            if route.builtin:
                groups = {"basic": [_shape(row) for row in _BASIC], "custom": []}
                configs.append({"path": route.path, "fieldPaths": groups})
    return ok({"apiId": api.http_api_id, "gatewayId": gateway_id, "pathConfigs": configs})


def _shape(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "recordEnabled": True, "templateDerived": True, "toggleable": True}
