"""Where a service is, seen from the gateway's nodes, and the path under which it takes a request. Pure.

A gateway reaches what a machine in its vSwitch reaches: an endpoint by its names, with the endpoint's security group
before it; a model server of its own VPC; one on the internet only where the VPC has a way out.

Sources: Higress, plugin ai-proxy (2026-08): the provider qwen has paths of its own on one host; other providers get the
request's path after the address's. PAI-EAS, "Call a service over the internet or a VPC" (2025): the form of addresses.
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
    """Where a service's requests go. ``upstream`` is set where it is a model server that an admin call made."""

    scheme: str
    host: str
    port: int
    path: str
    upstream: Upstream | None


def address_of(state: State, gateway: Gateway, service: AiService, path: str) -> Address:
    """Where ``path`` of ``service`` is."""
    provider = str(service.ai_config.get("provider", ""))
    url = urlsplit(_url(gateway, service))
    host = (url.hostname or "").lower()
    return Address(
        scheme=url.scheme,
        host=host,
        port=url.port or _PORTS.get(url.scheme, 443),
        path=_qwen_path(path) if provider == "qwen" else _joined(url.path, path),
        upstream=state.upstreams.get(host),
    )


def why_unreachable(state: State, gateway: Gateway, upstream: Upstream) -> str | None:
    """Why the gateway does not get through to a model server that is behind no endpoint; None where it does."""
    vpc = state.vpcs.get(gateway.vpc_id)
    if upstream.vpc_id and upstream.vpc_id != gateway.vpc_id and (vpc is None or upstream.vpc_id not in vpc.peers):
        return f"{upstream.host} is in {upstream.vpc_id}, to which {gateway.vpc_id} has no route"
    if not upstream.vpc_id and (vpc is None or not vpc.has_way_out):
        return f"{upstream.host} is on the internet, and {gateway.vpc_id} has no way out (no NAT gateway)"
    return None


def model_server_path(path: str) -> str:
    """Where the sandbox's one model server has a path of another server."""
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
    """``path`` after the address's own; a version that stands in both stands once."""
    base = base.rstrip("/")
    return base + (path[3:] if base.endswith("/v1") and path.startswith("/v1/") else path)
