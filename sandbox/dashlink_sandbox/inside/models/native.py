"""DashScope's own dialect under /api/v1: generation (text and multimodal), embeddings, rerank, models.

Shapes: Model Studio "DashScope API reference" (alibabacloud.com/help, as read 2026-11) and what the dashscope SDK 1.26
and 2.0.2 read. A stream has events with id, event, a comment with the HTTP status and data; unless
``incremental_output`` is on, each event holds the whole text so far. Errors: code, message, request_id; the key's and
the parameters' codes are in "Error codes" (2026-06); that an unknown model answers 404 ModelNotFound is unverified (400
InvalidParameter has been seen too). jobs.py has what is fetched later: images and videos.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from aiohttp import web

from dashlink_sandbox.inside.models import catalog
from dashlink_sandbox.inside.models.dialect import (
    Dialect,
    Fault,
    as_json,
    count_of,
    need,
    need_messages,
    need_model,
    new_request_id,
    parameters_of,
    read_body,
    stream,
    texts_of,
)
from dashlink_sandbox.inside.models.jobs import Jobs

PREFIX = "/api/v1"
TEXT_PATH = f"{PREFIX}/services/aigc/text-generation/generation"
MULTIMODAL_PATH = f"{PREFIX}/services/aigc/multimodal-generation/generation"


class Native(Dialect):
    """DashScope's own API."""

    prefix = PREFIX

    def __init__(self) -> None:
        self._jobs = Jobs()

    def routes(self) -> Iterable[web.RouteDef]:
        """The handlers, with whole paths."""
        return (
            web.post(TEXT_PATH, _generate),
            web.post(MULTIMODAL_PATH, _generate),
            web.post(f"{PREFIX}/services/embeddings/text-embedding/text-embedding", _embed),
            web.post(f"{PREFIX}/services/rerank/text-rerank/text-rerank", _rerank),
            web.get(f"{PREFIX}/models", _models),
            *self._jobs.routes(PREFIX),
        )

    def refusal(self, fault: Fault, request_id: str) -> web.Response:
        """The error answer for ``fault``."""
        status, code, message = {
            "key": (401, "InvalidApiKey", "Invalid API-key provided."),
            "model": (404, "ModelNotFound", f"Model can not be found: {fault.detail}."),
            "path": (404, "NotFound", f"No such path: {fault.detail}"),
            "body": (400, "InvalidParameter", f"Required parameter(s) missing or invalid: {fault.detail}."),
        }[fault.kind]
        return web.json_response({"code": code, "message": message, "request_id": request_id}, status=status)


async def _generate(request: web.Request) -> web.StreamResponse:
    body = await read_body(request)
    model, asked = need_model(body, "chat"), need(body, "input", dict)
    messages = (
        need_messages(asked) if "messages" in asked else [{"role": "user", "content": need(asked, "prompt", str)}]
    )
    parameters = parameters_of(body)
    multimodal = request.path == MULTIMODAL_PATH
    as_messages = multimodal or parameters.get("result_format", "text") == "message"
    generation = _Generation(catalog.answer(model, messages), catalog.prompt_tokens(messages), as_messages, multimodal)
    if _wants_stream(request):
        return await stream(request, generation.events(incremental=bool(parameters.get("incremental_output"))))
    return web.json_response(generation.whole())


def _wants_stream(request: web.Request) -> bool:
    by_header = request.headers.get("X-DashScope-SSE", "").lower() == "enable"
    return by_header or "text/event-stream" in request.headers.get("Accept", "")


class _Generation:
    """One answer, in the shapes in which it can be asked for."""

    def __init__(self, text: str, prompt_tokens: int, as_messages: bool, multimodal: bool) -> None:
        self._text = text
        self._prompt_tokens = prompt_tokens
        self._as_messages = as_messages
        self._multimodal = multimodal
        self._request_id = new_request_id()

    def whole(self) -> dict[str, Any]:
        return self._answer(self._text, self._text, "stop")

    def events(self, *, incremental: bool) -> Iterator[str]:
        so_far = ""
        for number, piece in enumerate((*catalog.pieces(self._text), ""), start=1):
            so_far += piece
            finish = "null" if piece else "stop"  # the word null, as the real service says while it goes on
            data = as_json(self._answer(piece if incremental else so_far, so_far, finish))
            yield f"id:{number}\nevent:result\n:HTTP_STATUS/200\ndata:{data}\n\n"

    def _answer(self, text: str, so_far: str, finish: str) -> dict[str, Any]:
        count = catalog.tokens(so_far)
        usage = {
            "input_tokens": self._prompt_tokens,
            "output_tokens": count,
            "total_tokens": self._prompt_tokens + count,
        }
        return {"output": self._output(text, finish), "usage": usage, "request_id": self._request_id}

    def _output(self, text: str, finish: str) -> dict[str, Any]:
        if not self._as_messages:
            return {"text": text, "finish_reason": finish}
        content: Any = [{"text": text}] if self._multimodal else text
        return {"choices": [{"finish_reason": finish, "message": {"role": "assistant", "content": content}}]}


async def _embed(request: web.Request) -> web.Response:
    body = await read_body(request)
    need_model(body, "embedding")
    texts = texts_of(need(body, "input", dict).get("texts"))
    dimension = count_of(parameters_of(body), "dimension", catalog.LARGEST_DIMENSION) or catalog.DEFAULT_DIMENSION
    embeddings = [
        {"text_index": index, "embedding": catalog.embedding(text, dimension)} for index, text in enumerate(texts)
    ]
    usage = {"total_tokens": sum(map(catalog.tokens, texts))}
    return web.json_response({"output": {"embeddings": embeddings}, "usage": usage, "request_id": new_request_id()})


async def _rerank(request: web.Request) -> web.Response:
    body = await read_body(request)
    need_model(body, "rerank")
    asked, parameters = need(body, "input", dict), parameters_of(body)
    query, documents = need(asked, "query", str), texts_of(asked.get("documents"))
    top_n = count_of(parameters, "top_n", len(documents))
    with_text = bool(parameters.get("return_documents"))
    results = [
        {"index": index, "relevance_score": score, **({"document": {"text": documents[index]}} if with_text else {})}
        for index, score in catalog.ranking(query, documents, top_n)
    ]
    usage = {"total_tokens": catalog.tokens(query) + sum(map(catalog.tokens, documents))}
    return web.json_response({"output": {"results": results}, "usage": usage, "request_id": new_request_id()})


async def _models(request: web.Request) -> web.Response:
    wanted = request.query.get("model")
    names = [name for name in catalog.all_models() if wanted is None or name == wanted]
    page_no, page_size = (_number(request, "page_no", 1), _number(request, "page_size", 10))
    page = names[(page_no - 1) * page_size : page_no * page_size]
    listed = [{"model": name, "name": name, "provider": "qwen"} for name in page]
    output = {"page_no": page_no, "page_size": page_size, "total": len(names), "models": listed}
    return web.json_response({"output": output, "request_id": new_request_id()})


def _number(request: web.Request, field: str, default: int) -> int:
    text = request.query.get(field, str(default))
    if not text.isdigit() or int(text) < 1:
        raise Fault("body", f"{field} is malformed")
    return int(text)
