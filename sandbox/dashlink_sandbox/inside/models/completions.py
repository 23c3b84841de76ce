"""Completions of a prompt without messages, in the OpenAI-compatible protocol.

Shapes: as the openai SDK 3.52 (2026) sends and reads them; its types quote OpenAI's API reference.
Each prompt has a choice of its own. Which models Model Studio lets complete is unverified: here
every chat model does.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from aiohttp import web

from dashlink_sandbox.inside.models import catalog
from dashlink_sandbox.inside.models.protocol import (
    as_json,
    completion_usage,
    new_request_id,
    read_body,
    stream,
)


async def complete(request: web.Request) -> web.StreamResponse:
    """Complete the prompts of a request."""
    body = await read_body(request)
    model, prompts = body.model("chat"), body.texts("prompt")
    texts = [catalog.echo(model, prompt) for prompt in prompts]
    usage = completion_usage(catalog.total_tokens(prompts), catalog.total_tokens(texts))
    head = {
        "id": f"cmpl-{new_request_id()}",
        "object": "text_completion",
        "created": int(time.time()),
        "model": model,
    }
    if body.get("stream"):
        choices = _streamed_choices(texts)
        usage_at_end = usage if body.wants_usage() else None
        return await stream(request, event_stream(head, choices, usage_at_end))
    whole = [_choice(index, text, "stop") for index, text in enumerate(texts)]
    return web.json_response({**head, "choices": whole, "usage": usage})


def event_stream(
    head: dict[str, Any], choices: Iterable[dict[str, Any]], usage: dict[str, int] | None
) -> Iterator[str]:
    """A stream in OpenAI's shape: one event for each choice, then ``usage`` if there is one."""
    for choice in choices:
        yield f"data: {as_json({**head, 'choices': [choice], 'usage': None})}\n\n"
    if usage is not None:
        yield f"data: {as_json({**head, 'choices': [], 'usage': usage})}\n\n"
    yield "data: [DONE]\n\n"


def _streamed_choices(texts: Sequence[str]) -> Iterator[dict[str, Any]]:
    for index, text in enumerate(texts):
        for piece in catalog.pieces(text):
            yield _choice(index, piece, None)
        yield _choice(index, "", "stop")


def _choice(index: int, text: str, finish: str | None) -> dict[str, Any]:
    return {"index": index, "text": text, "finish_reason": finish, "logprobs": None}
