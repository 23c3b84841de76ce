"""The errors of a service of PAI-EAS by status and body: the one catalog, with sources.

Sources:
    codes  "Appendix: Service status codes and common errors", 2025-11, copy of 2026
    sdk    Alibaba Cloud's Python SDK (alipai 0.4.13), which waits for a service
    limit  "Call a service through a gateway", 2025: at most 1 MB; the status is not documented
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from dashlink.clients.chat.explanation import Explanation

LARGEST_BODY_BYTES: Final = 1024 * 1024
"""Largest body of a request through a gateway (limit)."""

_PATH = Explanation(
    "the path is incomplete ({url})",
    "The URL is http://<gateway>/api/predict/<service> with the path of the model after it, e.g. "
    "/v1/chat/completions: the base URL ends in /v1 ({base}).",
    False,
    "codes",
)
_UNKNOWN_SERVICE = Explanation(
    "the gateway does not know the service, or not yet (404 without a body)",
    "Compare the name at the end of /api/predict/<service>, and look whether the service runs.",
    True,
    "sdk",
)
_MODEL = Explanation(
    "the service has no model {model}",
    "Name one of {models}; vLLM often names it by the path of its files, as /model_dir.",
    False,
    "codes",
)
_NOT_READY = Explanation(
    "no instance of the service is ready",
    "It is stopped, lacks resources, starts, or a request has crashed it: look at its instances "
    "and logs in the console of PAI.",
    True,
    "codes, sdk",
)
_BROKEN = Explanation(
    "the connection behind the gateway ended before an answer",
    "Allow more time than the work takes, and do not reuse connections that were idle for 3 "
    "minutes.",
    True,
    "codes; 3 minutes: measured by one program, 2026",
)

STATUSES: Final[Mapping[int, Explanation]] = {
    400: Explanation(
        "the body is malformed, or the processor of the service failed",
        "Change what the message names; else look at the logs of the service.",
        False,
        "codes",
    ),
    401: Explanation(
        "the token is missing or wrong",
        "Set {key} to the service's token, from the console of PAI; the header is Authorization: "
        "and the token, with or without Bearer.",
        False,
        "codes",
    ),
    403: Explanation(
        "the gateway forbids it, perhaps by its access list",
        "Compare this machine's address with the access list of the gateway; the token belongs to "
        "one service.",
        False,
        "not in the documents: unverified",
    ),
    404: _PATH,
    405: Explanation(
        "the path does not take this method", "Chats are sent by POST to {url}.", False, "codes"
    ),
    408: Explanation(
        "the request took longer than `rpc.keepalive` of the service",
        "Raise `rpc.keepalive` (milliseconds), or ask for less.",
        False,
        "codes",
    ),
    413: Explanation(
        "the body is too large: a gateway takes at most 1 MB",
        "Send less, or call the instances directly from their VPC.",
        False,
        "limit; the status is unverified",
    ),
    429: Explanation(
        "the limit of the gateway or of the service (`rpc.rate_limit`) is reached",
        "Send fewer requests, or raise `rpc.rate_limit` or the number of instances.",
        True,
        "codes",
    ),
    450: Explanation(
        "the queue of the service is full",
        "Try it a few times, never for ever; if it is always 450, its processor is stuck: restart "
        "the service.",
        True,
        "codes",
    ),
    499: Explanation(
        "the client closed the connection before the answer",
        "Raise the client's time-out.",
        True,
        "codes",
    ),
    502: Explanation(
        "the service answered the gateway badly, or its process ended",
        "Look at the logs of the service.",
        True,
        "codes",
    ),
    503: _NOT_READY,
    504: Explanation(
        "the service did not answer the gateway in time",
        "Ask for less, or use a stream or the queue service.",
        True,
        "codes",
    ),
}


def explain_eas(
    status: int, text: str, body: Mapping[str, Any] | None = None
) -> Explanation | None:
    """Return the meaning of an error of PAI-EAS; None for a status that no source has.

    Args:
        status: The HTTP status.
        text: The body, as text.
        body: The body, where it is JSON.
    """
    if text.startswith("upstream connect error"):
        return _BROKEN
    if status == 404 and not text.strip():  # noqa: PLR2004 - HTTP's own number
        return _UNKNOWN_SERVICE
    if body is not None and body.get("type") == "NotFoundError":
        return _MODEL
    return STATUSES.get(status)
