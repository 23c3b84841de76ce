"""Resolve an AI service to its address, as seen from the gateway's nodes. Pure.

A gateway reaches what a machine in its vSwitch reaches: an endpoint by its names, through the
endpoint's security group; a model server of its own VPC; one on the internet only where the VPC has
a way out; by the dialect, without one.

Sources: Higress, plug-in ai-proxy (4e0d691, 2026-04-30): qwen.go has a path on one host for each
call, provider.go puts a configured base path before it unless it begins with that; openai.go and
vllm.go send the call's path without /v1 after the path of a custom URL. PAI-EAS, "Call a service
over the internet or a VPC" (2025): the form of addresses, which end in the service; the path of the
model follows. Which of them an AI service has is a matter of the cloud's dialect.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from dashlink_sandbox.dialects import Dialect
from dashlink_sandbox.gateways import AiService, Gateway, Upstream
from dashlink_sandbox.inside.gateway.lookup import RouteMatch
from dashlink_sandbox.inside.maas.hosts import HOSTS
from dashlink_sandbox.inside.models import HEALTH_PATH
from dashlink_sandbox.inside.public import addresses_of
from dashlink_sandbox.inside.routes import Place
from dashlink_sandbox.inside.way_out import find_way_out
from dashlink_sandbox.state import State

_ANY_ADDRESS = "192.0.2.255"  # of a service that is an upstream by its own name
_PORTS = {"http": 80, "https": 443}
_VERSION = "/v1"
_MESSAGES = "/v1/messages"  # the base URL of the Anthropic protocol has no version
_NATIVE = ("/api/v1/", "/api-ws/", "/compatible-mode/", "/compatible-api/", "/apps/")


@dataclass(frozen=True)
class Address:
    """The target of a request; ``upstream`` is a model server that an admin call created."""

    scheme: str
    host: str
    port: int
    path: str
    upstream: Upstream | None


def address_of(state: State, gateway: Gateway, service: AiService, route: RouteMatch) -> Address:
    """Return the address of a request at ``service``."""
    base = urlsplit(_url(gateway, service)).path.rstrip("/")
    provider = service.ai_config.get("provider", "")
    dialect = state.dialect
    if provider == "pai-eas":
        path = f"{base}{route.route.version}{route.forward_path}"
    elif provider == "qwen":
        path = _vendor_path(dialect, base, route)
    else:
        path = _custom_path(dialect, base, route)
    return plain_address(state, gateway, service, path)


def plain_address(state: State, gateway: Gateway, service: AiService, path: str) -> Address:
    """Return the address of ``path`` on a service's host, as it is."""
    url = urlsplit(_url(gateway, service))
    host = (url.hostname or "").lower()
    port = url.port or _PORTS.get(url.scheme, 443)
    upstream = state.upstreams.get(host) if host not in HOSTS else None
    return Address(url.scheme, host, port, path or "/", upstream)


def why_unreachable(state: State, gateway: Gateway, upstream: Upstream) -> str | None:
    """Return why the gateway cannot connect to a model server without an endpoint; None: it can."""
    vpc = state.vpcs.get(gateway.vpc_id)
    own, target = gateway.vpc_id, upstream.vpc_id
    if vpc is None:
        return f"{own} is gone"
    if not target:
        return _why_not_out(state, gateway, upstream)
    if target != own and target not in vpc.peers:
        return f"{upstream.host} is in {target}, to which {own} has no route"
    return None


def _why_not_out(state: State, gateway: Gateway, upstream: Upstream) -> str | None:
    """Return why the gateway does not reach the internet; by the dialect a way of its own does."""
    if state.dialect["gateway-way-out"] == "own":
        return None
    vswitch_id = gateway.vswitch_id or gateway.vswitches[0][1]
    place = Place(gateway.vpc_id, vswitch_id, gateway.address)
    (address, *_) = addresses_of(state, upstream.host) or (_ANY_ADDRESS,)
    way_out = find_way_out(state, place, address)
    if isinstance(way_out, str):
        return f"{upstream.host} is on the internet: {way_out}"
    return None


def model_server_path(path: str) -> str:
    """Translate a path of another model server to that of the sandbox's one model server."""
    if path == HEALTH_PATH:
        return path
    for prefix in _NATIVE:
        if prefix in path:
            return path[path.index(prefix) :]
    rest = path[path.index("/v1/") :] if "/v1/" in path else path
    return _qwen_path(rest)


def _url(gateway: Gateway, service: AiService) -> str:
    eas = service.ai_config.get("paiEASServiceConfig")
    if not eas:
        return str(service.ai_config.get("address", ""))
    suffix = ".vpc" if eas.get("endpointType") == "vpc" else ""
    host = f"{gateway.owner}{suffix}.{gateway.region}.pai-eas.aliyuncs.com"
    return f"http://{host}/api/predict/{eas.get('serviceName')}"


def _vendor_path(dialect: Dialect, base: str, route: RouteMatch) -> str:
    """The path at Model Studio, at an address with the path ``base``."""
    answer = dialect["upstream-paths"]
    if answer == "after-the-address":
        return _joined(base, route.forward_path)
    path = _qwen_path(route.protocol_path)
    if path == "/compatible-api/v1/rerank":
        path = f"{path}s"  # qwenCompatibleTextRerankPath
    if answer == "under-the-address" and not path.startswith(base):
        return base + path
    return path


def _custom_path(dialect: Dialect, base: str, route: RouteMatch) -> str:
    """The path at another vendor, at an address with the path ``base``."""
    path = route.forward_path
    if route.protocol_path.startswith(_MESSAGES):
        return _joined(base, route.route.version + path)
    if dialect["custom-paths"] == "base-url" and path.startswith(f"{_VERSION}/"):
        return base + path.removeprefix(_VERSION)
    return _joined(base, path)


def _qwen_path(path: str) -> str:
    if path.startswith(_MESSAGES):
        return f"/apps/anthropic{path}"
    if path.startswith("/v1/rerank"):
        return f"/compatible-api{path}"
    return f"/compatible-mode{path}" if path.startswith("/v1/") else path


def _joined(base: str, path: str) -> str:
    """``path`` after ``base``; a version that both have appears once."""
    base = base.rstrip("/")
    if base.endswith("/v1") and path.startswith("/v1/"):
        path = path.removeprefix("/v1")
    return base + path
