"""Which service answers for a model, under which model name, and which ones follow when it fails. Pure.

By model name the first pattern that fits decides, in the order of the configuration; ``*`` stands for any text, ``?``
for one character. By weight the draw decides. Fallbacks follow in their order, whatever was chosen first.

Sources: Alibaba Cloud, "Manage Model APIs" (help, as saved 2026-11) for the modes and wildcards; SDK 11.6.0
(AiFallbackConfig) for the fallbacks. That the first pattern wins is unverified.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from dashlink_sandbox.gateways import HttpApi
from dashlink_sandbox.inside.gateway.refusal import GatewayRefusal

_BY_RATIO = "MultiServiceByRatio"
_BY_MODEL = "MultiServiceByModelName"
_WHOLE = 100


@dataclass(frozen=True)
class Target:
    """A service and the model name that it is sent; None: as it was asked for."""

    service_id: str
    model: str | None


@dataclass(frozen=True)
class Plan:
    """The targets in the order in which they are tried; ``only_upstream``: only an upstream's own status moves on."""

    targets: tuple[Target, ...]
    only_upstream: bool


def plan(api: HttpApi, model: str, draw: float) -> Plan:
    """What to try for ``model`` (empty: the request names none); ``draw`` from 0 to below 1 decides between weights.

    Raises:
        GatewayRefusal: 404, no service is for this model.
    """
    config = api.deploy_config
    services = list(config.get("serviceConfigs") or ())
    row = _chosen(config.get("backendScene", ""), services, model, draw)
    if row is None:
        raise GatewayRefusal(404, "no_service_for_model", f"The API {api.name} has no service for the model {model!r}.")
    fallback = _policy(config, "AiFallback", "aiFallbackConfig")
    rest = [Target(item["serviceId"], _fallback_model(item)) for item in fallback.get("serviceConfigs") or ()]
    first = Target(row["serviceId"], row.get("modelName") or None)
    return Plan((first, *rest), bool(fallback.get("onlyRedirectUpstreamCode")))


def policies(config: Mapping[str, Any], kind: str, name: str) -> list[Mapping[str, Any]]:
    """The configurations of all policies of a kind that are on."""
    return [
        policy.get(name) or {}
        for policy in config.get("policyConfigs") or ()
        if policy.get("type") == kind and policy.get("enable", True)
    ]


def _policy(config: Mapping[str, Any], kind: str, name: str) -> Mapping[str, Any]:
    found = policies(config, kind, name)
    return found[0] if found else {}


def _fallback_model(item: Mapping[str, Any]) -> str | None:
    return None if item.get("passThroughModelName") else item.get("targetModelName") or None


def _chosen(scene: str, services: Sequence[Mapping[str, Any]], model: str, draw: float) -> Mapping[str, Any] | None:
    if scene == _BY_MODEL:
        return next((row for row in services if _pattern(row["modelNamePattern"]).fullmatch(model)), None)
    if scene == _BY_RATIO:
        return _by_weight(services, draw)
    return services[0] if services else None


def _by_weight(services: Sequence[Mapping[str, Any]], draw: float) -> Mapping[str, Any]:
    below = 0
    for row in services:
        below += row["weight"]
        if draw * _WHOLE < below:
            return row
    return services[-1]


@cache
def _pattern(pattern: str) -> re.Pattern[str]:
    parts = {"*": ".*", "?": "."}
    return re.compile("".join(parts.get(letter, re.escape(letter)) for letter in pattern), re.DOTALL)
