"""Retries of requests: with growing pauses where that can help, else one CloudError.

The retried codes are those that terraform-provider-alicloud v1.285.0 retries everywhere
(`NeedRetry`): throttling, ServiceUnavailable and every 5xx; also a client token whose first request
is in progress, and broken connections.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception, wait_random_exponential

from dashlink.errors import CloudError

_Answer = TypeVar("_Answer")
_ATTEMPTS = 6
# A large stack exceeds the cloud's request limit for a while: retry for about five minutes.
_THROTTLED_ATTEMPTS = 30
_LONGEST_PAUSE_SECONDS = 20.0
_SERVER_ERROR = 500
_TOO_MANY_REQUESTS = 429
_TRANSIENT_CODES = ("ServiceUnavailable", "SystemBusy", "IdempotentProcessing")
_CONNECTION_TERMS = ("connection", "timed out", "timeout", "max retries", "remotedisconnected")


def call(
    purpose: str, request: Callable[[], _Answer], *, pause: Callable[[float], None] = time.sleep
) -> _Answer:
    """Send a request that may be repeated without harm.

    Args:
        purpose: Completes "cannot ..." in errors: ``read the gateway``.
        request: One attempt.
        pause: Waits for a number of seconds.

    Raises:
        CloudError: With the API's code and request id, if the request is refused or all attempts
            fail.
    """
    retrying = Retrying(
        retry=retry_if_exception(is_transient),
        stop=_is_last_attempt,
        wait=wait_random_exponential(multiplier=0.5, max=_LONGEST_PAUSE_SECONDS),
        reraise=True,
        sleep=pause,
    )
    try:
        return retrying(request)
    except CloudError:
        raise
    except Exception as error:
        raise as_cloud_error(purpose, error) from None


def _is_last_attempt(state: RetryCallState) -> bool:
    error = state.outcome.exception() if state.outcome is not None else None
    limit = _ATTEMPTS
    if error is not None and is_throttled(error):
        limit = _THROTTLED_ATTEMPTS
    return state.attempt_number >= limit


def is_throttled(error: BaseException) -> bool:
    """Return whether the cloud refused because of too many requests."""
    return "Throttling" in code_of(error) or _status(error) == _TOO_MANY_REQUESTS


def is_transient(error: BaseException) -> bool:
    """Return whether the same request may succeed a moment later."""
    if isinstance(error, CloudError):
        return False
    code = code_of(error)
    if is_throttled(error) or code in _TRANSIENT_CODES:
        return True
    if _status(error) >= _SERVER_ERROR:
        return True
    return not code and _is_connection_error(error)


def as_cloud_error(purpose: str, error: BaseException) -> CloudError:
    """Return an error of the SDK as one line, without what was sent."""
    code = code_of(error)
    if not code and _is_connection_error(error):
        return CloudError(
            f"cannot {purpose}: the cloud cannot be reached ({type(error).__name__}). "
            "Check the network and proxies."
        )
    request_id = _request_id(error)
    return CloudError(
        f"cannot {purpose}: {_first_line(error, request_id)}", code=code, request_id=request_id
    )


def code_of(error: BaseException) -> str:
    """Return the API's error code, empty where there is none."""
    return str(getattr(error, "code", "") or "")


def _first_line(error: BaseException, request_id: str) -> str:
    """Return the first line of the message, without the status and request id that the SDK adds."""
    lines = str(getattr(error, "message", "") or error).splitlines()
    if not lines:
        return type(error).__name__
    text = lines[0].removeprefix(f"code: {_status(error)}, ").strip()
    if request_id:
        text = text.replace(f" request id: {request_id}", "").strip(" ,")
    return text


def _status(error: BaseException) -> int:
    """Return the HTTP status, 0 where there is none."""
    status: Any = getattr(error, "status_code", None) or getattr(error, "statusCode", None)
    data = getattr(error, "data", None)
    if status is None and isinstance(data, dict):
        status = data.get("statusCode")
    if isinstance(status, int | str) and str(status).isdigit():
        return int(status)
    return 0


def _request_id(error: BaseException) -> str:
    request_id = getattr(error, "request_id", "")
    data = getattr(error, "data", None)
    if not request_id and isinstance(data, dict):
        request_id = data.get("RequestId") or data.get("requestId")
    return str(request_id or "")


def _is_connection_error(error: BaseException) -> bool:
    if isinstance(error, OSError):
        return True
    text = f"{type(error).__name__} {error}".lower()
    return any(term in text for term in _CONNECTION_TERMS)
