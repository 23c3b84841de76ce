"""What a gateway asks of a request before it routes it: URL, key, limits."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from dashlink.clients.outputs import KeyPlacement, RouteOutputs
from dashlink.gateway.config import GatewayConfig
from dashlink.gateway.model_api.key_placement import key_placement, other_placements
from dashlink.gateway.model_api.plan import auth_of
from dashlink.gateway.model_api.settings import Limit, ModelApiSettings

_MOST_ROUTES = 3
_EACH = {
    "global": "of all requests together",
    "consumer": "of each consumer",
    "header": "of each value of the header {key}",
    "query": "of each value of the query parameter {key}",
    "cookie": "of each value of the cookie {key}",
    "ip": "of each address",
    "model": "of each model name",
}
_ONE = {
    "consumer": "of the consumer {value}",
    "header": "with the header {key}: {value}",
    "query": "with the query parameter {key}={value}",
    "cookie": "with the cookie {key}={value}",
    "ip": "from {value}",
    "model": "for the model {value}",
}


@dataclass(frozen=True)
class Refusal:
    """A response of the gateway itself: the status, and why."""

    status: int
    why: str


@dataclass(frozen=True)
class Key:
    """Whose key an API asks for, and where; None for a signed request.

    Attributes:
        consumer: Name of the consumer in the settings.
        kind: Type of the credential: api-key, jwt or ak-sk.
        place: Where a request carries it.
        enabled: Whether the consumer may call at all.
    """

    consumer: str
    kind: str
    place: KeyPlacement | None
    enabled: bool


def keys_of(api: ModelApiSettings, config: GatewayConfig) -> list[Key]:
    """Return the keys with which an API may be called; empty where it requires none."""
    kind = auth_of(api)
    if kind is None:
        return []
    common = key_placement(api, config.consumers)
    others = other_placements(api, config.consumers)
    keys = []
    for name in api.consumers:
        enabled = config.consumers[name].enabled
        keys.append(Key(name, kind, others.get(name, common), enabled))
    return keys


def key_lines(api: ModelApiSettings, config: GatewayConfig) -> list[str]:
    """Return a line for each place of a key, with its consumers."""
    kind = auth_of(api)
    if kind is None:
        return ["none: every client that reaches the gateway may call it"]
    consumers: dict[str, list[str]] = {}
    for key in keys_of(api, config):
        name = key.consumer if key.enabled else f"{key.consumer} (not enabled)"
        consumers.setdefault(_place(key), []).append(name)
    if not consumers:
        return [f"{kind}, and no consumer may call it"]
    return [f"{place}, of {' or '.join(names)}" for place, names in consumers.items()]


def _place(key: Key) -> str:
    if key.place is None:
        return "signed requests (ak-sk)"
    credential = "TOKEN" if key.kind == "jwt" else "KEY"
    if key.place.source == "query":
        return f"query parameter {key.place.name}={credential}"
    return f"header {key.place.name}: {key.place.prefix}{credential}"


def limits_that_apply(api: ModelApiSettings, model: str) -> list[Limit]:
    """Return the limits that may count a request for a model.

    Limits of one value of a header, parameter, cookie, consumer or address count only such
    requests; a limit of another model counts none of these.
    """
    applying = []
    for limit in api.limits:
        if limit.by != "model" or limit.value in (None, model):
            applying.append(limit)
    return applying


def limit_line(limit: Limit) -> str:
    """Return a limit as text, e.g. `1,000 tokens a minute of each consumer`."""
    if limit.concurrent is not None:
        amount = f"{limit.concurrent:,} requests at a time"
    else:
        count, what = limit.tokens or limit.requests, "tokens" if limit.tokens else "requests"
        amount = f"{count:,} {what} a {limit.per or 'minute'}"
    form = _EACH[limit.by] if limit.value is None else _ONE[limit.by]
    return f"{amount} {form.format(key=limit.key, value=limit.value)}"


def request_document(api: ModelApiSettings, config: GatewayConfig, model: str) -> dict[str, Any]:
    """Return keys and limits for programs."""
    keys = []
    for key in keys_of(api, config):
        place = None if key.place is None else key.place.model_dump(mode="json")
        keys.append({"consumer": key.consumer, "enabled": key.enabled, "key_in": place})
    limits = [limit.model_dump(mode="json") for limit in limits_that_apply(api, model)]
    return {"auth": auth_of(api), "keys": keys, "limits": limits}


def api_at(config: GatewayConfig, host: str, path: str) -> str | Refusal:
    """Return the key of the Model API that a request reaches, by its host and path.

    Of the APIs under the host, the one with the longest matching base path takes the request.
    Source: Alibaba Cloud, "Manage Model APIs" (help, as saved 2026-11): a domain with a base path
    is unique.
    """
    served = {}
    for key, api in config.model_apis.items():
        if any(_covers(domain, host) for domain in api.domains):
            served[key] = api.base_path.rstrip("/")
    if not served:
        names: set[str] = set()
        for api in config.model_apis.values():
            names.update(api.domains)
        return _not_found(f"no API under the domain {host}; there are {', '.join(sorted(names))}")
    matching = {key: base for key, base in served.items() if _is_below(path, base)}
    if not matching:
        paths = ", ".join(sorted(base or "/" for base in served.values()))
        return _not_found(f"no API of {host} has a base path of {path}; there are {paths}")
    return max(matching, key=lambda key: len(matching[key]))


def route_at(
    api: str, routes: Sequence[RouteOutputs], method: str, path: str
) -> RouteOutputs | Refusal:
    """Return the built-in route that a request takes."""
    for route in routes:
        if route.methods and method not in route.methods:
            continue
        if _matches(route.path, path):
            return route
    return _not_found(f"{api} has no route for {method} {path}; it has {requests_of(routes)}")


def requests_of(routes: Sequence[RouteOutputs]) -> str:
    """Return the requests that reach an API, on one line."""
    requests = []
    for route in routes[:_MOST_ROUTES]:
        requests.append(f"{'|'.join(route.methods) or 'any method'} {route.path}")
    more = len(routes) - _MOST_ROUTES
    text = ", ".join(requests)
    return f"{text} and {more} more" if more > 0 else text


def _covers(domain: str, host: str) -> bool:
    """Whether a domain has a host; a leading ``*.`` is one label."""
    return domain == host or (domain.startswith("*.") and host.partition(".")[2] == domain[2:])


def _is_below(path: str, base: str) -> bool:
    return path == base or path.startswith(f"{base}/")


def _matches(pattern: str, path: str) -> bool:
    """Whether a path fits that of a route: `/*` at its end is everything below, and itself."""
    if pattern.endswith("/*"):
        return _matches(pattern.removesuffix("/*"), path) or bool(
            re.match(_expression(pattern.removesuffix("*")), path)
        )
    return re.fullmatch(_expression(pattern), path) is not None


def _expression(pattern: str) -> str:
    return re.escape(pattern).replace(r"\*", "[^/]+")


def _not_found(why: str) -> Refusal:
    return Refusal(HTTPStatus.NOT_FOUND.value, why)
