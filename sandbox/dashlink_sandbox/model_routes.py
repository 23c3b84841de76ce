"""The built-in routes of Model APIs, from the data file, and which route a path and a method take."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from dashlink_sandbox.gateways import HttpApi

LEGACY = "LLM"
"""The category under which the data has the older LLM API's routes."""


@dataclass(frozen=True)
class Route:
    """One route. A ``*`` in the path stands for anything; a path that ends in ``/*`` also fits without that part."""

    name: str
    path: str
    methods: tuple[str, ...]
    builtin: bool = True

    def fits(self, path: str) -> bool:
        """Whether ``path`` (without a base path) is this route's."""
        return _pattern(self.path).fullmatch(path) is not None


@cache
def builtin_routes() -> Mapping[str, Mapping[str, tuple[Route, ...]]]:
    """All built-in routes: category -> protocol -> routes."""
    text = (resources.files("dashlink_sandbox.data") / "model_routes.toml").read_text("utf-8")
    return {
        category: {
            protocol: tuple(Route(name, path, tuple(methods.split())) for name, path, methods in rows)
            for protocol, rows in protocols.items()
        }
        for category, protocols in tomllib.loads(text).items()
    }


def routes_of(api: HttpApi) -> tuple[Route, ...]:
    """The routes of an API: the built-in ones that it keeps, and its own."""
    protocol = api.ai_protocols[0] if api.ai_protocols else ""
    found = builtin_routes().get(api.model_category or LEGACY, {}).get(protocol, ())
    kept = api.deploy_config.get("builtinRouteNames")
    if kept is not None:
        known = {route.name: route for route in (*found, *builtin_routes()[LEGACY]["OpenAI/v1"])}
        found = tuple(known[name] for name in kept if name in known)
    return (*found, *(_custom(row) for row in api.custom_routes.values()))


def match(routes: Iterable[Route], method: str, path: str) -> Route | None:
    """The route for a request: of those that fit an exact one, else the one with the longest path."""
    fitting = [route for route in routes if method in route.methods and route.fits(path)]
    return max(fitting, key=lambda route: ("*" not in route.path, len(route.path)), default=None)


def _custom(row: Mapping[str, object]) -> Route:
    matched = row.get("match")
    matched = matched if isinstance(matched, dict) else {}
    path = matched.get("path") or {}
    value = str(path.get("value", "/"))
    prefix = path.get("type") == "Prefix"
    return Route(
        str(row.get("name", "")),
        f"{value.rstrip('/')}/*" if prefix else value,
        tuple(matched.get("methods") or ("GET", "POST", "PUT", "PATCH", "DELETE")),
        builtin=False,
    )


@cache
def _pattern(path: str) -> re.Pattern[str]:
    body, anything = (path[:-2], r"(/.*)?") if path.endswith("/*") else (path, "")
    return re.compile(re.escape(body).replace(r"\*", "[^/]+") + anything)
