"""Connect to a host as its clients do: name, address, port, TLS certificate, HTTP response.

Each step needs the one before. Through a proxy (HTTPS_PROXY, HTTP_PROXY, unless NO_PROXY has the
host) the first three steps are the proxy's: the probe requests a tunnel, and quotes the proxy's
reason if it is refused.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import sys
import time
import urllib.request
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address
from typing import Literal
from urllib.parse import SplitResult, unquote, urlsplit

from dashlink.clients.proxy_status import proxy_error

_PORTS = {"http": 80, "https": 443}
_LARGEST_ANSWER = 4096
# X509_V_ERR_… of OpenSSL (x509_vfy.h).
_UNTRUSTED = (18, 19, 20, 21)
_EXPIRED, _NOT_YET_VALID = 10, 9


@dataclass(frozen=True)
class Finding:
    """The result of one step.

    Attributes:
        step: name, address, port, tls, http, or proxy.
        state: ``ok``, ``failed``, or ``skipped``.
        message: What was observed, one line.
        advice: What to do, one line; empty unless failed.
        milliseconds: Time of the step; None where nothing was timed.
    """

    step: str
    state: Literal["ok", "failed", "skipped"]
    message: str
    advice: str = ""
    milliseconds: float | None = None


@dataclass(frozen=True)
class Response:
    """An HTTP response, as far as a probe reads it.

    Attributes:
        status: The status.
        reason: What a proxy reports (``Proxy-Status``), or else the reason phrase.
        body: The first 4 KiB of the body.
    """

    status: int
    reason: str
    body: bytes


@dataclass(frozen=True, kw_only=True)
class Advice:
    """What to do where a step fails, one sentence each."""

    name: str
    address: str
    port: str
    tls: str


@dataclass(frozen=True, kw_only=True)
class Target:
    """A host with the request that shows whether it works; the request has no key.

    Attributes:
        scheme: ``http`` or ``https``.
        host: The name that clients dial.
        path: Path of the request, with its query.
        judge: Returns the finding of the step ``http`` for a response.
        advice: What to do where another step fails.
        port: TCP port; None for the scheme's own.
        method: Method of the request.
        body: Body of the request, JSON; empty for none.
        addresses: Addresses of which the name must have one; empty where they are unknown.
        is_private: Whether an address on the internet is wrong.
    """

    scheme: Literal["http", "https"]
    host: str
    path: str
    judge: Callable[[Response], Finding]
    advice: Advice
    port: int | None = None
    method: str = "GET"
    body: bytes = b""
    addresses: frozenset[str] = field(default_factory=frozenset)
    is_private: bool = False

    @property
    def number(self) -> int:
        """The TCP port."""
        return self.port or _PORTS[self.scheme]


class _StepFailedError(Exception):
    """A step failed, so that the remaining steps cannot run."""

    def __init__(self, step: str, message: str, advice: str) -> None:
        self.finding = Finding(step, "failed", message, advice)
        super().__init__(message)


def probe_target(target: Target, timeout_seconds: float) -> list[Finding]:
    """Run the steps for one target; if one fails, it is the last in the list."""
    proxy = _proxy_of(target)
    if proxy is not None:
        steps = _through_proxy(target, proxy, timeout_seconds)
    else:
        steps = _directly(target, timeout_seconds)
    findings: list[Finding] = []
    before = time.monotonic()
    try:
        for finding in steps:
            now = time.monotonic()
            timed = replace(finding, milliseconds=round((now - before) * 1000, 1))
            findings.append(timed if finding.step in ("port", "proxy", "http") else finding)
            before = time.monotonic()
    except _StepFailedError as failure:
        findings.append(failure.finding)
    return findings


def _proxy_of(target: Target) -> str | None:
    """Return the proxy that the environment names for a target."""
    if urllib.request.proxy_bypass(target.host):
        return None
    return urllib.request.getproxies().get(target.scheme) or None


def _directly(target: Target, timeout: float) -> Iterator[Finding]:
    resolved = _resolve(target)
    yield Finding("name", "ok", f"{target.host} resolves to {', '.join(resolved)}")
    yield _address(target, resolved)
    with _connect(target, timeout) as connection:
        yield Finding("port", "ok", f"TCP {target.number} is open")
        yield from _tls_and_http(target, connection)


def _resolve(target: Target) -> list[str]:
    try:
        addresses = socket.getaddrinfo(target.host, None, socket.AF_INET)
    except OSError:
        message = f"{target.host} does not resolve here"
        raise _StepFailedError("name", message, target.advice.name) from None
    return sorted({str(item[4][0]) for item in addresses})


def _address(target: Target, resolved: list[str]) -> Finding:
    """Compare the addresses of the name with those that are known of the target."""
    if target.addresses:
        if target.addresses.isdisjoint(resolved):
            message = f"none of its addresses {', '.join(sorted(target.addresses))}"
            raise _StepFailedError("address", message, target.advice.address)
        return Finding("address", "ok", "one of its addresses")
    if target.is_private and all(IPv4Address(address).is_global for address in resolved):
        message = f"{', '.join(resolved)} is no private address"
        raise _StepFailedError("address", message, target.advice.address)
    if target.is_private:
        return Finding("address", "ok", "a private address")
    return Finding("address", "skipped", "its addresses are not known beforehand")


def _connect(target: Target, timeout: float) -> socket.socket:
    port = target.number
    try:
        return socket.create_connection((target.host, port), timeout)
    except TimeoutError:
        message = f"TCP {port} does not open within {timeout:g} s"
        raise _StepFailedError("port", message, target.advice.port) from None
    except OSError as error:
        message = f"TCP {port}: {error.strerror or error}"
        advice = "Refused: check that what has this address is connected and runs."
        raise _StepFailedError("port", message, advice) from None


# -- proxies ---------------------------------------------------------------------------------------


def _through_proxy(target: Target, variable: str, timeout: float) -> Iterator[Finding]:
    """Open a tunnel through the proxy, for http too: then TLS and HTTP are the target's own."""
    proxy = _parse_proxy(target, variable)
    message = f"the proxy {proxy.hostname}:{proxy.port or 80} resolves the name and connects"
    yield Finding("name", "skipped", message)
    client = http.client.HTTPConnection(str(proxy.hostname), proxy.port or 80, timeout=timeout)
    client.set_tunnel(target.host, target.number, _proxy_authorization(proxy))
    try:
        client.connect()
    except (OSError, http.client.HTTPException) as error:
        advice = "The proxy's message names the cause: fix it there."
        if not str(error).startswith("Tunnel"):
            name = f"{target.scheme.upper()}_PROXY"
            advice = f"Correct or unset {name}, or add the host to NO_PROXY."
            error = OSError(f"the proxy {proxy.hostname}:{proxy.port or 80} of {name}: {error}")
        raise _StepFailedError("proxy", _tunnel_error(client, error), advice) from None
    yield Finding("proxy", "ok", f"connects to {target.host}:{target.number}")
    with client.sock:
        yield from _tls_and_http(target, client.sock)


def _parse_proxy(target: Target, variable: str) -> SplitResult:
    """Return the proxy of an environment variable; nothing of its credentials is shown."""
    name = f"{target.scheme.upper()}_PROXY"
    problem = ""
    parts = urlsplit(variable)
    try:
        if parts.scheme != "http" or not parts.hostname or parts.port == 0:
            problem = f"{name} is no URL of an HTTP proxy"
    except ValueError:
        problem = f"{name} has a port that is no number up to 65535"
    if problem:
        advice = f"Write it as http://host:port, or unset it; {name} has precedence over the DNS."
        raise _StepFailedError("proxy", problem, advice)
    return parts


def _proxy_authorization(proxy: SplitResult) -> dict[str, str]:
    if not proxy.username:
        return {}
    credentials = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
    return {"Proxy-Authorization": f"Basic {b64encode(credentials.encode()).decode()}"}


def _tunnel_error(client: http.client.HTTPConnection, error: Exception) -> str:
    """Return status and reason of a refused tunnel, and what the proxy reports beside them."""
    details = ""
    if sys.version_info >= (3, 12):  # before, http.client drops the headers of a refused tunnel
        headers: Mapping[str, str] = client.get_proxy_response_headers() or {}
        details = proxy_error(headers.get("Proxy-Status"))
    if not details or details in str(error):
        return str(error)
    return f"{error}: {details}"


# -- TLS and HTTP ----------------------------------------------------------------------------------


def _tls_and_http(target: Target, connection: socket.socket) -> Iterator[Finding]:
    """Do the TLS handshake where the target has a certificate, then the request."""
    if target.scheme == "http":
        yield Finding("tls", "skipped", "clients use plain HTTP")
        yield _request(target, connection)
        return
    context = ssl.create_default_context()
    try:
        encrypted = context.wrap_socket(connection, server_hostname=target.host)
    except ssl.SSLCertVerificationError as error:
        raise _certificate_fault(target, error) from None
    except OSError as error:
        message = f"no TLS handshake ({error.strerror or type(error).__name__})"
        raise _StepFailedError("tls", message, target.advice.tls) from None
    with encrypted:
        yield Finding("tls", "ok", f"the certificate is valid for {target.host}")
        yield _request(target, encrypted)


def _certificate_fault(target: Target, error: ssl.SSLCertVerificationError) -> _StepFailedError:
    """Return what is wrong with a certificate: the authority, the time, or the name."""
    if error.verify_code in _UNTRUSTED:
        message = "this machine does not trust the authority of the certificate"
        advice = (
            "The certificate is of a private authority, or something on the way replaces it: ask "
            "its owner for the authority's file, and write it as `client_ca_file` in the settings; "
            "here, name it in SSL_CERT_FILE."
        )
        return _StepFailedError("tls", f"{message} ({error.verify_message})", advice)
    if error.verify_code in (_EXPIRED, _NOT_YET_VALID):
        advice = "Renew the certificate of the host, or set the clock of this machine."
        return _StepFailedError("tls", error.verify_message, advice)
    return _StepFailedError("tls", error.verify_message, target.advice.tls)


def _request(target: Target, connection: socket.socket) -> Finding:
    client = http.client.HTTPConnection(target.host)
    client.sock = connection
    headers = {"Content-Type": "application/json"} if target.body else {}
    try:
        client.request(target.method, target.path, target.body or None, headers)
        response = client.getresponse()
        body = response.read(_LARGEST_ANSWER)
    except (OSError, http.client.HTTPException) as error:
        message = f"no response ({type(error).__name__})"
        advice = "Retry; if it happens again, contact the owner of the service."
        raise _StepFailedError("http", message, advice) from None
    reason = proxy_error(response.getheader("Proxy-Status")) or response.reason
    return target.judge(Response(response.status, reason, body))
