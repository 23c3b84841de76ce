"""The search for the words that the cloud accepts, by the refusals of one request. Pure.

A refusal is compared with the refusal of `NO_WORD` in the same place: only a word that is answered
otherwise was checked. The cloud may check several words and refuse the first wrong one; each step
of the search settles one of them, or all words of one field where these are answered alike.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Generic, TypeVar

from dashlink.cloud.words import NO_WORD, WORDS
from dashlink.errors import CloudError

ResultT = TypeVar("ResultT")
Words = Mapping[str, str]
"""Value by term."""

# Beginnings of error codes that no other word changes.
_CODES_OF_OTHER_CAUSES = (
    "Conflict.",
    "NotFound.",
    "Throttling",
    "Forbidden",
    "NoPermission",
    "Quota",
)
_MOST_REQUESTS = 40


@dataclass(frozen=True)
class Refusal:
    """The cloud's refusal of a request.

    Attributes:
        error: The API's error.
        words: The words in the request.
    """

    error: CloudError
    words: Words

    def may_be_of_words(self) -> bool:
        """Whether other words may be accepted: the cloud has refused the request's content."""
        code = self.error.code
        is_answer = bool(code) and not self.error.is_transient
        return is_answer and not code.startswith(_CODES_OF_OTHER_CAUSES)

    def is_as(self, other: Refusal, terms: Collection[str]) -> bool:
        """Whether refusals of requests that differ in the words of some terms are the same."""
        if self.error.code != other.error.code:
            return False
        if self._message() == other._message():
            return True
        return self._without(terms) == other._without(terms)

    def names(self, value: str) -> bool:
        """Whether the API's message has a value: the refused one, or one that it allows."""
        return _without(self._message(), value) != self._message()

    def _without(self, terms: Collection[str]) -> str:
        message = self._message()
        for term in terms:
            message = _without(message, self.words[term])
        return message

    def _message(self) -> str:
        """Return the API's message, without the purpose of the request before it."""
        _, _, message = self.error.reason.partition(": ")
        return message or self.error.reason


def _without(message: str, value: str) -> str:
    """Return a message without a value as a word of its own: DashScope is not in DashScope/v1."""
    return re.sub(rf"(?<![\w/]){re.escape(value)}(?![\w/])", "…", message)


RefusalOf = Callable[[Words], Refusal | None]
"""Sends a dry run with some words."""


@dataclass(frozen=True)
class Answers:
    """What dry runs have answered.

    Attributes:
        words: The words of the request that passes; those of the last one if none passes.
        checked: Terms whose words the cloud accepts where it refuses `NO_WORD`.
        refusal: The refusal of the last request; None if it passes, or if words are not checked.
    """

    words: Words
    checked: frozenset[str] = frozenset()
    refusal: Refusal | None = None


def ask(
    words: Words,
    questions: Collection[str],
    groups: Collection[frozenset[str]],
    refusal_of: RefusalOf,
) -> Answers:
    """Find out by dry runs which words the cloud accepts.

    Args:
        words: The words of the request; those that are refused are replaced by candidates.
        questions: Terms whose words are questioned even if they pass.
        groups: Terms by the fields that they are in.
        refusal_of: Sends a dry run with some words.
    """
    counted = _Counted(refusal_of)
    if counted({**words, **dict.fromkeys(questions, NO_WORD)}) is None:
        return Answers(words)
    first_choices = words
    refusal = counted(words)
    visited = [words]
    while refusal is not None:
        step = _step(refusal, visited, groups, counted)
        if step is None:
            return Answers(words, refusal=refusal)
        words, refusal = step
        visited.append(words)
    checked = set()
    for term, value in words.items():
        questioned = term in questions or value != first_choices[term]
        if questioned and refusal_of({**words, term: NO_WORD}) is not None:
            checked.add(term)
    return Answers(words, frozenset(checked))


class _Counted:
    """Dry runs that are counted.

    Attributes:
        is_over: Whether so many were sent that the search ends.
    """

    def __init__(self, refusal_of: RefusalOf) -> None:
        self._refusal_of = refusal_of
        self._count = 0

    @property
    def is_over(self) -> bool:
        return self._count >= _MOST_REQUESTS

    def __call__(self, words: Words) -> Refusal | None:
        self._count += 1
        return self._refusal_of(words)


def _step(
    refusal: Refusal,
    visited: list[Words],
    groups: Collection[frozenset[str]],
    refusal_of: _Counted,
) -> tuple[Words, Refusal | None] | None:
    """Return words that get further than the refused ones, and their refusal; None if none do."""
    if not refusal.may_be_of_words():
        return None
    controls: dict[frozenset[str], Refusal | None] = {}
    for change in _changes(refusal, groups):
        words = {**refusal.words, **change}
        terms = frozenset(change)
        if refusal_of.is_over:
            return None
        if words in visited:
            continue
        if terms not in controls:
            controls[terms] = refusal_of({**refusal.words, **dict.fromkeys(terms, NO_WORD)})
        control = controls[terms]
        if control is None or not control.is_as(refusal, terms):
            continue  # the words of these terms pass, or are not checked
        answer = refusal_of(words)
        if answer is None or not answer.is_as(control, terms):
            return words, answer
    return None


def _changes(refusal: Refusal, groups: Collection[frozenset[str]]) -> Iterator[dict[str, str]]:
    """Yield other words: those that the message allows, then for one term, then for a field."""
    allowed = {}
    for term, current in refusal.words.items():
        for value in _others(term, current):
            if refusal.names(value) and not refusal.names(current):
                allowed[term] = value
    if allowed:
        yield allowed
    for term, current in sorted(refusal.words.items()):
        for value in _others(term, current):
            yield {term: value}
    for group in groups:
        yield from _changes_of_field(refusal, sorted(group & refusal.words.keys()))


def _changes_of_field(refusal: Refusal, terms: Sequence[str]) -> Iterator[dict[str, str]]:
    """Yield other words for terms of a field: first those of one form, then each with each."""
    yield from _changes_of_one_form(refusal, terms)
    values = [WORDS[term].values for term in terms]
    for words in product(*values):
        change = {}
        for term, value in zip(terms, words, strict=True):
            if value != refusal.words[term]:
                change[term] = value
        if len(change) > 1:
            yield change


def _changes_of_one_form(refusal: Refusal, terms: Sequence[str]) -> Iterator[dict[str, str]]:
    """Yield other words for all terms of a field, at the same position among the candidates."""
    longest = max((len(WORDS[term].values) for term in terms), default=0)
    for position in range(longest):
        change = {}
        for term in terms:
            values = WORDS[term].values
            if position < len(values) and values[position] != refusal.words[term]:
                change[term] = values[position]
        if len(change) > 1:
            yield change


def _others(term: str, current: str) -> list[str]:
    return [value for value in WORDS[term].values if value != current]


@dataclass(frozen=True)
class Accepted(Generic[ResultT]):
    """An accepted request.

    Attributes:
        result: Result of the request.
        words: The words in it.
    """

    result: ResultT
    words: Words


def send_in_turn(
    refusal: Refusal,
    groups: Collection[frozenset[str]],
    send: Callable[[Words], ResultT],
) -> Accepted[ResultT]:
    """Send a refused request with one candidate after another, until the cloud accepts it.

    Args:
        refusal: The refusal of the request with the first choices.
        groups: Terms by the fields that they are in.
        send: Sends the request with some words.

    Raises:
        CloudError: The first refusal, if every candidate is refused; another error at once.
    """
    visited = [refusal.words]
    levels = [(refusal, _changes(refusal, groups))]
    while levels:
        current, changes = levels[-1]
        change = next(changes, None)
        if change is None:
            levels.pop()
            continue
        words = {**current.words, **change}
        if words in visited or len(visited) > _MOST_REQUESTS:
            continue
        visited.append(words)
        try:
            return Accepted(send(words), words)
        except CloudError as error:
            answer = Refusal(error, words)
        if not answer.may_be_of_words():
            raise answer.error
        if not answer.is_as(current, change):
            levels.append((answer, _changes(answer, groups)))
    raise with_candidates(refusal)


def with_candidates(refusal: Refusal) -> CloudError:
    """Return the API's error, with the candidates of the word that it repeats."""
    error = refusal.error
    for term, value in sorted(refusal.words.items()):
        if refusal.names(value):
            values = ", ".join(WORDS[term].values)
            return CloudError(
                f"{error.reason.rstrip('.')}. Tried for {term}: {values}. "
                "Write the API's value under `gateway.spellings`.",
                code=error.code,
                request_id=error.request_id,
            )
    return error
