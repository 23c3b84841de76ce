"""The built-in routes of Model APIs, from the data file, and which route serves a request."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from dashlink_sandbox.data import read_data
from dashlink_sandbox.gateways import HttpApi

LEGACY = "LLM"
"""The category of the older LLM API's routes in the data file."""

_ALL_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True)
class Route:
    """One route.

    A ``*`` in the path matches anything; a path that ends in ``/*`` also matches without that end.
    """

    name: str
    path: str
    methods: tuple[str, ...]
    builtin: bool = True

    def matches(self, path: str) -> bool:
        """Whether ``path`` (without a base path) belongs to the route."""
        return _pattern(self.path).fullmatch(path) is not None


@cache
def builtin_routes() -> Mapping[str, Mapping[str, tuple[Route, ...]]]:
    """All built-in routes: category -> protocol -> routes."""
    categories: dict[str, dict[str, tuple[Route, ...]]] = {}
    for category, protocols in read_data("model_routes").items():
        categories[category] = {}
        for protocol, rows in protocols.items():
            routes = [Route(name, path, tuple(methods.split())) for name, path, methods in rows]
            categories[category][protocol] = tuple(routes)
    return categories


def routes_of(api: HttpApi) -> tuple[Route, ...]:
    """The routes of an API: the built-in ones that are enabled, and its custom ones."""
    custom = [_custom(row) for row in api.custom_routes.values()]
    return (*_enabled(api), *custom)


def match(routes: Iterable[Route], method: str, path: str) -> Route | None:
    """The route for a request: an exact path first, then the longest pattern."""
    fitting = [route for route in routes if method in route.methods and route.matches(path)]
    return max(fitting, key=_precedence, default=None)


def _enabled(api: HttpApi) -> tuple[Route, ...]:
    protocol = ""
    if api.ai_protocols:
        protocol = api.ai_protocols[0]
    builtin = builtin_routes().get(api.model_category or LEGACY, {}).get(protocol, ())
    enabled = api.deploy_config.get("builtinRouteNames")
    if enabled is None:
        return builtin
    by_name = {route.name: route for route in (*builtin, *builtin_routes()[LEGACY]["OpenAI/v1"])}
    return tuple(by_name[name] for name in enabled if name in by_name)


def _precedence(route: Route) -> tuple[bool, int]:
    return "*" not in route.path, len(route.path)


def _custom(row: Mapping[str, object]) -> Route:
    condition = row.get("match")
    if not isinstance(condition, dict):
        condition = {}
    path = condition.get("path") or {}
    value = str(path.get("value", "/"))
    if path.get("type") == "Prefix":
        value = f"{value.rstrip('/')}/*"
    methods = tuple(condition.get("methods") or _ALL_METHODS)
    return Route(str(row.get("name", "")), value, methods, builtin=False)


@cache
def _pattern(path: str) -> re.Pattern[str]:
    ending = ""
    if path.endswith("/*"):
        path = path.removesuffix("/*")
        ending = r"(/.*)?"
    return re.compile(re.escape(path).replace(r"\*", "[^/]+") + ending)
