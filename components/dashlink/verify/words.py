"""Words of the API that no source states, tried by dry runs.

A dry run of a value that is certainly no word (`_NO_WORD`) comes first: where the cloud accepts it,
its dry run does not check the word, and no answer would prove anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import uuid4

from dashlink.cloud.words import WORDS, Word
from dashlink.gateway.catalog import ROUTES
from dashlink.gateway.model_api.inputs import model_api_inputs
from dashlink.gateway.model_api.settings import ModelApiSettings
from dashlink.provider.gateway.model_api_payload import model_api_create_only, model_api_update
from dashlink.resources.models.model_api import ModelApiInputs
from dashlink.verify.findings import Finding, not_asked
from dashlink.verify.requests import Answer
from dashlink.verify.subject import Subject

_NO_WORD = "DashlinkVerifyNoWord"
_QUESTION = "Which word does the API accept?"
_SERVICE = "service"
_NO_GATEWAY = "it takes a gateway to ask: run `up` first, or name one by `gateway.id`"
_NO_SERVICE = "it takes an AI service on the gateway to ask: declare one and run `up` first"
_NO_DRY_RUN = "the API has no dry run for it"


def word_findings(subject: Subject) -> Iterator[Finding]:
    """Yield a finding for each word that no source states."""
    terms = {term: word for term, word in WORDS.items() if word.unverified}
    reason = _obstacle(subject)
    for term, word in terms.items():
        used = subject.spellings.get(term, word.value)
        settings = _probe(term)
        if reason is not None or settings is None:
            yield not_asked(term, _QUESTION, reason or _NO_DRY_RUN, used=used)
            continue
        yield _ask(subject, term, word, settings)


def _obstacle(subject: Subject) -> str | None:
    """Return why no word can be asked; None where an ordinary Model API passes a dry run."""
    if subject.gateway_id is None or subject.environment_id is None:
        return _NO_GATEWAY
    if not subject.service_ids:
        return _NO_SERVICE
    answer = subject.requests.dry_run(_body(subject, _chat(), {}))
    if answer.refusal is not None:
        return f"a dry run of an ordinary Model API is refused: {answer.refusal}"
    return None


def _ask(subject: Subject, term: str, word: Word, settings: ModelApiSettings) -> Finding:
    answers: list[Answer] = []

    def accepts(value: str) -> bool:
        answer = subject.requests.dry_run(_body(subject, settings, {term: value}))
        answers.append(answer)
        return answer.is_accepted

    used = subject.spellings.get(term, word.value)
    if accepts(_NO_WORD):
        return _finding(
            term,
            used,
            "not asked",
            "a dry run accepts any text here, so that it proves none",
            answers,
        )
    for value in dict.fromkeys((used, *word.values)):
        if not accepts(value):
            continue
        if value == used:
            return _finding(term, used, "confirmed", f"a dry run accepts {value}", answers)
        text = f"a dry run refuses {used} and accepts {value}"
        return _finding(term, used, "contradicted", text, answers, spelling=value)
    text = f"a dry run refuses every candidate: {answers[1].refusal}"
    return _finding(term, used, "contradicted", text, answers)


def _finding(
    term: str,
    used: str,
    outcome: Any,
    text: str,
    answers: list[Answer],
    *,
    spelling: str | None = None,
) -> Finding:
    return Finding(
        subject=term,
        question=_QUESTION,
        outcome=outcome,
        answer=text,
        used=used,
        spelling=spelling,
        request_ids=tuple(answer.request_id for answer in answers if answer.request_id),
        codes=tuple(answer.code for answer in answers if answer.code),
    )


def _body(
    subject: Subject, settings: ModelApiSettings, spellings: Mapping[str, str]
) -> dict[str, Any]:
    """Return the body of CreateHttpApi for a Model API of `settings`, without a domain."""
    words = {**subject.spellings, **spellings}
    fields = model_api_inputs(settings, {_SERVICE: subject.service_ids[0]}, words)
    name = f"dashlink-verify-{uuid4().hex[:12]}"
    inputs = ModelApiInputs(
        **{
            **fields,
            "name": name,
            "gateway_id": subject.gateway_id,
            "environment_id": subject.environment_id,
            "domain_ids": (),
            "base_path": f"/{name}",
            "description": "a dry run of dashlink verify",
        }
    )
    return {**model_api_update(inputs), **model_api_create_only(inputs)}


def _probe(term: str) -> ModelApiSettings | None:
    """Return the smallest Model API that sends a word; None where no Model API does."""
    family, _, name = term.partition(".")
    if family == "routing":
        return _chat(**_routing(name))
    if family == "protocol":
        return _speaking(name)
    if family == "auth":
        return _chat(auth={"by": name})
    if family == "limit":
        return _limited(name)
    if family == "cache":
        return _chat(cache=_cache(name))
    return None


def _chat(**more: Any) -> ModelApiSettings:
    routed = {"by_model", "by_weight"} & more.keys()
    routing = {} if routed else {"service": _SERVICE}
    return ModelApiSettings(scene="text", domains=("none.invalid",), **routing, **more)


def _routing(name: str) -> dict[str, Any]:
    if name == "by-model":
        return {"by_model": [{"match": "qwen*", "service": _SERVICE}], "default": "none"}
    if name == "by-weight":
        return {"by_weight": [{"service": _SERVICE, "weight": 100}]}
    return {}


def _speaking(protocol: str) -> ModelApiSettings:
    for scene, protocols in ROUTES.items():
        if protocol in protocols:
            return ModelApiSettings(
                scene=scene, protocol=protocol, domains=("none.invalid",), service=_SERVICE
            )
    raise ValueError(protocol)


def _limited(name: str) -> ModelApiSettings:
    limit: dict[str, Any] = {"tokens": 1_000_000}
    if name.startswith("per-"):
        limit["per"] = name.removeprefix("per-")
    else:
        limit["by"] = name
        if name in ("header", "query", "cookie"):
            limit["key"] = "x-dashlink-verify"
    return _chat(limits=[limit])


def _cache(mode: str) -> dict[str, Any]:
    if mode == "exact":
        return {"mode": mode}
    return {
        "mode": mode,
        "embedding_service": _SERVICE,
        "embedding_model": "text-embedding-v3",
        "vector_host": "vector.invalid",
        "vector_collection": "dashlink-verify",
    }
