"""Questions that a connection from inside the VPC answers: TLS, WebSocket, paths of the upstream.

No request holds a prompt or costs tokens: an empty JSON body is refused by every model service.
"""

from __future__ import annotations

import os
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from urllib3.exceptions import HTTPError

from dashlink.clients.outputs import EndpointOutputs, ModelApiOutputs
from dashlink.clients.targets import probe
from dashlink.cloud.connections import connections_to
from dashlink.cloud.words import UPSTREAM, WORDS
from dashlink.verify.findings import Finding, Outcome, not_asked
from dashlink.verify.subject import Subject

KEY_VARIABLE = "MODEL_API_KEY"
"""Environment variable with the key of a consumer, as in the client files."""

_OUTSIDE = "it takes a connection from inside the VPC: run it there with --from-inside"
_NOT_DEPLOYED = "the stack is not deployed: run `up` first"
_TLS = "Is the certificate valid for the name that clients dial?"
_WEB_SOCKET = "Does WebSocket pass the endpoint?"
_UPSTREAM = "Does a request through the Model API reach the path of its AI service?"
_PATH = "Which path does the address of a service of Model Studio have?"
_REFUSED_KEY = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_WRONG_PATH = (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED)


def connection_findings(
    subject: Subject, *, from_inside: bool, timeout_seconds: float
) -> Iterator[Finding]:
    """Yield the findings of every endpoint and every Model API.

    Args:
        subject: The stack that the questions are about.
        from_inside: Whether this machine is in the stack's VPC.
        timeout_seconds: Time limit of each connection.
    """
    reason = None
    if subject.outputs is None:
        reason = _NOT_DEPLOYED
    elif not from_inside:
        reason = _OUTSIDE
    endpoints = subject.outputs.endpoints if subject.outputs is not None else {}
    for name in sorted(subject.settings.endpoints):
        where = f"endpoints.{name}"
        if reason is not None or name not in endpoints:
            yield not_asked(where, _TLS, reason or _NOT_DEPLOYED)
            yield not_asked(where, _WEB_SOCKET, reason or _NOT_DEPLOYED)
            continue
        yield _tls(where, endpoints[name], timeout_seconds)
        yield _web_socket(where, endpoints[name], timeout_seconds)
    apis = subject.outputs.model_apis if subject.outputs is not None else {}
    answers = {}
    for name in sorted(subject.settings.model_apis):
        where = f"model_apis.{name}"
        if reason is not None or name not in apis:
            yield not_asked(where, _UPSTREAM, reason or _NOT_DEPLOYED)
            continue
        answers[name] = _upstream(where, apis[name], timeout_seconds)
        yield answers[name]
    yield _path_finding(subject, answers)


def _tls(where: str, endpoint: EndpointOutputs, timeout: float) -> Finding:
    for step in probe(endpoint, timeout):
        if step.step == "tls" and step.state == "ok":
            return _finding(where, _TLS, "confirmed", step.message, endpoint.host)
        if step.step == "tls" and step.state == "skipped":
            return not_asked(where, _TLS, step.message, used=endpoint.host)
        if step.state == "failed":
            outcome: Outcome = "contradicted" if step.step == "tls" else "not asked"
            return _finding(where, _TLS, outcome, f"{step.step}: {step.message}", endpoint.host)
    return not_asked(where, _TLS, "no TLS handshake took place", used=endpoint.host)


def _web_socket(where: str, endpoint: EndpointOutputs, timeout: float) -> Finding:
    url = endpoint.base_urls.get("websocket-inference")
    if url is None:
        return not_asked(where, _WEB_SOCKET, "the endpoint has no WebSocket base URL")
    headers = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": b64encode(os.urandom(16)).decode(),
    }
    status, error = _request("GET", url.replace("ws", "http", 1), headers, None, timeout)
    if status is None:
        return not_asked(where, _WEB_SOCKET, error, used=url)
    passes = status == HTTPStatus.SWITCHING_PROTOCOLS or status in _REFUSED_KEY
    outcome: Outcome = "confirmed" if passes else "contradicted"
    return _finding(where, _WEB_SOCKET, outcome, f"the handshake is answered by {status}", url)


def _upstream(where: str, api: ModelApiOutputs, timeout: float) -> Finding:
    path = next((route.path for route in api.routes if "POST" in route.methods), None)
    if path is None or "*" in path:
        return not_asked(where, _UPSTREAM, "the Model API has no route that takes a plain POST")
    url = f"{api.scheme}://{api.host}{path}"
    key = os.environ.get(KEY_VARIABLE, "")
    if api.auth is not None and not key:
        reason = f"the Model API requires a key: set {KEY_VARIABLE} to that of one of its consumers"
        return not_asked(where, _UPSTREAM, reason, used=url)
    headers = {"Content-Type": "application/json"}
    if key:
        headers["Authorization"] = f"Bearer {key}"
    status, error = _request("POST", url, headers, b"{}", timeout)
    if status is None:
        return not_asked(where, _UPSTREAM, error, used=url)
    if status in _REFUSED_KEY:
        reason = f"the gateway or the service refuses the key ({status})"
        return not_asked(where, _UPSTREAM, reason, used=url)
    outcome: Outcome = "contradicted" if status in _WRONG_PATH else "confirmed"
    text = f"an empty request is answered by {status}"
    return _finding(where, _UPSTREAM, outcome, text, url)


def _path_finding(subject: Subject, answers: Mapping[str, Finding]) -> Finding:
    """Return whether Model Studio's services have the right path, by the APIs that use them."""
    word = WORDS[UPSTREAM]
    used = subject.spellings.get(UPSTREAM, word.value)
    outcomes = set()
    for name, finding in answers.items():
        service = subject.settings.model_apis[name].service
        if service is not None and subject.settings.ai_services[service].endpoint is not None:
            outcomes.add(finding.outcome)
    outcomes.discard("not asked")
    if not outcomes:
        reason = "no Model API of one service of Model Studio was asked from inside"
        return not_asked(UPSTREAM, _PATH, reason, used=used)
    if outcomes == {"confirmed"}:
        return _finding(UPSTREAM, _PATH, "confirmed", "every request reaches its path", used)
    if outcomes == {"contradicted"}:
        others = [value for value in word.values if value != used]
        text = f"no request reaches its path; try {others[0]}, `up`, and ask again"
        return replace(_finding(UPSTREAM, _PATH, "contradicted", text, used), spelling=others[0])
    text = "some requests reach their path; declare a service for each protocol"
    return _finding(UPSTREAM, _PATH, "contradicted", text, used)


def _request(
    method: str, url: str, headers: Mapping[str, str], body: bytes | None, timeout: float
) -> tuple[int | None, str]:
    """Return the status of the response; None with the reason where there was none."""
    parts = urlsplit(url)
    connections = connections_to(parts.scheme, parts.netloc)
    try:
        response = connections.request(
            method, url, headers=dict(headers), body=body, timeout=timeout, preload_content=False
        )
        status = response.status
        response.release_conn()
        response.close()
    except (HTTPError, OSError) as error:
        return None, f"no response ({type(error).__name__})"
    return status, ""


def _finding(where: str, question: str, outcome: Any, text: str, used: str) -> Finding:
    return Finding(subject=where, question=question, outcome=outcome, answer=text, used=used)
