"""Dialects: how one cloud of the sandbox answers the questions about APIG that no source settles.

data/dialects.toml has the questions, their options with sources, and a default. A cloud has one
dialect from its creation on; it is part of the state. A client that finds out how its cloud answers
works in every dialect; one that guesses works in one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from dashlink_sandbox.data import read_data


@dataclass(frozen=True)
class Option:
    """An answer to a question.

    Attributes:
        source: The document or code that it is from.
        words: Values on the wire by their meaning, where the answer is a set of them.
    """

    source: str
    words: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Question:
    """A question about the cloud that is open.

    Attributes:
        text: The question.
        default: The option with the best source.
        options: All options by name.
    """

    text: str
    default: str
    options: Mapping[str, Option]


@cache
def questions() -> Mapping[str, Question]:
    """Return the open questions by their ids, in the order of the data file."""
    table = {}
    for name, row in read_data("dialects").items():
        options = {}
        for option, content in row["options"].items():
            options[option] = Option(**content)
        table[name] = Question(row["question"], row["default"], options)
    return table


class Dialect(BaseModel):
    """One answer to every open question.

    Attributes:
        choices: Question -> option; a question that is absent has its default.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    choices: Mapping[str, str] = Field(default_factory=dict)

    @classmethod
    def default(cls) -> Dialect:
        """Return the dialect of the best sources."""
        return cls()

    @classmethod
    def draw(cls, seed: int) -> Dialect:
        """Return a dialect that is drawn over all questions; the same for the same seed.

        Each question is drawn by itself: a further one changes no answer to the others.
        """
        choices = {}
        for name, question in questions().items():
            digest = hashlib.sha256(f"{seed} {name}".encode()).digest()
            options = sorted(question.options)
            choices[name] = options[int.from_bytes(digest, "big") % len(options)]
        return cls.of(choices)

    @classmethod
    def of(cls, choices: Mapping[str, str]) -> Dialect:
        """Return the default dialect with these choices.

        Raises:
            ValueError: A question or an option does not exist.
        """
        kept = {}
        for name, option in choices.items():
            question = questions().get(name)
            if question is None:
                raise ValueError(f"no question {name!r}; there are {', '.join(questions())}")
            if option not in question.options:
                options = ", ".join(question.options)
                raise ValueError(f"{name}: no option {option!r}; there are {options}")
            if option != question.default:
                kept[name] = option
        return cls(choices=kept)

    @classmethod
    def parse(cls, text: str) -> Dialect:
        """Return the dialect of a command line: a seed, then ``question=option``, by commas.

        ``7`` is drawn; ``service-keys=masked`` is the default but for one answer; in
        ``7,service-keys=masked`` the answer replaces the one that was drawn.

        Raises:
            ValueError: The text is malformed, or a question or an option does not exist.
        """
        choices: dict[str, str] = {}
        for number, element in enumerate(text.split(",")):
            name, separator, option = element.strip().partition("=")
            if separator:
                choices[name.strip()] = option.strip()
            elif number == 0 and name.isdecimal():
                choices.update(cls.draw(int(name)).choices)
            elif name and name != "default":
                raise ValueError(f"{name!r} is neither a seed nor question=option")
        return cls.of(choices)

    def __getitem__(self, question: str) -> str:
        """Return the option that answers a question."""
        return self.choices.get(question, questions()[question].default)

    def words(self, question: str) -> Mapping[str, str]:
        """Return the values on the wire of the option that answers a question."""
        return questions()[question].options[self[question]].words

    def answers(self) -> dict[str, str]:
        """Return the answer to every question."""
        return {name: self[name] for name in questions()}

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Dialect:
        """Return the same object: it never changes."""
        return self
