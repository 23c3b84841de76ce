"""Built-in routes of a Model API: the cloud's where it lists them, else the catalog's. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dashlink.gateway.catalog import (
    AUDIO_BASE_PATHS,
    BASE_PATHS,
    CLIENT_CALLS,
    DASHSCOPE,
    ClientCall,
)
from dashlink.gateway.model_api.plan import protocol_of, routes_of
from dashlink.gateway.model_api.settings import ModelApiSettings

_MOST_DIFFERENCES = 6
_ANY_METHOD = "any method"
_VERSION = "/v1"
_NOT_LISTED = "routes, base_urls: dashlink's catalog; the cloud has listed no built-in routes"


@dataclass(frozen=True)
class Route:
    """A built-in route.

    Attributes:
        name: Name of the route.
        path: Path after the base path; `/*` at its end matches every path below.
        methods: HTTP methods; empty: all.
    """

    name: str
    path: str
    methods: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.name} {' '.join(self.methods) or _ANY_METHOD} {self.path}"

    def covers(self, path: str) -> bool:
        """Return whether the route serves a path, which has no wildcard."""
        if self.path.endswith("/*"):
            return f"{path}/".startswith(self.path.removesuffix("*"))
        return path == self.path

    def is_like(self, other: Route) -> bool:
        """Return whether two routes serve the same requests."""
        return self.path == other.path and set(self.methods) == set(other.methods)


def catalog_routes(api: ModelApiSettings) -> tuple[Route, ...]:
    """Return the routes that an API has according to the catalog."""
    return tuple(Route(route.name, route.path, route.methods) for route in routes_of(api))


def _all_catalog_routes(api: ModelApiSettings) -> tuple[Route, ...]:
    """Return the routes of the catalog from which the settings may select some."""
    if isinstance(api.routes, str):
        return catalog_routes(api)
    return catalog_routes(api.model_copy(update={"routes": "scene"}))


def listed_routes(
    api: ModelApiSettings, listed: Sequence[Mapping[str, Any]] | None
) -> tuple[Route, ...]:
    """Return the routes that the cloud lists, of those that the settings select.

    Args:
        api: The Model API.
        listed: `routes` of the deployed API; None where they were not read.
    """
    routes = [Route(row["name"], row["path"], tuple(row["methods"])) for row in listed or ()]
    routes = [_with_catalog_path(route, api) for route in routes]
    if isinstance(api.routes, str):
        return tuple(routes)
    selected = tuple(route for route in routes if route.name in api.routes)
    return selected or tuple(routes)


def _with_catalog_path(route: Route, api: ModelApiSettings) -> Route:
    """Return a route with the base path's own segments, if only then the catalog has its path.

    In an API with the base path `/v1`, `/v1/chat/completions` may be listed with or without it.
    """
    paths = {known.path for known in _all_catalog_routes(api)}
    whole = f"{api.base_path.rstrip('/')}{route.path}"
    if route.path not in paths and whole in paths:
        return Route(route.name, whole, route.methods)
    return route


def client_paths(api: ModelApiSettings, routes: Sequence[Route]) -> tuple[dict[str, str], str]:
    """Return the paths of the base URLs that SDKs expect, by their keys in the outputs.

    Args:
        api: The Model API.
        routes: Routes that the cloud lists; empty where it lists none.

    Returns:
        Paths after the base path, and what is not verified about them: a sentence, or empty.
    """
    paths = {}
    unverified = ""
    expected = _all_catalog_routes(api)
    for key, path in _catalog_paths(api).items():
        paths[key] = path
        found = _path_of(path, expected, routes)
        if found is not None:
            paths[key] = found
        elif routes:
            main = expected[0].path.removeprefix(path) or path
            unverified = f"base_urls: dashlink's catalog; no route of the API ends in {main}"
    return paths, unverified


def _catalog_paths(api: ModelApiSettings) -> Mapping[str, str]:
    protocol = protocol_of(api)
    if api.scene == "audio" and protocol == DASHSCOPE:
        return AUDIO_BASE_PATHS
    return BASE_PATHS[protocol]


def _path_of(path: str, expected: Sequence[Route], routes: Sequence[Route]) -> str | None:
    """Return the path of a base URL as the routes have it; None if they do not show it.

    The first route of the catalog that the cloud has decides: what follows the base URL in it is
    what SDKs add.
    """
    for known in expected:
        if any(route.covers(known.path.removesuffix("/*")) for route in routes):
            return path
    for known in expected:
        ending = known.path.removeprefix(path)
        for route in routes:
            if not ending and route.name == known.name:
                return route.path
            if ending and route.path.endswith(ending):
                return route.path.removesuffix(ending)
    return None


def unverified_routes(
    api: ModelApiSettings, listed: Sequence[Mapping[str, Any]] | None, paths_unverified: str
) -> tuple[str, ...]:
    """Return what is not verified about the routes in the outputs, sentences.

    A state of an earlier version has no routes (None), and its outputs are as they were.
    """
    if listed is not None and not listed:
        sentences = [_NOT_LISTED]
        for call in _calls_of(api):
            sentences.append(f"{call.path}: whether the API has it, where {call.callers}")
        return tuple(sentences)
    return (paths_unverified,) if paths_unverified else ()


def differences(api: ModelApiSettings, routes: Sequence[Route]) -> Iterator[str]:
    """Yield how the routes that the cloud lists differ from the catalog's.

    Each difference reads `the catalog's route -> the API's`, with `none` for a route that only one
    of them has. Routes are compared by name, then by what they serve.
    """
    added = list(routes)
    pairs: list[tuple[Route, Route | None]] = []
    for known in catalog_routes(api):
        found = _counterpart(known, added)
        pairs.append((known, found))
        if found is not None:
            added.remove(found)
    for known, found in pairs:
        if found is None:
            if isinstance(api.routes, str):  # else `route_notes` names it
                yield f"{known} -> none"
        elif found.name != known.name or not found.is_like(known):
            yield f"{known} -> {found}"
    for route in added:
        yield f"none -> {route}"


def call_notes(api: ModelApiSettings, routes: Sequence[Route]) -> list[str]:
    """Return notes on paths that clients call and the API does not serve; clauses.

    Args:
        api: The Model API.
        routes: Routes that the cloud lists; without any there is no note.
    """
    notes = []
    for call in _calls_of(api) if routes else ():
        paths = (call.path, call.path.removeprefix(_VERSION))
        if not any(route.covers(path) for route in routes for path in paths):
            notes.append(f"has no {call.path}, where {call.callers}; {call.instead}.")
    return notes


def _calls_of(api: ModelApiSettings) -> Sequence[ClientCall]:
    return CLIENT_CALLS.get(api.scene, {}).get(protocol_of(api), ())


def _counterpart(known: Route, routes: Sequence[Route]) -> Route | None:
    for route in routes:
        if route.name == known.name:
            return route
    for route in routes:
        if route.is_like(known):
            return route
    return None


def route_notes(api: ModelApiSettings, routes: Sequence[Route]) -> list[str]:
    """Return notes on routes that are not as the settings or the catalog expect; clauses.

    Args:
        api: The Model API.
        routes: Routes that the cloud lists; without any there is no note.
    """
    if not routes:
        return []
    notes = []
    names = {route.name for route in routes}
    missing = [] if isinstance(api.routes, str) else sorted(set(api.routes) - names)
    if missing:
        notes.append(
            f"lists {', '.join(missing)} in `routes`, which the API does not have: it has "
            f"{', '.join(sorted(names))}."
        )
    found = list(differences(api, routes))
    if found:
        more = len(found) - _MOST_DIFFERENCES
        line = "; ".join(found[:_MOST_DIFFERENCES])
        end = f"; and {more} more" if more > 0 else ""
        notes.append(
            "has built-in routes that differ from dashlink's catalog; the outputs follow the API. "
            f"Please report this line: {api.scene} {protocol_of(api)}: {line}{end}"
        )
    return notes
