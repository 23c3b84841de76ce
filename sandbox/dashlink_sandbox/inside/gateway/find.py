"""Which Model API and which of its routes a request is for. Pure: records in, decision out.

Of the APIs that are served under the host, the one with the longest base path that fits takes the request; within it
the route. Source: Alibaba Cloud, "Manage Model APIs" (help, as saved 2026-11): a domain with a base path is unique.
"""

from __future__ import annotations

from dataclasses import dataclass

from dashlink_sandbox.gateways import HttpApi
from dashlink_sandbox.inside.gateway.refusal import GatewayRefusal
from dashlink_sandbox.model_routes import Route, match, routes_of
from dashlink_sandbox.state import State


@dataclass(frozen=True)
class Found:
    """Where a request leads. ``path`` is without the base path, ``forward_path`` as it goes to the service."""

    api: HttpApi
    route: Route
    path: str
    forward_path: str


def find(state: State, gateway_id: str, host: str, method: str, path: str) -> Found:
    """The API and route for a request.

    Raises:
        GatewayRefusal: 404, and why.
    """
    served = _served(state, gateway_id, host)
    if not served:
        raise GatewayRefusal(404, "no_domain", f"No API is served under {host} on this gateway.")
    fitting = [api for api in served if _below(api.base_path, path) is not None]
    if not fitting:
        paths = ", ".join(sorted(api.base_path for api in served))
        raise GatewayRefusal(404, "no_api", f"No API of {host} has a base path of {path}; there are {paths}.")
    api = max(fitting, key=lambda one: len(one.base_path.rstrip("/")))
    rest = _below(api.base_path, path) or "/"
    route = match(routes_of(api), method, rest)
    if route is None:
        raise GatewayRefusal(404, "no_route", f"The API {api.name} has no route for {method} {rest}.")
    return Found(api, route, rest, rest if api.remove_base_path_on_forward else path)


def forces_https(state: State, api: HttpApi, host: str) -> bool:
    """Whether the domain by which ``api`` was found takes HTTPS alone."""
    name = host.partition(":")[0].lower()
    rows = (state.domains.get(domain_id) for domain_id in api.deploy_config.get("customDomainIds") or ())
    return any(
        row is not None and covers(row.name, name) and row.protocol == "HTTPS" and row.force_https for row in rows
    )


def _served(state: State, gateway_id: str, host: str) -> list[HttpApi]:
    name = host.partition(":")[0].lower()
    domains = {row.domain_id for row in state.domains.values() if covers(row.name, name)}
    return [
        api
        for api in state.http_apis.values()
        if api.gateway_id == gateway_id
        and api.deployed is not None
        and domains & set(api.deploy_config.get("customDomainIds") or ())
    ]


def covers(domain: str, name: str) -> bool:
    """Whether ``name`` is the domain; ``*.`` at its beginning stands for one label."""
    return domain == name or (domain.startswith("*.") and name.partition(".")[2] == domain[2:])


def _below(base_path: str, path: str) -> str | None:
    """``path`` without ``base_path``; None where it is not below it."""
    base = base_path.rstrip("/")
    if path == base or path.startswith(f"{base}/"):
        return path[len(base) :] or "/"
    return None
