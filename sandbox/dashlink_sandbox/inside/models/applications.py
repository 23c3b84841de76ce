"""Applications of Model Studio under /api/v1/apps: a prompt or messages, one answer or a stream.

Shapes: what the dashscope SDK 2.0.2 sends (`Application.call`) and reads (ApplicationResponse). Any
id is an application of the sandbox, which echoes; that an unknown id is refused has no source here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from aiohttp import web

from dashlink_sandbox.inside.models import catalog
from dashlink_sandbox.inside.models.protocol import (
    Fields,
    as_json,
    new_request_id,
    read_body,
    stream,
)

_MODEL = "qwen-plus"  # the model behind every application of the sandbox


def routes(prefix: str) -> Iterable[web.RouteDef]:
    """The handlers, with whole paths below ``prefix``."""
    return (web.post(f"{prefix}/apps/{{app_id}}/completion", _complete),)


def messages_of(section: Fields) -> list[dict[str, Any]]:
    """The messages of the object ``input``, which has them or a prompt."""
    if "messages" in section:
        return section.messages()
    return [{"role": "user", "content": section.need("prompt", str)}]


async def _complete(request: web.Request) -> web.StreamResponse:
    body = await read_body(request)
    section = body.section("input")
    messages = messages_of(section)
    text = catalog.reply(f"application {request.match_info['app_id']}", messages)
    prompt_tokens = catalog.prompt_tokens(messages)
    session_id = section.get("session_id") or new_request_id()
    request_id = new_request_id()

    def shape(part: str, so_far: str, finish: str) -> dict[str, Any]:
        usage = {
            "model_id": _MODEL,
            "input_tokens": prompt_tokens,
            "output_tokens": catalog.tokens(so_far),
        }
        output = {"text": part, "finish_reason": finish, "session_id": session_id}
        return {"output": output, "usage": {"models": [usage]}, "request_id": request_id}

    def events(*, incremental: bool) -> Iterator[str]:
        so_far = ""
        for number, piece in enumerate((*catalog.pieces(text), ""), start=1):
            so_far += piece
            part = piece if incremental else so_far
            data = as_json(shape(part, so_far, "null" if piece else "stop"))
            yield f"id:{number}\nevent:result\n:HTTP_STATUS/200\ndata:{data}\n\n"

    if request.headers.get("X-DashScope-SSE", "").lower() == "enable":
        incremental = bool(body.parameters().get("incremental_output"))
        return await stream(request, events(incremental=incremental))
    return web.json_response(shape(text, text, "stop"))
