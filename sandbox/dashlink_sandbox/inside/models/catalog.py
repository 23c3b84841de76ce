"""The models and what they answer: the same for every protocol, and deterministic.

A chat model answers with its name and the last user message, so that a test can check which model
received what (answers.py has tools and JSON). Embeddings are sums of hashes of a text's words, and
those of two models have nothing in common. A document's relevance is the share of the query's words
in it. A token is a word: usage adds up, but is not that of the real tokenizer.
"""

from __future__ import annotations

import hashlib
import math
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from itertools import chain
from typing import Any

# text-embedding-v4 (Model Studio "Embedding", as read 2026-11)
DEFAULT_DIMENSION = 1024
LARGEST_DIMENSION = 2048


@cache
def models() -> Mapping[str, tuple[str, ...]]:
    """The models by kind; ``models.toml`` names the kinds."""
    text = (resources.files(__package__) / "models.toml").read_text("utf-8")
    return {kind: tuple(names) for kind, names in tomllib.loads(text).items()}


def all_models() -> tuple[str, ...]:
    """The names of all models."""
    return tuple(chain.from_iterable(models().values()))


def kind_of(model: str) -> str:
    """The kind of a model; empty for an unknown one."""
    for kind, names in models().items():
        if model in names:
            return kind
    return ""


def text_of(content: Any) -> str:
    """The text of a message's content, which is a string or a list of pieces, some with text."""
    if isinstance(content, str):
        return content
    texts = []
    for piece in content if isinstance(content, list) else ():
        if not isinstance(piece, dict):
            continue
        if isinstance(piece.get("text"), str):
            texts.append(piece["text"])
        elif "input_audio" in piece or "audio" in piece:  # OpenAI's and DashScope's
            texts.append("audio")
    return " ".join(texts)


def reply(model: str, messages: Sequence[Mapping[str, Any]]) -> str:
    """The reply of ``model`` to ``messages``."""
    return echo(model, heard(messages))


def heard(messages: Sequence[Mapping[str, Any]]) -> str:
    """The text of the last message of a user or of a tool."""
    for message in reversed(messages):
        if message.get("role") in ("user", "tool"):
            return text_of(message.get("content"))
    return ""


def echo(model: str, text: str) -> str:
    """The reply of ``model`` to ``text``."""
    return f"{model} heard: {text}"


def pieces(text: str) -> list[str]:
    """The pieces of ``text`` in a stream: words with the space before them."""
    first, *others = text.split(" ")
    return [first, *(f" {word}" for word in others)]


def tokens(text: str) -> int:
    """The number of tokens in ``text``."""
    return len(text.split())


def total_tokens(texts: Sequence[str]) -> int:
    """The number of tokens in all ``texts``."""
    return sum(map(tokens, texts))


def prompt_tokens(messages: Sequence[Mapping[str, Any]]) -> int:
    """The number of tokens in ``messages``."""
    return sum(tokens(text_of(message.get("content"))) for message in messages)


def embedding(model: str, text: str, dimension: int) -> list[float]:
    """A vector of length 1 for ``text``, similar to those of texts with the same words.

    Vectors of two models cannot be compared, as in reality.
    """
    values = [0.0] * dimension
    for word in text.lower().split() or [""]:
        raw = hashlib.shake_256(f"{model} {word}".encode()).digest(2 * dimension)
        for index in range(dimension):
            values[index] += int.from_bytes(raw[2 * index : 2 * index + 2], "big") / 32767.5 - 1
    length = math.hypot(*values) or 1.0
    return [value / length for value in values]


def ranking(query: str, documents: Sequence[str], top_n: int | None) -> list[tuple[int, float]]:
    """Index and relevance of the ``top_n`` best documents, best first; ties stay in order."""
    words = set(query.lower().split())
    scores = []
    for index, document in enumerate(documents):
        common = words & set(document.lower().split())
        scores.append((index, len(common) / max(len(words), 1)))
    scores.sort(key=lambda score: -score[1])
    return scores[:top_n]
