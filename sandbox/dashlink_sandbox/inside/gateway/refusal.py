"""Error responses of the gateway itself."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web


@dataclass(eq=False)
class GatewayRefusal(Exception):  # noqa: N818 - an HTTP response, not a failure of the sandbox
    """An error response of the gateway, not of an upstream. The body has the shape of OpenAI's."""

    status: int
    code: str
    message: str
    retry_after_seconds: int = 0

    def response(self) -> web.Response:
        """The HTTP response."""
        error = {
            "message": self.message,
            "type": "gateway_error",
            "code": self.code,
            "param": None,
        }
        headers = {"X-Gateway-Refusal": self.code}
        if self.retry_after_seconds:
            headers["Retry-After"] = str(self.retry_after_seconds)
        body = {"error": error, "code": self.code, "message": self.message}
        return web.json_response(body, status=self.status, headers=headers)
