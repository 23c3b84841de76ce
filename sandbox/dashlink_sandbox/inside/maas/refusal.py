"""The errors of MaaS by code: status, text, and the body of the protocol.

Sources: "Error codes" of MaaS (support.huaweicloud.com, 2025-07-31, 2025-10-28, and the newest,
model-call-maas/model-call-035, 2026): statuses, codes and texts. Bodies: the page has
``error_code`` and ``error_msg``, with ``request_id`` for those of the gateway in front, and vLLM's
own; the body of the OpenAI path, with both forms at once, is from errors that programs recorded
(2026). That of the Anthropic path is not documented: here Anthropic's, with both forms
(unverified). The statuses of APIG.0203 and 81010 are documented as 5XX: 504 and 503 are
unverified.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from aiohttp import web

from dashlink_sandbox.dialects import Dialect
from dashlink_sandbox.inside.models.protocol import new_request_id

Body = Literal["maas", "openai", "anthropic", "vllm", "front"]

_REFUSED_403 = ("81004", "81005", "81006")  # 401 in the tables of 2025-07: the dialect decides
_FRONT = "APIG."
_STATUSES = {
    "81001": 400,
    "81002": 400,
    "81003": 401,
    "81004": 403,
    "81005": 403,
    "81006": 403,
    "81009": 404,
    "81010": 503,
    "81011": 403,
    "81013": 400,
    "81014": 403,
    "81015": 401,
    "81101": 429,
    "81103": 429,
    "81111": 429,
    "81114": 429,
    "81116": 429,
    "81118": 400,
    "APIG.0101": 404,
    "APIG.0203": 504,
    "APIG.0308": 429,
}
_TEXTS: Mapping[str, str] = {
    "81001": "Invalid request body.",
    "81002": "Failed to get the authorization header.",
    "81003": "Invalid authorization header.",
    "81004": "Invalid request because you do not have access to it.",
    "81005": "The free quota has been used up.",
    "81006": "The resource is frozen.",
    "81009": "Invalid model.",
    "81010": "No available instance.",
    "81011": "Input text May contain sensitive information, please try again.",
    "81013": "Content moderation failed when detecting language. The prompt can only contain "
    "Chinese.",
    "81014": "The free service has expired. You can subscribe commercial service.",
    "81111": "Too many requests, please try again later.",
    "81116": "Too many requests, scaling protection, please try again later.",
    "APIG.0101": "The API does not exist or has not been published in the environment",
    "APIG.0203": "Backend timeout",
}
_TYPES = {400: "BadRequest", 401: "Unauthorized", 403: "Forbidden", 404: "NotFound"}
_VLLM_TYPES = {400: "BadRequestError", 404: "NotFoundError"}


class MaasError(Exception):
    """A refusal.

    Attributes:
        code: Without ``ModelArts.``; those of the gateway in front begin with ``APIG.``.
        message: The text that a client gets.
        retry_after: Seconds for the header Retry-After; 0: none.
        by_vllm: The back end's own error, where the model's errors are those of vLLM.
    """

    def __init__(
        self, code: str, text: str = "", retry_after: int = 0, *, by_vllm: bool = False
    ) -> None:
        self.code = code
        self.message = text or _TEXTS[code]
        self.retry_after = retry_after
        self.by_vllm = by_vllm
        super().__init__(f"{code}: {self.message}")

    def status(self, dialect: Dialect) -> int:
        """Return the HTTP status in a dialect."""
        if self.code in _REFUSED_403:
            return int(dialect["maas-refused-status"])
        return _STATUSES[self.code]

    def response(self, body: Body, dialect: Dialect) -> web.Response:
        """Return the response with the body of a protocol."""
        status = self.status(dialect)
        code = self._wire_code(dialect)
        headers = {}
        if self.retry_after:
            headers["Retry-After"] = str(self.retry_after)
        document = self._document(body, code, status)
        return web.json_response(document, status=status, headers=headers)

    def _wire_code(self, dialect: Dialect) -> str:
        if self.code.startswith(_FRONT):
            return self.code
        if self.code == "81011":
            return f"ModelArts.{dialect['maas-moderation']}"
        return f"ModelArts.{self.code}"

    def _document(self, body: Body, code: str, status: int) -> dict[str, Any]:
        flat = {"error_code": code, "error_msg": self.message}
        if self.code.startswith(_FRONT):
            return {**flat, "request_id": new_request_id().replace("-", "")}
        if self.by_vllm:
            kind = _VLLM_TYPES[status]
            own = {"object": "error", "message": self.message, "type": kind}
            return {**own, "param": None, "code": status}
        if body == "maas":
            return flat
        error = {"code": code, "message": self.message, "param": None}
        error["type"] = _TYPES.get(status, "TooManyRequests" if status == 429 else "ServerError")  # noqa: PLR2004
        document: dict[str, Any] = {"error": error, **flat, "span_id": new_request_id()}
        if body == "anthropic":
            document["type"] = "error"
        return document


def not_allowed() -> web.Response:
    """Return the response to a wrong method, which has no code."""
    return web.json_response({"detail": "Method Not Allowed"}, status=405)
