"""A chat request to a real HTTP server on loopback: the answer, and each failure's message."""

from __future__ import annotations

import socket
import ssl
import sys
import threading

import pytest
import trustme
from support.chat_server import serving

from dashlink.clients.chat import ChatRequest, ChatTarget, complete, conversation
from dashlink.clients.outputs import KeyPlacement
from dashlink.errors import DashlinkError

KEY = "zq8w-4711-x9"
ENVIRONMENT = (
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "OPENAI_CUSTOM_HEADERS",
    "OPENAI_ORG_ID",
)
USAGE = {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7}
PROXY_STATUS = 'sandbox; error=destination_unavailable; details="'
HEAD = {"id": "chatcmpl-1", "created": 1, "model": "qwen-plus-2026"}


@pytest.fixture
def serve():
    with serving() as start:
        yield start


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch):
    for name in ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def chunk(text, finish=None):
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": finish}
    return {**HEAD, "object": "chat.completion.chunk", "choices": [choice]}


def chat_request(stream=True, **parameters):
    return ChatRequest("qwen-plus", conversation(None, (), "Who are you?"), parameters, stream)


def send(url, stream=True, key=KEY, timeout=5, **parameters):
    """Send a request; return the answer, and its pieces of text."""
    pieces = []
    target = ChatTarget(url, key, "chat")
    request = chat_request(stream, **parameters)
    return complete(target, request, pieces.append, timeout_seconds=timeout), pieces


def failure(url, **named):
    """The text of the error, which never has the key in it."""
    with pytest.raises(DashlinkError) as caught:
        send(url, **named)
    text = str(caught.value)
    assert text.startswith("chat: ")
    assert "\n" not in text
    assert KEY not in text
    assert caught.value.__context__ is None or caught.value.__suppress_context__
    return text


def error(message, code=None, error_type=None):
    return {"error": {"message": message, "code": code, "type": error_type, "param": None}}


def whole_stream(handler):
    usage = {**HEAD, "object": "chat.completion.chunk", "choices": [], "usage": USAGE}
    handler.stream(chunk(""), chunk("I am "), chunk("Qwen."), chunk("", "stop"), usage, "[DONE]")


def test_a_stream_arrives_in_pieces_with_its_token_counts(serve):
    server = serve(whole_stream)
    answer, pieces = send(server.url)
    assert pieces == ["I am ", "Qwen."]
    assert (answer.text, answer.model, answer.finish_reason) == (
        "I am Qwen.",
        "qwen-plus-2026",
        "stop",
    )
    assert (answer.prompt_tokens, answer.completion_tokens, answer.total_tokens) == (5, 2, 7)
    assert 0 <= answer.first_byte_seconds <= answer.total_seconds


def test_a_piece_is_passed_on_before_the_next_one_is_sent(serve):
    received = threading.Event()

    def in_step(handler):
        handler.stream(chunk("first"), end=False)
        assert received.wait(5)
        handler.event(chunk(" second", "stop"))
        handler.event("[DONE]")

    pieces = []

    def on_text(text):
        pieces.append(text)
        received.set()

    target = ChatTarget(serve(in_step).url, KEY, "chat")
    assert complete(target, chat_request(), on_text, timeout_seconds=10).text == "first second"
    assert pieces == ["first", " second"]


def test_an_answer_without_a_stream_arrives_at_once(serve):
    message = {"role": "assistant", "content": "I am Qwen."}
    body = {**HEAD, "object": "chat.completion", "usage": USAGE}
    choices = [{"index": 0, "message": message, "finish_reason": "length"}]
    server = serve(lambda handler: handler.whole(200, {**body, "choices": choices}))
    answer, pieces = send(server.url, stream=False)
    assert pieces == ["I am Qwen."]
    assert (answer.text, answer.finish_reason, answer.total_tokens) == ("I am Qwen.", "length", 7)
    assert answer.first_byte_seconds <= answer.total_seconds
    assert "stream_options" not in server.requests[0][2]


def test_a_request_has_the_fields_that_were_passed_and_no_other(serve, monkeypatch):
    monkeypatch.setenv("OPENAI_ORG_ID", "org-1")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "Authorization: Bearer another")
    server = serve(whole_stream)
    send(server.url, temperature=0.2, enable_thinking=False)
    path, headers, body = server.requests[0]
    assert path == "/chat/v1/chat/completions"
    assert headers["Authorization"] == f"Bearer {KEY}"
    assert "OpenAI-Organization" not in headers
    assert body == {
        "model": "qwen-plus",
        "messages": [{"role": "user", "content": "Who are you?"}],
        "stream": True,
        "stream_options": {"include_usage": True},
        "temperature": 0.2,
        "enable_thinking": False,
    }


def test_an_api_without_authentication_gets_no_key(serve, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "of-another-service")
    server = serve(whole_stream)
    send(server.url, key="")
    assert "Authorization" not in server.requests[0][1]


def test_token_counts_that_are_not_reported_are_none(serve):
    answer, _ = send(serve(lambda handler: handler.stream(chunk("Hello"), "[DONE]")).url)
    assert (answer.prompt_tokens, answer.completion_tokens, answer.total_tokens) == (
        None,
        None,
        None,
    )
    assert (answer.text, answer.finish_reason) == ("Hello", None)


def test_a_conversation_holds_system_prompt_history_and_message():
    assert conversation("Be brief.", [("Hi", "Hello")], "Who?") == (
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "Hello"},
        {"role": "user", "content": "Who?"},
    )
    assert conversation(None, (), "Who?") == ({"role": "user", "content": "Who?"},)


def test_an_exception_of_on_text_passes_through(serve):
    def on_text(text):
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        complete(ChatTarget(serve(whole_stream).url, KEY, "chat"), chat_request(), on_text)


REFUSALS = {
    "refused-key": (
        401,
        error("Wrong key", "invalid_api_key"),
        "401, the API key is refused: Wrong key. Pass the API key of one of the",
    ),
    "unauthorized-consumer": (
        403,
        "Unauthorized consumer.",
        "403, the consumer is not authorized for this API: Unauthorized consumer. Add the",
    ),
    "denied-model": (
        403,
        error("No", "Model.AccessDenied"),
        "the upstream denies access to the model qwen-plus: No. Grant the key in the",
    ),
    "no-api": (
        404,
        "",
        "404, no API at this domain and base path, or the API has no such built-in route (http://127.0.0.1:",
    ),
    "html-page": (
        404,
        "<html>nothing here</html>",
        "/chat/v1/chat/completions). Compare the API's `domains` and `base_path`",
    ),
    "unknown-model-by-code": (
        404,
        error("None", "model_not_found"),
        "404, the upstream does not know the model qwen-plus: None. Name one that",
    ),
    "unknown-model-by-message": (
        400,
        error("Model not exist.", "InvalidParameter"),
        "400, the upstream does not know the model qwen-plus: Model",
    ),
    "unknown-model-with-a-numeric-code": (
        404,
        error("The model `a` does not exist.", 404),
        "the upstream does not know the model qwen-plus: The model `a`",
    ),
    "content-by-code": (
        400,
        error("Inappropriate", "data_inspection_failed"),
        "400, content security refused the text: Inapp",
    ),
    "content-in-camel-case": (
        400,
        {"code": "DataInspectionFailed", "message": "No"},
        "content security refused the text: No. Rephrase",
    ),
    "content-by-type": (
        403,
        error("Filtered", None, "content_filter"),
        "403, content security refused the text: Filtered. Rephrase",
    ),
    "token-limit": (
        429,
        error("Slow down", "token_limit"),
        "429, a limit of tokens or requests is exhausted, the gateway's or the up",
    ),
    "limit-without-a-code": (
        429,
        error("Slow down"),
        "Slow down. Retry later, or raise the API's `limits` or the upstream's quota.",
    ),
    "bad-parameter": (
        400,
        error("temperature is too high"),
        "400, the request is refused: temperature is too high. Change what",
    ),
    "detail-of-a-bad-request": (
        422,
        {"detail": "no n"},
        "422, the request is refused: no n. Change what the message names.",
    ),
    "upstream-error": (
        500,
        error("It broke"),
        "500, the upstream failed: It broke. The gateway has tried the API's `fallbacks`",
    ),
    "upstream-unreachable": (
        503,
        {"code": "unreachable", "message": "no\nway"},
        "503, the upstream failed: no way. The gateway has tried",
    ),
    "proxy-authentication": (
        407,
        "Who are you",
        "a proxy refuses: Who are you. The proxy's message names the cause: fix it there.",
    ),
}


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
@pytest.mark.parametrize(("status", "body", "message"), REFUSALS.values(), ids=REFUSALS)
def test_a_refusal_reports_what_is_wrong_and_what_to_do(serve, status, body, message, stream):
    server = serve(lambda handler: handler.whole(status, body))
    assert message in failure(server.url, stream=stream)
    assert len(server.requests) == 1


def test_a_missing_key_is_reported_with_the_key_to_pass(serve):
    server = serve(lambda handler: handler.whole(401, error("Missing")))
    assert "401, no API key was sent: Missing. Pass the API key of a consumer" in failure(
        server.url, key=""
    )


@pytest.mark.parametrize(
    ("header", "time"),
    [("12", "after 12 s,"), ("Wed, 21 Oct 2026", "after Wed, 21 Oct 2026,")],
    ids=["seconds", "date"],
)
def test_a_limit_reports_when_to_retry(serve, header, time):
    server = serve(lambda handler: handler.whole(429, error("Over"), Retry_After=header))
    assert f"Retry {time}" in failure(server.url)


def test_a_redirect_is_reported_and_not_followed(serve):
    server = serve(
        lambda handler: handler.whole(301, "", Location="https://ai.example.internal/v1")
    )
    assert "it redirects to https://ai.example.internal/v1. Compare the API's `domains`" in failure(
        server.url
    )
    assert len(server.requests) == 1


def test_a_key_in_the_query_is_redacted_in_each_form(serve):
    key = "ck/team+0123="

    def redirect(handler):
        handler.whole(301, "", Location=f"https://ai.example{handler.path}&plain={key}")

    in_query = KeyPlacement(source="query", name="api_key", prefix="")
    target = ChatTarget(serve(redirect).url, key, "chat", in_query)
    with pytest.raises(DashlinkError) as caught:
        complete(target, chat_request(), print, timeout_seconds=5)
    assert "api_key=…&plain=…." in str(caught.value)
    assert "team" not in str(caught.value)


def test_keys_in_an_upstreams_message_are_redacted(serve):
    other = "sk-0123456789abcdef0123"
    server = serve(
        lambda handler: handler.whole(401, error(f"{'x' * 280} {KEY} and {other} are wrong"))
    )
    text = failure(server.url)
    assert KEY[:6] not in text
    assert other[:6] not in text


@pytest.mark.parametrize(
    ("event", "message"),
    [
        (
            error("It broke", "internal_error"),
            "the upstream broke off the answer: It broke. Retry",
        ),
        (error("Bad", "data_inspection_failed"), "content security refused the text: Bad."),
        (error("Over", "rate_limit_exceeded"), "a limit of tokens or requests is exhausted"),
        (error("Gone", "model_not_found"), "the upstream does not know the model qwen-plus: Gone."),
        (
            {"code": "InternalError", "message": "It broke"},
            "the upstream broke off the answer: It broke.",
        ),
        ("no JSON", "the response is not a chat completion: Expecting value: line 1"),
        ({"id": "1"}, "the response is not a chat completion: it has no completion."),
    ],
    ids=["upstream", "content", "limit", "model", "vendors-shape", "no-json", "no-completion"],
)
def test_an_error_within_a_stream_is_reported(serve, event, message):
    assert message in failure(serve(lambda handler: handler.stream(chunk("I am"), event)).url)


def test_a_stream_that_breaks_off_is_reported(serve):
    assert "the connection to 127.0.0.1:" in failure(
        serve(lambda handler: handler.stream(chunk("I"), end=False)).url
    )


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
def test_a_page_instead_of_an_answer_is_reported(serve, stream):
    server = serve(lambda handler: handler.whole(200, "<html>Welcome</html>", "text/html"))
    assert "the response is not a chat completion" in failure(server.url, stream=stream)


def test_a_missing_answer_is_awaited_for_the_timeout(serve):
    gave_up = threading.Event()
    server = serve(lambda handler: gave_up.wait(10))
    assert "no data arrived for 0.2 s. Allow more time" in failure(server.url, timeout=0.2)
    gave_up.set()


def test_a_silent_port_is_distinguished_from_a_slow_answer(monkeypatch):
    def silent(*arguments, **named):
        raise TimeoutError

    monkeypatch.setattr(socket, "create_connection", silent)
    assert "10.20.0.5 accepts no connection within 5 s. Run this inside the VPC" in failure(
        "http://10.20.0.5/v1"
    )


def test_a_closed_port_is_distinguished_from_a_missing_proxy(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as unused:
        closed = f"127.0.0.1:{unused.getsockname()[1]}"
    assert f"{closed} refuses the connection. Check that the name" in failure(f"http://{closed}/v1")
    monkeypatch.setenv("HTTPS_PROXY", f"http://{closed}")
    text = failure("https://ai.example.internal/v1")
    assert f"the proxy of HTTPS_PROXY ({closed}) cannot be reached: Connection refused." in text
    assert "Check its address" in text


def test_a_name_that_does_not_resolve_is_reported(monkeypatch):
    def look_up(*arguments, **named):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    text = failure("https://ai.example.internal/v1")
    assert "the name ai.example.internal does not resolve here. Run this inside the VPC" in text
    assert "or set HTTPS_PROXY to a proxy" in text


def test_a_proxy_that_refuses_a_tunnel_names_the_cause(serve, monkeypatch):
    proxy = serve(
        lambda handler: handler.whole(
            502, "{}", Proxy_Status=f'{PROXY_STATUS}security group sg-1 allows no tcp 443"'
        )
    )
    monkeypatch.setenv("HTTPS_PROXY", f"http://vpc-1:pass@127.0.0.1:{proxy.port}")
    text = failure("https://ai.example.internal/v1")
    assert f"the proxy of HTTPS_PROXY (127.0.0.1:{proxy.port}) refuses: security group" in text
    assert "security group sg-1 allows no tcp 443." in text
    assert "vpc-1" not in text


def test_without_a_proxy_a_proxy_status_is_the_gateways(serve):
    gateway = serve(
        lambda handler: handler.whole(503, error("down"), Proxy_Status=f'{PROXY_STATUS}no host"')
    )
    assert "503, the upstream failed: down." in failure(gateway.url)


def test_a_proxy_without_a_status_header_is_quoted_by_its_reason(serve, monkeypatch):
    proxy = serve(lambda handler: handler.whole(503, "{}"))
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
    assert "refuses: 503 Service Unavailable. The proxy's message" in failure(
        "https://ai.example.internal/v1"
    )


def test_a_proxys_refusal_of_plain_http_is_not_the_gateways(serve, monkeypatch):
    proxy = serve(
        lambda handler: handler.whole(
            502, error("no route"), Proxy_Status=f'{PROXY_STATUS}no route to it"'
        )
    )
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}")
    text = failure("http://ai.example.internal/v1")
    assert f"the proxy of HTTP_PROXY (127.0.0.1:{proxy.port}) refuses: no route to it." in text
    assert "The proxy's message names" in text


def test_a_certificate_of_an_unknown_authority_is_reported(serve, monkeypatch, tmp_path):
    authority, other = trustme.CA(), trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    server = serve(whole_stream, context)
    for one, name in ((authority, "own.pem"), (other, "other.pem")):
        one.cert_pem.write_to_path(str(tmp_path / name))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "own.pem"))
    assert send(server.url)[0].text == "I am Qwen."
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "other.pem"))
    text = failure(server.url)
    assert f"the certificate of 127.0.0.1:{server.port} is not trusted: " in text
    assert "SSL_CERT_FILE" in text


def test_https_at_a_port_of_plain_http_is_reported(serve):
    server = serve(whole_stream)
    assert "the TLS handshake with 127.0.0.1:" in failure(server.url.replace("http:", "https:"))


def test_an_invalid_request_is_refused_before_it_is_sent():
    assert "the base URL is invalid. Write https://" in failure("ai.example.internal/v1")
    assert "messages is not a parameter. Set the request's own field" in failure(
        "http://127.0.0.1/v1", messages=[]
    )
    assert "the key has a space or a character that no header can carry." in failure(
        "http://127.0.0.1/v1", key=f"{KEY}\n"
    )
    assert KEY not in repr(ChatTarget("http://127.0.0.1/v1", KEY, "chat"))


def test_without_the_sdk_the_error_names_the_package(monkeypatch):
    monkeypatch.setitem(sys.modules, "openai", None)
    assert 'the package openai is not installed. Run `pip install "dashlink[debug]"`.' in failure(
        "http://127.0.0.1/v1"
    )
