"""Words in the inputs of resources: which terms they spell, and the same inputs spelled otherwise.

Pure. Documents are models of inputs (Python names) or Pulumi's properties (camelCase).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final, TypeVar

from pydantic import BaseModel
from pydantic.alias_generators import to_camel

from dashlink.cloud.words import WORDS, term_of

_EACH = "*"
DocumentT = TypeVar("DocumentT")


class Spelling:
    """The fields of a document that hold words of the API."""

    def __init__(self, families: Mapping[str, str]) -> None:
        """Store the fields.

        Args:
            families: Family of the terms, e.g. ``limit``, by the path of the field; ``*`` stands
                for each item of a list.
        """
        self._families = families

    def of_properties(self) -> Spelling:
        """Return the same fields of Pulumi's properties."""
        families = {}
        for path, family in self._families.items():
            steps = [step if step == _EACH else to_camel(step) for step in path.split(".")]
            families[".".join(steps)] = family
        return Spelling(families)

    def words_in(self, document: Any) -> dict[str, str]:
        """Return the words of a document by their terms; what is no known word is left out."""
        words: dict[str, str] = {}
        for path, family in self._families.items():
            words |= _words_at(document, path, family)
        return words

    def groups_in(self, document: Any) -> list[frozenset[str]]:
        """Return the terms that a document spells, by the fields that they are in."""
        groups = []
        for path, family in self._families.items():
            groups.append(frozenset(_words_at(document, path, family)))
        return groups

    def respelled(self, document: DocumentT, words: Mapping[str, str]) -> DocumentT:
        """Return a document with other values for some terms.

        Args:
            document: The document, which is not changed.
            words: Value by term; other words stay as they are.
        """
        for path, family in self._families.items():
            spell = partial(_spelled, family=family, words=words)
            document = _rewritten(document, path.split("."), spell)
        return document


MODEL_API: Final = Spelling(
    {
        "protocol": "protocol",
        "routing": "routing",
        "auth_type": "auth",
        "token_limits.*.limit_type": "limit",
        "token_limits.*.limit_mode": "limit",
        "cache.mode": "cache",
        "cache.key_strategy": "cache-key",
        "cache.embedding_type": "embedding",
        "cache.vector_type": "vector",
    }
)
"""Words in `ModelApiInputs`."""

AI_SERVICE: Final = Spelling(
    {"protocols.*": "protocol", "compatible_protocols.*": "protocol", "eas.endpoint_type": "eas"}
)
"""Words in `AiServiceInputs`."""

PROTOCOLS_OF_A_SERVICE: Final = Spelling(
    {"protocols.*": "protocol", "compatible_protocols.*": "protocol"}
)
"""Words of protocols in `AiServiceInputs`."""


def spelled_as(spelling: Spelling, current: DocumentT, known: Any) -> DocumentT:
    """Return what the cloud has, in the spelling of the last known inputs.

    A word of the cloud that is a candidate of the same term is no change of the resource.

    Args:
        spelling: The fields with words.
        current: Inputs as the cloud has them.
        known: Last known inputs; None for an import, which has dashlink's first choices.
    """
    words = {term: WORDS[term].value for term in spelling.words_in(current)}
    if known is not None:
        words |= spelling.words_in(known)
    return spelling.respelled(current, words)


def comparable(
    spelling: Spelling,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    state: Mapping[str, Any],
) -> Mapping[str, Any]:
    """Return properties of the state, in the spelling of new ones that change no word.

    No change are another candidate of a term, which an earlier version may have sent, and a word
    of the settings that the cloud has accepted already: `dashlink verify --write` writes it there.
    Another word of the settings is a change.

    Args:
        spelling: The fields with words.
        before: Properties in the state.
        after: Properties of the program.
        state: Outputs in the state, with the verified words.
    """
    verified = {word["term"]: word["value"] for word in state.get("verified") or ()}
    properties = spelling.of_properties()
    chosen = {}
    for term, value in properties.words_in(after).items():
        if value in (WORDS[term].value, verified.get(term)):
            chosen[term] = value
    return properties.respelled(before, chosen)


def accepted(
    spelling: Spelling, before: Mapping[str, Any], after: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Return properties of the state, in the candidates that new ones spell.

    For words that the cloud has accepted whichever candidate was sent: no other one is a change.

    Args:
        spelling: The fields with words.
        before: Properties in the state.
        after: Properties of the program.
    """
    properties = spelling.of_properties()
    chosen = {}
    for term, value in properties.words_in(after).items():
        if value in WORDS[term].values:
            chosen[term] = value
    return properties.respelled(before, chosen)


def _words_at(document: Any, path: str, family: str) -> dict[str, str]:
    words: dict[str, str] = {}

    def collect(value: Any) -> Any:
        term = _term(family, value)
        if term is not None:
            words[term] = value
        return value

    _rewritten(document, path.split("."), collect)
    return words


def _spelled(value: Any, family: str, words: Mapping[str, str]) -> Any:
    term = _term(family, value)
    return value if term is None else words.get(term, value)


def _term(family: str, value: Any) -> str | None:
    return term_of(family, value) if isinstance(value, str) else None


def _rewritten(value: Any, steps: list[str], spell: Callable[[Any], Any]) -> Any:
    """Return a value with what is at a path inside it spelled."""
    if not steps:
        return spell(value)
    step, rest = steps[0], steps[1:]
    if step == _EACH:
        if not isinstance(value, list | tuple):
            return value
        return type(value)(_rewritten(item, rest, spell) for item in value)
    if isinstance(value, BaseModel):
        item = getattr(value, step)
        return value.model_copy(update={step: _rewritten(item, rest, spell)})
    if isinstance(value, Mapping) and step in value:
        return {**value, step: _rewritten(value[step], rest, spell)}
    return value
