"""The other APIs of MaaS: models, completions of a service, embeddings, rerank.

Sources: "Models" (2025-10-28): the list; "Embeddings": bge-m3 with 1,024 dimensions, at most 8,192
tokens an element, float or base64; "Rerank": model, query, documents. "Call a model service
deployed by ModelArts Studio (MaaS)" (2025-06-09): completions at services alone. A program met
moderation of embeddings (2026).
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from dashlink_sandbox.inside.maas import moderation
from dashlink_sandbox.inside.maas.parameters import check_parameters
from dashlink_sandbox.inside.maas.refusal import MaasError
from dashlink_sandbox.inside.models import catalog
from dashlink_sandbox.inside.models.embeddings import encoded
from dashlink_sandbox.inside.models.protocol import (
    Fault,
    Fields,
    completion_usage,
    new_request_id,
)
from dashlink_sandbox.maas import MaasModel

DIMENSION = 1024


def list_models(models: Iterable[MaasModel]) -> dict[str, Any]:
    """Return the list of models."""
    data = []
    for model in models:
        data.append({"id": model.name, "object": "model", "created": 0, "owned_by": ""})
    return {"object": "list", "data": data}


def complete(model: MaasModel, body: Fields) -> dict[str, Any]:
    """Return the completion of a prompt.

    Raises:
        MaasError: 81001, 81011 or 81013.
    """
    check_parameters(model, body)
    prompts = _texts(body, "prompt")
    moderation.check_prompt(model, " ".join(prompts))
    choices = []
    texts = []
    for index, prompt in enumerate(prompts):
        texts.append(catalog.echo(model.name, prompt))
        choices.append({"index": index, "text": texts[-1], "finish_reason": "stop"})
    usage = completion_usage(catalog.total_tokens(prompts), catalog.total_tokens(texts))
    return {
        "id": f"cmpl-{new_request_id()}",
        "object": "text_completion",
        "created": int(time.time()),
        "model": model.name,
        "choices": choices,
        "usage": usage,
    }


def embed(model: MaasModel, body: Fields) -> dict[str, Any]:
    """Return the embeddings of texts.

    Raises:
        MaasError: 81001, 81011 or 81013.
    """
    texts = _texts(body, "input")
    form = body.get("encoding_format") or "float"
    if form not in ("float", "base64"):
        options = ["float", "base64"]
        text = f"Failed to format request body, encoding_format is {form}, not one of {options}."
        raise MaasError("81001", text)
    moderation.check_prompt(model, " ".join(texts))
    data = []
    for index, text in enumerate(texts):
        if catalog.tokens(text) > model.context:
            problem = f"must less than the maximum input length {model.context}."
            raise MaasError("81001", f"the prompt length {catalog.tokens(text)} {problem}")
        vector: Any = catalog.embedding(model.name, text, DIMENSION)
        if form == "base64":
            vector = encoded(vector)
        data.append({"object": "embedding", "index": index, "embedding": vector})
    count = catalog.total_tokens(texts)
    usage = {"prompt_tokens": count, "total_tokens": count}
    head = {"id": f"embd-{new_request_id()}", "object": "list", "created": int(time.time())}
    return {**head, "model": model.name, "data": data, "usage": usage}


def rerank(model: MaasModel, body: Fields) -> dict[str, Any]:
    """Return the relevance of documents.

    Raises:
        MaasError: 81001.
    """
    query, documents = _texts(body, "query"), _texts(body, "documents")
    results = []
    for index, score in catalog.ranking(query[0], documents, body.get("top_n")):
        document = {"text": documents[index]}
        results.append({"index": index, "document": document, "relevance_score": score})
    count = catalog.total_tokens([*query, *documents])
    head = {"id": f"rerank-{new_request_id()}", "model": model.name}
    return {**head, "results": results, "usage": {"total_tokens": count}}


def _texts(body: Fields, field: str) -> list[str]:
    try:
        return body.texts(field)
    except Fault:
        text = f"Failed to format request body, {field} is empty."
        raise MaasError("81001", text) from None
