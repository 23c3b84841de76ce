"""Looks at an endpoint from a machine in its VPC: name, address, port, TLS name, HTTP answer; and advises.

Each step needs the one before. Through a proxy (HTTPS_PROXY, HTTP_PROXY) the first three are the proxy's: it is asked
for the answer, and its own words are given back.
"""

from __future__ import annotations

import http.client
import os
import socket
import ssl
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote, urlsplit

from dashlink.clients.outputs import EndpointOutputs

_PORTS = {"http": 80, "https": 443}
_PATH = "/models"
_REACHED = (200, 401, 403)


@dataclass(frozen=True)
class Finding:
    """What one step found.

    Attributes:
        step: name, address, port, tls, http, or proxy.
        state: ``ok``, ``failed``, or ``skipped``.
        said: What was seen, one line.
        advice: What to do, one line; empty unless failed.
    """

    step: str
    state: Literal["ok", "failed", "skipped"]
    said: str
    advice: str = ""


class _StopError(Exception):
    """A step failed: the rest needs it."""

    def __init__(self, finding: Finding) -> None:
        self.finding = finding
        super().__init__(finding.said)


def probe(endpoint: EndpointOutputs, timeout_seconds: float) -> list[Finding]:
    """Walk the steps for one endpoint; the last finding is the one that failed, if one did."""
    proxy = os.environ.get("HTTPS_PROXY" if endpoint.scheme == "https" else "HTTP_PROXY", "")
    findings: list[Finding] = []
    try:
        for finding in (
            _by_proxy(endpoint, proxy, timeout_seconds)
            if proxy
            else _directly(endpoint, timeout_seconds)
        ):
            findings.append(finding)
    except _StopError as stop:
        findings.append(stop.finding)
    return findings


def _directly(endpoint: EndpointOutputs, timeout: float) -> Iterator[Finding]:
    found = _resolve(endpoint.host)
    yield Finding("name", "ok", f"{endpoint.host} is {', '.join(found)}")
    expected = {zone.address for zone in endpoint.zones.values()}
    if not set(found) & expected:
        advice = "The name leads past the endpoint: is its private zone attached here, and is the DNS the VPC's?"
        raise _StopError(
            Finding(
                "address", "failed", f"none of the endpoint's {', '.join(sorted(expected))}", advice
            )
        )
    yield Finding("address", "ok", "of the endpoint")
    port = _PORTS[endpoint.scheme]
    connection = _open(endpoint.host, port, timeout)
    yield Finding("port", "ok", f"TCP {port} opens")
    with connection:
        yield from _speak(endpoint, connection)


def _resolve(host: str) -> list[str]:
    try:
        return sorted({str(item[4][0]) for item in socket.getaddrinfo(host, None, socket.AF_INET)})
    except OSError:
        advice = "Attach the private zone to this machine's VPC (`private_name.attach_to`), and use the VPC's DNS."
        raise _StopError(Finding("name", "failed", f"{host} is not known here", advice)) from None


def _open(host: str, port: int, timeout: float) -> socket.socket:
    try:
        return socket.create_connection((host, port), timeout)
    except TimeoutError:
        advice = f"No answer: let this machine in on TCP {port} (`network.ingress`), and check the route to the VPC."
        raise _StopError(Finding("port", "failed", f"TCP {port} does not open", advice)) from None
    except OSError as error:
        advice = "Refused: is the endpoint's zone connected? `pulumi refresh` shows it."
        raise _StopError(
            Finding("port", "failed", f"TCP {port}: {error.strerror or error}", advice)
        ) from None


def _speak(endpoint: EndpointOutputs, connection: socket.socket) -> Iterator[Finding]:
    """TLS where the endpoint has it, then one request without a key."""
    if endpoint.scheme == "http":
        yield Finding("tls", "skipped", "clients dial http")
        yield _ask(endpoint, connection)
        return
    try:
        wrapped = ssl.create_default_context().wrap_socket(
            connection, server_hostname=endpoint.host
        )
    except ssl.SSLCertVerificationError as error:
        raise _StopError(
            Finding("tls", "failed", error.verify_message, _tls_advice(endpoint))
        ) from None
    except OSError as error:
        raise _StopError(
            Finding("tls", "failed", str(error.strerror or error), _tls_advice(endpoint))
        ) from None
    with wrapped:
        yield Finding("tls", "ok", f"the certificate is valid for {endpoint.host}")
        yield _ask(endpoint, wrapped)


def _tls_advice(endpoint: EndpointOutputs) -> str:
    if endpoint.private_domain is None:
        return "The endpoint's own domain has no certificate: dial http."
    return "Turn on the custom service domain in the PrivateLink console and write `private_name: service`."


def _ask(endpoint: EndpointOutputs, connection: socket.socket) -> Finding:
    base = endpoint.base_urls.get("openai", f"{endpoint.scheme}://{endpoint.host}")
    client = http.client.HTTPConnection(endpoint.host)
    client.sock = connection
    try:
        client.request("GET", urlsplit(base).path + _PATH)
        answer = client.getresponse()
    except (OSError, http.client.HTTPException) as error:
        raise _StopError(
            Finding(
                "http",
                "failed",
                f"no answer ({type(error).__name__})",
                "Try again; then ask the service's owner.",
            )
        ) from None
    return _judged(answer.status, answer.getheader("X-Sandbox-Cause") or answer.reason)


def _judged(status: int, reason: str) -> Finding:
    if status in _REACHED:
        return Finding(
            "http",
            "ok",
            f"answers {status}" + (": reachable, a key is missing" if status != 200 else ""),
        )
    advice = "The network is fine, the answer is not the service's: is something between, or the base path another?"
    return Finding("http", "failed", f"answers {status} {reason}", advice)


def _by_proxy(endpoint: EndpointOutputs, proxy: str, timeout: float) -> Iterator[Finding]:
    """Ask the proxy to lead there; what it refuses it has words for."""
    address = urlsplit(proxy)
    yield Finding(
        "name", "skipped", f"the proxy {address.hostname}:{address.port} resolves and connects"
    )
    port = _PORTS[endpoint.scheme]
    client = http.client.HTTPConnection(str(address.hostname), address.port or 80, timeout=timeout)
    credentials = b64encode(
        f"{unquote(address.username or '')}:{unquote(address.password or '')}".encode()
    ).decode()
    # A tunnel for both schemes: then TLS and the request are the endpoint's own to answer.
    client.set_tunnel(
        endpoint.host,
        port,
        {"Proxy-Authorization": f"Basic {credentials}"} if address.username else {},
    )
    try:
        client.connect()
    except OSError as error:
        advice = "The proxy's own words name the cause; mend it there."
        raise _StopError(Finding("proxy", "failed", str(error), advice)) from None
    yield Finding("proxy", "ok", f"leads to {endpoint.host}:{port}")
    with client.sock:
        yield from _speak(endpoint, client.sock)
