"""Words of the API that no source states, tried by dry runs of Model APIs that send them.

Each Model API sends one word that is open, and else words that sources state where it can. The
search is the provider's own (`dashlink.provider.gateway.word_search`): a value that is no word at
all comes first, since a dry run that accepts it proves nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from uuid import uuid4

from dashlink.cloud.words import UPSTREAM, WORDS
from dashlink.gateway.catalog import ROUTES
from dashlink.gateway.model_api.inputs import model_api_inputs
from dashlink.gateway.model_api.settings import ModelApiSettings
from dashlink.provider.gateway.model_api_payload import model_api_create_only, model_api_update
from dashlink.provider.gateway.spelling import MODEL_API
from dashlink.provider.gateway.word_search import Answers, Refusal, Words, ask
from dashlink.resources.models.model_api import ModelApiInputs
from dashlink.verify.findings import Finding, Outcome, not_asked
from dashlink.verify.requests import Answer
from dashlink.verify.subject import Subject

_QUESTION = "Which word does the API accept?"
_SERVICE = "service"
_NO_GATEWAY = "it takes a gateway to ask: run `up` first, or name one by `gateway.id`"
_NO_SERVICE = "it takes an AI service on the gateway to ask: declare one and run `up` first"
_NO_DRY_RUN = "the API has no dry run for it"
_ANY_TEXT = "a dry run accepts any text here, so that it proves none"


def word_findings(subject: Subject) -> Iterator[Finding]:
    """Yield a finding for each word that no source states, but for `UPSTREAM`."""
    reason = _obstacle(subject)
    for term, word in WORDS.items():
        if not word.unverified or term == UPSTREAM:
            continue
        used = subject.spellings.get(term, word.value)
        settings = _probe(term)
        if reason is not None or settings is None:
            yield not_asked(term, _QUESTION, reason or _NO_DRY_RUN, used=used)
        else:
            yield _Probe(subject, term, used, settings).finding()


def _obstacle(subject: Subject) -> str | None:
    """Return why no word can be asked; None where an ordinary Model API passes a dry run."""
    if subject.gateway_id is None or subject.environment_id is None:
        return _NO_GATEWAY
    if subject.services.refusal is not None:
        return str(subject.services.refusal)
    if not subject.service_ids:
        return _NO_SERVICE
    answer = subject.requests.dry_run(_body(_inputs(subject, _chat())))
    if answer.refusal is not None:
        return f"a dry run of an ordinary Model API is refused: {answer.refusal}"
    return None


class _Probe:
    """The dry runs for one word."""

    def __init__(self, subject: Subject, term: str, used: str, settings: ModelApiSettings) -> None:
        self._subject = subject
        self._term = term
        self._used = used
        self._inputs = _inputs(subject, settings)
        self._answers: list[Answer] = []

    def finding(self) -> Finding:
        """Ask, and return what was found out."""
        words = MODEL_API.words_in(self._inputs)
        if self._term not in words:
            return self._of_an_unknown_word()
        groups = MODEL_API.groups_in(self._inputs)
        answers = ask(words, [self._term], groups, self._refusal_of)
        return self._of(answers)

    def _of(self, answers: Answers) -> Finding:
        if self._term in answers.checked:
            value = answers.words[self._term]
            if value == self._used:
                return self._finding("confirmed", f"a dry run accepts {value}")
            text = f"a dry run refuses {self._used} and accepts {value}"
            return self._finding("contradicted", text, spelling=value)
        if answers.refusal is None:
            return self._finding("not asked", _ANY_TEXT)
        text = f"a dry run refuses every candidate: {answers.refusal.error}"
        outcome: Outcome = "contradicted" if answers.refusal.names(self._term) else "not asked"
        return self._finding(outcome, text)

    def _of_an_unknown_word(self) -> Finding:
        """Return the finding of a word of the settings that is no candidate of dashlink's."""
        answer = self._subject.requests.dry_run(_body(self._inputs))
        self._answers.append(answer)
        if answer.is_accepted:
            return self._finding("not asked", f"a dry run accepts {self._used}, as it may any text")
        return self._finding("contradicted", f"a dry run is refused: {answer.refusal}")

    def _refusal_of(self, words: Words) -> Refusal | None:
        body = _body(MODEL_API.respelled(self._inputs, words))
        answer = self._subject.requests.dry_run(body)
        self._answers.append(answer)
        if answer.refusal is None:
            return None
        return Refusal(answer.refusal, words)

    def _finding(self, outcome: Outcome, text: str, *, spelling: str | None = None) -> Finding:
        return Finding(
            subject=self._term,
            question=_QUESTION,
            outcome=outcome,
            answer=text,
            used=self._used,
            spelling=spelling,
            request_ids=tuple(one.request_id for one in self._answers if one.request_id),
            codes=tuple(dict.fromkeys(one.code for one in self._answers if one.code)),
        )


def _inputs(subject: Subject, settings: ModelApiSettings) -> ModelApiInputs:
    """Return a Model API of `settings`, without a domain and with a name that nothing has."""
    fields = model_api_inputs(settings, {_SERVICE: subject.service_ids[0]}, subject.spellings)
    name = f"dashlink-verify-{uuid4().hex[:12]}"
    fixed = {
        "name": name,
        "gateway_id": subject.gateway_id,
        "environment_id": subject.environment_id,
        "domain_ids": (),
        "base_path": f"/{name}",
        "description": "a dry run of dashlink verify",
    }
    return ModelApiInputs(**{**fields, **fixed})


def _body(inputs: ModelApiInputs) -> dict[str, Any]:
    return {**model_api_update(inputs), **model_api_create_only(inputs)}


def _probe(term: str) -> ModelApiSettings | None:
    """Return the smallest Model API that sends a word; None where no Model API does."""
    family, _, name = term.partition(".")
    if family not in _PROBES:
        return None
    return _PROBES[family](name)


def _chat(**more: Any) -> ModelApiSettings:
    values: dict[str, Any] = {"scene": "text", "domains": ("none.invalid",), **more}
    if "by_model" not in more:
        values["service"] = _SERVICE
    return ModelApiSettings(**values)


def _speaking(protocol: str) -> ModelApiSettings:
    scene = next(scene for scene, protocols in ROUTES.items() if protocol in protocols)
    return ModelApiSettings(
        scene=scene, protocol=protocol, domains=("none.invalid",), service=_SERVICE
    )


def _by_model(_: str) -> ModelApiSettings:
    return _chat(by_model=[{"match": "qwen*", "service": _SERVICE}], default="none")


def _asking(credential: str) -> ModelApiSettings:
    return _chat(auth={"by": credential})


def _limited(name: str) -> ModelApiSettings:
    return _chat(limits=[_limit(name)])


def _limit(name: str) -> dict[str, Any]:
    """Return a limit with one word that is open; each consumer, per minute, else."""
    what, _, period = name.rpartition("per-")
    if name == "concurrent":
        return {"concurrent": 100, "by": "consumer"}
    if what == "requests-":
        return {"requests": 100_000, "per": period, "by": "consumer"}
    if period != name:
        return {"tokens": 1_000_000, "per": period, "by": "consumer"}
    limit: dict[str, Any] = {"tokens": 1_000_000, "per": "minute", "by": name}
    if name in ("header", "query", "cookie"):
        limit["key"] = "dashlink-verify"
    return limit


def _exact_cache(_: str) -> ModelApiSettings:
    return _chat(cache={"mode": "exact"})


def _cached(mode: str) -> ModelApiSettings:
    return _exact_cache(mode) if mode == "exact" else _embedded("dashscope")


def _embedded(embedding: str) -> ModelApiSettings:
    cache = {
        "mode": "semantic",
        "embedding_type": embedding,
        "embedding_service": _SERVICE,
        "embedding_model": "text-embedding-v3",
        "vector_host": "vector.invalid",
        "vector_collection": "dashlink-verify",
    }
    return _chat(cache=cache)


_PROBES: Mapping[str, Callable[[str], ModelApiSettings]] = {
    "routing": _by_model,
    "protocol": _speaking,
    "auth": _asking,
    "limit": _limited,
    "cache": _cached,
    "cache-key": _exact_cache,
    "embedding": _embedded,
}
"""Model API for a word, by the family of its term."""
