"""Chat requests of MaaS: checked, moderated, and answered whole or in a stream.

Sources: page on chat requests (2025-10-24): the unified hosts report the usage in every chunk, and
it grows; a model that thinks sends reasoning_content before content. "Call a model service
deployed by ModelArts Studio (MaaS)" (2025-06-09): a single service reports the usage of a stream
only where stream_options asks for it. "Error codes" (2026): the text for a long prompt, and the
one for an image. vLLM's server: its last chunk has the usage and no choice.
"""

from __future__ import annotations

import base64
import binascii
import struct
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from dashlink_sandbox.inside.maas import moderation
from dashlink_sandbox.inside.maas.parameters import check_messages, check_parameters, thinks
from dashlink_sandbox.inside.maas.refusal import MaasError
from dashlink_sandbox.inside.models import catalog
from dashlink_sandbox.inside.models.answers import Answer
from dashlink_sandbox.inside.models.messages import message_events, message_of
from dashlink_sandbox.inside.models.protocol import (
    Fields,
    as_json,
    completion_usage,
    new_request_id,
    stream,
)
from dashlink_sandbox.maas import MaasModel

LARGEST_IMAGE_BYTES = 10 * 1024 * 1024
SERVICE_MAX_TOKENS = 16  # of a single service, where a request has none (2025-06-09)
_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_SIZE = slice(16, 24)


@dataclass(frozen=True)
class Reply:
    """What a model answers.

    Attributes:
        reasoning: What it thinks before; empty for nothing.
        text: The answer.
        finish: The finish_reason.
        prompt_tokens: Tokens of the request.
    """

    reasoning: str
    text: str
    finish: str
    prompt_tokens: int

    def usage(self, written: int | None = None) -> dict[str, int]:
        """Return the usage once ``written`` tokens are written; None: all of them."""
        if written is None:
            written = catalog.tokens(self.reasoning) + catalog.tokens(self.text)
        return completion_usage(self.prompt_tokens, written)


def check_chat(model: MaasModel, body: Fields) -> list[dict[str, Any]]:
    """Return the messages of a chat request that passes every check.

    Raises:
        MaasError: 81001, 81011, 81013 or 81118.
    """
    messages = check_messages(body)
    check_parameters(model, body)
    _check_images(model, messages)
    _check_length(model, catalog.prompt_tokens(messages))
    moderation.check_prompt(model, _text(messages))
    return messages


def reply(
    model: MaasModel, body: Fields, messages: Sequence[Mapping[str, Any]], *, unified: bool
) -> Reply:
    """Return the answer to a request.

    Raises:
        MaasError: 81011, for an answer without a stream.
    """
    text = catalog.reply(model.name, messages)
    prompt = catalog.prompt_tokens(messages)
    reasoning = ""
    if thinks(model, body):
        reasoning = f"{model.name} thinks about {catalog.tokens(_text(messages))} words."
    allowed = moderation.allowed_part(model, text)
    if allowed is not None and not body.get("stream"):
        raise MaasError("81011")
    if allowed is not None:
        return Reply(reasoning, allowed, "content_filter", prompt)
    limit = body.get("max_tokens")
    if limit is None and not unified:
        limit = SERVICE_MAX_TOKENS
    return _cut(Reply(reasoning, text, "stop", prompt), body, limit)


def completion_of(model: MaasModel, body: Fields, answer: Reply) -> dict[str, Any]:
    """Return a whole answer in OpenAI's shape."""
    message = {"role": "assistant", "content": answer.text}
    if answer.reasoning:
        message["reasoning_content"] = answer.reasoning
    choices = []
    for index in range(body.get("n") or 1):
        choice = {"index": index, "message": message, "finish_reason": answer.finish}
        choices.append({**choice, "logprobs": None, "stop_reason": None})
    return {**_head(model, "chat.completion"), "choices": choices, "usage": answer.usage()}


async def send_stream(
    request: web.Request, model: MaasModel, body: Fields, answer: Reply, *, unified: bool
) -> web.StreamResponse:
    """Send a stream in OpenAI's shape."""
    return await stream(request, _events(model, body, answer, unified=unified))


async def send_message(
    request: web.Request, model: MaasModel, body: Fields, answer: Reply
) -> web.StreamResponse:
    """Send an answer in Anthropic's shape, whole or streamed."""
    ends = {"stop": "end_turn", "length": "max_tokens", "content_filter": "refusal"}
    content = Answer(answer.text)
    message = message_of(model.name, content, answer.prompt_tokens, ends[answer.finish])
    if body.get("stream"):
        return await stream(request, message_events(message))
    return web.json_response(message)


def _events(model: MaasModel, body: Fields, answer: Reply, *, unified: bool) -> Iterator[str]:
    head = _head(model, "chat.completion.chunk")
    options = body.get("stream_options") or {}
    with_usage = bool(options.get("include_usage", unified))

    def chunk(written: int | None, **choice: Any) -> str:
        document = {**head, "choices": [{"index": 0, "logprobs": None, **choice}]}
        if with_usage and unified:
            document["usage"] = answer.usage(written)
        return f"data: {as_json(document)}\n\n"

    written = 0
    for field, text in (("reasoning_content", answer.reasoning), ("content", answer.text)):
        for piece in catalog.pieces(text) if text else ():
            written += 1
            delta = {"role": "assistant", field: piece}
            yield chunk(written, delta=delta, finish_reason=None)
    yield chunk(None, delta={}, finish_reason=answer.finish)
    if with_usage and not unified:
        yield f"data: {as_json({**head, 'choices': [], 'usage': answer.usage()})}\n\n"
    yield "data: [DONE]\n\n"


def _head(model: MaasModel, kind: str) -> dict[str, Any]:
    created = int(time.time())
    return {
        "id": f"chatcmpl-{new_request_id()}",
        "object": kind,
        "created": created,
        "model": model.name,
    }


def _cut(answer: Reply, body: Fields, limit: int | None) -> Reply:
    """Return the answer up to a stop text or the limit of tokens."""
    text, finish = answer.text, answer.finish
    stop = body.get("stop") or body.get("stop_sequences") or []
    for end in [stop] if isinstance(stop, str) else stop:
        text = text.partition(end)[0]
    words = catalog.pieces(text)
    if limit is not None and len(words) > limit:
        text, finish = "".join(words[:limit]), "length"
    return Reply(answer.reasoning, text, finish, answer.prompt_tokens)


def _check_length(model: MaasModel, length: int) -> None:
    if length <= model.context:
        return
    text = f"the prompt length {length} must less than the maximum input length {model.context}."
    if model.strict:
        limit = f"This model's maximum context length is {model.context} tokens."
        text = f"{limit} However, you requested {length} tokens. Please reduce the length."
    else:
        text = f"Inference failed: Prompt length exceeds: {text}"
    raise MaasError("81001", text, by_vllm=model.strict)


def _check_images(model: MaasModel, messages: Sequence[Mapping[str, Any]]) -> None:
    for url in _images(messages):
        header, _, encoded = url.partition(",")
        if not header.startswith("data:"):
            continue
        if len(encoded) > LARGEST_IMAGE_BYTES:
            raise MaasError("81001", "Image size exceeds the maximum of 10MB.")
        width, height = _size(encoded)
        if model.max_pixels and width * height > model.max_pixels:
            limits = f"(maxPixels={model.max_pixels}, maxDimension={model.max_pixels})"
            text = f"Image dimensions {width}x{height} exceed pixel limit {limits}."
            raise MaasError("81118", text)


def _images(messages: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for message in messages:
        content = message.get("content")
        for piece in content if isinstance(content, list) else ():
            if isinstance(piece, dict) and isinstance(piece.get("image_url"), dict):
                yield str(piece["image_url"].get("url", ""))


def _size(encoded: str) -> tuple[int, int]:
    """Width and height of a PNG in base64; zeros for another format."""
    try:
        data = base64.b64decode(encoded[:64], validate=True)
    except binascii.Error:
        return 0, 0
    if not data.startswith(_PNG):
        return 0, 0
    width, height = struct.unpack(">II", data[_PNG_SIZE])
    return width, height


def _text(messages: Sequence[Mapping[str, Any]]) -> str:
    return " ".join(catalog.text_of(message.get("content")) for message in messages)
