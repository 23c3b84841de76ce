"""Turn the failure of a chat request into one line: what is wrong, and what to do.

Codes of errors: Model Studio "Error codes" (2026-06) and OpenAI "Error codes". The codes of a
gateway itself are unverified, so that its status decides.
"""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Mapping
from enum import Enum
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import quote_plus

from dashlink.clients.chat.exchange import Exchange
from dashlink.errors import DashlinkError, Fault, shown
from dashlink.redaction import without_secrets

if TYPE_CHECKING:
    import openai

_LONGEST_DETAIL = 300

_CONTENT_CODE = re.compile(r"data_?inspection_?failed|content_?(filter|policy)", re.IGNORECASE)
_MODEL_CODE = re.compile(r"model_?not_?(found|exist|supported)", re.IGNORECASE)
_MODEL_MESSAGE = re.compile(
    r"\bmodel\b.{0,160}\bnot (exist|found|supported)|no service for the model", re.IGNORECASE
)
_ACCESS_CODE = re.compile(r"access_?denied|allocation", re.IGNORECASE)
_LIMIT_CODE = re.compile(r"429|rate_?limit|throttl|quota|token_?limit|too_?many", re.IGNORECASE)


class Failure(Enum):
    """A kind of failure: what is wrong, and the advice."""

    KEY_MISSING = (
        "{status}, no API key was sent",
        "Pass the API key of a consumer that the API lists in `consumers`.",
    )
    KEY_REFUSED = (
        "{status}, the API key is refused",
        "Pass the API key of one of the API's `consumers`; if it is one, check the `api_keys` of "
        "the AI service.",
    )
    CONSUMER = (
        "{status}, the consumer is not authorized for this API",
        "Add the consumer to the API's `consumers` and run `up`, or pass the key of an authorized "
        "one.",
    )
    MODEL_DENIED = (
        "{status}, the upstream denies access to the model {model}",
        "Grant the key in the service's `api_keys` access to the model, or name another model.",
    )
    PATH = (
        "{status}, no API at this domain and base path, or the API has no such built-in route "
        "({url})",
        "Compare the API's `domains` and `base_path`, and check that its `routes` have "
        "/chat/completions.",
    )
    MODEL_UNKNOWN = (
        "{status}, the upstream does not know the model {model}",
        "Name one that it has, or route this name to a service that has it (`by_model`).",
    )
    CONTENT = (
        "{status}, content security refused the text",
        "Rephrase the message, or check the API's `content_security`.",
    )
    LIMIT = (
        "{status}, a limit of tokens or requests is exhausted, the gateway's or the upstream's",
        "Retry {after}, or raise the API's `limits` or the upstream's quota.",
    )
    UPSTREAM = (
        "{status}, the upstream failed",
        "The gateway has tried the API's `fallbacks`, if it has any: check the services behind it.",
    )
    REFUSED = ("{status}, the request is refused", "Change what the message names.")
    BROKEN_OFF = (
        "the upstream broke off the answer",
        "Retry; if it happens again, check the API's service.",
    )
    NOT_CHAT = (
        "the response is not a chat completion",
        "Compare the base URL with the API's; if it is right, turn streaming on or off.",
    )
    PROXY_REFUSED = ("{proxy} refuses", "The proxy's message names the cause: fix it there.")
    PROXY_UNREACHABLE = ("{proxy} cannot be reached", "Check its address, and that it is running.")
    NAME = (
        "the name {host} does not resolve here",
        "Run this inside the VPC, where it resolves, or set {variable} to a proxy into the VPC.",
    )
    CONNECTION_REFUSED = (
        "{address} refuses the connection",
        "Check that the name resolves to the gateway, and that the scheme is that of the API's "
        "domain.",
    )
    CONNECT_TIMEOUT = (
        "{address} accepts no connection within {timeout:g} s",
        "Run this inside the VPC, or set {variable} to a proxy into it; check the security groups.",
    )
    READ_TIMEOUT = (
        "no data arrived for {timeout:g} s",
        "Allow more time or ask for less; at the gateway the API's `first_byte_timeout_seconds` "
        "applies.",
    )
    CERTIFICATE = (
        "the certificate of {address} is not trusted",
        "Set SSL_CERT_FILE to the file of its authority, or check the domain's `certificate_id`.",
    )
    TLS = (
        "the TLS handshake with {address} failed",
        "Check that the scheme is that of the API's domain.",
    )
    CONNECTION = (
        "the connection to {address} broke",
        "Retry; if it happens again, check the gateway and the network to it.",
    )
    OTHER = (
        "the request failed",
        "Check the base URL, the parameters, and the environment's proxy and SSL_CERT_FILE.",
    )


def failure_of(error: Exception, exchange: Exchange) -> DashlinkError:
    """Return the error to raise in place of one of the SDK's."""
    failure, detail = _classify(error, exchange)
    problem, advice = failure.value
    fields = exchange.fields(error)
    problem = problem.format_map(fields)
    key = exchange.target.api_key
    line = _one_line(detail, key)
    if line:
        problem = f"{problem}: {line}"
    fault = Fault(exchange.target.api, problem, advice.format_map(fields))
    return DashlinkError(_redacted(str(fault), key))


def _one_line(detail: str, key: str) -> str:
    """Return a server's message on one line, without secrets; empty for a page of HTML."""
    if "<html" in detail.lower():
        return ""
    line = " ".join(_redacted(detail, key).split()).rstrip(".")
    return shown(line, _LONGEST_DETAIL)


def _redacted(text: str, key: str) -> str:
    """Return ``text`` without the key, and without what has the shape of another one."""
    for form in (key, quote_plus(key)):  # a query parameter is encoded
        if form:
            text = text.replace(form, "…")
    return without_secrets(Fault("", text, "")).problem


def _classify(error: Exception, exchange: Exchange) -> tuple[Failure, str]:
    """Return the kind of failure, and the message of the other side."""
    import openai  # noqa: PLC0415

    if isinstance(error, openai.APIStatusError):
        return _classify_response(error, exchange)
    if type(error) is openai.APIError:  # within a stream, in place of a chunk
        code, message = _code_and_message(error)
        return _by_stream_error(code, message), message or code
    return _classify_connection(error, exchange)


def _classify_response(error: openai.APIStatusError, exchange: Exchange) -> tuple[Failure, str]:
    status = error.status_code
    code, message = _code_and_message(error)
    if exchange.refused_by_proxy(status):
        return Failure.PROXY_REFUSED, exchange.proxy_error or message
    if error.response.has_redirect_location:
        return Failure.PATH, f"it redirects to {error.response.headers['location']}"
    if _CONTENT_CODE.search(code):
        return Failure.CONTENT, message
    may_name_model = status in (HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND)
    if may_name_model and _model_is_unknown(code, message):
        return Failure.MODEL_UNKNOWN, message
    return _by_status(status, code, exchange.target.api_key), message


def _code_and_message(error: openai.APIError) -> tuple[str, str]:
    """Return the code (and type) and the message of a body, in whichever usual shape it is."""
    body = error.body
    if not isinstance(body, Mapping):
        return "", str(body or "")
    code = f"{body.get('code') or ''} {body.get('type') or ''}".strip()
    return code, str(body.get("message") or body.get("detail") or "")


def _model_is_unknown(code: str, message: str) -> bool:
    return bool(_MODEL_CODE.search(code) or _MODEL_MESSAGE.search(message))


def _by_status(status: int, code: str, key: str) -> Failure:
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Failure.UPSTREAM
    if status == HTTPStatus.UNAUTHORIZED:
        return Failure.KEY_REFUSED if key else Failure.KEY_MISSING
    if status == HTTPStatus.FORBIDDEN:
        return Failure.MODEL_DENIED if _ACCESS_CODE.search(code) else Failure.CONSUMER
    if status == HTTPStatus.NOT_FOUND:
        return Failure.PATH
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return Failure.LIMIT
    return Failure.REFUSED


def _by_stream_error(code: str, message: str) -> Failure:
    if _CONTENT_CODE.search(code):
        return Failure.CONTENT
    if _model_is_unknown(code, message):
        return Failure.MODEL_UNKNOWN
    if _LIMIT_CODE.search(code):
        return Failure.LIMIT
    return Failure.BROKEN_OFF


def _classify_connection(error: Exception, exchange: Exchange) -> tuple[Failure, str]:
    """Classify a request without a response, by the errors that caused the SDK's."""
    chain = _causes(error)
    names = {type(cause).__name__ for cause in chain}
    last = str(chain[-1]) or type(chain[-1]).__name__
    if "ProxyError" in names:
        return Failure.PROXY_REFUSED, exchange.proxy_error or last
    for cause in chain:
        if isinstance(cause, ssl.SSLError):
            return _classify_tls(cause)
        if isinstance(cause, socket.gaierror | ConnectionRefusedError):
            return _classify_refused_connection(cause, exchange)
    if isinstance(error, ValueError):
        return Failure.NOT_CHAT, str(error)
    return _classify_by_name(names, last)


def _classify_by_name(names: set[str], last: str) -> tuple[Failure, str]:
    """Classify by the names of the exceptions: httpx and httpcore have the same ones."""
    if "ConnectTimeout" in names:
        return Failure.CONNECT_TIMEOUT, ""
    if any(name.endswith("Timeout") for name in names):
        return Failure.READ_TIMEOUT, ""
    if "APIConnectionError" in names:
        return Failure.CONNECTION, last
    return Failure.OTHER, last


def _causes(error: Exception) -> list[Exception]:
    """Return ``error`` and the errors below it, the outermost first."""
    chain = [error]
    below = error.__cause__ or error.__context__
    while isinstance(below, Exception):
        chain.append(below)
        below = below.__cause__ or below.__context__
    return chain


def _classify_tls(cause: ssl.SSLError) -> tuple[Failure, str]:
    if isinstance(cause, ssl.SSLCertVerificationError) and cause.verify_message:
        return Failure.CERTIFICATE, cause.verify_message
    return Failure.TLS, cause.reason or ""


def _classify_refused_connection(cause: OSError, exchange: Exchange) -> tuple[Failure, str]:
    if exchange.proxy:
        return Failure.PROXY_UNREACHABLE, cause.strerror or ""
    if isinstance(cause, socket.gaierror):
        return Failure.NAME, ""
    return Failure.CONNECTION_REFUSED, ""
