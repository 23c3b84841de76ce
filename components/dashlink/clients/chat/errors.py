"""Turn the failure of a chat request into one line: what is wrong, and what to do.

An error that a catalog explains (maas_codes.py, eas_answers.py) is reported by it; any other by its
code, its status, or the errors of the connection. Codes of errors: Model Studio "Error codes"
(2026-06) and OpenAI "Error codes". The codes of a gateway itself are unverified, so that its status
decides.
"""

from __future__ import annotations

import json
import re
import socket
import ssl
from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus

from dashlink.clients.chat.eas_answers import explain_eas
from dashlink.clients.chat.exchange import Exchange
from dashlink.clients.chat.explanation import Explanation
from dashlink.clients.chat.failures import Failure, text_of
from dashlink.clients.chat.maas_codes import explain_maas
from dashlink.clients.proxy_status import proxy_error
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


def failure_of(error: Exception, exchange: Exchange) -> DashlinkError:
    """Return the error to raise in place of one of the SDK's."""
    target, fields = exchange.target, exchange.fields(error)
    explanation = _explanation(error, exchange)
    if explanation is None:
        failure, detail = _classify(error, exchange)
        return _described(failure, detail, exchange, fields)
    detail = _code_and_message(error)[1]
    if target.kind == "model-api":
        fields["url"] = "that of the AI service"
    problem = f"{_status_and_code(error)}, {explanation.problem.format_map(fields)}"
    return _line(problem, explanation.text(fields, fields["after"]), detail, exchange)


def failure_of_response(exchange: Exchange, status: int, code: str, message: str) -> DashlinkError:
    """Return the error to raise for a refusal outside the SDK, by its status, code and message."""
    fields = {**exchange.fields(Exception()), "status": status}
    if _model_is_unknown(code, message):
        failure = Failure.MODEL_UNKNOWN
    elif status >= HTTPStatus.BAD_REQUEST:
        failure = _by_status(status, code, exchange.target.api_key)
    else:
        failure = _by_stream_error(code, message)
    return _described(failure, message or code, exchange, fields)


def failure_of_proxy(exchange: Exchange, error: Exception) -> DashlinkError:
    """Return the error to raise where a proxy refuses a WebSocket's tunnel."""
    headers = getattr(getattr(error, "response", None), "headers", {})
    detail = proxy_error(headers.get("Proxy-Status")) or str(error)
    return _described(Failure.PROXY_REFUSED, detail, exchange, exchange.fields(error))


def _described(
    failure: Failure, detail: str, exchange: Exchange, fields: Mapping[str, Any]
) -> DashlinkError:
    problem, advice = text_of(failure, exchange.target.kind)
    return _line(problem.format_map(fields), advice.format_map(fields), detail, exchange)


def _line(problem: str, advice: str, detail: str, exchange: Exchange) -> DashlinkError:
    """Return an error of one line, with the other side's message and without the key."""
    target = exchange.target
    line = _one_line(detail, target.api_key)
    if line:
        problem = f"{problem}: {line}"
    fault = Fault(target.api, problem, advice)
    return DashlinkError(_redacted(str(fault), target.api_key))


def _explanation(error: Exception, exchange: Exchange) -> Explanation | None:
    """Return what the catalog of the service has about a response, or about an event."""
    import openai  # noqa: PLC0415

    if not isinstance(error, openai.APIError):
        return None
    status, text = 0, json.dumps(error.body) if error.body else ""
    if isinstance(error, openai.APIStatusError):
        status, text = error.status_code, error.response.text
        if exchange.refused_by_proxy(status) or error.response.has_redirect_location:
            return None
    kind = exchange.target.kind
    if kind == "eas" and status:
        return explain_eas(status, text, _document(text))
    return explain_maas(text, _document(text) if kind == "maas" else None)


def _document(text: str) -> Mapping[str, Any] | None:
    try:
        document = json.loads(text)
    except ValueError:
        return None
    return document if isinstance(document, dict) else None


def _status_and_code(error: Exception) -> str:
    status = getattr(error, "status_code", None)
    code = _code_and_message(error)[0]
    parts = [str(status)] if status else []
    if "." in code:  # a code of its own, and no number or type of error
        parts.append(code.split(maxsplit=1)[0])
    return " ".join(parts) or "an error in the stream"


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


def _code_and_message(error: Exception) -> tuple[str, str]:
    """Return the code (and type) and the message of a body, in whichever usual shape it is."""
    body = getattr(error, "body", None)
    if not isinstance(body, Mapping):
        return "", str(body or "")
    code = f"{body.get('code') or body.get('error_code') or ''} {body.get('type') or ''}".strip()
    message = body.get("message") or body.get("error_msg") or body.get("detail")
    return code, str(message or "")


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
