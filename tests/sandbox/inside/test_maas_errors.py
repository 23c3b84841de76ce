"""Each error of Huawei MaaS, by its cause, in the body of the path."""

from __future__ import annotations

import base64
import struct
import zlib

import pytest
from support.maas import HONG_KONG, MAINLAND, SERVICE_URL, Caller, chat, chunks_of

from dashlink_sandbox.dialects import Dialect
from dashlink_sandbox.inside.maas.limits import Limits
from dashlink_sandbox.inside.maas.refusal import MaasError
from dashlink_sandbox.maas import MaasFront, MaasModel

V1 = f"{MAINLAND}/v1/chat/completions"
V2 = f"{MAINLAND}/v2/chat/completions"
OPENAI = f"{MAINLAND}/openai/v1/chat/completions"
MESSAGES = f"{HONG_KONG}/anthropic/v1/messages"
SERVICE = f"{SERVICE_URL}/v1/chat/completions"
MODEL = "kimi-k2.6"


@pytest.fixture(scope="module")
def caller():
    with Caller.start() as caller:
        yield caller


def refused(answer):
    """Status, code and text of an error in the body of V1 and V2."""
    document = answer.json()
    return answer.status_code, document["error_code"], document["error_msg"]


def image(width, height):
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    data = base64.b64encode(b"\x89PNG\r\n\x1a\n" + chunk).decode()
    url = f"data:image/png;base64,{data}"
    content = [{"type": "image_url", "image_url": {"url": url}}, {"type": "text", "text": "what?"}]
    return {"messages": [{"role": "user", "content": content}]}


@pytest.mark.parametrize(
    "headers",
    [{}, {"Authorization": "{key}"}, {"Authorization": "Basic {key}"}, {"x-api-key": "{key}"}],
    ids=["none", "bare", "basic", "x-api-key"],
)
def test_a_missing_authorization_is_400(caller, headers):
    sent = {name: form.format(key=caller.key) for name, form in headers.items()}
    assert refused(caller.post(V2, chat(MODEL), headers=sent)) == (
        400,
        "ModelArts.81002",
        "Failed to get the authorization header.",
    )


def test_a_wrong_key_is_401(caller):
    answer = caller.post(V2, chat(MODEL), headers={"Authorization": "Bearer wrong"})
    assert refused(answer)[:2] == (401, "ModelArts.81003")


def test_a_key_of_another_region_is_wrong(caller):
    caller.set("key", key="of-hong-kong", region="ap-southeast-1")
    headers = {"Authorization": "Bearer of-hong-kong"}
    assert refused(caller.post(V2, chat(MODEL), headers=headers))[1] == "ModelArts.81003"
    url = f"{HONG_KONG}/v2/chat/completions"
    assert caller.post(url, chat(MODEL), headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("lists", "text"),
    [
        ({"addresses": ["192.0.2.1", "10.0.0.0/8"]}, "Invalid client ip {source}, rejected by"),
        ({"models": ["glm-5.1"]}, "Invalid model kimi-k2.6, rejected by api key model allowlist"),
    ],
    ids=["address", "model"],
)
def test_the_lists_of_a_key_refuse_what_they_lack(caller, lists, text):
    caller.set("key", key="listed", **lists)
    headers = {"Authorization": "Bearer listed"}
    status, code, message = refused(caller.post(V2, chat(MODEL), headers=headers))
    assert (status, code) == (401, "ModelArts.81015")
    assert message.startswith(text.format(source=caller.source))


def test_a_key_works_from_a_listed_address(caller):
    caller.set("key", key="own", addresses=[f"{caller.source}/32"], models=[MODEL])
    answer = caller.post(V2, chat(MODEL), headers={"Authorization": "Bearer own"})
    assert answer.status_code == 200


def test_a_custom_endpoint_is_refused_by_its_own_list(caller):
    caller.set("model", name="mine", protocols=["v2"], behind=MODEL)
    caller.set("key", key="other-endpoint", endpoints=["theirs"])
    answer = caller.post(V2, chat("mine"), headers={"Authorization": "Bearer other-endpoint"})
    assert refused(answer)[1:] == (
        "ModelArts.81015",
        "Invalid custom endpoint mine, rejected by api key custom endpoint allowlist setting.",
    )
    assert caller.post(V2, chat("mine")).status_code == 200


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"opened": False}, 403, "81004"),
        ({"free": "used-up"}, 403, "81005"),
        ({"frozen": True}, 403, "81006"),
        ({"free": "expired"}, 403, "81014"),
        ({"moderation": "chinese"}, 400, "81013"),
        ({"context": 1}, 400, "81001"),
        ({"instances": 0}, 503, "81010"),
        ({"protection": "stability"}, 429, "81111"),
        ({"protection": "scaling"}, 429, "81116"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_state_of_a_model_decides_the_code(caller, fields, status, code):
    caller.set("model", name=f"state-{code}", protocols=["v2"], **fields)
    answer = caller.post(V2, chat(f"state-{code}"))
    assert refused(answer)[:2] == (status, f"ModelArts.{code}")
    assert bool(answer.headers.get("Retry-After")) is (status == 429)


def test_a_slow_back_end_is_the_error_of_the_gateway_in_front(caller):
    caller.set("model", name="slow", protocols=["v2"], slow=True)
    answer = caller.post(V2, chat("slow"))
    assert refused(answer) == (504, "APIG.0203", "Backend timeout")
    assert answer.json()["request_id"]


def test_chinese_passes_a_moderation_that_takes_nothing_else(caller):
    caller.set("model", name="chinese", protocols=["v2"], moderation="chinese")
    assert caller.post(V2, chat("chinese", "你好")).status_code == 200


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_a_prompt_that_moderation_refuses_is_403(caller, stream):
    answer = caller.post(V2, chat(MODEL, "sandbox-forbidden words", stream=stream))
    assert refused(answer) == (
        403,
        "ModelArts.81011",
        "Input text May contain sensitive information, please try again.",
    )


def test_an_answer_that_moderation_refuses_is_403(caller):
    assert refused(caller.post(V2, chat(MODEL, "sandbox-unsuitable")))[0] == 403


def test_a_stream_that_moderation_ends_has_content_filter(caller):
    chunks = chunks_of(caller.post(V2, chat(MODEL, "so sandbox-unsuitable", stream=True)))
    text = "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in chunks)
    assert text == "kimi-k2.6 heard: so"
    assert chunks[-1]["choices"][0]["finish_reason"] == "content_filter"


def test_a_service_without_moderation_answers_anything(caller):
    caller.set("model", name="unmoderated", protocols=["v2"], moderation="off")
    assert caller.post(V2, chat("unmoderated", "sandbox-forbidden")).status_code == 200


def test_an_image_above_the_limit_of_pixels_is_refused(caller):
    caller.set("model", name="eyes", protocols=["v2"], max_pixels=10_000)
    assert caller.post(V2, {"model": "eyes", **image(100, 100)}).status_code == 200
    status, code, text = refused(caller.post(V2, {"model": "eyes", **image(200, 100)}))
    assert (status, code) == (400, "ModelArts.81118")
    assert text.startswith("Image dimensions 200x100 exceed pixel limit")


def test_an_image_above_ten_megabytes_is_refused(caller):
    url = f"data:image/png;base64,{'A' * (10 * 1024 * 1024 + 4)}"
    content = [{"type": "image_url", "image_url": {"url": url}}]
    body = {"model": MODEL, "messages": [{"role": "user", "content": content}]}
    assert refused(caller.post(V2, body))[:2] == (400, "ModelArts.81001")


@pytest.mark.parametrize(
    ("url", "model"),
    [(V2, "nothing"), (V2, "KIMI-K2.6"), (V2, "DeepSeek-R1"), (V1, MODEL), (V2, "bge-m3")],
    ids=["unknown", "other-case", "v1-model-on-v2", "v2-model-on-v1", "no-chat-model"],
)
def test_a_model_that_the_path_does_not_have_is_404(caller, url, model):
    assert refused(caller.post(url, chat(model))) == (404, "ModelArts.81009", "Invalid model.")


@pytest.mark.parametrize(
    ("method", "url"),
    [
        ("POST", f"{MAINLAND}/chat/completions"),
        ("POST", f"{MAINLAND}/v1/completions"),
        ("GET", f"{MAINLAND}/openai/v1/models"),
        ("POST", f"{SERVICE_URL}/chat/completions"),
        ("POST", SERVICE.replace("937cabe5", "00000000")),
        ("POST", SERVICE.replace("cn-southwest-2", "cn-east-4")),
    ],
    ids=["no-version", "completions", "models", "no-path", "unknown-service", "other-region"],
)
def test_any_other_path_is_404_of_the_gateway_in_front(caller, method, url):
    answer = caller.send(method, url, json=chat(MODEL) if method == "POST" else None)
    assert refused(answer)[:2] == (404, "APIG.0101")
    assert answer.json()["request_id"]


def test_a_wrong_method_has_no_code(caller):
    answer = caller.get(V2)
    assert (answer.status_code, answer.json()) == (405, {"detail": "Method Not Allowed"})


LONG = {"length_penalty": 1.2, "n": 2, "temperature": 0, "use_beam_search": True}
INVALID = {
    "no-model": ({"model": ""}, "model is empty"),
    "no-messages": ({"messages": []}, "messages is empty"),
    "role": ({"messages": [{"role": "SYSTEM", "content": "x"}]}, "role is SYSTEM, not one of"),
    "empty-assistant": ({"messages": [{"role": "assistant"}]}, "must have content or tool_calls"),
    "top-p": ({"top_p": 1.1}, "top_p must be in [0.0, 1.0]"),
    "temperature": ({"temperature": -0.1}, "temperature must be at least 0"),
    "presence": ({"presence_penalty": 2.5}, "presence_penalty must be in [-2.0, 2.0]"),
    "frequency": ({"frequency_penalty": -3}, "frequency_penalty must be in"),
    "top-k": ({"top_k": 0}, "top_k must be -1"),
    "max-tokens": ({"max_tokens": 0}, "max_tokens must be at least 1"),
    "n": ({"n": 11}, "n must be in [1, 10]"),
    "n-greedy": ({"n": 2, "temperature": 0}, "n must be 1 when using greedy"),
    "n-top-k": ({"n": 2, "top_k": 1}, "n must be 1 when using greedy"),
    "beam-n": ({"use_beam_search": True, "temperature": 0}, "n must be greater than 1"),
    "beam-temperature": ({"use_beam_search": True, "n": 2}, "temperature must be 0"),
    "length-penalty": ({"length_penalty": 1.2}, "length_penalty needs use_beam_search"),
    "length-best-of": (LONG, "length_penalty needs best_of"),
    "stop": ({"stop": 5}, "stop must be a string"),
    "ignore-eos": ({"ignore_eos": "yes"}, "ignore_eos must be a boolean"),
    "stream-options": ({"stream_options": {}}, ""),
}


@pytest.mark.parametrize(("options", "text"), INVALID.values(), ids=INVALID)
def test_a_parameter_out_of_its_range_is_refused(caller, options, text):
    if not text:
        options, text = {"stream_options": {"include_usage": True}}, "only allowed when stream"
    answer = caller.post(V2, {**chat(MODEL), **options})
    assert refused(answer)[:2] == (400, "ModelArts.81001")
    assert text in refused(answer)[2]


def test_beam_search_with_its_rules_kept_is_accepted(caller):
    assert caller.post(V2, chat(MODEL, **LONG, best_of=2)).status_code == 200


@pytest.mark.parametrize(
    ("model", "options", "text"),
    [
        ("deepseek-v3.2", {"reasoning_effort": "none"}, "reasoning_effort is none"),
        ("DeepSeek-V3", {"n": 2}, "n must be 1 for DeepSeek-V3"),
    ],
    ids=["reasoning-effort", "n"],
)
def test_models_of_deepseek_have_rules_of_their_own(caller, model, options, text):
    answer = caller.post(V1, chat(model, **options))
    assert answer.status_code == 400
    assert text in answer.text


def test_a_body_that_is_no_json_is_refused(caller):
    answer = caller.post(V2, b"{")
    assert refused(answer) == (400, "ModelArts.81001", "Invalid request body.")


def test_a_span_id_has_at_most_64_characters(caller):
    headers = {"Authorization": f"Bearer {caller.key}", "x-span-id": "s" * 65}
    answer = caller.post(V2, chat(MODEL), headers=headers)
    assert refused(answer)[2] == "Invalid request header x-span-id, max length is 64."


@pytest.mark.parametrize(
    ("body", "status", "kind", "text"),
    [
        (chat("my-model", test=15), 400, "BadRequestError", "'extra_forbidden'"),
        ({"messages": []}, 400, "BadRequestError", "'missing'"),
        (b"{,", 400, "BadRequestError", "'json_invalid'"),
        (chat("my-model", "w " * 60), 400, "BadRequestError", "maximum context length is 50"),
        (chat("My-Model"), 404, "NotFoundError", "The model `My-Model` does not exist."),
    ],
    ids=["unknown-parameter", "no-model", "no-json", "long-prompt", "unknown-model"],
)
def test_a_service_answers_errors_as_vllm_does(caller, body, status, kind, text):
    answer = caller.post(SERVICE, body)
    document = answer.json()
    assert (answer.status_code, document["object"]) == (status, "error")
    assert (document["type"], document["code"], document["param"]) == (kind, status, None)
    assert text in document["message"]


def test_the_openai_path_has_both_forms_of_an_error(caller):
    document = caller.post(OPENAI, chat("nothing")).json()
    error = document["error"]
    assert (error["code"], error["message"]) == ("ModelArts.81009", "Invalid model.")
    assert (document["error_code"], document["error_msg"]) == ("ModelArts.81009", "Invalid model.")


def test_the_anthropic_path_has_anthropics_error_too(caller):
    document = caller.post(MESSAGES, {**chat("nothing"), "max_tokens": 1}).json()
    assert (document["type"], document["error"]["code"]) == ("error", "ModelArts.81009")


def test_the_requests_of_a_model_are_limited_a_minute(caller):
    caller.set("model", name="three", protocols=["v2"], requests=3)
    statuses = [caller.post(V2, chat("three")).status_code for _ in range(3)]
    answer = caller.post(V2, chat("three"))
    assert statuses == [200, 200, 200]
    assert refused(answer) == (
        429,
        "ModelArts.81101",
        "Too many requests, exceeded rate limit is 3 times per minute.",
    )
    assert 1 <= int(answer.headers["Retry-After"]) <= 60


def test_the_tokens_of_a_model_are_limited_a_minute(caller):
    caller.set("model", name="few-tokens", protocols=["v2"], tokens=5)
    assert caller.post(V2, chat("few-tokens")).status_code == 200
    answer = caller.post(V2, chat("few-tokens"))
    assert refused(answer) == (
        429,
        "ModelArts.81114",
        "Too many requests, the rate limit is 5 tokens per minute.",
    )
    assert answer.headers["Retry-After"]


def test_the_gateway_in_front_limits_by_address(caller):
    host = "maas-cn-east-4.modelarts-maas.com"
    url = f"https://{host}/v1/infers/{'b' * 8}/v1/models"
    model = {"name": "east"}
    caller.set("service", service_id="b" * 8, host=host, model=model)
    caller.set("front", host=host, requests=2)
    assert [caller.get(url).status_code for _ in range(2)] == [200, 200]
    answer = caller.get(url)
    assert refused(answer)[:2] == (429, "APIG.0308")
    assert "policy ip over ratelimit,limit:2,time:1 minute" in answer.text


def test_limits_are_over_once_the_minute_is():
    now = [0.0]
    limits = Limits(lambda: now[0])
    model = MaasModel(name="one", requests=1)
    limits.admit(model, Dialect.default())
    now[0] = 59.0
    with pytest.raises(MaasError) as caught:
        limits.admit(model, Dialect.default())
    assert caught.value.retry_after == 1
    now[0] = 60.0
    limits.admit(model, Dialect.default())
    limits.pass_front(MaasFront(host="h", requests=1), "h", "198.51.100.1")
    limits.pass_front(MaasFront(host="h", requests=1), "h", "198.51.100.2")


@pytest.fixture(scope="module")
def older():
    """MaaS as the pages of 2025 have it."""
    dialect = Dialect.of(
        {"maas-moderation": "4910", "maas-refused-status": "401", "maas-token-limit": "81103"}
    )
    with Caller.start(dialect) as caller:
        yield caller


def test_moderation_had_another_code(older):
    answer = older.post(V2, chat(MODEL, "sandbox-forbidden"))
    assert refused(answer)[:2] == (403, "ModelArts.4910")


@pytest.mark.parametrize(
    ("fields", "code"),
    [({"opened": False}, "81004"), ({"free": "used-up"}, "81005"), ({"frozen": True}, "81006")],
    ids=["not-activated", "used-up", "frozen"],
)
def test_a_model_that_is_not_open_was_401(older, fields, code):
    older.set("model", name=f"state-{code}", protocols=["v2"], **fields)
    answer = older.post(V2, chat(f"state-{code}"))
    assert refused(answer)[:2] == (401, f"ModelArts.{code}")


def test_a_limit_of_tokens_had_another_code(older):
    older.set("model", name="few-tokens", protocols=["v2"], tokens=5)
    older.post(V2, chat("few-tokens"))
    assert refused(older.post(V2, chat("few-tokens")))[:2] == (429, "ModelArts.81103")
