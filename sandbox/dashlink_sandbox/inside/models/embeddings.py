"""Embeddings of both protocols: how many texts a call takes, and the forms of a vector.

Sources: Model Studio "Synchronous API" of text embeddings (text-embedding-synchronous-api,
2025-11-27): text-embedding-v3 and -v4 take at most 10 texts. The refusals of more, and of tokens
instead of texts, as Model Studio answers: memodb-io/memobase#142 (2025-11-12),
langchain4j/langchain4j#1140 (2024-05-22), langchain-ai/langchain#31970 (2025-07-11). Other
vendors' models take 2,048 (OpenAI API reference, 2026). ``encoding_format``: float or base64, which
Model Studio honours (QuantumNous/new-api#1400, 2025-07-19): the vector as little-endian 32-bit
floats. The openai SDKs ask for base64 by default; the one for Node reads a list of 1,024 floats
that it gets nevertheless as 256 zeros.
"""

from __future__ import annotations

import base64
import struct
from collections.abc import Sequence
from typing import Any

from aiohttp import web

from dashlink_sandbox.inside.models import catalog
from dashlink_sandbox.inside.models.protocol import Fault, Fields, new_request_id, read_body

_MOST_TEXTS = 2048
_MOST_TEXTS_OF_MODEL_STUDIO = 10
_OF_MODEL_STUDIO = "text-embedding-v"


def vectors(model: str, texts: Sequence[str], dimension: int | None) -> list[list[float]]:
    """The vectors of ``texts``; without a dimension the default one.

    Raises:
        Fault: There are more texts than the model takes.
    """
    most = _MOST_TEXTS
    if model.startswith(_OF_MODEL_STUDIO):
        most = _MOST_TEXTS_OF_MODEL_STUDIO
    if len(texts) > most:
        limit = f"batch size is invalid, it should not be larger than {most}"
        raise Fault("contents", f"{limit}.: input.contents")
    size = dimension or catalog.DEFAULT_DIMENSION
    return [catalog.embedding(model, text, size) for text in texts]


def texts_of(section: Fields, field: str) -> list[str]:
    """The texts of a call.

    Raises:
        Fault: They are missing, or are no texts.
    """
    value = section.get(field)
    if isinstance(value, list) and not all(isinstance(text, str) for text in value):
        raise Fault("contents", "contents is neither str nor list of str.: input.contents")
    return section.texts(field)


def encoded(vector: Sequence[float]) -> str:
    """A vector in base64."""
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()


def embed(body: Fields) -> dict[str, Any]:
    """The embeddings of a request in OpenAI's shape.

    Raises:
        Fault: The request is invalid.
    """
    model, texts = body.model("embedding"), texts_of(body, "input")
    form = body.get("encoding_format") or "float"
    if form not in ("float", "base64"):
        raise Fault("body", "encoding_format is neither float nor base64")
    data = []
    size = body.count("dimensions", catalog.LARGEST_DIMENSION)
    for index, vector in enumerate(vectors(model, texts, size)):
        shown = encoded(vector) if form == "base64" else vector
        data.append({"object": "embedding", "index": index, "embedding": shown})
    count = catalog.total_tokens(texts)
    usage = {"prompt_tokens": count, "total_tokens": count}
    head = {"object": "list", "data": data, "model": model}
    return {**head, "usage": usage, "id": new_request_id()}


async def create(request: web.Request) -> web.Response:
    """Answer a request in OpenAI's shape."""
    return web.json_response(embed(await read_body(request)))
