"""How a request is made: again where that can help, a few times and ever slower; and one CloudError where it cannot.

The codes are those that terraform-provider-alicloud v1.285.0 retries everywhere (`NeedRetry`): throttling,
ServiceUnavailable and every 5xx; that the first request with a client token is still at work; and broken connections.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception, wait_random_exponential

from dashlink.errors import CloudError

_Answer = TypeVar("_Answer")
_ATTEMPTS = 6
# A large stack meets the cloud's limit on requests again and again, and no request is at fault: about five minutes.
_THROTTLED_ATTEMPTS = 30
_LONGEST_PAUSE_SECONDS = 20.0
_SERVER_ERROR = 500
_THROTTLED = 429


def call(
    what: str, request: Callable[[], _Answer], *, pause: Callable[[float], None] = time.sleep
) -> _Answer:
    """Make a request that may be repeated without harm.

    Args:
        what: What it is for, as it reads after "cannot".
        request: One try.
        pause: Waits for some seconds.

    Raises:
        CloudError: With the API's code and request id, if it is refused or goes on failing.
    """
    retrying = Retrying(
        retry=retry_if_exception(is_transient),
        stop=_is_enough,
        wait=wait_random_exponential(multiplier=0.5, max=_LONGEST_PAUSE_SECONDS),
        reraise=True,
        sleep=pause,
    )
    try:
        return retrying(request)
    except CloudError:
        raise
    except Exception as error:
        raise as_cloud_error(what, error) from None


def _is_enough(tried: RetryCallState) -> bool:
    """Whether a request was tried as often as it may be."""
    error = tried.outcome.exception() if tried.outcome is not None else None
    return tried.attempt_number >= (
        _THROTTLED_ATTEMPTS if error is not None and is_throttled(error) else _ATTEMPTS
    )


def is_throttled(error: BaseException) -> bool:
    """Whether the cloud said that there were too many requests."""
    return "Throttling" in code_of(error) or _status(error) == _THROTTLED


def is_transient(error: BaseException) -> bool:
    """Whether the same request may succeed a moment later."""
    if isinstance(error, CloudError):
        return False
    status, code = _status(error), code_of(error)
    if is_throttled(error) or code in ("ServiceUnavailable", "SystemBusy", "IdempotentProcessing"):
        return True
    return status >= _SERVER_ERROR or (not code and _is_connection_error(error))


def as_cloud_error(what: str, error: BaseException) -> CloudError:
    """``error`` of an SDK in one line, without what was sent."""
    code = code_of(error)
    if not code and _is_connection_error(error):
        return CloudError(
            f"cannot {what}: the cloud cannot be reached ({type(error).__name__}). Check the network and proxies."
        )
    message = str(getattr(error, "message", "") or error).splitlines()
    text = (
        message[0].removeprefix(f"code: {_status(error)}, ").strip()
        if message
        else type(error).__name__
    )
    request_id = _request_id(error)
    # The SDK writes the request id into the message; it is said once.
    text = text.replace(f" request id: {request_id}", "").strip(" ,") if request_id else text
    return CloudError(f"cannot {what}: {text}", code=code, request_id=request_id)


def code_of(error: BaseException) -> str:
    """The API's error code, empty where there is none."""
    return str(getattr(error, "code", "") or "")


def _status(error: BaseException) -> int:
    value: Any = getattr(error, "status_code", None) or getattr(error, "statusCode", None)
    data = getattr(error, "data", None)
    if value is None and isinstance(data, dict):
        value = data.get("statusCode")
    return int(value) if isinstance(value, int | str) and str(value).isdigit() else 0


def _request_id(error: BaseException) -> str:
    data = getattr(error, "data", None)
    from_data = data.get("RequestId") or data.get("requestId") if isinstance(data, dict) else None
    return str(getattr(error, "request_id", "") or from_data or "")


def _is_connection_error(error: BaseException) -> bool:
    words = f"{type(error).__name__} {error}".lower()
    return isinstance(error, OSError) or any(
        word in words
        for word in ("connection", "timed out", "timeout", "max retries", "remotedisconnected")
    )
