"""The Anthropic-compatible protocol under /apps/anthropic: messages, streamed or not, and counting.

Shapes and errors: the Messages API as Anthropic documents it and the anthropic SDK 2.12 sends and
reads it, which Model Studio "Anthropic compatible - Messages" (alibabacloud.com/help, as read
2026-11) follows; that its errors have the same shape is unverified, and so is that it has
count_tokens, which its page does not name.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from aiohttp import web

from dashlink_sandbox.inside.models import catalog
from dashlink_sandbox.inside.models.answers import Answer, Question, Tool, answer
from dashlink_sandbox.inside.models.protocol import (
    Fault,
    Fields,
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
_CHOICES = {"any": "required", "none": "none"}
"""Tool choices of Anthropic, as in OpenAI's protocol."""


class Messages(ModelProtocol):
    """The Messages API."""

    prefix = PREFIX
    errors = _ERRORS

    def routes(self) -> Iterable[web.RouteDef]:
        """The handlers, with whole paths."""
        return (
            web.post(f"{PREFIX}/v1/messages", _create),
            web.post(f"{PREFIX}/v1/messages/count_tokens", _count_tokens),
        )

    def key_of(self, request: web.Request) -> str:
        """The API key, from ``x-api-key`` or as a bearer token."""
        return request.headers.get("x-api-key", "") or super().key_of(request)

    def error_body(self, code: str, message: str) -> dict[str, Any]:
        """The error in Anthropic's shape."""
        return {"type": "error", "error": {"type": code, "message": message}}


async def _create(request: web.Request) -> web.StreamResponse:
    body = await read_body(request)
    question = _question_of(body)
    body.need("max_tokens", int)
    one = answer(question)
    message = message_of(question.model, one, question.tokens)
    if body.get("stream"):
        return await stream(request, message_events(message))
    return web.json_response(message)


async def _count_tokens(request: web.Request) -> web.Response:
    question = _question_of(await read_body(request))
    return web.json_response({"input_tokens": question.tokens})


def _question_of(body: Fields) -> Question:
    """The question in a request.

    Raises:
        Fault: The request is invalid.
    """
    model, messages = body.model("chat"), []
    for message in body.messages():
        messages.append(_with_result(message))
    choice = body.section_or_empty("tool_choice")
    kind = str(choice.get("type", "auto"))
    return Question(
        model,
        messages,
        _tools_of(body),
        _CHOICES.get(kind) or choice.get("name", "auto"),
        not choice.get("disable_parallel_tool_use"),
    )


def _tools_of(body: Fields) -> tuple[Tool, ...]:
    """The client's tools; those of the service have a type, and are never called."""
    tools = []
    for row in body.get("tools") or ():
        if not isinstance(row, dict):
            raise Fault("body", "tools is malformed")
        if row.get("type", "custom") == "custom":
            tools.append(Tool(Fields(row).need("name", str), row.get("input_schema") or {}))
    return tuple(tools)


def _with_result(message: dict[str, Any]) -> dict[str, Any]:
    """A message of the user with the result of a tool, as one of the role ``tool``."""
    content = message.get("content")
    for block in content if isinstance(content, list) else ():
        if isinstance(block, dict) and block.get("type") == "tool_result":
            return {"role": "tool", "content": block.get("content", "")}
    return message


def message_of(
    model: str, one: Answer, prompt_tokens: int, stop: str = "end_turn"
) -> dict[str, Any]:
    """Return a whole answer; ``stop`` is the reason for its end where it calls no tool."""
    content: list[dict[str, Any]] = []
    for call in one.calls:
        block = {"type": "tool_use", "id": call.call_id, "name": call.name}
        content.append({**block, "input": json.loads(call.arguments)})
    return {
        "id": f"msg_{new_request_id()}",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": content or [{"type": "text", "text": one.text}],
        "stop_reason": "tool_use" if content else stop,
        "stop_sequence": None,
        "usage": {"input_tokens": prompt_tokens, "output_tokens": one.tokens},
    }


def message_events(message: dict[str, Any]) -> Iterator[str]:
    """Return the events of a streamed answer."""
    usage = message["usage"]
    start = {**message, "content": [], "stop_reason": None, "usage": {**usage, "output_tokens": 0}}
    yield _event("message_start", message=start)
    for index, block in enumerate(message["content"]):
        yield from _block_events(index, block)
    end = {"stop_reason": message["stop_reason"], "stop_sequence": None}
    yield _event("message_delta", delta=end, usage=usage)
    yield _event("message_stop")


def _block_events(index: int, block: dict[str, Any]) -> Iterator[str]:
    empty: dict[str, Any] = {"text": ""}
    kind, field, text = "text_delta", "text", block.get("text", "")
    if block["type"] == "tool_use":
        empty = {"input": {}}
        kind, field, text = "input_json_delta", "partial_json", as_json(block["input"])
    yield _event("content_block_start", index=index, content_block={**block, **empty})
    for piece in catalog.pieces(text):
        yield _event("content_block_delta", index=index, delta={"type": kind, field: piece})
    yield _event("content_block_stop", index=index)


def _event(kind: str, **content: Any) -> str:
    return f"event: {kind}\ndata: {as_json({'type': kind, **content})}\n\n"
