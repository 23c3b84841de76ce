"""How the gateway itself says no."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web


@dataclass(eq=False)
class GatewayRefusal(Exception):  # noqa: N818 - it is the answer, not a failure of ours
    """An answer of the gateway's own, not of an upstream. The body has the shape that OpenAI's SDK reads."""

    status: int
    code: str
    message: str
    retry_after_seconds: int = 0

    def response(self) -> web.Response:
        """The HTTP answer."""
        said = {"message": self.message, "type": "gateway_error", "code": self.code, "param": None}
        headers = {"X-Gateway-Refusal": self.code}
        if self.retry_after_seconds:
            headers["Retry-After"] = str(self.retry_after_seconds)
        body = {"error": said, "code": self.code, "message": self.message}
        return web.json_response(body, status=self.status, headers=headers)
