"""Probe an endpoint from a machine in its VPC: name, address, port, TLS certificate, HTTP response.

Each step needs the one before. Through a proxy (HTTPS_PROXY, HTTP_PROXY) the first three steps are
the proxy's: the probe requests a tunnel, and quotes the proxy's reason if it is refused.
"""

from __future__ import annotations

import http.client
import os
import socket
import ssl
import sys
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from ipaddress import IPv4Address
from typing import Literal
from urllib.parse import SplitResult, unquote, urlsplit

from dashlink.clients.outputs import EndpointOutputs
from dashlink.clients.proxy_status import proxy_error

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Finding:
    """The result of one step.

    Attributes:
        step: name, address, port, tls, http, or proxy.
        state: ``ok``, ``failed``, or ``skipped``.
        message: What was observed, one line.
        advice: What to do, one line; empty unless failed.
    """

    step: str
    state: Literal["ok", "failed", "skipped"]
    message: str
    advice: str = ""


class _StepFailedError(Exception):
    """A step failed, so that the remaining steps cannot run."""

    def __init__(self, step: str, message: str, advice: str) -> None:
        self.finding = Finding(step, "failed", message, advice)
        super().__init__(message)


def probe(endpoint: EndpointOutputs, timeout_seconds: float) -> list[Finding]:
    """Run the steps for one endpoint; if one fails, it is the last in the list."""
    proxy = os.environ.get(f"{endpoint.scheme.upper()}_PROXY", "")
    if proxy:
        steps = _through_proxy(endpoint, urlsplit(proxy), timeout_seconds)
    else:
        steps = _directly(endpoint, timeout_seconds)
    findings: list[Finding] = []
    try:
        for finding in steps:
            findings.append(finding)
    except _StepFailedError as failure:
        findings.append(failure.finding)
    return findings


def _directly(endpoint: EndpointOutputs, timeout: float) -> Iterator[Finding]:
    resolved = _resolve(endpoint)
    yield Finding("name", "ok", f"{endpoint.host} resolves to {', '.join(resolved)}")
    expected = {zone.address for zone in endpoint.zones.values()}
    expected.update(endpoint.addresses)
    if endpoint.workspace_id is not None and not expected:
        expected = {address for address in resolved if IPv4Address(address).is_private}
        if not expected:
            raise _StepFailedError(
                "address",
                f"{', '.join(resolved)} is no private address",
                "The host is the workspace's public one, or the connection is not selected in the "
                "workspace's advanced configuration.",
            )
    if expected.isdisjoint(resolved):
        raise _StepFailedError(
            "address",
            f"none of the endpoint's addresses {', '.join(sorted(expected))}",
            "The name does not resolve to the endpoint: check that its private zone is attached to "
            "this VPC, and that this machine uses the VPC's DNS.",
        )
    yield Finding("address", "ok", "an address of the endpoint")
    port = _PORTS[endpoint.scheme]
    with _connect(endpoint.host, port, timeout) as connection:
        yield Finding("port", "ok", f"TCP {port} is open")
        yield from _tls_and_http(endpoint, connection)


def _resolve(endpoint: EndpointOutputs) -> list[str]:
    host = endpoint.host
    try:
        addresses = socket.getaddrinfo(host, None, socket.AF_INET)
    except OSError:
        advice = (
            "Attach the private zone to this machine's VPC (`private_name.attach_to`), and use the "
            "VPC's DNS."
        )
        if endpoint.workspace_id is not None:
            advice = (
                "Select the connection in the workspace's advanced configuration, compare the host "
                "with the console's, and run this in the connection's VPC or one of `attach_to`."
            )
        raise _StepFailedError("name", f"{host} does not resolve here", advice) from None
    return sorted({str(item[4][0]) for item in addresses})


def _connect(host: str, port: int, timeout: float) -> socket.socket:
    try:
        return socket.create_connection((host, port), timeout)
    except TimeoutError:
        message = f"TCP {port} does not open within {timeout:g} s"
        advice = (
            f"Allow this machine to connect to TCP {port} (`network.ingress`), and check the route "
            "to the VPC."
        )
        raise _StepFailedError("port", message, advice) from None
    except OSError as error:
        message = f"TCP {port}: {error.strerror or error}"
        advice = "Refused: check that the endpoint's zone is connected (`pulumi refresh` shows it)."
        raise _StepFailedError("port", message, advice) from None


def _through_proxy(
    endpoint: EndpointOutputs, proxy: SplitResult, timeout: float
) -> Iterator[Finding]:
    """Open a tunnel through the proxy, for http too: then TLS and HTTP are the endpoint's own."""
    message = f"the proxy {proxy.hostname}:{proxy.port} resolves the name and connects"
    yield Finding("name", "skipped", message)
    port = _PORTS[endpoint.scheme]
    client = http.client.HTTPConnection(str(proxy.hostname), proxy.port or 80, timeout=timeout)
    client.set_tunnel(endpoint.host, port, _proxy_authorization(proxy))
    try:
        client.connect()
    except OSError as error:
        advice = "The proxy's message names the cause: fix it there."
        raise _StepFailedError("proxy", _tunnel_error(client, error), advice) from None
    yield Finding("proxy", "ok", f"connects to {endpoint.host}:{port}")
    with client.sock:
        yield from _tls_and_http(endpoint, client.sock)


def _proxy_authorization(proxy: SplitResult) -> dict[str, str]:
    if not proxy.username:
        return {}
    credentials = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
    return {"Proxy-Authorization": f"Basic {b64encode(credentials.encode()).decode()}"}


def _tunnel_error(client: http.client.HTTPConnection, error: OSError) -> str:
    """Return status and reason of a refused tunnel, and what the proxy reports beside them."""
    details = ""
    if sys.version_info >= (3, 12):  # before, http.client drops the headers of a refused tunnel
        headers = client.get_proxy_response_headers() or {}
        details = proxy_error(headers.get("Proxy-Status"))
    if not details or details in str(error):
        return str(error)
    return f"{error}: {details}"


def _tls_and_http(endpoint: EndpointOutputs, connection: socket.socket) -> Iterator[Finding]:
    """Do the TLS handshake where the endpoint has a certificate, then one request without a key."""
    if endpoint.scheme == "http":
        yield Finding("tls", "skipped", "clients use plain HTTP")
        yield _request(endpoint, connection)
        return
    context = ssl.create_default_context()
    try:
        encrypted = context.wrap_socket(connection, server_hostname=endpoint.host)
    except ssl.SSLCertVerificationError as error:
        raise _StepFailedError("tls", error.verify_message, _tls_advice(endpoint)) from None
    except OSError as error:
        raise _StepFailedError("tls", str(error.strerror or error), _tls_advice(endpoint)) from None
    with encrypted:
        yield Finding("tls", "ok", f"the certificate is valid for {endpoint.host}")
        yield _request(endpoint, encrypted)


def _tls_advice(endpoint: EndpointOutputs) -> str:
    if endpoint.private_domain is None:
        return "The endpoint's own domain has no certificate: use http."
    if endpoint.workspace_id is not None:
        return "Compare the host with the private host that the console shows for the workspace."
    return (
        "Turn on the custom service domain in the PrivateLink console and write "
        "`private_name: service`."
    )


def _request(endpoint: EndpointOutputs, connection: socket.socket) -> Finding:
    base_url = endpoint.base_urls.get("openai", f"{endpoint.scheme}://{endpoint.host}")
    client = http.client.HTTPConnection(endpoint.host)
    client.sock = connection
    try:
        client.request("GET", urlsplit(base_url).path + "/models")
        response = client.getresponse()
    except (OSError, http.client.HTTPException) as error:
        message = f"no response ({type(error).__name__})"
        advice = "Retry; if it happens again, contact the owner of the service."
        raise _StepFailedError("http", message, advice) from None
    return _http_finding(response)


def _http_finding(response: http.client.HTTPResponse) -> Finding:
    status = response.status
    if status == HTTPStatus.OK:
        return Finding("http", "ok", "responds 200")
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return Finding("http", "ok", f"responds {status}: reachable, a key is missing")
    reason = proxy_error(response.getheader("Proxy-Status")) or response.reason
    advice = (
        "The network works, but the response is not the service's: check the base path, and what "
        "is between this machine and the service."
    )
    return Finding("http", "failed", f"responds {status} {reason}", advice)
