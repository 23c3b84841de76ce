"""The OpenAI-compatible dialect: chat, embeddings, models (/compatible-mode/v1) and rerank (/compatible-api/v1).

Shapes: Model Studio "OpenAI compatible - Chat", "- Embedding" and "Rerank" (alibabacloud.com/help, as read 2026-11).
Errors: the message of a wrong key is in "Error codes" (2026-06); type, code and the outer request_id are OpenAI's,
unverified here. The path rerank has the shapes of vLLM (RerankRequest, RerankResponse in its source, 2026); that Model
Studio has it too is unverified. completions.py has the completions before chat, pictures.py images and speech.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from typing import Any

from aiohttp import web

from dashlink_sandbox.inside.models import catalog, pictures
from dashlink_sandbox.inside.models.completions import complete
from dashlink_sandbox.inside.models.dialect import (
    Dialect,
    Fault,
    as_json,
    completion_usage,
    count_of,
    need,
    need_messages,
    need_model,
    new_request_id,
    read_body,
    stream,
    texts_of,
    wants_usage,
)

CHAT_PREFIX = "/compatible-mode/v1"
RERANK_PREFIX = "/compatible-api/v1"
_KEY_HELP = "For details, see: https://www.alibabacloud.com/help/en/model-studio/error-code#apikey-error"


class Compatible(Dialect):
    """Chat completions, completions, embeddings, models; images and speech."""

    prefix = CHAT_PREFIX

    def routes(self) -> Iterable[web.RouteDef]:
        """The handlers, with whole paths."""
        return (
            web.post(f"{CHAT_PREFIX}/chat/completions", _chat),
            web.post(f"{CHAT_PREFIX}/completions", complete),
            web.post(f"{CHAT_PREFIX}/embeddings", _embeddings),
            web.get(f"{CHAT_PREFIX}/models", _models),
            web.get(f"{CHAT_PREFIX}/models/{{name}}", _model),
            *pictures.routes(CHAT_PREFIX),
        )

    def refusal(self, fault: Fault, request_id: str) -> web.Response:
        """The error answer for ``fault``."""
        status, code, message = {
            "key": (401, "invalid_api_key", f"Incorrect API key provided. {_KEY_HELP}"),
            "model": (
                404,
                "model_not_found",
                f"The model `{fault.detail}` does not exist or you do not have access to it.",
            ),
            "path": (404, "not_found", f"No such path: {fault.detail}"),
            "body": (400, "invalid_parameter_error", f"Required parameter(s) missing or invalid: {fault.detail}"),
        }[fault.kind]
        error = {"message": message, "type": "invalid_request_error", "param": None, "code": code}
        return web.json_response({"error": error, "request_id": request_id}, status=status)


class CompatibleRerank(Compatible):
    """Rerank, which has paths of its own: reranks as Model Studio does, rerank as vLLM does."""

    prefix = RERANK_PREFIX

    def routes(self) -> Iterable[web.RouteDef]:
        """The handlers, with whole paths."""
        return (
            web.post(f"{RERANK_PREFIX}/reranks", _rerank),
            web.post(f"{RERANK_PREFIX}/rerank", _rerank_as_vllm),
        )


async def _chat(request: web.Request) -> web.StreamResponse:
    body = await read_body(request)
    model, messages = need_model(body, "chat"), need_messages(body)
    text = catalog.answer(model, messages)
    usage = completion_usage(catalog.prompt_tokens(messages), catalog.tokens(text))
    head = {"id": f"chatcmpl-{new_request_id()}", "created": int(time.time()), "model": model}
    if body.get("stream"):
        return await stream(request, _chunks(head, text, usage if wants_usage(body) else None))
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop", "logprobs": None}
    return web.json_response({**head, "object": "chat.completion", "choices": [choice], "usage": usage})


def _chunks(head: dict[str, Any], text: str, usage: dict[str, int] | None) -> Iterator[str]:
    def chunk(choices: list[dict[str, Any]], counted: dict[str, int] | None = None) -> str:
        return f"data: {as_json({**head, 'object': 'chat.completion.chunk', 'choices': choices, 'usage': counted})}\n\n"

    def choice(delta: dict[str, str], finish: str | None = None) -> list[dict[str, Any]]:
        return [{"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}]

    yield chunk(choice({"role": "assistant", "content": ""}))
    for piece in catalog.pieces(text):
        yield chunk(choice({"content": piece}))
    yield chunk(choice({"content": ""}, "stop"))
    if usage is not None:
        yield chunk([], usage)
    yield "data: [DONE]\n\n"


async def _embeddings(request: web.Request) -> web.Response:
    body = await read_body(request)
    model, texts = need_model(body, "embedding"), texts_of(body.get("input"))
    dimension = count_of(body, "dimensions", catalog.LARGEST_DIMENSION) or catalog.DEFAULT_DIMENSION
    data = [
        {"object": "embedding", "index": index, "embedding": catalog.embedding(text, dimension)}
        for index, text in enumerate(texts)
    ]
    count = sum(map(catalog.tokens, texts))
    usage = {"prompt_tokens": count, "total_tokens": count}
    return web.json_response({"object": "list", "data": data, "model": model, "usage": usage, "id": new_request_id()})


async def _models(_request: web.Request) -> web.Response:
    return web.json_response({"object": "list", "data": [_shape(name) for name in catalog.all_models()]})


async def _model(request: web.Request) -> web.Response:
    name = request.match_info["name"]
    if name not in catalog.all_models():
        raise Fault("model", name)
    return web.json_response(_shape(name))


def _shape(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 0, "owned_by": "system"}


async def _rerank(request: web.Request) -> web.Response:
    body = await read_body(request)
    model, query, documents = need_model(body, "rerank"), need(body, "query", str), texts_of(body.get("documents"))
    top_n = count_of(body, "top_n", len(documents))
    results = [{"index": index, "relevance_score": score} for index, score in catalog.ranking(query, documents, top_n)]
    usage = {"total_tokens": catalog.tokens(query) + sum(map(catalog.tokens, documents))}
    return web.json_response(
        {"object": "list", "results": results, "model": model, "id": new_request_id(), "usage": usage}
    )


async def _rerank_as_vllm(request: web.Request) -> web.Response:
    body = await read_body(request)
    model, query, documents = need_model(body, "rerank"), need(body, "query", str), texts_of(body.get("documents"))
    top_n = count_of({"top_n": body.get("top_n") or None}, "top_n", sys.maxsize)  # 0: all of them
    results = [
        {"index": index, "document": {"text": documents[index], "multi_modal": None}, "relevance_score": score}
        for index, score in catalog.ranking(query, documents, top_n)
    ]
    count = catalog.tokens(query) + sum(map(catalog.tokens, documents))
    usage = {"prompt_tokens": count, "total_tokens": count}
    return web.json_response({"id": f"rerank-{new_request_id()}", "model": model, "usage": usage, "results": results})
