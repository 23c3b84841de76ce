"""The OpenAI-compatible protocol: its paths and errors, models (/compatible-mode/v1) and rerank.

Shapes: Model Studio "OpenAI compatible - Chat" and "Rerank" (alibabacloud.com/help, as read
2026-11). Errors: the message of a wrong key is in "Error codes" (2026-06); type, code and the outer
request_id are those of Model Studio's answers in agno-agi/agno#5317 (2025-11-05) and
memodb-io/memobase#142 (2025-11-12), the message for an unknown model that in
AIDotNet/OpenDeepWiki#308 (2025-12-18); its code is OpenAI's, unverified here. Rerank is below
/compatible-api/v1. The path rerank has the shapes of vLLM (RerankRequest, RerankResponse in its
source, 2026); that Model Studio has it too is unverified.

Each API has a module: chat.py, completions.py (a prompt without messages), responses.py,
embeddings.py, images.py (with speech), transcriptions.py,
files.py, batches.py.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

from aiohttp import web

from dashlink_sandbox.inside.models import catalog, embeddings, images, transcriptions
from dashlink_sandbox.inside.models.batches import Batches
from dashlink_sandbox.inside.models.chat import chat
from dashlink_sandbox.inside.models.completions import complete
from dashlink_sandbox.inside.models.files import Files
from dashlink_sandbox.inside.models.protocol import (
    Fault,
    ModelProtocol,
    new_request_id,
    read_body,
)
from dashlink_sandbox.inside.models.responses import Responses

CHAT_PREFIX = "/compatible-mode/v1"
RERANK_PREFIX = "/compatible-api/v1"
OLD_RESPONSES_PREFIX = "/api/v2/apps/protocols/compatible-mode/v1"
_ALGORITHM = "<400> InternalError.Algo.InvalidParameter"
_INVALID_CONTENTS = "InvalidParameter"
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
    "algorithm": (400, "invalid_parameter_error", f"{_ALGORITHM}: {{}}"),
    "contents": (400, _INVALID_CONTENTS, f"{_ALGORITHM}: Value error, {{}}"),
}


class Compatible(ModelProtocol):
    """Chat completions, completions, embeddings, models; images and speech."""

    prefix = CHAT_PREFIX
    errors = _ERRORS

    def __init__(self) -> None:
        self._responses = Responses()
        self._files = Files()
        self._batches = Batches(self._files, self.refuse)

    def routes(self) -> Iterable[web.RouteDef]:
        """The handlers, with whole paths."""
        return (
            web.post(f"{CHAT_PREFIX}/chat/completions", chat),
            web.post(f"{CHAT_PREFIX}/completions", complete),
            web.post(f"{CHAT_PREFIX}/embeddings", embeddings.create),
            web.get(f"{CHAT_PREFIX}/models", _models),
            web.get(f"{CHAT_PREFIX}/models/{{name}}", _model),
            *self._responses.routes(CHAT_PREFIX),
            *images.routes(CHAT_PREFIX),
            *transcriptions.routes(CHAT_PREFIX),
            *self._files.routes(CHAT_PREFIX),
            *self._batches.routes(CHAT_PREFIX),
        )

    def error_body(self, code: str, message: str) -> dict[str, Any]:
        """The error in OpenAI's shape."""
        kind = code if code == _INVALID_CONTENTS else "invalid_request_error"
        return {"error": {"message": message, "type": kind, "param": None, "code": code}}


class OldResponses(Compatible):
    """The older path of the Responses API."""

    prefix = OLD_RESPONSES_PREFIX

    def routes(self) -> Iterable[web.RouteDef]:
        """The handlers, with whole paths."""
        return self._responses.routes(OLD_RESPONSES_PREFIX)


class CompatibleRerank(Compatible):
    """Rerank at paths of its own: reranks in Model Studio's shape, rerank in vLLM's."""

    prefix = RERANK_PREFIX

    def routes(self) -> Iterable[web.RouteDef]:
        """The handlers, with whole paths."""
        return (
            web.post(f"{RERANK_PREFIX}/reranks", _rerank),
            web.post(f"{RERANK_PREFIX}/rerank", _rerank_as_vllm),
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
