"""The Responses API in the OpenAI-compatible protocol, streamed or not.

Shapes: OpenAI API reference (2026) as the types of the openai SDK 3.52 quote it. Model Studio
"OpenAI compatible - Responses" (compatibility-with-openai-responses-api, 2026-03-30, and as read
2026-11): /compatible-mode/v1/responses, and the older path below /api/v2/apps/protocols, which it
is going to remove; an input is a text or messages; ``previous_response_id`` continues a
conversation. Unverified: the refusal of an unknown ``previous_response_id``, and for how long it is
known (here: the latest 1,000). Built-in tools of the service are accepted and never called.
"""

from __future__ import annotations

import time
import uuid
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from typing import Any

from aiohttp import web

from dashlink_sandbox.inside.models import catalog, chat
from dashlink_sandbox.inside.models.answers import (
    ANY_OBJECT,
    Answer,
    Question,
    ToolCall,
    answer,
    read_choice,
    read_tools,
)
from dashlink_sandbox.inside.models.protocol import Fault, Fields, as_json, read_body, stream

MOST_RESPONSES = 1000


class Responses:
    """The Responses API with the latest conversations."""

    def __init__(self) -> None:
        self._conversations: OrderedDict[str, list[dict[str, Any]]] = OrderedDict()

    def routes(self, prefix: str) -> Iterable[web.RouteDef]:
        """The handlers, with whole paths below ``prefix``."""
        return (web.post(f"{prefix}/responses", self._create),)

    async def _create(self, request: web.Request) -> web.StreamResponse:
        body = await read_body(request)
        messages = [*self._earlier(body), *_messages_of(body)]
        question = Question(
            body.model(*chat.KINDS),
            messages,
            read_tools(body.get("tools") or [], "tools"),
            read_choice(body.get("tool_choice")),
            bool(body.get("parallel_tool_calls")),
            _schema_of(body),
        )
        one = answer(question)
        response = _response(body, question, one)
        self._store(response["id"], [*messages, chat.message_of(one)])
        if body.get("stream"):
            return await stream(request, _events(response))
        return web.json_response(response)

    def _earlier(self, body: Fields) -> list[dict[str, Any]]:
        previous = body.get("previous_response_id")
        if previous is None:
            return []
        if previous not in self._conversations:
            raise Fault("body", f"previous_response_id: there is no response {previous}")
        return self._conversations[previous]

    def _store(self, response_id: str, messages: list[dict[str, Any]]) -> None:
        self._conversations[response_id] = messages
        if len(self._conversations) > MOST_RESPONSES:
            self._conversations.popitem(last=False)


def _messages_of(body: Fields) -> list[dict[str, Any]]:
    """The input as messages of a chat."""
    value = body.need("input", (str, list))
    if isinstance(value, str):
        return [{"role": "user", "content": value}]
    messages = []
    for item in value:
        if not isinstance(item, dict):
            raise Fault("body", "input is malformed")
        kind = item.get("type", "message")
        if kind == "message":
            role = Fields(item).need("role", str)
            messages.append({"role": role, "content": item.get("content", "")})
        elif kind == "function_call_output":
            messages.append({"role": "tool", "content": item.get("output", "")})
    return messages


def _schema_of(body: Fields) -> Any:
    """The schema of the answer; None for a text."""
    form = body.section_or_empty("text").section_or_empty("format")
    if form.get("type") == "json_schema":
        return form.get("schema") or {}
    return ANY_OBJECT if form.get("type") == "json_object" else None


def _new_id(kind: str) -> str:
    return f"{kind}_{uuid.uuid4().hex}"


def _response(body: Fields, question: Question, one: Answer) -> dict[str, Any]:
    usage = {
        "input_tokens": question.tokens,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": one.tokens,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": question.tokens + one.tokens,
    }
    return {
        "id": _new_id("resp"),
        "object": "response",
        "created_at": int(time.time()),
        "status": "completed",
        "error": None,
        "incomplete_details": None,
        "instructions": body.get("instructions"),
        "metadata": body.get("metadata") or {},
        "model": question.model,
        "output": [_call_item(call) for call in one.calls] or [_message_item(one.text)],
        "parallel_tool_calls": question.parallel,
        "previous_response_id": body.get("previous_response_id"),
        "temperature": body.get("temperature"),
        "tool_choice": body.get("tool_choice", "auto"),
        "tools": body.get("tools") or [],
        "top_p": body.get("top_p"),
        "usage": usage,
    }


def _message_item(text: str) -> dict[str, Any]:
    head = {"id": _new_id("msg"), "type": "message", "status": "completed", "role": "assistant"}
    return {**head, "content": [_text_part(text)]}


def _text_part(text: str) -> dict[str, Any]:
    return {"type": "output_text", "text": text, "annotations": []}


def _call_item(call: ToolCall) -> dict[str, Any]:
    head = {"id": _new_id("fc"), "type": "function_call", "status": "completed"}
    return {**head, "call_id": call.call_id, "name": call.name, "arguments": call.arguments}


def _events(response: dict[str, Any]) -> Iterator[str]:
    """The events of a stream, numbered."""
    for number, event in enumerate(_contents(response)):
        data = as_json({**event, "sequence_number": number})
        yield f"event: {event['type']}\ndata: {data}\n\n"


def _contents(response: dict[str, Any]) -> Iterator[dict[str, Any]]:
    started = {**response, "status": "in_progress", "output": [], "usage": None}
    yield {"type": "response.created", "response": started}
    yield {"type": "response.in_progress", "response": started}
    for index, item in enumerate(response["output"]):
        place = {"output_index": index, "item_id": item["id"]}
        empty: dict[str, Any] = {"content": []}
        pieces = _pieces_of_text
        if item["type"] == "function_call":
            empty, pieces = {"arguments": ""}, _pieces_of_call
        added = {**item, "status": "in_progress", **empty}
        yield {"type": "response.output_item.added", "output_index": index, "item": added}
        yield from pieces(place, item)
        yield {"type": "response.output_item.done", "output_index": index, "item": item}
    yield {"type": "response.completed", "response": response}


def _pieces_of_call(place: dict[str, Any], item: dict[str, Any]) -> Iterator[dict[str, Any]]:
    kind, arguments = "response.function_call_arguments", item["arguments"]
    for piece in catalog.pieces(arguments):
        yield {"type": f"{kind}.delta", **place, "delta": piece}
    yield {"type": f"{kind}.done", **place, "name": item["name"], "arguments": arguments}


def _pieces_of_text(place: dict[str, Any], item: dict[str, Any]) -> Iterator[dict[str, Any]]:
    place = {**place, "content_index": 0}
    (part,) = item["content"]
    yield {"type": "response.content_part.added", **place, "part": _text_part("")}
    for piece in catalog.pieces(part["text"]):
        yield {"type": "response.output_text.delta", **place, "delta": piece, "logprobs": []}
    done = {"type": "response.output_text.done", **place, "text": part["text"]}
    yield {**done, "logprobs": []}
    yield {"type": "response.content_part.done", **place, "part": part}
