"""The errors that dashlink raises.

Tree::

    DashlinkError          base of all errors of dashlink
    ├── ConfigError        the settings of a stack are invalid: every fault at once, sorted
    ├── RenderError        a template or its context is invalid
    ├── OutputsError       a document is not the outputs of a dashlink stack
    └── CloudError         the cloud refused a request or failed: has its code and request id

A fault reads ``where: what is wrong (got VALUE). What to do.`` So does a warning: of settings that
are accepted, and probably do not do what is expected.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any


class DashlinkError(Exception):
    """Base of every error whose text is meant for the user, who needs no traceback to act on it."""

    def __str__(self) -> str:
        """Return the text without control characters but line feeds: terminals obey them."""
        return printable(super().__str__())


def printable(text: str) -> str:
    """Return ``text`` with its control characters but line feeds escaped, as `repr` does."""
    escaped = text
    for character in set(text):
        if unicodedata.category(character) == "Cc" and character != "\n":
            escaped = escaped.replace(character, repr(character)[1:-1])
    return escaped


@dataclass(frozen=True, order=True)
class Fault:
    """One mistake in the settings; a warning has the same form.

    Attributes:
        where: Dotted path, e.g. ``network.vswitches.cn-beijing-k``.
        problem: What is wrong, without a full stop: ``not inside the VPC 10.20.0.0/16``.
        advice: What to do, one sentence.
        got: The value as text; None where there is none to show.
        code: What is wrong, for programs: ``missing``, ``unknown-key``, ``secret-in-plain-text``,
            ``not-a-secret-reference``, else ``invalid``. Faults are compared without it.
    """

    where: str
    problem: str
    advice: str
    got: str | None = None
    code: str = field(default="invalid", kw_only=True, compare=False)

    def __str__(self) -> str:
        """Return the fault as one line."""
        got = "" if self.got is None else f" (got {self.got})"
        return printable(f"{self.where}: {self.problem}{got}. {self.advice}")


def shown(value: Any, longest: int = 80) -> str:
    """Return ``value`` as a fault shows it, cut at ``longest`` characters. Never pass a secret."""
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= longest else text[: longest - 1] + "…"


class ConfigError(DashlinkError):
    """The settings of a stack are invalid.

    Attributes:
        faults: Every fault, sorted by path.
    """

    def __init__(self, faults: Iterable[Fault], source: str = "") -> None:
        """Sort ``faults``; ``source``, e.g. the name of a file, is put in front of each line."""
        self.faults: tuple[Fault, ...] = tuple(sorted(set(faults), key=str))
        prefix = f"{source}: " if source else ""
        super().__init__("\n".join(f"{prefix}{fault}" for fault in self.faults))


class RenderError(DashlinkError):
    """A client file cannot be rendered: unknown format, invalid template, or unknown name in it."""


class OutputsError(DashlinkError):
    """A document is not the outputs of a dashlink stack, or has another version."""


class CloudError(DashlinkError):
    """The cloud refused a request, or did not complete an operation in time.

    Attributes:
        reason: What is wrong, without code and request id.
        code: The API's error code (``EndpointNotFound``), empty where the response has none.
        request_id: The API's request id, for the cloud's support; empty where there is none.
        is_transient: Whether the same request may succeed later, so that it was not refused.
        status: HTTP status of the refusal, 0 where there is none.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str = "",
        request_id: str = "",
        is_transient: bool = False,
        status: int = 0,
    ) -> None:
        """Append ``code`` and ``request_id`` to ``message``."""
        self.reason = message
        self.is_transient = is_transient
        self.status = status
        self.code = code
        self.request_id = request_id
        details = [code] if code else []
        if request_id:
            details.append(f"request id {request_id}")
        suffix = f" [{', '.join(details)}]" if details else ""
        super().__init__(f"{message}{suffix}")
