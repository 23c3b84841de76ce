"""Validation of APIs. Pure: each rule raises the cloud's error or returns nothing.

Sources:
    SDK     alibabacloud_apig20240327 11.6.0, models CreateHttpApiRequest, HttpApiDeployConfig
    PAGE    Alibaba Cloud, "Manage Model APIs" (help.aliyun.com, 2025-12-04)
    ROS     ros-cdk-apig 1.15.0: allowed values
    codes   InvalidParameter.IsEmpty and .WithValue: see answers.py. Those of conflicts: DomainBase-
            PathExisted is unverified, that of a taken name is open.
limits.py has the policies. What is open is answered by the cloud's dialect.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from dashlink_sandbox.dialects import Dialect
from dashlink_sandbox.gateways import HttpApi
from dashlink_sandbox.model_routes import (
    LEGACY,
    all_words,
    builtin_routes,
    selectable_routes,
    word_of,
)
from dashlink_sandbox.services.apig.answers import (
    check_unique_name,
    conflict,
    items_of,
    required,
)
from dashlink_sandbox.wire.errors import ApiError, check_choice, invalid

_SCENES = ("SingleService", "MultiServiceByRatio", "Mock")
# SDK: further listed values, which the sandbox's gateways cannot serve.
_OTHER_SCENES = (
    "MultiServiceByContent",
    "MultiServiceByTag",
    "Redirect",
    "SemanticRouter",
    "AiAutoRouter",
)
_WITHOUT_ROUTES = ("MultiModal",)  # SDK; no source states its protocols and routes
CATEGORIES = (*(category for category in builtin_routes() if category != LEGACY), *_WITHOUT_ROUTES)
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")  # PAGE
_MOST_BYTES = 256  # SDK, basePath
_WHOLE = 100
_AUTH_TYPES = ("Apikey", "Jwt", "AkSk")  # ApiKeyIdentityConfig, JwtIdentityConfig, AkSk… of the SDK
_AUTH_MODES = ("Custom", "NoAuth")  # Custom: live code of an AI gateway; NoAuth: example of the SDK


def check_name(name: str, others: Sequence[HttpApi], dialect: Dialect) -> None:
    """Refuse a name that is malformed, or that another API of the account has (PAGE)."""
    if _NAME.fullmatch(name) is None:
        raise invalid("name", "The name has letters, digits, _ and -, at most 64.")
    message = f"The account has an API {name} already."
    check_unique_name(others, name, f"HttpApi{dialect['name-conflicts']}", message)


def check_base_path(path: str) -> None:
    """Refuse a base path that is not absolute, too long, or has a space (SDK)."""
    if not path.startswith("/") or " " in path or len(path.encode()) > _MOST_BYTES:
        message = "The base path starts with /, has no space, and at most 256 bytes."
        raise invalid("basePath", message)


def check_category(category: str) -> None:
    """Refuse an unknown category; no category is the older LLM API (SDK: it is optional)."""
    if category:
        check_choice("modelCategory", category, CATEGORIES)


def check_protocols(
    category: str, protocols: Sequence[str], dialect: Dialect, *, several: bool = False
) -> None:
    """Refuse a protocol that the category lacks.

    An API of type LLM has exactly one protocol, one of type Ai may have ``several`` (SDK).
    """
    known = _protocols_of(category, dialect)
    if not protocols or not known.issuperset(protocols):
        raise invalid("aiProtocols", f"The protocols are {', '.join(sorted(known))}.")
    if len(protocols) > 1 and not several:
        raise invalid("aiProtocols", "An API of type LLM has exactly one.")


def _protocols_of(category: str, dialect: Dialect) -> set[str]:
    """Return the words of a category's protocols; of all where no source states any."""
    if category in _WITHOUT_ROUTES:
        return set(all_words(dialect))
    return {word_of(dialect, protocol) for protocol in builtin_routes()[category or LEGACY]}


def check_authentication(api: HttpApi, *, words: bool) -> None:
    """Refuse authentication without its configuration (SDK: required with enableAuth)."""
    if not api.enable_auth:
        return
    kind = required(api.auth_config, "authType")
    mode = required(api.auth_config, "authMode")
    if words:
        check_choice("authConfig.authType", kind, _AUTH_TYPES)
        check_choice("authConfig.authMode", mode, _AUTH_MODES)


def check_path_is_free(
    api: HttpApi, others: Iterable[HttpApi], domains_of: Callable[[HttpApi], set[str]]
) -> None:
    """Refuse a domain and base path that another API of the account has (PAGE).

    Args:
        api: The API.
        others: All APIs of the account.
        domains_of: Returns the ids of an API's domains, those of its environment among them.
    """
    base_path = api.base_path.rstrip("/")
    for other in others:
        if other.http_api_id == api.http_api_id or other.base_path.rstrip("/") != base_path:
            continue
        shared = domains_of(api).intersection(domains_of(other))
        if shared:
            message = f"{other.name} has the domain {min(shared)} with {api.base_path} already."
            raise conflict("DomainBasePathExisted", message)


def check_routes(api: HttpApi, dialect: Dialect) -> None:
    """Refuse the name of a built-in route that the API does not have."""
    known = selectable_routes(api.model_category, api.ai_protocols, dialect)
    for name in items_of(api.deploy_config, "builtinRouteNames"):
        check_choice("deployConfigs.builtinRouteNames", name, known)


def check_services(
    config: Mapping[str, Any], service_ids: Collection[str], dialect: Dialect, *, words: bool
) -> None:
    """Refuse services that do not exist, or that the scene does not allow."""
    scene = required(config, "backendScene")
    by_model = dialect["routing-by-model"]
    if scene in _OTHER_SCENES and scene != by_model:
        message = f"The sandbox's gateways do not support the backendScene {scene}."
        raise ApiError("Sandbox.UnsupportedParameter", message)
    if words:
        check_choice("backendScene", scene, (*_SCENES, by_model))
    services = items_of(config, "serviceConfigs")
    for row in services:
        check_service("serviceConfigs", required(row, "serviceId"), service_ids)
    if scene == by_model:
        _check_patterns(services)
    elif scene in _CHECKS:
        _CHECKS[scene](services)


def check_service(name: str, service_id: str, service_ids: Collection[str]) -> None:
    """Refuse a service that the gateway does not have; ``name`` is the field that names it."""
    if service_id not in service_ids:
        raise invalid(name, f"The gateway has no service {service_id}.")


def _check_single(services: list[Mapping[str, Any]]) -> None:
    if len(services) != 1:
        raise invalid("serviceConfigs", "SingleService has exactly one.")


def _check_weights(services: list[Mapping[str, Any]]) -> None:
    """Refuse weights that are not 1 to 100 (ROS), or do not sum to 100 (the console's form)."""
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
}
