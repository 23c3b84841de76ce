"""What is not verified about the values that a Model API sends, for its outputs. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dashlink.cloud.words import unverified
from dashlink.gateway.model_api.settings import ModelApiSettings

Verified = Sequence[Mapping[str, str]] | None
"""Output `verified` of a `ModelApi`."""

_BODIES = (
    "observe.logging: sent as log fields with the path @this, the whole document in gjson's "
    "syntax; the flags that did it before are deprecated"
)
_LOG_PATHS = "observe.fields: sent for the paths of the routes, by an example of the SDK"
_HIGHEST_RISK = (
    "content_security.risk_level: sent as max; a level of Higress' plugin, which refuses nothing; "
    "no source states the API's"
)


def joined(words: Sequence[Verified]) -> list[Mapping[str, str]]:
    """Words that the cloud accepted for an API or its services; the first of a term counts."""
    accepted: dict[str, Mapping[str, str]] = {}
    for verified in words:
        for word in verified or ():
            accepted.setdefault(word["term"], word)
    return [accepted[term] for term in sorted(accepted)]


def unverified_values(
    api: ModelApiSettings,
    terms: frozenset[str],
    spellings: Mapping[str, str],
    verified: Verified,
) -> tuple[str, ...]:
    """What no source states about the values of an API, one sentence each.

    Args:
        api: The API.
        terms: Terms of the words that are sent for it, keys of `WORDS`.
        spellings: Spellings of the settings.
        verified: Words that the cloud was seen to accept.
    """
    known = {word["term"] for word in verified or ()}
    sentences = [*unverified(terms - known, spellings)]
    if api.observe.logging:
        sentences.append(_BODIES)
    if api.observe.fields:
        sentences.append(_LOG_PATHS)
    if api.content_security is not None and api.content_security.risk_level == "max":
        sentences.append(_HIGHEST_RISK)
    return tuple(sentences)
