"""What an API may be. Pure: each rule raises the cloud's error or says nothing.

Sources: Alibaba Cloud, "Manage Model APIs" (help, as saved 2026-11): names, domain and base path, weights; SDK 11.6.0:
one protocol and one deploy configuration for type LLM, backendScene. ``MultiServiceByModelName`` is a guess: no source
states the scene of routing by model name. All codes are unverified.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from dashlink_sandbox.gateways import HttpApi
from dashlink_sandbox.model_routes import LEGACY, builtin_routes
from dashlink_sandbox.services.apig.answers import bad, conflict, required

BY_MODEL = "MultiServiceByModelName"
SCENES = ("SingleService", "MultiServiceByRatio", BY_MODEL, "Mock")
CATEGORIES = tuple(category for category in builtin_routes() if category != LEGACY)
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_BASE_PATH = re.compile(r"/[A-Za-z0-9_./~-]{0,255}")
_WHOLE = 100
POLICY_CONFIGS: Mapping[str, str] = {
    "AiFallback": "aiFallbackConfig",
    "AiTokenRateLimit": "aiTokenRateLimitConfig",
    "AiStatistics": "aiStatisticsConfig",
    "AiSecurityGuard": "aiSecurityGuardConfig",
    "AiCache": "aiCacheConfig",
}


def check_name(name: str, others: Iterable[HttpApi]) -> None:
    """Refuse a name that is malformed, or that another API of the account has."""
    if _NAME.fullmatch(name) is None:
        raise bad("name", "The name has letters, digits, _ and -, at most 64.")
    if any(other.name == name for other in others):
        raise conflict("HttpApiNameExisted", f"The account has an API {name} already.")


def check_base_path(path: str) -> None:
    """Refuse what is no path."""
    if _BASE_PATH.fullmatch(path) is None:
        raise bad("basePath", "The base path starts with a slash.")


def check_protocols(category: str, protocols: list[str]) -> None:
    """Refuse a protocol that the category does not have; without a category it is the older LLM API."""
    if category and category not in CATEGORIES:
        raise bad("modelCategory", f"It must be one of {', '.join(CATEGORIES)}.")
    known = builtin_routes()[category or LEGACY]
    if len(protocols) != 1 or protocols[0] not in known:
        raise bad("aiProtocols", f"Exactly one of {', '.join(known)}.")


def check_place(api: HttpApi, others: Iterable[HttpApi]) -> None:
    """Refuse a domain and base path that another API of the account has."""
    domains = set(api.deploy_config.get("customDomainIds") or ())
    for other in others:
        shared = domains & set(other.deploy_config.get("customDomainIds") or ())
        same = other.base_path.rstrip("/") == api.base_path.rstrip("/")
        if shared and same and other.http_api_id != api.http_api_id:
            raise conflict(
                "DomainBasePathExisted", f"{other.name} has the domain {min(shared)} with {api.base_path} already."
            )


def check_services(config: Mapping[str, Any], service_ids: set[str]) -> None:
    """Refuse services that are not there, or that the scene does not allow."""
    scene = required(config, "backendScene")
    if scene not in SCENES:
        raise bad("backendScene", f"It must be one of {', '.join(SCENES)}.")
    services = config.get("serviceConfigs") or []
    for row in services:
        if required(row, "serviceId") not in service_ids:
            raise bad("serviceConfigs", f"The gateway has no service {row['serviceId']}.")
    if scene in _CHECKS:
        _CHECKS[scene](services)


def _check_single(services: list[Mapping[str, Any]]) -> None:
    if len(services) != 1:
        raise bad("serviceConfigs", "SingleService has exactly one.")


def _check_weights(services: list[Mapping[str, Any]]) -> None:
    weights = [row["weight"] for row in services if isinstance(row.get("weight"), int) and row["weight"] > 0]
    if len(weights) != len(services) or sum(weights) != _WHOLE:
        raise bad("serviceConfigs", "The weights are 1 to 100 and sum to 100.")


def _check_patterns(services: list[Mapping[str, Any]]) -> None:
    if not services or not all(row.get("modelNamePattern") for row in services):
        raise bad("serviceConfigs", "Each service has a modelNamePattern.")


_CHECKS: Mapping[str, Callable[[list[Any]], None]] = {
    "SingleService": _check_single,
    "MultiServiceByRatio": _check_weights,
    BY_MODEL: _check_patterns,
}


def check_policies(policies: Iterable[Mapping[str, Any]], service_ids: set[str]) -> None:
    """Refuse policies of an unknown type, without their part, or with services that are not there."""
    for policy in policies:
        kind = required(policy, "type")
        if kind not in POLICY_CONFIGS:
            raise bad("policyConfigs.type", f"It must be one of {', '.join(POLICY_CONFIGS)}.")
        config = required(policy, POLICY_CONFIGS[kind])
        if kind == "AiFallback":
            _check_fallbacks(config, service_ids)
        if kind == "AiTokenRateLimit":
            _check_limits(config)


def _check_fallbacks(config: Mapping[str, Any], service_ids: set[str]) -> None:
    for row in required(config, "serviceConfigs"):
        if row.get("serviceId") not in service_ids:
            raise bad("aiFallbackConfig", f"The gateway has no service {row.get('serviceId')}.")


def _check_limits(config: Mapping[str, Any]) -> None:
    for rule in [*(config.get("rules") or ()), *(config.get("globalRules") or ())]:
        if not isinstance(rule.get("limitValue"), int) or rule["limitValue"] < 1:
            raise bad("aiTokenRateLimitConfig", "limitValue is a number from 1.")
