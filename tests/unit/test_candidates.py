"""The search for words: clouds that accept different ones, and show refusals differently."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest
from support.gateway_wire import API

from dashlink.cloud.words import NO_WORD, WORDS
from dashlink.errors import CloudError
from dashlink.provider.gateway.candidates import GatewayWords, Request
from dashlink.provider.gateway.spelling import AI_SERVICE, MODEL_API
from dashlink.resources.models.ai_service import AiServiceInputs
from dashlink.resources.models.model_api import TokenLimitInputs
from dashlink.resources.models.verified_word import VerifiedWord

GATEWAY = "gw-1"
WHEN = "2026-11-21T00:00:00+00:00"
MESSAGES = {
    "field": lambda path, value: f"The specified {path} is not valid.",
    "value": lambda path, value: f"{path}: {value} is unknown.",
    "silent": lambda path, value: "The parameter is not valid.",
}


@dataclass
class FakeApi:
    """A cloud that accepts one word for each term, and checks the fields in their order.

    Attributes:
        words: The accepted word of some terms; of other terms the first choice is accepted.
        message: How a refusal reads.
        checks: Whether a dry run checks words.
        refusal: An error that every request is answered with.
    """

    words: dict = field(default_factory=dict)
    message: str = "field"
    checks: bool = True
    refusal: CloudError | None = None
    sent: list = field(default_factory=list)
    dry_runs: list = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def send(self, inputs):
        with self.lock:
            self.sent.append(inputs)
        self.check(inputs)
        return f"api-{len(self.sent)}"

    def dry_run(self, inputs):
        with self.lock:
            self.dry_runs.append(inputs)
        if self.checks:
            self.check(inputs)

    def check(self, inputs):
        if self.refusal is not None:
            raise self.refusal
        for path, value in values_in(inputs):
            accepted = {self.words.get(term, word.value) for term, word in WORDS.items()}
            if value not in accepted:
                text = MESSAGES[self.message](path, value)
                message = f"cannot create the Model API: {text}"
                raise CloudError(message, code="InvalidParameter.WithValue", request_id="r-1")


def values_in(inputs):
    yield "aiProtocols", inputs.protocol
    yield "backendScene", inputs.routing
    for limit in inputs.token_limits:
        yield "limitType", limit.limit_type
        yield "limitMode", limit.limit_mode
    if inputs.cache is not None:
        yield "cacheMode", inputs.cache.mode
        yield "cacheKeyStrategy", inputs.cache.key_strategy


def limit(by, per="limit.per-minute"):
    return TokenLimitInputs(
        limit_type=WORDS[f"limit.{by}"].value, limit_mode=WORDS[per].value, tokens=1
    )


EVERY_LIMIT = ("global", "consumer", "header", "query", "cookie", "ip", "model")
PLAIN = API.model_copy(update={"cache": None, "token_limits": ()})
BY_COOKIE = PLAIN.model_copy(update={"token_limits": (limit("cookie"), limit("query"))})
BY_CONSUMER = PLAIN.model_copy(
    update={"routing": "SingleService", "token_limits": (limit("consumer"), limit("header"))}
)
BY_MODEL = {"routing.by-model": "MultiServiceByContent"}
OLD_TYPES = {
    f"limit.{by}": f"LimitBy{word}"
    for by, word in {
        "cookie": "Cookie",
        "query": "Query",
        "consumer": "Consumer",
        "header": "Header",
    }.items()
}


def memory():
    return GatewayWords(now=lambda: WHEN)


def request(api, *, dry_run=True):
    return Request("CreateHttpApi", api.send, api.dry_run if dry_run else None)


def send(api, inputs, words=None, reported=None, **more):
    messages = reported if reported is not None else []
    return (words or memory()).send(
        GATEWAY, inputs, MODEL_API, request(api), report=messages.append, **more
    )


def verified(term, value):
    return VerifiedWord(term=term, value=value, when=WHEN, how="dry run of CreateHttpApi")


FOUND = {
    "first-choices": (PLAIN, {}),
    "one": (PLAIN, BY_MODEL),
    "sourced-words": (BY_CONSUMER, OLD_TYPES),
    "two-fields": (BY_COOKIE, BY_MODEL | OLD_TYPES),
    "routing-and-cache": (
        API,
        BY_MODEL | {"cache.semantic": "SEMANTIC", "cache-key.last-question": "default"},
    ),
}
WITH_MESSAGES = []
for name in FOUND:
    for message in MESSAGES:
        # Refusals that read alike do not show which of two fields is wrong.
        if message != "silent" or name not in ("two-fields", "routing-and-cache"):
            WITH_MESSAGES.append((name, message))


@pytest.mark.parametrize(("name", "message"), WITH_MESSAGES, ids=str)
def test_what_the_cloud_accepts_is_sent(name, message):
    inputs, words = FOUND[name]
    api = FakeApi(words, message)
    sent = send(api, inputs)
    spelled = MODEL_API.words_in(sent.inputs)
    assert spelled == MODEL_API.words_in(inputs) | {
        term: word for term, word in words.items() if term in spelled
    }
    assert api.sent[-1] == sent.inputs
    assert {word.term: word.value for word in sent.verified}.items() <= spelled.items()


def test_a_word_is_verified_where_another_is_refused():
    reported = []
    sent = send(FakeApi(BY_MODEL), PLAIN, reported=reported)
    assert sent.verified == (verified("routing.by-model", "MultiServiceByContent"),)
    assert reported == [
        "routing.by-model: the cloud accepts MultiServiceByContent (dry run of CreateHttpApi)"
    ]


def test_no_request_that_is_sent_has_the_control_value():
    api = FakeApi(BY_MODEL | OLD_TYPES)
    send(api, BY_COOKIE)
    assert len(api.sent) == 1
    assert any(NO_WORD in str(inputs) for inputs in api.dry_runs)


def test_a_dry_run_that_checks_nothing_verifies_nothing():
    api = FakeApi(checks=False)
    sent = send(api, PLAIN)
    assert sent.inputs == PLAIN
    assert sent.verified == ()
    assert len(api.dry_runs) == 1


def test_a_refused_request_is_sent_in_other_words():
    api = FakeApi(BY_MODEL, checks=False)
    sent = send(api, PLAIN)
    assert sent.inputs.routing == "MultiServiceByContent"
    assert [word.how for word in sent.verified] == ["CreateHttpApi refused MultiServiceByModelName"]


def test_sourced_words_cost_no_dry_run():
    api = FakeApi()
    assert send(api, BY_CONSUMER).verified == ()
    assert api.dry_runs == []


def test_an_overridden_word_is_sent_as_it_is():
    api = FakeApi({"routing.by-model": "ByName"})
    overridden = PLAIN.model_copy(update={"routing": "ByName"})
    assert send(api, overridden).inputs == overridden
    assert api.dry_runs == []


def test_a_refused_override_is_not_replaced():
    overridden = PLAIN.model_copy(update={"routing": "ByName"})
    with pytest.raises(CloudError, match="backendScene is not valid"):
        send(FakeApi(), overridden)


def test_a_gateway_is_asked_once():
    api = FakeApi(BY_MODEL)
    words = memory()
    first = send(api, PLAIN, words)
    asked = len(api.dry_runs)
    assert send(api, PLAIN, words) == first.__class__("api-2", first.inputs, first.verified)
    assert len(api.dry_runs) == asked


def test_a_word_in_the_state_is_not_asked_about():
    api = FakeApi(BY_MODEL)
    known = verified("routing.by-model", "MultiServiceByContent")
    sent = send(api, PLAIN, known=[known])
    assert sent.inputs.routing == "MultiServiceByContent"
    assert sent.verified == (known,)
    assert api.dry_runs == []


def test_resources_at_the_same_time_share_a_search():
    api = FakeApi(BY_MODEL)
    words = memory()
    with ThreadPoolExecutor(8) as pool:
        sent = list(pool.map(lambda _: send(api, PLAIN, words), range(8)))
    assert {one.inputs.routing for one in sent} == {"MultiServiceByContent"}
    alone = FakeApi(BY_MODEL)
    send(alone, PLAIN)
    assert len(api.dry_runs) == len(alone.dry_runs)


def test_a_word_that_no_candidate_meets_is_one_line():
    api = FakeApi({"routing.by-model": "Other"}, "value")
    with pytest.raises(CloudError) as caught:
        send(api, PLAIN)
    assert str(caught.value) == (
        "cannot create the Model API: backendScene: MultiServiceByModelName is unknown. Tried for "
        "routing.by-model: MultiServiceByModelName, MultiServiceByModel, MultiServiceByContent. "
        "Write the API's value under `gateway.spellings`. "
        "[InvalidParameter.WithValue, request id r-1]"
    )
    assert len(api.sent) == 1


@pytest.mark.parametrize(
    "code", ["Conflict.HttpApiNameExisted", "InvalidParameter.WithValue"], ids=["conflict", "value"]
)
def test_a_refusal_for_another_reason_is_reported_as_it_is(code):
    error = CloudError("cannot create the Model API: no.", code=code)
    api = FakeApi(refusal=error)
    with pytest.raises(CloudError) as caught:
        send(api, API)
    assert caught.value is error
    assert len(api.sent) == 1


def test_what_another_refusal_hides_is_asked_again():
    words = memory()
    api = FakeApi(BY_MODEL, refusal=CloudError("cannot create: no.", code="Conflict.It"))
    with pytest.raises(CloudError):
        send(api, PLAIN, words)
    api.refusal = None
    assert send(api, PLAIN, words).verified[0].value == "MultiServiceByContent"


def test_refused_dry_runs_prove_nothing():
    api = FakeApi()
    words = memory()

    def refuse(inputs):
        api.dry_runs.append(inputs)
        raise CloudError("cannot create: dryRun is unknown.", code="InvalidParameter.WithValue")

    api.dry_run = refuse
    assert send(api, PLAIN, words).verified == ()
    asked = len(api.dry_runs)
    assert send(api, PLAIN, words).inputs == PLAIN
    assert len(api.dry_runs) == asked


@pytest.mark.parametrize("code", ["", "InternalError"], ids=["no-connection", "server"])
def test_no_answer_ends_the_search(code):
    api = FakeApi(refusal=CloudError("cannot create: try later", code=code, is_transient=True))
    with pytest.raises(CloudError, match="try later"):
        send(api, PLAIN)
    assert (len(api.dry_runs), len(api.sent)) == (1, 0)
    without = request(api, dry_run=False)
    with pytest.raises(CloudError, match="try later"):
        memory().send(GATEWAY, PLAIN, MODEL_API, without, report=lambda text: None)
    assert len(api.sent) == 1


def test_a_passed_dry_run_may_be_an_error():
    api = FakeApi(BY_MODEL)
    dry_run = api.dry_run

    def passed(inputs):
        dry_run(inputs)
        raise CloudError("passed", code="DryRunOperation")

    api.dry_run = passed
    assert send(api, PLAIN).inputs.routing == "MultiServiceByContent"


def test_without_a_dry_run_only_a_refusal_is_tried_again():
    api = FakeApi(OLD_TYPES)
    sent = memory().send(
        GATEWAY, BY_COOKIE, MODEL_API, request(api, dry_run=False), report=lambda text: None
    )
    assert MODEL_API.words_in(sent.inputs)["limit.cookie"] == "LimitByCookie"
    assert api.dry_runs == []


SERVICE = AiServiceInputs(
    gateway_id=GATEWAY,
    name="studio",
    vendor="qwen",
    protocols=("OpenAI/v1",),
    compatible_protocols=("DashScope", "Anthropic", "vLLM"),
)
PROTOCOLS = {"protocol.DashScope": "DashScope/v1", "protocol.Anthropic": "anthropic"}


@pytest.fixture(
    params=["The value must be one of {}", "The value is not valid."], ids=["list", "no"]
)
def services(request):
    """Requests of CreateService of a cloud without dry runs, whose list of protocols is checked."""
    accepted = {"OpenAI/v1", "vLLM", *PROTOCOLS.values()}
    allowed = ", ".join(sorted(accepted))

    def create(inputs):
        if not accepted.issuperset((*inputs.protocols, *inputs.compatible_protocols)):
            message = f"cannot create the AI service: {request.param.format(allowed)}"
            raise CloudError(message, code="InvalidParameter.WithValue", request_id="r-1")
        return "svc-1"

    return Request("CreateService", create)


@pytest.mark.parametrize("found", [{}, {"protocol.Anthropic": "anthropic"}], ids=["none", "one"])
def test_two_words_of_one_list_are_found(services, found):
    words = memory()
    for term, value in found.items():
        words.keep(GATEWAY, term, value, "CreateService refused Anthropic")
    sent = words.send(GATEWAY, SERVICE, AI_SERVICE, services, report=lambda text: None)
    assert sent.inputs.compatible_protocols == ("DashScope/v1", "anthropic", "vLLM")


def test_a_word_that_another_found_does_not_end_the_search(services):
    words = memory()
    create = services.send

    def interrupted(inputs):
        if words.known(GATEWAY, "protocol.Anthropic") is None:
            words.keep(
                GATEWAY, "protocol.Anthropic", "anthropic", "CreateService refused Anthropic"
            )
        return create(inputs)

    request = Request("CreateService", interrupted)
    sent = words.send(GATEWAY, SERVICE, AI_SERVICE, request, report=lambda text: None)
    assert sent.inputs.compatible_protocols == ("DashScope/v1", "anthropic", "vLLM")


def test_a_search_without_an_end_is_short():
    error = CloudError("cannot create the Model API: no.", code="InvalidParameter.WithValue")
    api = FakeApi(refusal=error)
    with pytest.raises(CloudError):
        send(api, API.model_copy(update={"token_limits": tuple(map(limit, EVERY_LIMIT))}))
    assert len(api.dry_runs) <= 45
    assert len(api.sent) == 1
