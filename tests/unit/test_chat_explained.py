"""Errors of Huawei MaaS and PAI-EAS, by code, status and body: the meaning, a retry, the advice."""

from __future__ import annotations

import pytest
from support.chat_server import serving

from dashlink.clients.chat import ChatRequest, ChatTarget, complete, conversation
from dashlink.clients.chat.eas_answers import LARGEST_BODY_BYTES, STATUSES
from dashlink.clients.chat.maas_codes import CODES, VLLM, code_of
from dashlink.errors import DashlinkError

MODEL = "kimi-k2.6"


@pytest.fixture
def serve():
    with serving() as start:
        yield start


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def failure(url, kind, *, stream=False, message="Hi", **parameters):
    """The text of the error of a request to a service of a kind."""
    names = {"maas": "MAAS_API_KEY", "eas": "EAS_TOKEN", "model-api": "MODEL_API_KEY"}
    target = ChatTarget(url, "key-4711", "main", kind=kind, key_name=names[kind])
    request = ChatRequest(MODEL, conversation(None, (), message), parameters, stream)
    with pytest.raises(DashlinkError) as caught:
        complete(target, request, print, timeout_seconds=5)
    text = str(caught.value)
    assert "\n" not in text
    assert "key-4711" not in text
    assert not any(name in text for name in ("{model}", "{url}", "{base}", "{key}", "{after}"))
    return text


def flat(code, message="as it came"):
    return {"error_code": code, "error_msg": message}


def nested(code, message="as it came"):
    return {"error": {"code": code, "message": message, "param": None, "type": "T"}}


def both(code, message="as it came"):
    return {**nested(code, message), **flat(code, message)}


BODIES = {"flat": flat, "openai": nested, "both": both}
AGAIN, NEVER = "Retry later.", "A retry does not help."
MEANINGS = {
    "81001": (400, "the body or a parameter is invalid, or the prompt is too long", NEVER),
    "81002": (400, "the key is missing, or is not sent as Bearer", NEVER),
    "81003": (401, "the key is wrong, or belongs to another region", NEVER),
    "81004": (403, "the service of the model is not activated", NEVER),
    "81005": (403, "the free quota of the model is used up", NEVER),
    "81006": (403, "the resource is frozen", NEVER),
    "81009": (404, f"the address has no model {MODEL}", NEVER),
    "81010": (503, "the model has no instance that runs", AGAIN),
    "81011": (403, "content moderation refuses the prompt or the answer", NEVER),
    "81013": (400, "the moderation of this model takes Chinese alone", NEVER),
    "81014": (403, "the free quota of the model has expired", NEVER),
    "81015": (401, "the key's list of allowed addresses, models or endpoints lacks", NEVER),
    "81101": (429, "the model's limit of requests a minute is exhausted", AGAIN),
    "81103": (429, "the model's limit of tokens a minute is exhausted", AGAIN),
    "81108": (404, "there is no such video task", NEVER),
    "81109": (403, "the key has no rights to this video task", NEVER),
    "81111": (429, "the model's limit of tokens a minute is exhausted", AGAIN),
    "81114": (429, "the model's limit of tokens a minute is exhausted", AGAIN),
    "81116": (429, "the model is scaled up, and refuses requests meanwhile", AGAIN),
    "81118": (400, "an image has too many pixels", NEVER),
    "4910": (403, "content moderation refuses the prompt or the answer", NEVER),
    "4203": (400, "there is no such service, perhaps it was deleted", NEVER),
    "4207": (401, "the free quota of the model is used up", NEVER),
    "4302": (500, "the service is stopped", NEVER),
    "4905": (400, "the key is wrong, or belongs to another region", NEVER),
    "APIG.0101": (404, "there is no such path (http://127.0.0.1:", NEVER),
    "APIG.0203": (504, "the model did not answer the gateway of MaaS in time", AGAIN),
    "APIG.0308": (429, "the gateway of MaaS limits the requests of this address", AGAIN),
}


def wire(code):
    return code if code.startswith("APIG") else f"ModelArts.{code}"


def test_every_code_of_the_catalog_has_its_test_and_source():
    assert set(MEANINGS) == set(CODES)
    assert all(explanation.source for explanation in (*CODES.values(), *STATUSES.values()))


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("code", MEANINGS, ids=str)
def test_a_code_of_maas_is_explained_in_each_body(serve, code, body):
    status, meaning, retry = MEANINGS[code]
    server = serve(lambda handler: handler.whole(status, body(wire(code))))
    text = failure(server.url, "maas")
    assert text.startswith(f"main: {status} {wire(code)}, {meaning}")
    assert f": as it came. {retry} " in text


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        ("81002", "Set MAAS_API_KEY: the header is Authorization: Bearer"),
        ("81003", "only some minutes after it was made"),
        ("81009", "with its case, from http://127.0.0.1:"),
        ("81015", "the EIP of the VPC's way out (`source_addresses` of the outputs)"),
        ("APIG.0101", "https://<host>/v1/infers/<id>/v1 for a single service"),
    ],
    ids=["key", "region", "name", "list", "path"],
)
def test_the_advice_names_what_to_change(serve, code, advice):
    server = serve(lambda handler: handler.whole(400, flat(wire(code))))
    assert advice in failure(server.url, "maas")


@pytest.mark.parametrize("status", [401, 403], ids=str)
@pytest.mark.parametrize("code", ["81004", "81005", "81006"], ids=str)
def test_the_code_decides_and_not_the_status(serve, code, status):
    server = serve(lambda handler: handler.whole(status, flat(wire(code))))
    assert f"{status} {wire(code)}, {MEANINGS[code][1]}" in failure(server.url, "maas")


def test_a_limit_is_retried_when_the_answer_says(serve):
    server = serve(lambda handler: handler.whole(429, flat("ModelArts.81114"), Retry_After="17"))
    assert "Retry after 17 s. Send shorter prompts" in failure(server.url, "maas")


VLLM_MESSAGES = {
    "NotFoundError": (404, "The model `x` does not exist.", f"the service has no model {MODEL}"),
    "extra_forbidden": (400, "[{'type': 'extra_forbidden'}]", "the model does not know a para"),
    "'missing'": (400, "[{'type': 'missing'}]", "the body lacks a field"),
    "json_invalid": (400, "[{'type': 'json_invalid'}]", "the body is not JSON"),
    "maximum context length": (
        400,
        "This model's maximum context length is 4096 tokens.",
        "prompt and answer are longer than the model takes",
    ),
}


@pytest.mark.parametrize("mark", VLLM, ids=str)
def test_vllms_own_body_is_explained(serve, mark):
    status, message, meaning = VLLM_MESSAGES[mark]
    kind = {400: "BadRequestError", 404: "NotFoundError"}[status]
    body = {"object": "error", "message": message, "type": kind, "param": None, "code": status}
    server = serve(lambda handler: handler.whole(status, body))
    text = failure(server.url, "maas")
    assert text.startswith(f"main: {status}, {meaning}")
    assert "A retry does not help." in text


def test_a_wrong_method_is_explained(serve):
    server = serve(lambda handler: handler.whole(405, {"detail": "Method Not Allowed"}))
    assert "405, the path does not take this method: Method Not" in failure(server.url, "maas")


@pytest.mark.parametrize(
    "event",
    [
        {"text": "[DONE]", **flat("InferHub.ModelArts.81114.429")},
        nested("ModelArts.81114"),
    ],
    ids=["under-200", "error"],
)
def test_a_limit_within_a_stream_is_explained(serve, event):
    server = serve(lambda handler: handler.stream(event))
    text = failure(server.url, "maas", stream=True)
    assert "ModelArts.81114" in text
    assert "the model's limit of tokens a minute is exhausted: as it came. Retry later." in text


def test_a_code_behind_a_model_api_is_explained_too(serve):
    server = serve(lambda handler: handler.whole(401, both("ModelArts.81003")))
    text = failure(server.url, "model-api")
    assert "401 ModelArts.81003, the key is wrong, or belongs to another region" in text
    assert "Compare `api_keys` of the AI service with the key" in text


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("ModelArts.81011", "81011"),
        ("InferHub.ModelArts.81114.429", "81114"),
        ('{"error_code": "APIG.0308"}', "APIG.0308"),
        ("ModelArts.810110", ""),
        ("81011", ""),
    ],
    ids=["plain", "wrapped", "in-a-body", "longer", "number-alone"],
)
def test_a_code_is_found_in_a_text(text, code):
    assert code_of(text) == code


@pytest.mark.parametrize(
    ("path", "models"),
    [("/openai/v1", "/v1/models"), ("/v1/infers/1-2/v1", "/v1/infers/1-2/v1/models")],
    ids=["region", "single-service"],
)
def test_the_list_of_models_is_where_maas_has_it(serve, path, models):
    server = serve(lambda handler: handler.whole(404, flat("ModelArts.81009")))
    root = server.url.removesuffix("/chat/v1")
    assert f"with its case, from {root}{models} or the console" in failure(root + path, "maas")


def test_an_unknown_error_of_maas_keeps_its_message(serve):
    server = serve(lambda handler: handler.whole(400, flat("ModelArts.99999", "new")))
    assert "400, the request is refused: new." in failure(server.url, "maas")


NOT_FOUND = {"object": "error", "message": "The model `x` does not exist.", "type": "NotFoundError"}
ANSWERS = {
    "400": (400, {"message": "bad"}, "the body is malformed, or the processor", NEVER),
    "401": (401, {"code": "Unauthorized", "message": "Invalid token"}, "the token is", NEVER),
    "403": (403, "RBAC: access denied", "the gateway forbids it, perhaps by its access", NEVER),
    "404-path": (404, {"detail": "Not Found"}, "the path is incomplete (http://127.0.0.1:", NEVER),
    "404-empty": (404, "", "the gateway does not know the service, or not yet", AGAIN),
    "404-model": (404, NOT_FOUND, f"the service has no model {MODEL}", NEVER),
    "405": (405, {"detail": "Method Not Allowed"}, "the path does not take this method", NEVER),
    "408": (408, "timeout", "the request took longer than `rpc.keepalive`", NEVER),
    "413": (413, "too large", "the body is too large: a gateway takes at most 1 MB", NEVER),
    "429": (429, "too many requests", "the limit of the gateway or of the service", AGAIN),
    "450": (450, "queue is full", "the queue of the service is full", AGAIN),
    "499": (499, "", "the client closed the connection before the answer", AGAIN),
    "502": (502, "Bad Gateway", "the service answered the gateway badly", AGAIN),
    "503": (503, "no healthy upstream", "no instance of the service is ready", AGAIN),
    "503-reset": (
        503,
        "upstream connect error or disconnect/reset before headers. reset reason: timeout",
        "the connection behind the gateway ended before an answer",
        AGAIN,
    ),
    "504": (504, "timeout", "the service did not answer the gateway in time", AGAIN),
}


def test_every_status_of_the_catalog_has_its_test():
    assert {status for status, *_ in ANSWERS.values()} == set(STATUSES)


@pytest.mark.parametrize(("status", "body", "meaning", "retry"), ANSWERS.values(), ids=ANSWERS)
def test_an_answer_of_eas_is_explained(serve, status, body, meaning, retry):
    server = serve(lambda handler: handler.whole(status, body))
    text = failure(server.url, "eas")
    assert text.startswith(f"main: {status}, {meaning}")
    assert retry in text


def test_an_incomplete_path_of_eas_shows_the_right_one(serve):
    server = serve(lambda handler: handler.whole(404, {"detail": "Not Found"}))
    url = server.url.replace("/chat/v1", "/api/predict/chat")
    text = failure(url, "eas")
    assert f"({url}/chat/completions): Not Found." in text
    assert "/api/predict/<service> with the path of the model after it" in text
    assert f"ends in /v1 ({url})" in text


def test_a_request_above_one_megabyte_is_refused_unsent(serve):
    server = serve(lambda handler: handler.whole(200, "{}"))
    text = failure(server.url, "eas", message="x" * LARGEST_BODY_BYTES)
    assert "bytes, and a gateway of PAI-EAS takes at most 1 MB. Send less." in text
    assert server.requests == []


@pytest.mark.parametrize(
    ("kind", "advice"),
    [
        ("maas", "127.0.0.1:{port} refuses the connection. Compare `base_url`: MaaS listens"),
        ("eas", "127.0.0.1:{port} refuses the connection. Use http unless the gateway has"),
    ],
    ids=["maas", "eas"],
)
def test_a_refused_connection_has_the_advice_of_its_service(kind, advice):
    with serving() as start:
        port = start(print).port
    text = failure(f"http://127.0.0.1:{port}/v1", kind)
    assert advice.format(port=port) in text


def chunk(**delta):
    choice = {"index": 0, "delta": delta, "finish_reason": None}
    return {"id": "c", "object": "chat.completion.chunk", "created": 1, "choices": [choice]}


def test_reasoning_is_apart_and_usage_is_never_summed(serve):
    def stream(handler):
        events = []
        pieces = (("reasoning_content", "I think"), ("content", "I "), ("content", "am."))
        for count, (field, piece) in enumerate(pieces, 1):
            usage = {"prompt_tokens": 5, "completion_tokens": count, "total_tokens": 5 + count}
            events.append({**chunk(**{field: piece}), "usage": usage})
        handler.stream(*events, "[DONE]")

    target = ChatTarget(serve(stream).url, "k", "main", kind="maas")
    request = ChatRequest(MODEL, conversation(None, (), "Hi"), {}, stream=True)
    texts, thoughts = [], []
    answer = complete(target, request, texts.append, on_reasoning=thoughts.append)
    assert (thoughts, texts) == (["I think"], ["I ", "am."])
    assert (answer.reasoning, answer.text) == ("I think", "I am.")
    assert (answer.completion_tokens, answer.total_tokens) == (3, 8)
    assert answer.first_byte_seconds <= answer.first_text_seconds <= answer.total_seconds
