"""Completions, which came before chat: a prompt instead of messages, in the OpenAI-compatible dialect.

Shapes: as the openai SDK 3.52 (2026) sends and reads them; its types quote OpenAI's API reference. Of several prompts
each has a choice of its own. Which models Model Studio lets complete is unverified: here every chat model does.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Any

from aiohttp import web

from dashlink_sandbox.inside.models import catalog
from dashlink_sandbox.inside.models.dialect import (
    as_json,
    completion_usage,
    need_model,
    new_request_id,
    read_body,
    stream,
    texts_of,
    wants_usage,
)


async def complete(request: web.Request) -> web.StreamResponse:
    """The handler."""
    body = await read_body(request)
    model, prompts = need_model(body, "chat"), texts_of(body.get("prompt"))
    texts = [catalog.heard(model, prompt) for prompt in prompts]
    usage = completion_usage(sum(map(catalog.tokens, prompts)), sum(map(catalog.tokens, texts)))
    head = {"id": f"cmpl-{new_request_id()}", "object": "text_completion", "created": int(time.time()), "model": model}
    if body.get("stream"):
        return await stream(request, _chunks(head, texts, usage if wants_usage(body) else None))
    choices = [_choice(index, text, "stop") for index, text in enumerate(texts)]
    return web.json_response({**head, "choices": choices, "usage": usage})


def _chunks(head: dict[str, Any], texts: Sequence[str], usage: dict[str, int] | None) -> Iterator[str]:
    def chunk(choices: list[dict[str, Any]], counted: dict[str, int] | None = None) -> str:
        return f"data: {as_json({**head, 'choices': choices, 'usage': counted})}\n\n"

    for index, text in enumerate(texts):
        for piece in catalog.pieces(text):
            yield chunk([_choice(index, piece, None)])
        yield chunk([_choice(index, "", "stop")])
    if usage is not None:
        yield chunk([], usage)
    yield "data: [DONE]\n\n"


def _choice(index: int, text: str, finish: str | None) -> dict[str, Any]:
    return {"index": index, "text": text, "finish_reason": finish, "logprobs": None}
