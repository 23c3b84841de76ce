"""Words of the API that the provider finds out: it asks the cloud which candidate it accepts.

A dry run with a value that is no word at all comes first. Where it passes, a dry run does not check
words and proves nothing: the first candidate is sent and stays unverified. If the request itself is
refused then, it has changed nothing, and the next candidate is sent.

What a gateway accepts is found out once for each plugin process; a resource's state keeps it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Lock
from typing import Generic, TypeVar

from dashlink.cloud.words import WORDS
from dashlink.errors import CloudError
from dashlink.provider.gateway.spelling import Spelling
from dashlink.provider.gateway.word_search import (
    Answers,
    Refusal,
    Words,
    ask,
    send_in_turn,
    with_candidates,
)
from dashlink.resources.contract import ResourceModel
from dashlink.resources.models.verified_word import VerifiedWord

InputsT = TypeVar("InputsT", bound=ResourceModel)
ResultT = TypeVar("ResultT")

# A dry run that passes is answered so by other products of the cloud (ECS, VPC references, 2026).
_PASSED_CODE = "DryRunOperation"


@dataclass(frozen=True)
class Request(Generic[InputsT, ResultT]):
    """One request with words in it.

    Attributes:
        action: Name of the action: ``CreateHttpApi``.
        send: Sends it.
        dry_run: Sends it as a dry run; None if the action has none.
    """

    action: str
    send: Callable[[InputsT], ResultT]
    dry_run: Callable[[InputsT], None] | None = None


@dataclass(frozen=True)
class Sent(Generic[InputsT, ResultT]):
    """An accepted request.

    Attributes:
        result: Result of the request.
        inputs: The inputs, in the spelling that was accepted.
        verified: Words in them that the cloud accepts, and distinguishes from others.
    """

    result: ResultT
    inputs: InputsT
    verified: tuple[VerifiedWord, ...]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


@dataclass
class GatewayWords:
    """The words that gateways accept; threads may share it.

    Attributes:
        now: Returns the time, for the record of a word.
    """

    now: Callable[[], str] = _now
    _verified: dict[tuple[str, str], VerifiedWord] = field(default_factory=dict)
    _asked: set[tuple[str, str]] = field(default_factory=set)
    _locks: dict[tuple[str, str], Lock] = field(default_factory=dict)
    _guard: Lock = field(default_factory=Lock)

    def send(
        self,
        gateway_id: str,
        inputs: InputsT,
        spelling: Spelling,
        request: Request[InputsT, ResultT],
        *,
        report: Callable[[str], None],
        known: Iterable[VerifiedWord] = (),
    ) -> Sent[InputsT, ResultT]:
        """Send a request, spelled as a gateway accepts it.

        Args:
            gateway_id: Id of the gateway (`gw-…`).
            inputs: Inputs of a resource. A word that is not dashlink's first choice is sent as it
                is: the settings override it.
            spelling: The fields of the inputs with words.
            request: The request.
            report: Shows a message beside the resource.
            known: Verified words in the resource's state.

        Raises:
            CloudError: The API's own refusal, if no candidate is accepted. Nothing has changed.
        """
        for word in known:
            self._verified.setdefault((gateway_id, word.term), word)
        exchange = _Exchange(self, gateway_id, inputs, spelling, request, report)
        return exchange.send()

    def known(self, gateway_id: str, term: str) -> VerifiedWord | None:
        """Return what is known about a word of a gateway, or None."""
        return self._verified.get((gateway_id, term))

    def keep(self, gateway_id: str, term: str, value: str, how: str) -> None:
        """Keep that a gateway accepts a word."""
        word = VerifiedWord(term=term, value=value, when=self.now(), how=how)
        self._verified[gateway_id, term] = word

    def unasked(self, gateway_id: str, terms: Iterable[str]) -> list[str]:
        """Return the terms that are unverified, and that no dry run was sent for."""
        unasked = []
        for term in terms:
            key = (gateway_id, term)
            if WORDS[term].unverified and key not in self._verified and key not in self._asked:
                unasked.append(term)
        return unasked

    def mark_asked(self, gateway_id: str, terms: Iterable[str]) -> None:
        """Keep that dry runs were sent for terms."""
        self._asked.update((gateway_id, term) for term in terms)

    @contextmanager
    def locked(self, gateway_id: str, terms: Iterable[str]) -> Iterator[None]:
        """Hold the locks of some words; always in one order, so that no two wait for each other."""
        with ExitStack() as stack:
            for term in sorted(terms):
                with self._guard:
                    lock = self._locks.setdefault((gateway_id, term), Lock())
                stack.enter_context(lock)
            yield


@dataclass
class _Exchange(Generic[InputsT, ResultT]):
    """One request, with the dry runs before it."""

    memory: GatewayWords
    gateway_id: str
    inputs: InputsT
    spelling: Spelling
    request: Request[InputsT, ResultT]
    report: Callable[[str], None]

    def __post_init__(self) -> None:
        """Find the words that have candidates and that the settings do not override."""
        self._first_choices = {}
        for term, value in self.spelling.words_in(self.inputs).items():
            if value == WORDS[term].value and WORDS[term].candidates:
                self._first_choices[term] = value
        self._groups = self.spelling.groups_in(self.inputs)
        self._answers: Answers | None = None
        self._questions: list[str] = []

    def send(self) -> Sent[InputsT, ResultT]:
        """Ask about unverified words, then send the request; other words if it is refused."""
        words = self._asked_words()
        try:
            sent = self._sent(self._delivered(words), words)
            self.memory.mark_asked(self.gateway_id, self._questions)  # also if dry runs are refused
            return sent
        except CloudError as error:
            refusal = Refusal(error, words)
        if not words or not refusal.may_be_of_words():
            raise refusal.error
        with self.memory.locked(self.gateway_id, words):
            return self._sent_otherwise(refusal)

    def _asked_words(self) -> Words:
        """Return the words to send, after dry runs for those that nothing is known about."""
        unverified = [term for term in self._first_choices if WORDS[term].unverified]
        with self.memory.locked(self.gateway_id, unverified):
            questions = self.memory.unasked(self.gateway_id, unverified)
            if questions:
                self._ask(questions)
        return self._current_words()

    def _current_words(self) -> dict[str, str]:
        words = dict(self._first_choices)
        for term in words:
            known = self.memory.known(self.gateway_id, term)
            if known is not None:
                words[term] = known.value
        return words

    def _sent_otherwise(self, refusal: Refusal) -> Sent[InputsT, ResultT]:
        """Send a refused request in other words: those that dry runs accept, or one by one."""
        words = self._current_words()  # another resource may have found them in the meantime
        if words == refusal.words:
            if self._answers is None:
                self._ask(list(words))
            self._check_against_dry_runs(refusal)
            words = self._current_words()
        if words != refusal.words:
            try:
                return self._sent(self._delivered(words), words)
            except CloudError as error:
                refusal = Refusal(error, words)  # of a word that is still to be found
            if not refusal.may_be_of_words():
                raise refusal.error
        accepted = send_in_turn(refusal, self._groups, self._delivered)
        for term, value in accepted.words.items():
            if value != refusal.words[term]:
                how = f"{self.request.action} refused {refusal.words[term]}"
                self._keep(term, value, how)
        return self._sent(accepted.result, accepted.words)

    def _check_against_dry_runs(self, refusal: Refusal) -> None:
        """Raise a refusal that dry runs have met with every candidate."""
        refused = self._answers.refusal if self._answers is not None else None
        if refused is not None and refused.is_as(refusal, ()):
            raise with_candidates(refusal)

    def _ask(self, questions: list[str]) -> None:
        """Keep what dry runs answer, if the action has them."""
        if self.request.dry_run is None:
            return
        self._questions = questions
        self._answers = ask(self._current_words(), questions, self._groups, self._refusal_of)
        if self._answers.refusal is None:
            self.memory.mark_asked(self.gateway_id, questions)
        for term in sorted(self._answers.checked):
            self._keep(term, self._answers.words[term], f"dry run of {self.request.action}")

    def _refusal_of(self, words: Words) -> Refusal | None:
        assert self.request.dry_run is not None  # noqa: S101 - _ask
        try:
            self.request.dry_run(self.spelling.respelled(self.inputs, words))
        except CloudError as error:
            if error.code == _PASSED_CODE:
                return None
            if not error.code or error.is_transient:
                raise  # no answer to the question
            return Refusal(error, words)
        return None

    def _delivered(self, words: Words) -> ResultT:
        return self.request.send(self.spelling.respelled(self.inputs, words))

    def _keep(self, term: str, value: str, how: str) -> None:
        self.memory.keep(self.gateway_id, term, value, how)
        self.report(f"{term}: the cloud accepts {value} ({how})")

    def _sent(self, result: ResultT, words: Words) -> Sent[InputsT, ResultT]:
        verified = []
        for term, value in sorted(words.items()):
            known = self.memory.known(self.gateway_id, term)
            if known is not None and known.value == value:
                verified.append(known)
        inputs = self.spelling.respelled(self.inputs, words)
        return Sent(result, inputs, tuple(verified))
