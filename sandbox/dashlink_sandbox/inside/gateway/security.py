"""Content security of a Model API: it knows one forbidden word.

Source: SDK 11.6.0 (AiSecurityGuardConfig). How it refuses is unverified: here like Model Studio's
own inspection.
"""

from __future__ import annotations

from dashlink_sandbox.gateways import HttpApi
from dashlink_sandbox.inside.gateway.refusal import GatewayRefusal
from dashlink_sandbox.inside.gateway.routing import policies

FORBIDDEN = "sandbox-forbidden"
"""The word that content security refuses."""

_SWITCHES = {"request": "checkRequest", "answer": "checkResponse"}


def checks_responses(api: HttpApi) -> bool:
    """Whether content security checks the API's responses; streams are then buffered."""
    guards = policies(api.deploy_config, "AiSecurityGuard", "aiSecurityGuardConfig")
    return any(config.get("checkResponse") for config in guards)


def refuse_forbidden(api: HttpApi, text: str, which: str) -> None:
    """Refuse forbidden text in ``which``: "request" or "answer".

    Raises:
        GatewayRefusal: 400, with the code of Model Studio's own inspection.
    """
    for config in policies(api.deploy_config, "AiSecurityGuard", "aiSecurityGuardConfig"):
        if config.get(_SWITCHES[which]) and FORBIDDEN in text:
            message = f"Content security refused the {which}."
            raise GatewayRefusal(400, "data_inspection_failed", message)
