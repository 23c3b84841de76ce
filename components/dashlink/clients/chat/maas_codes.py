"""The errors of Huawei ModelArts MaaS by code: the one catalog, with sources.

The code decides, never the status: the same code has had several. It comes in three bodies:
``error_code`` at the top, ``error.code`` on the path of OpenAI, and none in vLLM's own body, whose
``type`` and message are read instead.

Sources:
    2025-05  "Error codes" of MaaS, 2025-05-21; its codes are those of ModelArts' own gateway
    2025-06  "Call a model service deployed by ModelArts Studio (MaaS)", 2025-06-09
    2025-07  "Error codes" of MaaS, 2025-07-31
    2025-10  "Error codes" of MaaS, 2025-10-28
    2026     "Error codes" of MaaS (model-call-maas/model-call-035), 2026
    used     programs that met it, 2026: not documented
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from dashlink.clients.chat.explanation import Explanation

_CODE = re.compile(r"\bModelArts\.(\d{4,5})\b|\b(APIG\.\d{4})\b")

_TOKENS = Explanation(
    "the model's limit of tokens a minute is exhausted",
    "Send shorter prompts or fewer requests, or have the limit raised in ModelArts Studio.",
    True,
    "2025-07, 2025-10, 2026",
)
_MODERATION = Explanation(
    "content moderation refuses the prompt or the answer",
    "Rephrase it; moderation is turned off in ModelArts Studio, for a service of your own.",
    False,
    "2025-07, 2025-10, 2026",
)
_FREE_QUOTA = Explanation(
    "the free quota of the model is used up",
    "Activate the paid service of {model} in ModelArts Studio.",
    False,
    "2025-07, 2025-10; 403 or 401",
)
_WRONG_KEY = Explanation(
    "the key is wrong, or belongs to another region",
    "Compare {key} with the key, which was shown once; a key works in its own region alone, and "
    "only some minutes after it was made.",
    False,
    "2025-07, 2025-10, 2026; minutes: used",
)

CODES: Final[Mapping[str, Explanation]] = {
    "81001": Explanation(
        "the body or a parameter is invalid, or the prompt is too long",
        "Change what the message names.",
        False,
        "2025-07, 2025-10, 2026",
    ),
    "81002": Explanation(
        "the key is missing, or is not sent as Bearer",
        "Set {key}: the header is Authorization: Bearer and the key.",
        False,
        "2025-07, 2025-10, 2026",
    ),
    "81003": _WRONG_KEY,
    "81004": Explanation(
        "the service of the model is not activated",
        "Activate {model} in ModelArts Studio, in the region of the address.",
        False,
        "2025-07, 2025-10, 2026; 403 or 401",
    ),
    "81005": _FREE_QUOTA,
    "81006": Explanation(
        "the resource is frozen, as a resident model whose bill is not paid",
        "Look at the bills of the account, and at the service in ModelArts Studio.",
        False,
        "2025-07, 2025-10, 2026; 403 or 401",
    ),
    "81009": Explanation(
        "the address has no model {model}",
        "Copy the name literally, with its case, from {models} or the console; not every "
        "model answers every protocol: try another one (`protocols`).",
        False,
        "2025-07, 2025-10",
    ),
    "81010": Explanation(
        "the model has no instance that runs",
        "If it lasts, look at the service in ModelArts Studio.",
        True,
        "2026",
    ),
    "81011": _MODERATION,
    "81013": Explanation(
        "the moderation of this model takes Chinese alone",
        "Write the prompt in Chinese, or name another model.",
        False,
        "2025-10",
    ),
    "81014": Explanation(
        "the free quota of the model has expired",
        "Activate the paid service of {model} in ModelArts Studio.",
        False,
        "2025-10",
    ),
    "81015": Explanation(
        "the key's list of allowed addresses, models or endpoints lacks what the message names",
        "Add it to the key in ModelArts Studio; the address must be the EIP of the VPC's way out "
        "(`source_addresses` of the outputs).",
        False,
        "2026",
    ),
    "81101": Explanation(
        "the model's limit of requests a minute is exhausted",
        "Send fewer requests, or have the limit raised in ModelArts Studio.",
        True,
        "2025-07, 2025-10, 2026",
    ),
    "81103": _TOKENS,
    "81108": Explanation(
        "there is no such video task", "Compare the id of the task.", False, "2025-07, 2025-10"
    ),
    "81109": Explanation(
        "the key has no rights to this video task",
        "Use the key that started it.",
        False,
        "2025-07, 2025-10; 403 or 401",
    ),
    "81111": _TOKENS,
    "81114": _TOKENS,
    "81116": Explanation(
        "the model is scaled up, and refuses requests meanwhile",
        "If it lasts, spread the requests.",
        True,
        "2026",
    ),
    "81118": Explanation("an image has too many pixels", "Send a smaller image.", False, "2026"),
    "4910": _MODERATION,  # 2025-06 alone; in ModelArts' general table, 4910 is another message
    "4203": Explanation(
        "there is no such service, perhaps it was deleted",
        "Compare the id in `base_url` with the service in ModelArts Studio.",
        False,
        "2025-05",
    ),
    "4207": _FREE_QUOTA,
    "4302": Explanation(
        "the service is stopped", "Start it in ModelArts Studio.", False, "2025-05"
    ),
    "4905": _WRONG_KEY,
    "APIG.0101": Explanation(
        "there is no such path ({url})",
        "Compare `base_url` and the protocol: https://<host>/openai/v1, /v1 or /v2, or "
        "https://<host>/v1/infers/<id>/v1 for a single service.",
        False,
        "2025-10",
    ),
    "APIG.0203": Explanation(
        "the model did not answer the gateway of MaaS in time",
        "Ask for less (`max_tokens`), or in a stream.",
        True,
        "2025-07, 2025-10",
    ),
    "APIG.0308": Explanation(
        "the gateway of MaaS limits the requests of this address",
        "Send fewer requests; all clients behind the same EIP count together.",
        True,
        "2025-10; programs of Huawei read it as a quota of the day",
    ),
}

_BY_VLLM = "2025-10; vLLM's own body"
VLLM: Final[Mapping[str, Explanation]] = {
    "NotFoundError": Explanation(
        "the service has no model {model}",
        "Copy the name literally, with its case, from {models}.",
        False,
        _BY_VLLM,
    ),
    "extra_forbidden": Explanation(
        "the model does not know a parameter", "Remove what the message names.", False, _BY_VLLM
    ),
    "'missing'": Explanation(
        "the body lacks a field", "Add what the message names.", False, _BY_VLLM
    ),
    "json_invalid": Explanation(
        "the body is not JSON", "Compare it with what the message names.", False, _BY_VLLM
    ),
    "maximum context length": Explanation(
        "prompt and answer are longer than the model takes",
        "Send less, or write a smaller `max_tokens`.",
        False,
        _BY_VLLM,
    ),
}
"""Errors of vLLM by their type, or by what their message contains."""

METHOD_NOT_ALLOWED: Final = Explanation(
    "the path does not take this method", "Chats are sent by POST to {url}.", False, "2025-10"
)
_MODERATED_END = "content_filter"
MODERATED_STREAM: Final = Explanation(
    "content moderation cut off the answer (finish_reason content_filter)",
    "Rephrase the prompt; what arrived before is incomplete.",
    False,
    "2025-06",
)
"""A stream that moderation ends, under status 200."""


def code_of(text: str) -> str:
    """Return the first code of MaaS in a text, as the catalog has it; empty without one."""
    match = _CODE.search(text)
    return (match.group(1) or match.group(2)) if match else ""


def explain_maas(text: str, body: Mapping[str, Any] | None = None) -> Explanation | None:
    """Return the meaning of an error of MaaS; None for an error of somebody else.

    Args:
        text: The code as it came (``ModelArts.81011``, ``InferHub.ModelArts.81114.429``), or the
            whole body.
        body: The body, where it is JSON.
    """
    known = CODES.get(code_of(text))
    if known is not None:
        return known
    if body is None:
        return None
    if body.get("detail") == "Method Not Allowed":
        return METHOD_NOT_ALLOWED
    if body.get("object") != "error":
        return None
    shown = f"{body.get('type')} {body.get('message')}"
    for mark, explanation in VLLM.items():
        if mark in shown:
            return explanation
    return None


def is_moderated(finish_reason: str | None) -> bool:
    """Return whether moderation has ended an answer."""
    return finish_reason == _MODERATED_END
