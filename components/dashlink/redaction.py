"""Finds what looks like a secret in plain settings. The value itself is never shown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from dashlink.errors import Fault

# Model Studio's keys start with sk-, Alibaba Cloud's access keys with LTAI (permanent) or STS. (temporary).
_KEY_SHAPES = re.compile(r"\b(sk-[0-9A-Za-z_-]{16,}|LTAI[0-9A-Za-z]{12,}|STS\.[0-9A-Za-z]{12,})")
_TELLING_NAME = re.compile(
    r"(api_?key|access_?key|secret|token|password|passwd|credential)", re.IGNORECASE
)
_ID_OF_A_PAIR = re.compile(r"consumers\..*\.ak_sk\.\d+\.access_key")  # an id, no secret
_NAMES_OF_PLACES = ("api_key_query", "api_key_headers")  # where a key is looked for: no key
_LONG_WORD = re.compile(r"[0-9A-Za-z+/=_-]{20,}")


def find_secrets(value: Any, where: str) -> Iterator[Fault]:
    """A fault for each plain text below ``value`` that looks like a key, or stands under a name that says so."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from find_secrets(item, f"{where}.{key}" if where else str(key))
    elif isinstance(value, list | tuple):
        for number, item in enumerate(value):
            yield from find_secrets(item, f"{where}.{number}")
    elif (
        isinstance(value, str)
        and not _ID_OF_A_PAIR.fullmatch(where)
        and _looks_secret(value, where)
    ):
        yield Fault(
            where,
            "looks like a secret in plain text (its value is not shown)",
            "Remove it here and revoke it. A key that the stack needs is a secret of its configuration, which settings "
            "refer to by {config: …}; clients read theirs where they run.",
            code="secret-in-plain-text",
        )


def without_secrets(fault: Fault) -> Fault:
    """``fault`` with every text of a key's shape taken out, wherever it stands."""
    return replace(
        fault,
        where=_KEY_SHAPES.sub("…", fault.where),
        problem=_KEY_SHAPES.sub("…", fault.problem),
        advice=_KEY_SHAPES.sub("…", fault.advice),
        got=None if fault.got is None else _KEY_SHAPES.sub("…", fault.got),
    )


def _looks_secret(text: str, where: str) -> bool:
    name = where.rpartition(".")[2]
    telling = _TELLING_NAME.search(name) and name not in _NAMES_OF_PLACES
    return bool(_KEY_SHAPES.search(text) or (telling and _LONG_WORD.fullmatch(text)))
