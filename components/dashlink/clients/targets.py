"""What a probe requests of each host that the outputs name, and which response is right.

No request has a key or a prompt, or costs tokens: an empty JSON body is refused by every model
service.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any, Literal
from urllib.parse import urlsplit

from dashlink.clients.outputs import EndpointOutputs, ModelApiOutputs
from dashlink.clients.probe import Advice, Finding, Response, Target, probe_target

_EMPTY = b"{}"
_REFUSED_KEY = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_WRONG_PATH = (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED)
_NO_INSTANCE = HTTPStatus.SERVICE_UNAVAILABLE


def probe(endpoint: EndpointOutputs, timeout_seconds: float) -> list[Finding]:
    """Run the steps for one endpoint; if one fails, it is the last in the list."""
    return probe_target(endpoint_target(endpoint), timeout_seconds)


def endpoint_target(endpoint: EndpointOutputs) -> Target:
    """Return the target of an endpoint, or of a workspace's connection."""
    is_workspace = endpoint.workspace_id is not None
    addresses = {zone.address for zone in endpoint.zones.values()} | set(endpoint.addresses)
    base_url = endpoint.base_urls.get("openai", f"{endpoint.scheme}://{endpoint.host}")
    return Target(
        scheme=endpoint.scheme,
        host=endpoint.host,
        path=f"{urlsplit(base_url).path}/models",
        judge=_judge_models,
        advice=_workspace_advice(addresses) if is_workspace else _endpoint_advice(endpoint),
        addresses=frozenset(addresses),
        is_private=is_workspace,
    )


def _endpoint_advice(endpoint: EndpointOutputs) -> Advice:
    tls = (
        "Turn on the custom service domain in the PrivateLink console and write "
        "`private_name: service`."
    )
    if endpoint.private_domain is None:
        tls = "The endpoint's own domain has no certificate: use http."
    return Advice(
        name="Attach the private zone to this machine's VPC (`private_name.attach_to`), and use "
        "the VPC's DNS.",
        address="The name does not resolve to the endpoint: check that its private zone is "
        "attached to this VPC, and that this machine uses the VPC's DNS.",
        port=_port_advice(_port_of(endpoint.scheme)),
        tls=tls,
    )


def _workspace_advice(addresses: Iterable[str]) -> Advice:
    address = (
        "The host is the workspace's public one, or the connection is not selected in the "
        "workspace's advanced configuration."
    )
    if list(addresses):
        address = (
            "The name does not resolve to the connection: compare `addresses` with the console, "
            "and use the VPC's DNS."
        )
    return Advice(
        name="Select the connection in the workspace's advanced configuration, compare the host "
        "with the console's, and run this in the connection's VPC or one of `attach_to`.",
        address=address,
        port=_port_advice(443),
        tls="Compare the host with the private host that the console shows for the workspace.",
    )


def _port_of(scheme: str) -> int:
    return 443 if scheme == "https" else 80


def _port_advice(port: int) -> str:
    return (
        f"Allow this machine to connect to TCP {port} (`network.ingress`), and check the route "
        "to the VPC."
    )


def _judge_models(response: Response) -> Finding:
    status = response.status
    if status == HTTPStatus.OK:
        return Finding("http", "ok", "responds 200")
    if status in _REFUSED_KEY:
        return Finding("http", "ok", f"responds {status}: reachable, a key is missing")
    advice = (
        "The network works, but the response is not the service's: check the base path, and what "
        "is between this machine and the service."
    )
    return Finding("http", "failed", f"responds {status} {response.reason}", advice)


def api_target(api: ModelApiOutputs, domain: str, addresses: Iterable[str]) -> Target | None:
    """Return the target of a Model API under one domain; None where it has no route for a POST.

    Args:
        api: The Model API.
        domain: One of its domains; a wildcard is probed by a name of its own.
        addresses: Addresses of the gateway; empty where they are unknown.
    """
    path = ""
    for route in api.routes:
        if "POST" in route.methods and "*" not in route.path and not path:
            path = route.path
    urls = list(api.domains.get(domain, {}).values())
    if not path or not urls:
        return None
    scheme: Literal["http", "https"] = "https" if urls[0].startswith(("https", "wss")) else "http"
    host = domain.replace("*.", "dashlink-check.", 1)
    requires_key = api.auth is not None

    def judge(response: Response) -> Finding:
        return _judge_api(response, requires_key=requires_key)

    return Target(
        scheme=scheme,
        host=host,
        path=path,
        method="POST",
        body=_EMPTY,
        judge=judge,
        addresses=frozenset(addresses),
        is_private=not addresses,
        advice=Advice(
            name="Attach the domain's private zone to this machine's VPC (`attach_to`), or name "
            "the gateway in your DNS.",
            address="The name does not lead to the gateway: check its record, and that this "
            "machine uses the VPC's DNS.",
            port="Check that the gateway runs, and the route from this machine to its VPC.",
            tls="Write a certificate for this domain in `certificate_id`.",
        ),
    )


def _judge_api(response: Response, *, requires_key: bool) -> Finding:
    status = response.status
    text = f"responds {status} to a request without a key"
    if status in _REFUSED_KEY and requires_key:
        return Finding("http", "ok", f"{text}, as it must")
    if status in _WRONG_PATH:
        advice = "No API has this domain and path: see the domains and routes of the Model API."
        return Finding("http", "failed", text, advice)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        advice = "The gateway answers, its services do not: `dashlink debug` shows the request."
        return Finding("http", "failed", f"{text} ({response.reason})", advice)
    if requires_key:
        advice = "Everybody can call it: turn its authentication on, `up` restores it."
        return Finding("http", "failed", f"{text}, not 401", advice)
    if status in _REFUSED_KEY:
        advice = "The service refuses the gateway's key: check `api_keys` of the AI service."
        return Finding("http", "failed", text, advice)
    return Finding("http", "ok", f"{text}: it reaches a service")


def eas_target(base_url: str, *, is_private: bool) -> Target:
    """Return the target of a service of PAI-EAS by its URL, which ends in the service."""
    parts = urlsplit(base_url)
    return Target(
        scheme="https" if parts.scheme == "https" else "http",
        host=str(parts.hostname),
        port=parts.port,
        path=f"{parts.path.rstrip('/')}/v1/models",
        judge=_judge_eas,
        is_private=is_private,
        advice=Advice(
            name="The shared gateway's name resolves in VPCs of its region alone, a dedicated "
            "gateway's in linked VPCs: link this VPC, or use a VPC of the region.",
            address="The VPC's name leads to the internet: use the VPC's DNS.",
            port="Check the route to the gateway, and its access list.",
            tls="Use http, as the outputs have it.",
        ),
    )


def _judge_eas(response: Response) -> Finding:
    problem, advice = eas_fault(response.status, bool(response.body))
    if problem:
        return Finding("http", "failed", problem, advice)
    text = f"responds {response.status}"
    if response.status == HTTPStatus.UNAUTHORIZED:
        text += ": reachable, a token is missing"
    return Finding("http", "ok", text)


def eas_fault(status: int, has_body: bool) -> tuple[str, str]:
    """Return what is wrong with a gateway's answer to a request without a token, and advice.

    By "Appendix: Service status codes and common errors" (2025-11) and Alibaba Cloud's Python SDK
    (alipai 0.4.13); both are empty where the service answers, also for an unknown path.
    """
    if status == _NO_INSTANCE:
        advice = "No instance is ready: look at the instances in the console of PAI."
        return "the gateway responds 503 (no healthy upstream)", advice
    if status == HTTPStatus.NOT_FOUND and not has_body:
        advice = "The gateway does not know the service, or not yet: retry in a minute."
        return "the gateway responds 404 without a body", advice
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return f"the gateway responds {status}", "Look at the logs of the service."
    return "", ""


def maas_target(protocol: str, base_url: str) -> Target:
    """Return the target of Huawei MaaS; without a key it answers 400 with ModelArts.81002.

    Args:
        protocol: Protocol of the base URL: `anthropic`, or one that OpenAI's SDKs call.
        base_url: The base URL.
    """
    parts = urlsplit(base_url)
    operation = "/v1/messages" if protocol == "anthropic" else "/chat/completions"
    return Target(
        scheme="https",
        host=str(parts.hostname),
        port=parts.port,
        path=f"{parts.path.rstrip('/')}{operation}",
        method="POST",
        body=_EMPTY,
        judge=_judge_maas,
        advice=Advice(
            name="The service is on the internet: the VPC needs a way out (`network.egress`) and "
            "a DNS that resolves public names.",
            address="",
            port="Check the way out: NAT gateway, EIP, SNAT entry and default route "
            "(`dashlink check` from outside).",
            tls="Check the base URL, and what is between this machine and the internet.",
        ),
    )


def _judge_maas(response: Response) -> Finding:
    status, code = response.status, _code_of(response.body)
    text = " ".join(part for part in (f"responds {status}", code) if part)
    if status in (HTTPStatus.BAD_REQUEST, *_REFUSED_KEY):
        return Finding("http", "ok", f"{text}: reachable, a key is missing")
    if status in _WRONG_PATH:
        return Finding("http", "failed", text, "Check the path of `base_url`.")
    advice = "The service is reachable and does not work: retry later, or ask Huawei Cloud."
    return Finding("http", "failed", f"{text} {response.reason}", advice)


def _code_of(body: bytes) -> str:
    """Return the error code of a response; empty without one."""
    try:
        document: Any = json.loads(body)
    except ValueError:
        return ""
    if not isinstance(document, dict):
        return ""
    error = document.get("error")
    nested = error.get("code") if isinstance(error, dict) else None
    return str(document.get("error_code") or nested or "")
