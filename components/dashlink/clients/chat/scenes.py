"""The smallest request of each scene of a Model API but chats, in its protocol.

Sources of paths and bodies: Model Studio API references of image, video and rerank
(help.aliyun.com, 2026); OpenAI API reference (2026); Anthropic Messages API (2026); vLLM,
OpenAI-compatible server (2026); ComfyUI, server routes (docs.comfy.org, 2026). Speech in DashScope
is a WebSocket: speech.py.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from dashlink.clients.chat.completion import client_of, credentials_of
from dashlink.clients.chat.errors import failure_of
from dashlink.clients.chat.exchange import Exchange
from dashlink.clients.chat.request import ChatRequest, ChatTarget, check_request
from dashlink.clients.chat.speech import speak
from dashlink.errors import DashlinkError

_ASYNC = {"X-DashScope-Async": "enable"}
_ANTHROPIC_VERSION = {"anthropic-version": "2023-06-01"}
_LONGEST_ANSWER_TOKENS = 256
Body = dict[str, Any]


@dataclass(frozen=True)
class SceneCall:
    """The smallest request of a scene in a protocol.

    Attributes:
        base_url: Key of the base URL in the outputs.
        path: Path after it.
        body: Builds the body of the model's name and a text; None for a GET, which has no model.
        result: Reads the answer's document, as one line.
        headers: Further headers.
        nested: Field of the body that takes parameters; empty for the body itself.
        web_socket: Whether it is speech by a WebSocket, of which `body` and `path` are not used.
    """

    base_url: str
    path: str
    body: Callable[[str, str], Body] | None
    result: Callable[[Mapping[str, Any]], str]
    headers: Mapping[str, str] = field(default_factory=dict)
    nested: str = ""
    web_socket: bool = False


@dataclass(frozen=True)
class SceneAnswer:
    """The answer to such a request.

    Attributes:
        model: The model that the answer names; None where it names none.
        text: What it holds, one line.
        usage: Its `usage`, as it is; empty where it has none.
        total_seconds: Time until it was complete.
    """

    model: str | None
    text: str
    usage: Mapping[str, Any]
    total_seconds: float


def _message(model: str, text: str) -> Body:
    messages = [{"role": "user", "content": text}]
    return {"model": model, "max_tokens": _LONGEST_ANSWER_TOKENS, "messages": messages}


def _job(model: str, text: str) -> Body:
    return {"model": model, "input": {"prompt": text}}


def _image(model: str, text: str) -> Body:
    return {"model": model, "prompt": text, "n": 1}


def _speech(model: str, text: str) -> Body:
    return {"model": model, "input": text, "voice": "alloy"}


def _embedding(model: str, text: str) -> Body:
    return {"model": model, "input": text, "encoding_format": "float"}


def _rerank(model: str, text: str) -> Body:
    return {"model": model, "input": {"query": text, "documents": [text]}}


def _rerank_vllm(model: str, text: str) -> Body:
    return {"model": model, "query": text, "documents": [text]}


def _text_of_message(document: Mapping[str, Any]) -> str:
    texts = [str(block.get("text", "")) for block in document["content"]]
    return "".join(texts)


def _task_of(document: Mapping[str, Any]) -> str:
    output = document["output"]
    return f"task {output['task_id']}, {output['task_status']}"


def _image_of(document: Mapping[str, Any]) -> str:
    image = document["data"][0]
    return str(image.get("url") or f"an image of {len(image['b64_json'])} characters of base64")


def _size_of(document: Mapping[str, Any]) -> str:
    return f"{document['bytes']} bytes of {document['type']}"


def _vector_of(document: Mapping[str, Any]) -> str:
    return f"a vector of {len(document['data'][0]['embedding'])} numbers"


def _score_of(document: Mapping[str, Any]) -> str:
    results = document.get("output", document)["results"]
    return f"relevance {results[0]['relevance_score']}"


def _models_of(document: Mapping[str, Any]) -> str:
    names = [str(row["id"]) for row in document["data"]]
    return f"{len(names)} models, e.g. {names[0]}" if names else "no models"


def _system_of(document: Mapping[str, Any]) -> str:
    return f"ComfyUI {document['system'].get('comfyui_version', '')}".strip()


_AIGC = "/services/aigc"
CALLS: Mapping[tuple[str, str], SceneCall] = {
    ("text", "Anthropic"): SceneCall(
        "anthropic", "/v1/messages", _message, _text_of_message, _ANTHROPIC_VERSION
    ),
    ("image", "DashScope"): SceneCall(
        "dashscope", f"{_AIGC}/text2image/image-synthesis", _job, _task_of, _ASYNC, "parameters"
    ),
    ("image", "OpenAI/v1"): SceneCall("openai", "/images/generations", _image, _image_of),
    ("image", "ComfyUI"): SceneCall("comfyui", "/system_stats", None, _system_of),
    ("video", "DashScope"): SceneCall(
        "dashscope",
        f"{_AIGC}/video-generation/video-synthesis",
        _job,
        _task_of,
        _ASYNC,
        "parameters",
    ),
    ("audio", "OpenAI/v1"): SceneCall("openai", "/audio/speech", _speech, _size_of),
    ("audio", "DashScope"): SceneCall(
        "websocket-inference", "", _speech, _size_of, web_socket=True
    ),
    ("embedding", "OpenAI/v1"): SceneCall("openai", "/embeddings", _embedding, _vector_of),
    ("rerank", "DashScope"): SceneCall(
        "dashscope",
        "/services/rerank/text-rerank/text-rerank",
        _rerank,
        _score_of,
        nested="parameters",
    ),
    ("rerank", "vLLM"): SceneCall("rerank", "/rerank", _rerank_vllm, _score_of),
    ("others", "OpenAI/v1"): SceneCall("openai", "/models", None, _models_of),
}
"""The requests by scene and protocol."""


def ask(
    target: ChatTarget,
    call: SceneCall,
    model: str,
    text: str,
    parameters: Mapping[str, Any],
    timeout_seconds: float = 120,
) -> SceneAnswer:
    """Send the smallest request of a scene, without retries, and return its answer.

    Args:
        target: The API that receives it.
        call: The request.
        model: Name of the model.
        text: Prompt, input or query.
        parameters: More fields of the body, or of its `parameters`.
        timeout_seconds: Limit for the connection, and for the answer.

    Raises:
        DashlinkError: There is no answer, or it is not one of the scene.
    """
    request = ChatRequest(model, (), parameters, stream=False)
    check_request(target, request)
    exchange = Exchange(target, request, timeout_seconds, path=call.path)
    started = time.monotonic()
    document = speak(exchange, text) if call.web_socket else _sent(exchange, call, text)
    total = time.monotonic() - started
    try:
        result = call.result(document)
    except (KeyError, IndexError, TypeError, AttributeError):
        raise DashlinkError(
            f"{target.api}: the answer has not the shape of the scene ({call.path}). Compare scene "
            "and protocol with the service behind the API."
        ) from None
    usage = document.get("usage")
    model_of_answer = document.get("model")
    return SceneAnswer(
        str(model_of_answer) if model_of_answer else None,
        result,
        usage if isinstance(usage, Mapping) else {},
        total,
    )


def _sent(exchange: Exchange, call: SceneCall, text: str) -> Mapping[str, Any]:
    """Send the request; return the answer's document, or size and type of one that is none."""
    try:
        import openai  # noqa: PLC0415 - an extra
    except ImportError:
        raise DashlinkError(
            f"{exchange.target.api}: the package openai is not installed. "
            'Run `pip install "dashlink[debug]"`.'
        ) from None
    headers, query = credentials_of(exchange.target)
    options: Any = {"headers": {**headers, **call.headers}, "params": query}
    options["timeout"] = exchange.timeout_seconds
    raw = openai.HttpxBinaryResponseContent
    try:
        with client_of(exchange) as client:
            if call.body is None:
                answer = client.get(call.path, cast_to=raw, options=options)
            else:
                body = call.body(exchange.request.model, text)
                fields = body.setdefault(call.nested, {}) if call.nested else body
                fields.update(exchange.request.parameters)
                answer = client.post(call.path, cast_to=raw, body=body, options=options)
            response = answer.response
            content_type = response.headers.get("content-type", "")
            if "json" not in content_type:
                return {"bytes": len(response.content), "type": content_type or "no type"}
            return cast(Mapping[str, Any], response.json())
    except Exception as error:  # the failures of httpx, json and the SDK have no class in common
        raise failure_of(error, exchange) from None
