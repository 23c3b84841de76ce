"""The built-in routes of Model APIs, from the data file, and which route serves a request.

Their names and paths, and the words of protocols, depend on the cloud's dialect.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache

from dashlink_sandbox.data import read_data
from dashlink_sandbox.dialects import Dialect
from dashlink_sandbox.gateways import HttpApi

LEGACY = "LLM"
"""The category of the older LLM API's routes in the data file."""

_ALL_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_VERSION = "/v1"
_WORDS = {
    "Anthropic": "protocol-anthropic",
    "DashScope": "protocol-dashscope",
    "vLLM": "protocol-vllm",
    "ComfyUI": "protocol-comfyui",
}
"""Protocol of the data file -> question about its word; a protocol that is absent is its word."""


@dataclass(frozen=True)
class Route:
    """One route.

    A ``*`` in the path matches anything; a path that ends in ``/*`` also matches without that end.

    Attributes:
        only: The question and the option of the only dialects that have the route; empty: all.
        version: The version that the protocol has and the path lacks, as ``/v1``; empty: none.
    """

    name: str
    path: str
    methods: tuple[str, ...]
    builtin: bool = True
    only: tuple[str, ...] = ()
    version: str = ""

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
            categories[category][protocol] = tuple(_builtin(*row) for row in rows)
    return categories


def word_of(dialect: Dialect, protocol: str) -> str:
    """The word of a protocol in aiProtocols."""
    if protocol in _WORDS:
        return dialect[_WORDS[protocol]]
    return protocol


def all_words(dialect: Dialect) -> tuple[str, ...]:
    """The words of all protocols, sorted."""
    words = set()
    for protocols in builtin_routes().values():
        for protocol in protocols:
            words.add(word_of(dialect, protocol))
    return tuple(sorted(words))


def routes_of(api: HttpApi, dialect: Dialect) -> tuple[Route, ...]:
    """The routes of an API: the built-in ones that are enabled, and its custom ones."""
    custom = [_custom(row) for row in api.custom_routes.values()]
    return (*_enabled(api, dialect), *custom)


def selectable_routes(
    category: str, protocols: Iterable[str], dialect: Dialect
) -> dict[str, Route]:
    """The built-in routes that an API may enable, by name: its own, and the older LLM API's."""
    table = builtin_routes()
    routes = [*_of_protocols(category, protocols, dialect)]
    for route in table[LEGACY]["OpenAI/v1"]:
        routes.append(_spoken(route, dialect))
    return {route.name: route for route in routes}


def match(routes: Iterable[Route], method: str, path: str) -> Route | None:
    """The route for a request: an exact path first, then the longest pattern."""
    fitting = [route for route in routes if method in route.methods and route.matches(path)]
    return max(fitting, key=_precedence, default=None)


def _enabled(api: HttpApi, dialect: Dialect) -> tuple[Route, ...]:
    enabled = api.deploy_config.get("builtinRouteNames")
    if enabled is None:
        return tuple(_of_protocols(api.model_category, api.ai_protocols, dialect))
    by_name = selectable_routes(api.model_category, api.ai_protocols, dialect)
    return tuple(by_name[name] for name in enabled if name in by_name)


def _of_protocols(category: str, protocols: Iterable[str], dialect: Dialect) -> Iterator[Route]:
    """The built-in routes of a category for these words of protocols."""
    words = set(protocols)
    for protocol, routes in builtin_routes().get(category or LEGACY, {}).items():
        if word_of(dialect, protocol) not in words:
            continue
        for route in routes:
            if not route.only or dialect[route.only[0]] == route.only[1]:
                yield _spoken(route, dialect)


def _spoken(route: Route, dialect: Dialect) -> Route:
    """A built-in route with the name and the path that it has in ``dialect``."""
    name, path = route.name, route.path
    if dialect["route-names"] == "v1-chat-completions":
        name = re.sub(r"[^a-z0-9]+", "-", path.lower().replace("*", "any")).strip("-")
    if dialect["route-versions"] == "none" and path.startswith(f"{_VERSION}/"):
        return replace(route, name=name, path=path.removeprefix(_VERSION), version=_VERSION)
    return replace(route, name=name)


def _builtin(name: str, path: str, methods: str, only: str = "") -> Route:
    return Route(name, path, tuple(methods.split()), only=tuple(only.split("=")) if only else ())


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
