"""The answer to a chat request, collected from one response or from the chunks of a stream."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class ChatAnswer:
    """A complete answer.

    Attributes:
        model: The model that the response names; if it names none, the requested one.
        text: The whole text.
        reasoning: What the model thought before, apart from the text; empty where it reports none.
        finish_reason: ``stop``, ``length``, ``content_filter``, …; None where it is not reported.
        prompt_tokens: Tokens of the request; None where they are not reported.
        completion_tokens: Tokens of the answer; None where they are not reported.
        total_tokens: Their sum; None where it is not reported.
        first_byte_seconds: Time until the first chunk, even one without text; without a stream the
            total time.
        total_seconds: Time until the answer was complete.
        first_text_seconds: Time until the first text of the answer; None without text.

    Token counts are those of the last chunk that has them: some services count in every chunk.
    """

    model: str
    text: str
    finish_reason: str | None
    prompt_tokens: int | None
    completion_tokens: int | None
    total_tokens: int | None
    first_byte_seconds: float
    total_seconds: float
    reasoning: str = ""
    first_text_seconds: float | None = None


@dataclass(frozen=True)
class Piece:
    """What a chunk adds; empty texts for a chunk without any."""

    reasoning: str
    text: str


@dataclass
class PartialAnswer:
    """The part of an answer that has arrived so far."""

    model: str
    text: str = ""
    reasoning: str = ""
    finish_reason: str | None = None
    usage: Any = None

    def add(self, response: Any) -> Piece:
        """Add a whole completion or one chunk of it, and return what is new.

        Servers leave out fields, so that none is taken for granted. Usage replaces the usage of an
        earlier chunk, and is never added to it.
        """
        self.model = getattr(response, "model", None) or self.model
        self.usage = getattr(response, "usage", None) or self.usage
        choices = getattr(response, "choices", None)
        if not choices:
            return Piece("", "")
        choice = choices[0]
        self.finish_reason = getattr(choice, "finish_reason", None) or self.finish_reason
        message = getattr(choice, "delta", None) or getattr(choice, "message", None)
        reasoning = getattr(message, "reasoning_content", None) or ""
        new = getattr(message, "content", None) or getattr(message, "refusal", None) or ""
        self.reasoning += reasoning
        self.text += new
        return Piece(str(reasoning), str(new))

    def complete(
        self, first_byte_seconds: float, total_seconds: float, first_text_seconds: float | None
    ) -> ChatAnswer:
        """Return the answer once all of it has arrived."""
        return ChatAnswer(
            model=self.model,
            text=self.text,
            finish_reason=self.finish_reason,
            prompt_tokens=getattr(self.usage, "prompt_tokens", None),
            completion_tokens=getattr(self.usage, "completion_tokens", None),
            total_tokens=getattr(self.usage, "total_tokens", None),
            first_byte_seconds=first_byte_seconds,
            total_seconds=total_seconds,
            reasoning=self.reasoning,
            first_text_seconds=first_text_seconds,
        )
