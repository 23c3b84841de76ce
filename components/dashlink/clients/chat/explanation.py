"""What an error of a model service means, whether a retry helps, and what to do."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Explanation:
    """The meaning of one error.

    Attributes:
        problem: What is wrong, without a full stop.
        advice: What to do, one or two sentences. Placeholders: ``{model}``, ``{url}`` (of the
            request), ``{base}`` (base URL), ``{models}`` (URL of the list of models), ``{key}``
            (variable with the key).
        retry: Whether the same request may succeed later.
        source: Where it is documented.
    """

    problem: str
    advice: str
    retry: bool
    source: str

    def text(self, fields: dict[str, str], after: str) -> str:
        """Return the advice, with whether to retry; ``after`` says when: ``after 12 s``."""
        advice = self.advice.format_map(fields)
        return f"Retry {after}. {advice}" if self.retry else f"A retry does not help. {advice}"
