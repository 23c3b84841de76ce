"""Which models there are and what they answer: the same for every dialect, and always the same for the same request.

A chat model answers with its name and the last thing the user said, so that a test sees which model got what.
Embeddings come from a hash of the text: equal texts are equal, others differ. A document's relevance is the share of
the query's words in it. A token is a word here: usage adds up, but is not the real tokenizer's.
"""

from __future__ import annotations

import hashlib
import math
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

# text-embedding-v4 (Model Studio "Embedding", as read 2026-11)
DEFAULT_DIMENSION = 1024
LARGEST_DIMENSION = 2048


@cache
def models() -> Mapping[str, tuple[str, ...]]:
    """The models by kind: chat, embedding, rerank, image, video, speech."""
    text = (resources.files(__package__) / "models.toml").read_text("utf-8")
    return {kind: tuple(names) for kind, names in tomllib.loads(text).items()}


def all_models() -> tuple[str, ...]:
    """Every model's name."""
    return tuple(name for names in models().values() for name in names)


def text_of(content: Any) -> str:
    """The text of a message's content, which is text or a list of parts with text among them."""
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    return " ".join(part["text"] for part in parts if isinstance(part, dict) and isinstance(part.get("text"), str))


def answer(model: str, messages: Sequence[Mapping[str, Any]]) -> str:
    """What ``model`` answers to ``messages``."""
    said = next(
        (text_of(message.get("content")) for message in reversed(messages) if message.get("role") == "user"), ""
    )
    return heard(model, said)


def heard(model: str, said: str) -> str:
    """What ``model`` makes of ``said``."""
    return f"{model} heard: {said}"


def pieces(text: str) -> list[str]:
    """``text`` in the pieces in which a stream brings it: words with the space before them."""
    words = text.split(" ")
    return [words[0], *(f" {word}" for word in words[1:])]


def tokens(text: str) -> int:
    """How many tokens ``text`` counts for."""
    return len(text.split())


def prompt_tokens(messages: Sequence[Mapping[str, Any]]) -> int:
    """How many tokens ``messages`` count for."""
    return sum(tokens(text_of(message.get("content"))) for message in messages)


def embedding(text: str, dimension: int = DEFAULT_DIMENSION) -> list[float]:
    """A vector of length 1 for ``text``."""
    raw = hashlib.shake_256(text.encode()).digest(2 * dimension)
    values = [int.from_bytes(raw[at : at + 2], "big") / 32767.5 - 1 for at in range(0, len(raw), 2)]
    length = math.sqrt(sum(value * value for value in values)) or 1.0
    return [value / length for value in values]


def ranking(query: str, documents: Sequence[str], top_n: int | None) -> list[tuple[int, float]]:
    """Index and relevance of the ``top_n`` best of ``documents``, best first; equals keep their order."""
    asked = set(query.lower().split())
    scores = [len(asked & set(document.lower().split())) / max(len(asked), 1) for document in documents]
    best = sorted(range(len(scores)), key=lambda index: -scores[index])
    return [(index, scores[index]) for index in best[:top_n]]
