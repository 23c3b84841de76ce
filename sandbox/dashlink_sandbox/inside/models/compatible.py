"""The OpenAI-compatible protocol: chat, embeddings, models (/compatible-mode/v1) and rerank.

Shapes: Model Studio "OpenAI compatible - Chat", "- Embedding" and "Rerank" (alibabacloud.com/help,
as read 2026-11). Errors: the message of a wrong key is in "Error codes" (2026-06); type, code and
the outer request_id are OpenAI's, unverified here. Rerank is below /compatible-api/v1. The path
rerank has the shapes of vLLM (RerankRequest, RerankResponse in its source, 2026); that Model Studio
has it too is unverified. completions.py has the completions without messages, images.py images and
speech.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from typing import Any

from aiohttp import web

from dashlink_sandbox.inside.models import catalog, images
from dashlink_sandbox.inside.models.completions import complete, event_stream
from dashlink_sandbox.inside.models.protocol import (
    Fault,
    ModelProtocol,
    completion_usage,
    new_request_id,
    read_body,
    stream,
)

CHAT_PREFIX = "/compatible-mode/v1"
RERANK_PREFIX = "/compatible-api/v1"
_ERRORS = {
    "key": (
        401,
        "invalid_api_key",
        "Incorrect API key provided. For details, see: "
        "https://www.alibabacloud.com/help/en/model-studio/error-code#apikey-error",
    ),
    "model": (
        404,
        "model_not_found",
        "The model `{}` does not exist or you do not have access to it.",
    ),
    "path": (404, "not_found", "No such path: {}"),
    "body": (400, "invalid_parameter_error", "Required parameter(s) missing or invalid: {}"),
}


class Compatible(ModelProtocol):
    """Chat completions, completions, embeddings, models; images and speech."""

    prefix = CHAT_PREFIX
    errors = _ERRORS

    def routes(self) -> Iterable[web.RouteDef]:
        """The handlers, with whole paths."""
        return (
            web.post(f"{CHAT_PREFIX}/chat/completions", _chat),
            web.post(f"{CHAT_PREFIX}/completions", complete),
            web.post(f"{CHAT_PREFIX}/embeddings", _embeddings),
            web.get(f"{CHAT_PREFIX}/models", _models),
            web.get(f"{CHAT_PREFIX}/models/{{name}}", _model),
            *images.routes(CHAT_PREFIX),
        )

    def error_body(self, code: str, message: str) -> dict[str, Any]:
        """The error in OpenAI's shape."""
        kind = "invalid_request_error"
        return {"error": {"message": message, "type": kind, "param": None, "code": code}}


class CompatibleRerank(Compatible):
    """Rerank at paths of its own: reranks in Model Studio's shape, rerank in vLLM's."""

    prefix = RERANK_PREFIX

    def routes(self) -> Iterable[web.RouteDef]:
        """The handlers, with whole paths."""
        return (
            web.post(f"{RERANK_PREFIX}/reranks", _rerank),
            web.post(f"{RERANK_PREFIX}/rerank", _rerank_as_vllm),
        )


async def _chat(request: web.Request) -> web.StreamResponse:
    body = await read_body(request)
    model, messages = body.model("chat"), body.messages()
    text = catalog.reply(model, messages)
    usage = completion_usage(catalog.prompt_tokens(messages), catalog.tokens(text))
    head = {"id": f"chatcmpl-{new_request_id()}", "created": int(time.time()), "model": model}
    if body.get("stream"):
        head["object"] = "chat.completion.chunk"
        choices = _streamed_choices(text)
        usage_at_end = usage if body.wants_usage() else None
        return await stream(request, event_stream(head, choices, usage_at_end))
    message = {"role": "assistant", "content": text}
    choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
    return web.json_response(
        {**head, "object": "chat.completion", "choices": [choice], "usage": usage}
    )


def _streamed_choices(text: str) -> Iterator[dict[str, Any]]:
    def choice(delta: dict[str, str], finish: str | None = None) -> dict[str, Any]:
        return {"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}

    yield choice({"role": "assistant", "content": ""})
    for piece in catalog.pieces(text):
        yield choice({"content": piece})
    yield choice({"content": ""}, "stop")


async def _embeddings(request: web.Request) -> web.Response:
    body = await read_body(request)
    model, texts = body.model("embedding"), body.texts("input")
    dimension = body.count("dimensions", catalog.LARGEST_DIMENSION) or catalog.DEFAULT_DIMENSION
    data = []
    for index, text in enumerate(texts):
        vector = catalog.embedding(text, dimension)
        data.append({"object": "embedding", "index": index, "embedding": vector})
    count = catalog.total_tokens(texts)
    return web.json_response(
        {
            "object": "list",
            "data": data,
            "model": model,
            "usage": {"prompt_tokens": count, "total_tokens": count},
            "id": new_request_id(),
        }
    )


async def _models(_request: web.Request) -> web.Response:
    data = [_shape(name) for name in catalog.all_models()]
    return web.json_response({"object": "list", "data": data})


async def _model(request: web.Request) -> web.Response:
    name = request.match_info["name"]
    if name not in catalog.all_models():
        raise Fault("model", name)
    return web.json_response(_shape(name))


def _shape(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 0, "owned_by": "system"}


async def _rerank(request: web.Request) -> web.Response:
    body = await read_body(request)
    model, query, documents = body.model("rerank"), body.need("query", str), body.texts("documents")
    results = []
    for index, score in catalog.ranking(query, documents, body.count("top_n", len(documents))):
        results.append({"index": index, "relevance_score": score})
    return web.json_response(
        {
            "object": "list",
            "results": results,
            "model": model,
            "id": new_request_id(),
            "usage": {"total_tokens": catalog.total_tokens([query, *documents])},
        }
    )


async def _rerank_as_vllm(request: web.Request) -> web.Response:
    body = await read_body(request)
    model, query, documents = body.model("rerank"), body.need("query", str), body.texts("documents")
    if body.get("top_n") == 0:  # all of them
        del body["top_n"]
    results = []
    for index, score in catalog.ranking(query, documents, body.count("top_n", sys.maxsize)):
        document = {"text": documents[index], "multi_modal": None}
        results.append({"index": index, "document": document, "relevance_score": score})
    count = catalog.total_tokens([query, *documents])
    return web.json_response(
        {
            "id": f"rerank-{new_request_id()}",
            "model": model,
            "usage": {"prompt_tokens": count, "total_tokens": count},
            "results": results,
        }
    )
