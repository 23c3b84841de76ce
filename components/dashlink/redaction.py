"""Secrets in settings: which plain texts look like one.

Settings hold references to secrets, never the secrets. A field that takes a reference has the type
`dashlink.types.Secret`, which carries `Mark.SECRET`; an id that has the shape of a key but is no
secret carries `Mark.PUBLIC_ID`. What a field may hold derives from these marks.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from pydantic import BaseModel

from dashlink.errors import Fault
from dashlink.marks import Mark, field_of, holds_secret, item_type, marks_of, type_of

SECRET_KEY_PATTERN = r"^[A-Za-z][0-9A-Za-z_-]{0,63}$"  # noqa: S105 - a pattern
"""Key of a secret in the `dashlink:` namespace of a stack's configuration."""

# Model Studio's keys start with sk-, access keys of Alibaba Cloud with LTAI (permanent) or STS.
# (temporary).
_KEY_SHAPES = re.compile(r"\b(sk-[0-9A-Za-z_-]{16,}|LTAI[0-9A-Za-z]{12,}|STS\.[0-9A-Za-z]{12,})")
_NAME_OF_A_SECRET = re.compile(
    r"(api_?key|access_?key|secret|token|password|passwd|credential)", re.IGNORECASE
)
_LONG_WORD = re.compile(r"[0-9A-Za-z+/=_-]{20,}")
# Of several faults at one place, those of the highest rank are reported.
_RANK_OF_CODE = {"secret-in-plain-text": 1, "not-a-secret-reference": 2}


def find_secrets(
    value: Any, where: str, annotation: Any = None, *, is_secret_name: bool = False
) -> Iterator[Fault]:
    """Find plain texts in settings that look like a secret.

    A text looks like one if it has the shape of a known kind of key, or if it is a long word whose
    name says that it is a secret and is not the name of a plain field of the settings' models.

    Args:
        value: Settings, as a model or as plain values.
        where: Path of ``value``, empty for all settings of a stack.
        annotation: Type of ``value``, e.g. the model that is going to read it; None where unknown.
        is_secret_name: Whether the key of ``value`` names a secret.
    """
    if Mark.PUBLIC_ID in marks_of(annotation):
        return
    value = _plain(value)
    if isinstance(value, Mapping):
        for key, item in value.items():
            path = f"{where}.{key}" if where else str(key)
            inner, is_secret = _type_at_key(annotation, str(key))
            yield from find_secrets(item, path, inner, is_secret_name=is_secret)
    elif isinstance(value, list | tuple):
        inner = item_type(annotation)
        for number, item in enumerate(value):
            yield from find_secrets(item, f"{where}.{number}", inner)
    elif isinstance(value, str) and _looks_secret(value, is_secret_name):
        yield Fault(
            where,
            "looks like a secret in plain text (its value is not shown)",
            "Remove it here and revoke it. Store a key that the stack needs as a secret of its "
            "configuration and refer to it by {config: …}; clients read their keys where they run.",
            code="secret-in-plain-text",
        )


def _plain(value: Any) -> Any:
    """Return the fields of a model that were set, and any other value as it is."""
    if not isinstance(value, BaseModel):
        return value
    return {name: getattr(value, name) for name in value.model_fields_set}


def _looks_secret(text: str, is_secret_name: bool) -> bool:
    if _KEY_SHAPES.search(text):
        return True
    return is_secret_name and _LONG_WORD.fullmatch(text) is not None


def _type_at_key(annotation: Any, key: str) -> tuple[Any, bool]:
    """Return the type of the value at ``key``, and whether the key names a secret."""
    is_secret_name = _NAME_OF_A_SECRET.search(key) is not None
    field = field_of(annotation, key)
    if field is None:
        return item_type(annotation), is_secret_name
    inner = type_of(field)
    return inner, is_secret_name and holds_secret(inner)


def without_secrets(fault: Fault) -> Fault:
    """Remove every text that has the shape of a key from ``fault``."""
    texts: dict[str, Any] = {}
    for name in ("where", "problem", "advice", "got"):
        text = getattr(fault, name)
        if text is not None:
            texts[name] = _KEY_SHAPES.sub("…", text)
    return replace(fault, **texts)


def references_in(value: Any, where: str) -> Iterator[tuple[str, str]]:
    """Yield the path and the key of each reference to a secret in settings.

    Args:
        value: Settings, as a model or as plain values; other values in them may be invalid.
        where: Path of ``value``.
    """
    plain = _plain(value)
    if isinstance(plain, Mapping):
        key = plain.get("config")
        if len(plain) == 1 and isinstance(key, str) and re.fullmatch(SECRET_KEY_PATTERN, key):
            yield where, key
        for name, item in plain.items():
            yield from references_in(item, f"{where}.{name}")
    elif isinstance(plain, list | tuple):
        for number, item in enumerate(plain):
            yield from references_in(item, f"{where}.{number}")


def missing_secrets(
    references: Iterable[tuple[str, str]], keys: Collection[str], secret_keys: Collection[str]
) -> Iterator[Fault]:
    """Find references to secrets that the configuration lacks or holds in plain text.

    Args:
        references: Path and key of each reference.
        keys: All keys of the `dashlink:` namespace.
        secret_keys: Those of them that are encrypted.
    """
    for where, key in references:
        command = f"pulumi config set --secret dashlink:{key}"
        if key not in keys:
            yield Fault(where, "the stack has no such secret", f"Store it: `{command}`.", key)
        elif key not in secret_keys:
            advice = f"Revoke it, and store a new one: `{command}`."
            yield Fault(where, f"dashlink:{key} is in plain text", advice)


def one_report_a_place(faults: Iterable[Fault]) -> list[Fault]:
    """Redact ``faults``; of a place with several, keep those that name the fix.

    A missing reference to a secret is reported before a secret in plain text, and that before all
    others.
    """
    redacted = [without_secrets(fault) for fault in faults]
    ranks: dict[str, int] = {}
    for fault in redacted:
        rank = _RANK_OF_CODE.get(fault.code, 0)
        ranks[fault.where] = max(rank, ranks.get(fault.where, 0))
    return [fault for fault in redacted if _is_reported(fault, ranks[fault.where])]


def _is_reported(fault: Fault, highest_rank: int) -> bool:
    if highest_rank == _RANK_OF_CODE["not-a-secret-reference"]:
        return fault.code != "secret-in-plain-text"
    return _RANK_OF_CODE.get(fault.code, 0) == highest_rank
