"""Resolve an AI service to its address, as seen from the gateway's nodes. Pure.

A gateway reaches what a machine in its vSwitch reaches: an endpoint by its names, through the
endpoint's security group; a model server of its own VPC; one on the internet only where the VPC has
a NAT gateway.

Sources: Higress, plugin ai-proxy (2026-08): the provider qwen has paths of its own on one host;
other providers get the request's path after the address's. PAI-EAS, "Call a service over the
internet or a VPC" (2025): the form of addresses.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from dashlink_sandbox.gateways import AiService, Gateway, Upstream
from dashlink_sandbox.state import State

_PORTS = {"http": 80, "https": 443}
_NATIVE = ("/api/v1/", "/api-ws/", "/compatible-mode/", "/compatible-api/", "/apps/")


@dataclass(frozen=True)
class Address:
    """The target of a request; ``upstream`` is a model server that an admin call created."""

    scheme: str
    host: str
    port: int
    path: str
    upstream: Upstream | None


def address_of(state: State, gateway: Gateway, service: AiService, path: str) -> Address:
    """Return the address of ``path`` at ``service``."""
    url = urlsplit(_url(gateway, service))
    host = (url.hostname or "").lower()
    if service.ai_config.get("provider", "") == "qwen":
        path = _qwen_path(path)
    else:
        path = _joined(url.path, path)
    port = url.port or _PORTS.get(url.scheme, 443)
    return Address(url.scheme, host, port, path, state.upstreams.get(host))


def why_unreachable(state: State, gateway: Gateway, upstream: Upstream) -> str | None:
    """Return why the gateway cannot connect to a model server without an endpoint; None: it can."""
    vpc = state.vpcs.get(gateway.vpc_id)
    own, target = gateway.vpc_id, upstream.vpc_id
    if not target and (vpc is None or not vpc.has_way_out):
        return f"{upstream.host} is on the internet, and {own} has no way out (no NAT gateway)"
    if target and target != own and (vpc is None or target not in vpc.peers):
        return f"{upstream.host} is in {target}, to which {own} has no route"
    return None


def model_server_path(path: str) -> str:
    """Translate a path of another model server to that of the sandbox's one model server."""
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


def _qwen_path(path: str) -> str:
    if path.startswith("/v1/messages"):
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
