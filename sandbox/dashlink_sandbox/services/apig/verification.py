"""The call by which CreateService verifies a new AI service, where it is not skipped.

Source: SDK 11.6.0, CreateServiceRequest: validationOptions.skipVerifyAIChatCompletion. The alicloud
provider's test of an AI service (v1.291.0) creates one with an invented key and without these
options, so that only an explicit false asks for the call. Whether the gateway makes it is open; so
is the code of a failure. Here no request is sent: it is checked that the gateway reaches the
address, and that the model server takes the keys.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashlink_sandbox.gateways import AiService, Gateway
from dashlink_sandbox.inside.access import decide
from dashlink_sandbox.inside.gateway.upstreams import plain_address, why_unreachable
from dashlink_sandbox.inside.names import Refusal
from dashlink_sandbox.services.base import Call
from dashlink_sandbox.wire.errors import ApiError


def check_service(
    call: Call, gateway: Gateway, service: AiService, options: Mapping[str, Any]
) -> None:
    """Refuse a service that its verification finds unusable.

    Raises:
        ApiError: InvalidParameter.WithDetail, with the reason.
    """
    asked = options.get("skipVerifyAIChatCompletion") is False
    if not asked or call.dialect["service-verification"] == "never":
        return
    reason = _why_unusable(call, gateway, service)
    if reason:
        message = f"aiServiceConfig: a chat completion of {service.name} failed: {reason}."
        raise ApiError("InvalidParameter.WithDetail", message)


def _why_unusable(call: Call, gateway: Gateway, service: AiService) -> str:
    """Return why a chat completion would fail; empty if it would not."""
    address = plain_address(call.state, gateway, service, "/")
    upstream = address.upstream
    if upstream is not None:
        unreachable = why_unreachable(call.state, gateway, upstream)
        if unreachable or upstream.failing:
            return unreachable or f"{upstream.host} answers with status {upstream.failing}"
    else:
        vswitch = gateway.vswitch_id or gateway.vswitches[0][1]
        place = f"{gateway.vpc_id}.{vswitch}"
        decision = decide(call.state, place, address.host, address.port)
        if isinstance(decision, Refusal):
            return decision.cause
    if call.catalog.model_key not in service.ai_config.get("apiKeys", ()):
        return "the API key is invalid"
    return ""
