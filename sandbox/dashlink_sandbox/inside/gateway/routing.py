"""Choose the service for a model, the model name that it is sent, and the fallbacks. Pure.

By model name a matching pattern decides: by the cloud's dialect the first one in the order of the
configuration, or the longest; ``*`` matches any text, ``?`` one character. By weight a random
number decides. Fallbacks follow in order.

Sources: Alibaba Cloud, "Manage Model APIs" (help, as saved 2026-11) for the modes and wildcards;
SDK 11.6.0 (AiFallbackConfig) for the fallbacks.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from dashlink_sandbox.dialects import Dialect
from dashlink_sandbox.gateways import HttpApi
from dashlink_sandbox.inside.gateway.refusal import GatewayRefusal

_BY_RATIO = "MultiServiceByRatio"
_WHOLE = 100
_WILDCARDS = {r"\*": ".*", r"\?": "."}


@dataclass(frozen=True)
class Target:
    """A service and the model name that it is sent; None: the name that was requested."""

    service_id: str
    model: str | None


@dataclass(frozen=True)
class Plan:
    """The targets in the order in which they are tried.

    Attributes:
        only_upstream: Fall back only after an error response of the service, not without one.
    """

    targets: tuple[Target, ...]
    only_upstream: bool


def plan(api: HttpApi, model: str, draw: float, dialect: Dialect) -> Plan:
    """Decide which services to try.

    Args:
        api: The Model API.
        model: The requested model; empty where the request names none.
        draw: From 0 to below 1; decides between weights.
        dialect: How the cloud answers the open questions.

    Raises:
        GatewayRefusal: 404 where no service is configured for the model.
    """
    config = api.deploy_config
    services = config.get("serviceConfigs") or ()
    scene = config.get("backendScene", "")
    first: Mapping[str, Any] | None = None
    if scene == _BY_RATIO:
        first = _by_weight(services, draw)
    elif scene == dialect["routing-by-model"]:
        first = _by_model(services, model, longest=dialect["pattern-order"] == "longest")
    elif services:
        first = services[0]
    if first is None:
        message = f"The API {api.name} has no service for the model {model!r}."
        raise GatewayRefusal(404, "no_service_for_model", message)
    targets = [Target(first["serviceId"], first.get("modelName") or None)]
    enabled = policies(config, "AiFallback", "aiFallbackConfig")
    fallback = enabled[0] if enabled else {}
    for item in fallback.get("serviceConfigs") or ():
        targets.append(Target(item["serviceId"], _fallback_model(item)))
    return Plan(tuple(targets), bool(fallback.get("onlyRedirectUpstreamCode")))


def policies(config: Mapping[str, Any], kind: str, name: str) -> list[Mapping[str, Any]]:
    """The configurations of all enabled policies of a kind."""
    enabled = []
    for policy in config.get("policyConfigs") or ():
        if policy.get("type") == kind and policy.get("enable", True):
            enabled.append(policy.get(name) or {})
    return enabled


def _fallback_model(item: Mapping[str, Any]) -> str | None:
    if item.get("passThroughModelName"):
        return None
    return item.get("targetModelName") or None


def _by_model(
    services: Sequence[Mapping[str, Any]], model: str, *, longest: bool
) -> Mapping[str, Any] | None:
    matching = []
    for row in services:
        if _pattern(row["modelNamePattern"]).fullmatch(model):
            matching.append(row)
    if longest:
        return max(matching, key=lambda row: len(row["modelNamePattern"]), default=None)
    return matching[0] if matching else None


def _by_weight(services: Sequence[Mapping[str, Any]], draw: float) -> Mapping[str, Any]:
    below = 0
    for row in services:
        below += row["weight"]
        if draw * _WHOLE < below:
            return row
    return services[-1]


@cache
def _pattern(pattern: str) -> re.Pattern[str]:
    expression = re.escape(pattern)
    for wildcard, meaning in _WILDCARDS.items():
        expression = expression.replace(wildcard, meaning)
    return re.compile(expression, re.DOTALL)
