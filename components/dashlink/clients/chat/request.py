"""A chat request, and the API that receives it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from dashlink.clients.chat.eas_answers import LARGEST_BODY_BYTES
from dashlink.clients.outputs import BEARER, KeyPlacement
from dashlink.errors import DashlinkError

_BASE_URL = re.compile(r"(https?|wss?)://[^\s/?#\[\]]+(/[^\s?#]*)?")
_HEADER_TEXT = re.compile(r"[!-~]*")
_NOT_PARAMETERS = frozenset({"model", "messages", "stream"})


Kind = Literal["model-api", "maas", "eas"]
"""A Model API of the gateway, a service of Huawei MaaS, or a service of PAI-EAS."""


@dataclass(frozen=True)
class ChatTarget:
    """The API that receives a request.

    Attributes:
        base_url: The API's base URL; it ends before ``/chat/completions``.
        api_key: The key, of a consumer or of the service; empty for an API without authentication.
        api: Name of the API, with which its errors start.
        key_in: Where requests carry the key.
        kind: What it is, which decides how errors are explained.
        key_name: The variable with the key, for errors.
    """

    base_url: str
    api_key: str = field(repr=False)
    api: str
    key_in: KeyPlacement = BEARER
    kind: Kind = "model-api"
    key_name: str = "MODEL_API_KEY"


@dataclass(frozen=True)
class ChatRequest:
    """One request for a chat completion.

    Attributes:
        model: Name of the model.
        messages: The messages, as :func:`conversation` builds them.
        parameters: More fields of the body (``temperature``, ``max_tokens``, a vendor's own), sent
            unchanged.
        stream: Whether to receive the answer in chunks.
    """

    model: str
    messages: tuple[Mapping[str, str], ...]
    parameters: Mapping[str, Any] = field(default_factory=dict)
    stream: bool = True


def conversation(
    system: str | None, history: Sequence[tuple[str, str]], message: str
) -> tuple[dict[str, str], ...]:
    """Build the messages of a conversation.

    Args:
        system: System prompt; None or empty for none.
        history: Pairs of the user's message and the model's answer, oldest first.
        message: The user's next message.
    """
    messages: list[dict[str, str]] = []
    if system:
        messages.append({"role": "system", "content": system})
    for user_message, answer in history:
        messages.append({"role": "user", "content": user_message})
        messages.append({"role": "assistant", "content": answer})
    messages.append({"role": "user", "content": message})
    return tuple(messages)


def check_request(target: ChatTarget, request: ChatRequest) -> None:
    """Refuse a request that cannot be sent.

    Raises:
        DashlinkError: The base URL or the key is malformed, a parameter has a field of its own, or
            the request is larger than a gateway of PAI-EAS takes.
    """
    if not _BASE_URL.fullmatch(target.base_url):
        raise DashlinkError(
            f"{target.api}: the base URL is invalid. Write https://, the API's domain, and its "
            "base path."
        )
    if not _HEADER_TEXT.fullmatch(target.api_key):
        raise DashlinkError(
            f"{target.api}: the key has a space or a character that no header can carry. Copy it "
            "again."
        )
    for name in sorted(_NOT_PARAMETERS & set(request.parameters)):
        raise DashlinkError(
            f"{target.api}: {name} is not a parameter. Set the request's own field {name}."
        )
    size = _size_bytes(request)
    if target.kind == "eas" and size > LARGEST_BODY_BYTES:
        raise DashlinkError(
            f"{target.api}: the request has {size:,} bytes, and a gateway of PAI-EAS takes at most "
            "1 MB. Send less."
        )


def _size_bytes(request: ChatRequest) -> int:
    body = {"model": request.model, "messages": list(request.messages), **request.parameters}
    return len(json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode())
