"""Validation of APIs. Pure: each rule raises the cloud's error or returns nothing.

Sources: Alibaba Cloud, "Manage Model APIs" (help, as saved 2026-11): names, domain and base path,
weights; SDK 11.6.0: one protocol and one deploy configuration for type LLM, backendScene.
``MultiServiceByModelName`` is a guess: no source states the scene of routing by model name. All
codes are unverified.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from dashlink_sandbox.gateways import HttpApi
from dashlink_sandbox.model_routes import LEGACY, builtin_routes
from dashlink_sandbox.services.apig.answers import (
    check_unique_name,
    conflict,
    items_of,
    required,
)
from dashlink_sandbox.wire.errors import check_choice, invalid

BY_MODEL = "MultiServiceByModelName"
SCENES = ("SingleService", "MultiServiceByRatio", BY_MODEL, "Mock")
_WITHOUT_ROUTES = ("MultiModal",)  # SDK 11.6.0; no source states its protocols and routes
CATEGORIES = (*(category for category in builtin_routes() if category != LEGACY), *_WITHOUT_ROUTES)
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


def check_name(name: str, others: Sequence[HttpApi]) -> None:
    """Refuse a name that is malformed, or that another API of the account has."""
    if _NAME.fullmatch(name) is None:
        raise invalid("name", "The name has letters, digits, _ and -, at most 64.")
    message = f"The account has an API {name} already."
    check_unique_name(others, name, "HttpApiNameExisted", message)


def check_base_path(path: str) -> None:
    """Refuse a base path that is not an absolute path."""
    if _BASE_PATH.fullmatch(path) is None:
        raise invalid("basePath", "The base path starts with a slash.")


def check_protocols(category: str, protocols: Sequence[str], *, several: bool = False) -> None:
    """Refuse a protocol that the category lacks; no category is the older LLM API.

    An API of type LLM has exactly one protocol, one of type Ai may have ``several`` (SDK 11.6.0).
    """
    if category:
        check_choice("modelCategory", category, CATEGORIES)
    known = _protocols_of(category)
    if not protocols or not known.issuperset(protocols):
        raise invalid("aiProtocols", f"The protocols are {', '.join(sorted(known))}.")
    if len(protocols) > 1 and not several:
        raise invalid("aiProtocols", "An API of type LLM has exactly one.")


def _protocols_of(category: str) -> set[str]:
    """Return the protocols of a category; all of them where no source states any."""
    if category not in _WITHOUT_ROUTES:
        return set(builtin_routes()[category or LEGACY])
    known: set[str] = set()
    for protocols in builtin_routes().values():
        known.update(protocols)
    return known


def check_path_is_free(api: HttpApi, others: Iterable[HttpApi]) -> None:
    """Refuse a domain and base path that another API of the account has."""
    domains = set(items_of(api.deploy_config, "customDomainIds"))
    base_path = api.base_path.rstrip("/")
    for other in others:
        if other.http_api_id == api.http_api_id or other.base_path.rstrip("/") != base_path:
            continue
        shared = domains.intersection(items_of(other.deploy_config, "customDomainIds"))
        if shared:
            message = f"{other.name} has the domain {min(shared)} with {api.base_path} already."
            raise conflict("DomainBasePathExisted", message)


def check_services(config: Mapping[str, Any], service_ids: Collection[str]) -> None:
    """Refuse services that do not exist, or that the scene does not allow."""
    scene = required(config, "backendScene")
    check_choice("backendScene", scene, SCENES)
    services = items_of(config, "serviceConfigs")
    for row in services:
        _check_service("serviceConfigs", required(row, "serviceId"), service_ids)
    if scene in _CHECKS:
        _CHECKS[scene](services)


def _check_service(name: str, service_id: str, service_ids: Collection[str]) -> None:
    if service_id not in service_ids:
        raise invalid(name, f"The gateway has no service {service_id}.")


def _check_single(services: list[Mapping[str, Any]]) -> None:
    if len(services) != 1:
        raise invalid("serviceConfigs", "SingleService has exactly one.")


def _check_weights(services: list[Mapping[str, Any]]) -> None:
    total = 0
    for row in services:
        weight = row.get("weight")
        if not isinstance(weight, int) or weight <= 0:
            raise _bad_weights()
        total += weight
    if total != _WHOLE:
        raise _bad_weights()


def _bad_weights() -> Exception:
    return invalid("serviceConfigs", "The weights are 1 to 100 and sum to 100.")


def _check_patterns(services: list[Mapping[str, Any]]) -> None:
    if not services or not all(row.get("modelNamePattern") for row in services):
        raise invalid("serviceConfigs", "Each service has a modelNamePattern.")


_CHECKS: Mapping[str, Callable[[list[Any]], None]] = {
    "SingleService": _check_single,
    "MultiServiceByRatio": _check_weights,
    BY_MODEL: _check_patterns,
}


def check_policies(policies: Iterable[Mapping[str, Any]], service_ids: Collection[str]) -> None:
    """Refuse policies of an unknown type, without their section, or with unknown services."""
    for policy in policies:
        kind = required(policy, "type")
        check_choice("policyConfigs.type", kind, POLICY_CONFIGS)
        config = required(policy, POLICY_CONFIGS[kind])
        if kind == "AiFallback":
            for row in required(config, "serviceConfigs"):
                _check_service("aiFallbackConfig", row.get("serviceId"), service_ids)
        if kind == "AiTokenRateLimit":
            _check_limits(config)


def _check_limits(config: Mapping[str, Any]) -> None:
    for rule in [*items_of(config, "rules"), *items_of(config, "globalRules")]:
        if not isinstance(rule.get("limitValue"), int) or rule["limitValue"] < 1:
            raise invalid("aiTokenRateLimitConfig", "limitValue is a number from 1.")
