"""The cache of a Model API: by the last question, or by questions that are similar to it.

The exact cache answers the same question again. The semantic cache asks the embedding service of
its configuration for the question's vector, and answers a question whose vector is similar enough
to a stored one. A question without a vector is not cached. Answers are stored by API and model.

Sources: SDK 11.6.0 (AiCacheConfig, its embedding and vector configurations); Higress, plug-in
ai-cache (4e0d691, 2026-04-30): the last question is the key, and a semantic cache needs embeddings.
Unverified: that the threshold is the least cosine similarity, and the one without a configuration.
The sandbox stores vectors itself: no vector database is called.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dashlink_sandbox.dialects import Dialect
from dashlink_sandbox.gateways import HttpApi
from dashlink_sandbox.inside.gateway.routing import policies

_DEFAULT_SECONDS = 60
_DEFAULT_THRESHOLD = 0.9

Vector = Sequence[float]


@dataclass(frozen=True)
class Question:
    """A question to a model of an API; ``vector`` is for a semantic cache alone."""

    api: HttpApi
    model: str
    text: str
    vector: Vector | None = None


@dataclass(frozen=True)
class _Answer:
    stored: float
    text: str
    vector: Vector | None
    body: bytes


@dataclass
class Cache:
    """The stored answers of all APIs, by API and model."""

    clock: Callable[[], float] = time.time
    answers: dict[tuple[str, str], list[_Answer]] = field(default_factory=dict)

    def find(self, question: Question, dialect: Dialect) -> bytes | None:
        """The stored answer to a question; None where there is none or it has expired."""
        config = cache_config(question.api)
        if config is None:
            return None
        seconds = float(config.get("cacheTTL") or _DEFAULT_SECONDS)
        for answer in self.answers.get(_key(question), ()):
            if self.clock() - answer.stored >= seconds:
                continue
            if answer.text == question.text:
                return answer.body
            if is_semantic(config, dialect) and _are_similar(config, question.vector, answer):
                return answer.body
        return None

    def store(self, question: Question, body: bytes, dialect: Dialect) -> None:
        """Store an answer where the API has a cache, in place of one to the same question."""
        config = cache_config(question.api)
        if config is None or not question.text:
            return
        if is_semantic(config, dialect) and question.vector is None:
            return
        stored = self.answers.setdefault(_key(question), [])
        stored[:] = [answer for answer in stored if answer.text != question.text]
        stored.append(_Answer(self.clock(), question.text, question.vector, body))


def cache_config(api: HttpApi) -> Mapping[str, Any] | None:
    """The configuration of an API's cache; None where it has none."""
    configs = policies(api.deploy_config, "AiCache", "aiCacheConfig")
    return configs[0] if configs else None


def is_semantic(config: Mapping[str, Any], dialect: Dialect) -> bool:
    """Whether a cache compares meanings."""
    return config.get("cacheMode") == dialect.words("cache-modes")["semantic"]


def similarity(one: Vector, other: Vector) -> float:
    """The cosine of two vectors of length 1."""
    return sum(a * b for a, b in zip(one, other, strict=False))


def _key(question: Question) -> tuple[str, str]:
    return question.api.http_api_id, question.model


def _are_similar(config: Mapping[str, Any], vector: Vector | None, answer: _Answer) -> bool:
    if vector is None or answer.vector is None:
        return False
    vectors = config.get("vectorConfig") or {}
    threshold = float(vectors.get("threshold") or _DEFAULT_THRESHOLD)
    return similarity(vector, answer.vector) >= threshold
