"""Chat completions in the OpenAI-compatible protocol: texts, tools, JSON, several choices.

Shapes: Model Studio "OpenAI Chat" (qwen-api-via-openai-chat-completions, 2026-03-18), and what the
openai SDK 3.52 (2026) sends and reads. ``n`` is 1 to 4 there. A stream ends with the usage only
where ``stream_options`` asks for it. That JSON needs the word in a message, and the text of the
refusal: answers of Model Studio in agno-agi/agno#5317 (2025-11-05). Speech recognition by chat:
"Qwen-ASR API reference" (2026-01-30). Every choice has the same text; which models of Model Studio
take ``n`` is not simulated.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from aiohttp import web

from dashlink_sandbox.inside.models import catalog
from dashlink_sandbox.inside.models.answers import (
    ANY_OBJECT,
    Answer,
    Question,
    answer,
    read_choice,
    read_tools,
)
from dashlink_sandbox.inside.models.completions import event_stream
from dashlink_sandbox.inside.models.protocol import (
    Fault,
    Fields,
    completion_usage,
    new_request_id,
    read_body,
    stream,
)

KINDS = ("chat", "transcription")
"""The kinds of models that chat."""

_MOST_CHOICES = 4
_WITHOUT_JSON = (
    "'messages' must contain the word 'json' in some form, to use 'response_format' of type "
    "'json_object'."
)


def question_of(body: Fields, messages: list[dict[str, Any]], options: Fields) -> Question:
    """The question in a request.

    Args:
        body: Names the model.
        messages: The messages.
        options: Has the tools and the format: the body, or DashScope's parameters.

    Raises:
        Fault: The request is invalid.
    """
    return Question(
        body.model(*KINDS),
        messages,
        read_tools(options.get("tools") or [], "tools"),
        read_choice(options.get("tool_choice")),
        bool(options.get("parallel_tool_calls")),
        _schema_of(options, messages),
    )


def complete(body: Fields) -> dict[str, Any]:
    """The whole completion of a request.

    Raises:
        Fault: The request is invalid.
    """
    question = question_of(body, body.messages(), body)
    choices = []
    answers = _answers(body, question)
    for index, one in enumerate(answers):
        choice = {"index": index, "message": message_of(one), "finish_reason": finish_of(one)}
        choices.append({**choice, "logprobs": None})
    head = _head(question.model, "chat.completion")
    return {**head, "choices": choices, "usage": _usage(question, answers)}


def message_of(one: Answer) -> dict[str, Any]:
    """The message of an answer."""
    if not one.calls:
        return {"role": "assistant", "content": one.text}
    return {"role": "assistant", "content": "", "tool_calls": calls_of(one)}


def calls_of(one: Answer) -> list[dict[str, Any]]:
    """The calls of tools in an answer."""
    calls = []
    for index, call in enumerate(one.calls):
        function = {"name": call.name, "arguments": call.arguments}
        head = {"id": call.call_id, "type": "function", "index": index}
        calls.append({**head, "function": function})
    return calls


def finish_of(one: Answer) -> str:
    """The reason for the end of an answer."""
    return "tool_calls" if one.calls else "stop"


async def chat(request: web.Request) -> web.StreamResponse:
    """Answer a chat, whole or streamed."""
    body = await read_body(request)
    if not body.get("stream"):
        return web.json_response(complete(body))
    question = question_of(body, body.messages(), body)
    answers = _answers(body, question)
    usage = _usage(question, answers) if body.wants_usage() else None
    head = _head(question.model, "chat.completion.chunk")
    return await stream(request, event_stream(head, _streamed(answers), usage))


def _answers(body: Fields, question: Question) -> list[Answer]:
    count = body.count("n", _MOST_CHOICES) or 1
    return [answer(question) for _ in range(count)]


def _usage(question: Question, answers: list[Answer]) -> dict[str, int]:
    return completion_usage(question.tokens, sum(one.tokens for one in answers))


def _head(model: str, kind: str) -> dict[str, Any]:
    request_id = f"chatcmpl-{new_request_id()}"
    return {"id": request_id, "object": kind, "created": int(time.time()), "model": model}


def _streamed(answers: list[Answer]) -> Iterator[dict[str, Any]]:
    """The choices of a stream, one answer after the other."""
    for index, one in enumerate(answers):
        for delta in _deltas(one):
            yield _choice(index, delta)
        yield _choice(index, {"content": ""}, finish_of(one))


def _deltas(one: Answer) -> Iterator[dict[str, Any]]:
    yield {"role": "assistant", "content": ""}
    for call in calls_of(one):
        function = call["function"]
        yield {"tool_calls": [{**call, "function": {**function, "arguments": ""}}]}
        for piece in catalog.pieces(function["arguments"]):
            part = {"index": call["index"], "function": {"arguments": piece}}
            yield {"tool_calls": [part]}
    if not one.calls:
        for piece in catalog.pieces(one.text):
            yield {"content": piece}


def _choice(index: int, delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
    return {"index": index, "delta": delta, "finish_reason": finish, "logprobs": None}


def _schema_of(options: Fields, messages: list[dict[str, Any]]) -> Any:
    """The schema of the answer; None for a text."""
    form = options.section_or_empty("response_format")
    kind = form.get("type", "text")
    if kind == "text":
        return None
    if kind == "json_schema":
        return form.section("json_schema").get("schema") or {}
    if kind != "json_object":
        raise Fault("body", f"response_format has the unknown type {kind}")
    texts = [catalog.text_of(message.get("content")) for message in messages]
    if "json" not in " ".join(texts).lower():
        raise Fault("algorithm", _WITHOUT_JSON)
    return ANY_OBJECT
