"""The errors that dashlink raises, and the one form that their text has.

Tree::

    DashlinkError          anything that dashlink says no to
    ├── ConfigError        the settings of a stack are wrong: every fault at once, sorted
    ├── RenderError        a template or its context is wrong
    ├── OutputsError       a document of outputs is not one of ours
    └── CloudError         the cloud refused or failed: keeps its code and request id

A fault reads ``where: what is wrong (got VALUE). What to do.``
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

_LONGEST_VALUE = 80


class DashlinkError(Exception):
    """Base of every error that is the user's to read: its text is whole without a traceback."""


@dataclass(frozen=True, order=True)
class Fault:
    """One thing that is wrong.

    Attributes:
        where: Dotted path, e.g. ``network.vswitches.cn-beijing-k``; with the file in front where it is known.
        problem: What is wrong, without a full stop: ``not inside the VPC 10.20.0.0/16``.
        advice: What to do, one sentence.
        got: The value as it was given, already as text; None where there is none to show.
    """

    where: str
    problem: str
    advice: str
    got: str | None = None

    def __str__(self) -> str:
        """The fault as one line."""
        got = "" if self.got is None else f" (got {self.got})"
        return f"{self.where}: {self.problem}{got}. {self.advice}"


def shown(value: Any) -> str:
    """``value`` as a fault shows it: as in the file, cut at 80 characters. Never call it with a secret."""
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1] + "…"


class ConfigError(DashlinkError):
    """The settings cannot be used.

    Attributes:
        faults: Every fault that was found, sorted by path.
    """

    def __init__(self, faults: Iterable[Fault], source: str = "") -> None:
        """Sort ``faults``; ``source`` (a file's name) is put in front of each line."""
        self.faults: tuple[Fault, ...] = tuple(sorted(set(faults), key=str))
        prefix = f"{source}: " if source else ""
        super().__init__("\n".join(f"{prefix}{fault}" for fault in self.faults))


class RenderError(DashlinkError):
    """A client file cannot be rendered: an unknown format, a template's mistake, a name that the context lacks."""


class OutputsError(DashlinkError):
    """A document that should hold a stack's outputs does not, or is of another version."""


class CloudError(DashlinkError):
    """The cloud refused a request, or did not do in time what was asked.

    Attributes:
        code: The API's error code (``EndpointNotFound``), empty where the cloud gave none.
        request_id: The API's request id, for the cloud's support; empty where there is none.
    """

    def __init__(self, message: str, *, code: str = "", request_id: str = "") -> None:
        """Keep ``code`` and ``request_id``, and append them to the text."""
        self.code = code
        self.request_id = request_id
        details = ", ".join(
            text for text in (code, f"request id {request_id}" if request_id else "") if text
        )
        super().__init__(f"{message} [{details}]" if details else message)
