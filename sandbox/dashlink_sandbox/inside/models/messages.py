"""The Anthropic-compatible protocol under /apps/anthropic: messages, streamed or not.

Shapes and errors: the Messages API as Anthropic documents it, which Model Studio "Anthropic
compatible - Messages" (alibabacloud.com/help, as read 2026-11) follows; that its errors have the
same shape is unverified.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from aiohttp import web

from dashlink_sandbox.inside.models import catalog
from dashlink_sandbox.inside.models.protocol import (
    ModelProtocol,
    as_json,
    new_request_id,
    read_body,
    stream,
)

PREFIX = "/apps/anthropic"
_ERRORS = {
    "key": (401, "authentication_error", "invalid x-api-key"),
    "model": (404, "not_found_error", "model: {}"),
    "path": (404, "not_found_error", "No such path: {}"),
    "body": (400, "invalid_request_error", "{}"),
}


class Messages(ModelProtocol):
    """The Messages API."""

    prefix = PREFIX
    errors = _ERRORS

    def routes(self) -> Iterable[web.RouteDef]:
        """The handlers, with whole paths."""
        return (web.post(f"{PREFIX}/v1/messages", _create),)

    def key_of(self, request: web.Request) -> str:
        """The API key, from ``x-api-key`` or as a bearer token."""
        return request.headers.get("x-api-key", "") or super().key_of(request)

    def error_body(self, code: str, message: str) -> dict[str, Any]:
        """The error in Anthropic's shape."""
        return {"type": "error", "error": {"type": code, "message": message}}


async def _create(request: web.Request) -> web.StreamResponse:
    body = await read_body(request)
    model, messages = body.model("chat"), body.messages()
    body.need("max_tokens", int)
    text = catalog.reply(model, messages)
    message = message_of(model, text, catalog.prompt_tokens(messages))
    if body.get("stream"):
        return await stream(request, message_events(message, text))
    return web.json_response(message)


def message_of(model: str, text: str, prompt_tokens: int, stop: str = "end_turn") -> dict[str, Any]:
    """Return a whole answer; ``stop`` is the reason for its end."""
    return {
        "id": f"msg_{new_request_id()}",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [{"type": "text", "text": text}],
        "stop_reason": stop,
        "stop_sequence": None,
        "usage": {"input_tokens": prompt_tokens, "output_tokens": catalog.tokens(text)},
    }


def message_events(message: dict[str, Any], text: str) -> Iterator[str]:
    """Return the events of a streamed answer with this text."""

    def event(kind: str, **content: Any) -> str:
        return f"event: {kind}\ndata: {as_json({'type': kind, **content})}\n\n"

    usage = message["usage"]
    start = {**message, "content": [], "stop_reason": None, "usage": {**usage, "output_tokens": 0}}
    yield event("message_start", message=start)
    yield event("content_block_start", index=0, content_block={"type": "text", "text": ""})
    for piece in catalog.pieces(text):
        yield event("content_block_delta", index=0, delta={"type": "text_delta", "text": piece})
    yield event("content_block_stop", index=0)
    end = {"stop_reason": message["stop_reason"], "stop_sequence": None}
    yield event("message_delta", delta=end, usage=usage)
    yield event("message_stop")
