"""Find the Model API and the route for a request. Pure.

Of the APIs under the host, the one with the longest matching base path takes the request; within it
the route. Source: Alibaba Cloud, "Manage Model APIs" (help, as saved 2026-11): a domain with a base
path is unique.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dashlink_sandbox.gateways import Domain, HttpApi
from dashlink_sandbox.inside.gateway.refusal import GatewayRefusal
from dashlink_sandbox.model_routes import Route, match, routes_of
from dashlink_sandbox.state import State


@dataclass(frozen=True)
class RouteMatch:
    """The API and route of a request.

    Attributes:
        forward_path: The path that the service receives, after its address.
        protocol_path: The path of the protocol: without the base path, with its version.
    """

    api: HttpApi
    route: Route
    forward_path: str
    protocol_path: str


def find_route(state: State, gateway_id: str, host: str, method: str, path: str) -> RouteMatch:
    """Return the API and the route for a request.

    Raises:
        GatewayRefusal: 404 where no domain, base path or route matches.
    """
    served = _apis_under(state, gateway_id, host)
    if not served:
        message = f"No API is served under {host} on this gateway."
        raise GatewayRefusal(404, "no_domain", message)
    matching = [api for api in served if _below(api.base_path, path) is not None]
    if not matching:
        paths = ", ".join(sorted(api.base_path for api in served))
        message = f"No API of {host} has a base path of {path}; there are {paths}."
        raise GatewayRefusal(404, "no_api", message)
    api = max(matching, key=lambda one: len(one.base_path.rstrip("/")))
    rest = _below(api.base_path, path) or "/"
    route = match(routes_of(api, state.dialect), method, rest)
    if route is None:
        message = f"The API {api.name} has no route for {method} {rest}."
        raise GatewayRefusal(404, "no_route", message)
    forwarded = rest if api.remove_base_path_on_forward else path
    return RouteMatch(api, route, forwarded, route.version + rest)


def domains_of(state: State, api: HttpApi) -> Iterator[Domain]:
    """The existing domains of ``api``."""
    for domain_id in api.deploy_config.get("customDomainIds") or ():
        domain = state.domains.get(domain_id)
        if domain is not None:
            yield domain


def forces_https(state: State, api: HttpApi, host: str) -> bool:
    """Whether the domain of ``api`` that matches ``host`` redirects HTTP to HTTPS."""
    name = _host_name(host)
    for domain in domains_of(state, api):
        if domain.protocol == "HTTPS" and domain.force_https and covers(domain.name, name):
            return True
    return False


def covers(domain: str, name: str) -> bool:
    """Whether ``domain`` matches ``name``; a leading ``*.`` matches one label."""
    return domain == name or (domain.startswith("*.") and name.partition(".")[2] == domain[2:])


def _apis_under(state: State, gateway_id: str, host: str) -> list[HttpApi]:
    name = _host_name(host)
    served = []
    for api in state.http_apis.values():
        if api.gateway_id != gateway_id or api.deployed is None:
            continue
        by_domain = any(covers(domain.name, name) for domain in domains_of(state, api))
        if by_domain or name == _environment_domain(state, api):
            served.append(api)
    return served


def _environment_domain(state: State, api: HttpApi) -> str:
    """The environment's own domain, if the API is bound to it; empty if not."""
    config = api.deploy_config
    environment = state.environments.get(config.get("environmentId", ""))
    bound = config.get("envDomainIds")
    if environment is None or (bound is not None and environment.domain_id not in bound):
        return ""
    return environment.domain


def _host_name(host: str) -> str:
    return host.partition(":")[0].lower()


def _below(base_path: str, path: str) -> str | None:
    """``path`` without ``base_path``; None where it is not below it."""
    base = base_path.rstrip("/")
    if path == base or path.startswith(f"{base}/"):
        return path[len(base) :] or "/"
    return None
