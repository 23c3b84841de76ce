"""Retries of requests: with growing pauses where that can help, else one CloudError.

The retried codes are those that terraform-provider-alicloud v1.285.0 retries everywhere
(`NeedRetry`): throttling, ServiceUnavailable and every 5xx; also a client token whose first request
is in progress, and broken connections.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception, wait_random_exponential
from urllib3.exceptions import HTTPError

from dashlink.errors import CloudError

_Answer = TypeVar("_Answer")
_ATTEMPTS = 6
# A large stack exceeds the cloud's request limit for a while: retry for about five minutes.
_MOST_ATTEMPTS = 30
_LONGEST_PAUSE_SECONDS = 20.0
_SERVER_ERROR = 500
_TOO_MANY_REQUESTS = 429
_LOCKED = "Conflict.LockFailed"  # UpdateService and DeleteService while another change is applied
_TRANSIENT_CODES = ("ServiceUnavailable", "SystemBusy", "IdempotentProcessing", _LOCKED)
_CONNECTION_TERMS = ("connection", "timed out", "timeout", "max retries", "remotedisconnected")


class ApiError(Exception):
    """An API refuses a request.

    Attributes:
        status: HTTP status.
        code: The API's error code; empty where the response has none.
        request_id: Id for the cloud's support; empty where the response has none.
    """

    def __init__(self, status: int, body: Mapping[str, Any]) -> None:
        """Read the fields of an error; RPC products capitalize their names, ROA products do not."""
        super().__init__(body.get("Message") or body.get("message") or f"HTTP status {status}")
        self.status = status
        self.code = str(body.get("Code") or body.get("code") or "")
        self.request_id = str(body.get("RequestId") or body.get("requestId") or "")


def call(
    purpose: str,
    request: Callable[[], _Answer],
    *,
    once: bool = False,
    pause: Callable[[float], None] = time.sleep,
) -> _Answer:
    """Send a request, and repeat it where that can help.

    Args:
        purpose: Completes "cannot ..." in errors: ``read the gateway``.
        request: One attempt.
        once: Repeat it only if it was refused as too frequent: a creation without a client token
            may have happened although its answer is lost.
        pause: Waits for a number of seconds.

    Raises:
        CloudError: With the API's code and request id, if the request is refused or all attempts
            fail.
    """
    retrying = Retrying(
        retry=retry_if_exception(is_throttled if once else is_transient),
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
    if error is not None and (is_throttled(error) or code_of(error) == _LOCKED):
        limit = _MOST_ATTEMPTS
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
    """Return an error of an API, of a connection or of the credentials' SDK as one line."""
    code = code_of(error)
    if not code and _is_connection_error(error):
        return CloudError(
            f"cannot {purpose}: the cloud cannot be reached ({type(error).__name__}). "
            "Check the network and proxies.",
            is_transient=True,
        )
    text = str(getattr(error, "message", "") or error)
    lines = text.splitlines() or [type(error).__name__]
    request_id = str(getattr(error, "request_id", "") or "")
    return CloudError(
        f"cannot {purpose}: {lines[0]}",
        code=code,
        request_id=request_id,
        is_transient=is_transient(error),
        status=_status(error),
    )


def code_of(error: BaseException) -> str:
    """Return the API's error code, empty where there is none."""
    return str(getattr(error, "code", "") or "")


def _status(error: BaseException) -> int:
    """Return the HTTP status, 0 where there is none."""
    return error.status if isinstance(error, ApiError) else 0


def _is_connection_error(error: BaseException) -> bool:
    if isinstance(error, ApiError):
        return False
    if isinstance(error, OSError | HTTPError):
        return True
    text = f"{type(error).__name__} {error}".lower()
    return any(term in text for term in _CONNECTION_TERMS)
