"""What a question to the cloud found out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Outcome = Literal["confirmed", "contradicted", "not asked"]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """The answer to one question.

    Attributes:
        subject: What the question is about: a term of `WORDS`, an endpoint, a Model API.
        question: The question, a sentence.
        outcome: Whether the cloud confirms what dashlink goes by.
        used: What dashlink goes by; empty where the question has no such value.
        answer: What the cloud answered, or why it was not asked, one line without a secret.
        spelling: The value that `gateway.spellings` should have; None where it needs none.
        request_ids: Ids of the requests, for the cloud's support.
        codes: Error codes of the answers, in the order of the requests.
    """

    subject: str
    question: str
    outcome: Outcome
    answer: str
    used: str = ""
    spelling: str | None = None
    request_ids: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()


def not_asked(subject: str, question: str, reason: str, *, used: str = "") -> Finding:
    """Return the finding of a question that could not be asked."""
    return Finding(
        subject=subject, question=question, outcome="not asked", answer=reason, used=used
    )
