"""DashScope's own protocol under /api/v1: generation, embeddings, rerank, models.

Shapes: Model Studio "DashScope API reference" (alibabacloud.com/help, as read 2026-11) and what the
dashscope SDK 1.26 and 2.0.2 read. A stream has events with id, event, a comment with the HTTP
status and data; unless ``incremental_output`` is on, each event holds the whole text so far.
Errors: code, message, request_id; the key's and the parameters' codes are in "Error codes"
(2026-06); that an unknown model answers 404 ModelNotFound is unverified (400 InvalidParameter has
been seen too). jobs.py has images and videos, which are created as tasks, multimodal.py images and
speech at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from dashlink_sandbox.inside.models import applications, catalog, chat, embeddings, multimodal
from dashlink_sandbox.inside.models.answers import Answer, answer
from dashlink_sandbox.inside.models.jobs import Jobs
from dashlink_sandbox.inside.models.protocol import (
    Fault,
    Fields,
    ModelProtocol,
    as_json,
    model_header,
    new_request_id,
    read_body,
    stream,
)

PREFIX = "/api/v1"
TEXT_PATH = f"{PREFIX}/services/aigc/text-generation/generation"
MULTIMODAL_PATH = f"{PREFIX}/services/aigc/multimodal-generation/generation"
ERRORS = {
    "key": (401, "InvalidApiKey", "Invalid API-key provided."),
    "model": (404, "ModelNotFound", "Model can not be found: {}."),
    "path": (404, "NotFound", "No such path: {}"),
    "body": (400, "InvalidParameter", "Required parameter(s) missing or invalid: {}."),
    "algorithm": (400, "InvalidParameter", "<400> InternalError.Algo.InvalidParameter: {}"),
    "contents": (400, "InvalidParameter", "{}"),
}


class Native(ModelProtocol):
    """DashScope's own API."""

    prefix = PREFIX
    errors = ERRORS

    def __init__(self) -> None:
        self._jobs = Jobs()

    def routes(self) -> Iterable[web.RouteDef]:
        """The handlers, with whole paths."""
        return (
            web.post(TEXT_PATH, _generate),
            web.post(MULTIMODAL_PATH, _generate_any),
            web.post(f"{PREFIX}/services/embeddings/text-embedding/text-embedding", _embed),
            web.post(f"{PREFIX}/services/rerank/text-rerank/text-rerank", _rerank),
            web.get(f"{PREFIX}/models", _models),
            *applications.routes(PREFIX),
            *self._jobs.routes(PREFIX),
        )

    def error_body(self, code: str, message: str) -> dict[str, Any]:
        """The error in DashScope's shape."""
        return {"code": code, "message": message}


async def _generate(request: web.Request) -> web.StreamResponse:
    return await _chat(request, await read_body(request), multimodal=False)


async def _generate_any(request: web.Request) -> web.StreamResponse:
    body = await read_body(request)
    kind = catalog.kind_of(str(body.get("model")))
    if kind == "image":
        return multimodal.draw(body)
    if kind == "speech":
        return await _speak(request, multimodal.Synthesis(body))
    return await _chat(request, body, multimodal=True)


async def _chat(request: web.Request, body: Fields, *, multimodal: bool) -> web.StreamResponse:
    parameters = body.parameters()
    messages = applications.messages_of(body.section("input"))
    question = chat.question_of(body, messages, parameters)
    generation = _Generation(
        answer(question),
        question.tokens,
        multimodal or parameters.get("result_format", "text") == "message",
        multimodal,
    )
    if _wants_stream(request):
        incremental = bool(parameters.get("incremental_output"))
        return await stream(request, generation.events(incremental=incremental))
    return web.json_response(generation.whole())


async def _speak(request: web.Request, synthesis: multimodal.Synthesis) -> web.StreamResponse:
    if _wants_stream(request):
        return await stream(request, synthesis.events())
    return web.json_response(synthesis.whole(), headers=model_header(synthesis.model))


def _wants_stream(request: web.Request) -> bool:
    by_header = request.headers.get("X-DashScope-SSE", "").lower() == "enable"
    return by_header or "text/event-stream" in request.headers.get("Accept", "")


@dataclass
class _Generation:
    """A generated answer in the requested format."""

    answer: Answer
    prompt_tokens: int
    as_messages: bool
    multimodal: bool
    request_id: str = field(default_factory=new_request_id)

    def whole(self) -> dict[str, Any]:
        return self._shape(self.answer.text, self.answer.tokens, chat.finish_of(self.answer))

    def events(self, *, incremental: bool) -> Iterator[str]:
        so_far = ""
        pieces = [] if self.answer.calls else catalog.pieces(self.answer.text)
        for number, piece in enumerate((*pieces, ""), start=1):
            so_far += piece
            count, finish = catalog.tokens(so_far), "null"  # a text, as in the real service
            if not piece:
                count, finish = self.answer.tokens, chat.finish_of(self.answer)
            data = as_json(self._shape(piece if incremental else so_far, count, finish))
            yield f"id:{number}\nevent:result\n:HTTP_STATUS/200\ndata:{data}\n\n"

    def _shape(self, text: str, count: int, finish: str) -> dict[str, Any]:
        usage = {
            "input_tokens": self.prompt_tokens,
            "output_tokens": count,
            "total_tokens": self.prompt_tokens + count,
        }
        output = self._output(text, finish)
        return {"output": output, "usage": usage, "request_id": self.request_id}

    def _output(self, text: str, finish: str) -> dict[str, Any]:
        if not self.as_messages:
            return {"text": text, "finish_reason": finish}
        content: Any = [{"text": text}] if self.multimodal else text
        message: dict[str, Any] = {"role": "assistant", "content": content}
        if self.answer.calls:
            message["tool_calls"] = chat.calls_of(self.answer)
        return {"choices": [{"finish_reason": finish, "message": message}]}


async def _embed(request: web.Request) -> web.Response:
    body = await read_body(request)
    model = body.model("embedding")
    texts = embeddings.texts_of(body.section("input"), "texts")
    size = body.parameters().count("dimension", catalog.LARGEST_DIMENSION)
    rows = []
    for index, vector in enumerate(embeddings.vectors(model, texts, size)):
        rows.append({"text_index": index, "embedding": vector})
    return _response({"embeddings": rows}, catalog.total_tokens(texts))


async def _rerank(request: web.Request) -> web.Response:
    body = await read_body(request)
    body.model("rerank")
    section, parameters = body.section("input"), body.parameters()
    query, documents = section.need("query", str), section.texts("documents")
    results: list[dict[str, Any]] = []
    for index, score in catalog.ranking(
        query, documents, parameters.count("top_n", len(documents))
    ):
        results.append({"index": index, "relevance_score": score})
        if parameters.get("return_documents"):
            results[-1]["document"] = {"text": documents[index]}
    return _response({"results": results}, catalog.total_tokens([query, *documents]))


def _response(output: dict[str, Any], tokens: int) -> web.Response:
    usage = {"total_tokens": tokens}
    return web.json_response({"output": output, "usage": usage, "request_id": new_request_id()})


async def _models(request: web.Request) -> web.Response:
    names: tuple[str, ...] = catalog.all_models()
    requested = request.query.get("model")
    if requested is not None:
        names = (requested,) if requested in names else ()
    page_no, page_size = _number(request, "page_no", 1), _number(request, "page_size", 10)
    page = names[(page_no - 1) * page_size : page_no * page_size]
    output = {
        "page_no": page_no,
        "page_size": page_size,
        "total": len(names),
        "models": [{"model": name, "name": name, "provider": "qwen"} for name in page],
    }
    return web.json_response({"output": output, "request_id": new_request_id()})


def _number(request: web.Request, name: str, default: int) -> int:
    text = request.query.get(name, str(default))
    if not text.isdigit() or int(text) < 1:
        raise Fault("body", f"{name} is malformed")
    return int(text)
