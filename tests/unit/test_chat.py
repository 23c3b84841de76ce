"""A question to a chat API, against a real HTTP server on loopback: the answer, and the words for every failure."""

from __future__ import annotations

import http.server
import json
import socket
import ssl
import sys
import threading

import pytest
import trustme

from dashlink.clients.chat import ChatQuestion, ChatTarget, ask, conversation
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
HEAD = {"id": "chatcmpl-1", "created": 1, "model": "qwen-plus-2026"}


class Answers(http.server.BaseHTTPRequestHandler):
    """Answers as the server's ``reply`` says, and keeps what was asked."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        length = int(self.headers.get("Content-Length", 0))
        self.server.asked.append((self.path, self.headers, json.loads(self.rfile.read(length))))
        self.server.reply(self)

    def do_CONNECT(self):
        self.server.reply(self)

    def whole(self, status, body, kind="application/json", **headers):
        data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)

    def stream(self, *events, end=True):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for event in events:
            self.event(event)
        self.wfile.write(b"0\r\n\r\n" if end else b"")
        self.close_connection = True

    def event(self, event):
        data = f"data: {event if isinstance(event, str) else json.dumps(event)}\n\n".encode()
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

    def log_message(self, *words):
        pass


class Server(http.server.ThreadingHTTPServer):
    """A gateway, or a proxy."""

    def __init__(self, reply):
        super().__init__(("127.0.0.1", 0), Answers)
        self.asked = []
        self.reply = reply
        self.port = self.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/chat/v1"

    def handle_error(self, request, client_address):
        pass  # a client that hangs up, or that does not trust the certificate


@pytest.fixture
def serve():
    """Start a server: what it replies, and the TLS context that it speaks with."""
    servers: list[Server] = []

    def start(reply, context=None):
        server = Server(reply)
        if context:
            server.socket = context.wrap_socket(
                server.socket, server_side=True, do_handshake_on_connect=False
            )
            server.url = server.url.replace("http:", "https:")
        threading.Thread(
            target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        ).start()
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch):
    for name in ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def chunk(text, finish=None):
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": finish}
    return {**HEAD, "object": "chat.completion.chunk", "choices": [choice]}


def question(stream=True, **parameters):
    return ChatQuestion("qwen-plus", conversation(None, (), "Who are you?"), parameters, stream)


def put(url, stream=True, key=KEY, timeout=5, **parameters):
    """Ask, and keep what was said: the answer and its pieces."""
    said = []
    target = ChatTarget(url, key, "chat")
    return ask(target, question(stream, **parameters), said.append, timeout_seconds=timeout), said


def failure(url, **named):
    """The one error's text, which never holds the key."""
    with pytest.raises(DashlinkError) as caught:
        put(url, **named)
    text = str(caught.value)
    assert text.startswith("chat: ")
    assert "\n" not in text
    assert KEY not in text
    assert caught.value.__context__ is None or caught.value.__suppress_context__
    return text


def error(message, code=None, kind=None):
    return {"error": {"message": message, "code": code, "type": kind, "param": None}}


def whole_stream(handler):
    usage = {**HEAD, "object": "chat.completion.chunk", "choices": [], "usage": USAGE}
    handler.stream(chunk(""), chunk("I am "), chunk("Qwen."), chunk("", "stop"), usage, "[DONE]")


def test_a_stream_is_said_piece_by_piece_and_counted(serve):
    server = serve(whole_stream)
    answer, said = put(server.url)
    assert said == ["I am ", "Qwen."]
    assert (answer.text, answer.model, answer.finish_reason) == (
        "I am Qwen.",
        "qwen-plus-2026",
        "stop",
    )
    assert (answer.prompt_tokens, answer.completion_tokens, answer.total_tokens) == (5, 2, 7)
    assert 0 <= answer.first_byte_seconds <= answer.total_seconds


def test_a_piece_is_said_before_the_next_one_is_there(serve):
    heard = threading.Event()

    def in_step(handler):
        handler.stream(chunk("first"), end=False)
        assert heard.wait(5)
        handler.event(chunk(" second", "stop"))
        handler.event("[DONE]")

    said = []

    def say(text):
        said.append(text)
        heard.set()

    target = ChatTarget(serve(in_step).url, KEY, "chat")
    assert ask(target, question(), say, timeout_seconds=10).text == "first second"
    assert said == ["first", " second"]


def test_an_answer_without_a_stream_is_said_at_once(serve):
    message = {"role": "assistant", "content": "I am Qwen."}
    body = {**HEAD, "object": "chat.completion", "usage": USAGE}
    choices = [{"index": 0, "message": message, "finish_reason": "length"}]
    server = serve(lambda handler: handler.whole(200, {**body, "choices": choices}))
    answer, said = put(server.url, stream=False)
    assert said == ["I am Qwen."]
    assert (answer.text, answer.finish_reason, answer.total_tokens) == ("I am Qwen.", "length", 7)
    assert answer.first_byte_seconds <= answer.total_seconds
    assert "stream_options" not in server.asked[0][2]


def test_the_question_goes_out_as_it_was_put(serve, monkeypatch):
    monkeypatch.setenv("OPENAI_ORG_ID", "org-1")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "Authorization: Bearer another")
    server = serve(whole_stream)
    put(server.url, temperature=0.2, enable_thinking=False)
    path, headers, body = server.asked[0]
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


def test_an_api_without_keys_is_asked_without_one(serve, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "of-another-service")
    server = serve(whole_stream)
    put(server.url, key="")
    assert "Authorization" not in server.asked[0][1]


def test_counts_that_are_not_told_are_none(serve):
    answer, _ = put(serve(lambda handler: handler.stream(chunk("Hello"), "[DONE]")).url)
    assert (answer.prompt_tokens, answer.completion_tokens, answer.total_tokens) == (
        None,
        None,
        None,
    )
    assert (answer.text, answer.finish_reason) == ("Hello", None)


def test_a_conversation_goes_on_where_it_was():
    assert conversation("Be brief.", [("Hi", "Hello")], "Who?") == (
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "Hello"},
        {"role": "user", "content": "Who?"},
    )
    assert conversation(None, (), "Who?") == ({"role": "user", "content": "Who?"},)


def test_what_say_raises_passes_through(serve):
    def say(text):
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        ask(ChatTarget(serve(whole_stream).url, KEY, "chat"), question(), say)


REFUSALS = [
    (
        401,
        error("Wrong key", "invalid_api_key"),
        "401, the key is refused: Wrong key. Give the API key of one of the",
    ),
    (
        403,
        "Unauthorized consumer.",
        "403, the consumer is not authorized for this API: Unauthorized consumer. Add the",
    ),
    (
        403,
        error("No", "Model.AccessDenied"),
        "the upstream denies the model qwen-plus: No. Allow the model to the key",
    ),
    (
        404,
        "",
        "404, no API at this domain and base path, or it has no such built-in route (http://127.0.0.1:",
    ),
    (
        404,
        "<html>nothing here</html>",
        "/chat/v1/chat/completions). Compare the API's `domains` and `base_path`",
    ),
    (
        404,
        error("None", "model_not_found"),
        "404, the upstream does not know the model qwen-plus: None. Name one that",
    ),
    (
        400,
        error("Model not exist.", "InvalidParameter"),
        "400, the upstream does not know the model qwen-plus: Model",
    ),
    (
        404,
        error("The model `a` does not exist.", 404),
        "the upstream does not know the model qwen-plus: The model `a`",
    ),
    (
        400,
        error("Inappropriate", "data_inspection_failed"),
        "400, the text was refused by content security: Inapp",
    ),
    (
        400,
        {"code": "DataInspectionFailed", "message": "No"},
        "the text was refused by content security: No. Ask in",
    ),
    (
        403,
        error("Filtered", None, "content_filter"),
        "403, the text was refused by content security: Filtered. Ask",
    ),
    (
        429,
        error("Slow down", "token_limit"),
        "429, a limit of tokens or requests is used up, the gateway's or the up",
    ),
    (
        429,
        error("Slow down"),
        "Slow down. Ask again later, or raise the API's `limits` or the upstream's quota.",
    ),
    (
        400,
        error("temperature is too high"),
        "400, the question is refused: temperature is too high. Change what",
    ),
    (422, {"detail": "no n"}, "422, the question is refused: no n. Change what these words name."),
    (
        500,
        error("It broke"),
        "500, the upstream fails: It broke. The gateway has tried the API's `fallbacks`",
    ),
    (
        503,
        {"code": "unreachable", "message": "no\nway"},
        "503, the upstream fails: no way. The gateway has tried",
    ),
    (407, "Who are you", "a proxy refuses: Who are you. Its words name the cause; mend it there."),
]


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize(("status", "body", "words"), REFUSALS)
def test_a_refusal_says_what_is_wrong_and_what_to_do(serve, status, body, words, stream):
    server = serve(lambda handler: handler.whole(status, body))
    assert words in failure(server.url, stream=stream)
    assert len(server.asked) == 1


def test_a_question_without_a_key_is_told_which_one_to_give(serve):
    server = serve(lambda handler: handler.whole(401, error("Missing")))
    assert "401, no key was given: Missing. Give the API key of a consumer" in failure(
        server.url, key=""
    )


@pytest.mark.parametrize(
    ("told", "words"), [("12", "after 12 s,"), ("Wed, 21 Oct 2026", "after Wed, 21 Oct 2026,")]
)
def test_a_limit_says_when_to_ask_again_if_it_is_told(serve, told, words):
    server = serve(lambda handler: handler.whole(429, error("Over"), Retry_After=told))
    assert f"Ask again {words}" in failure(server.url)


def test_a_redirect_is_told_and_not_followed(serve):
    server = serve(
        lambda handler: handler.whole(301, "", Location="https://ai.example.internal/v1")
    )
    assert "it is led to https://ai.example.internal/v1. Compare the API's `domains`" in failure(
        server.url
    )
    assert len(server.asked) == 1


def test_keys_in_an_upstreams_words_are_not_shown(serve):
    other = "sk-0123456789abcdef0123"
    server = serve(
        lambda handler: handler.whole(401, error(f"{'x' * 280} {KEY} and {other} are wrong"))
    )
    text = failure(server.url)
    assert KEY[:6] not in text
    assert other[:6] not in text


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (
            error("It broke", "internal_error"),
            "the upstream broke the answer off: It broke. Ask again",
        ),
        (error("Bad", "data_inspection_failed"), "the text was refused by content security: Bad."),
        (error("Over", "rate_limit_exceeded"), "a limit of tokens or requests is used up"),
        (error("Gone", "model_not_found"), "the upstream does not know the model qwen-plus: Gone."),
        (
            {"code": "InternalError", "message": "It broke"},
            "the upstream broke the answer off: It broke.",
        ),
        ("no JSON", "the answer is not one of a chat API: Expecting value: line 1"),
        ({"id": "1"}, "the answer is not one of a chat API: there is no completion in it."),
    ],
)
def test_an_error_within_a_stream_has_words_too(serve, event, words):
    assert words in failure(serve(lambda handler: handler.stream(chunk("I am"), event)).url)


def test_a_stream_that_breaks_off_is_told(serve):
    assert "the connection to 127.0.0.1:" in failure(
        serve(lambda handler: handler.stream(chunk("I"), end=False)).url
    )


@pytest.mark.parametrize("stream", [True, False])
def test_a_page_instead_of_an_answer_is_told(serve, stream):
    server = serve(lambda handler: handler.whole(200, "<html>Welcome</html>", "text/html"))
    assert "the answer is not one of a chat API" in failure(server.url, stream=stream)


def test_an_answer_that_does_not_come_is_waited_for_as_long_as_was_said(serve):
    given_up = threading.Event()
    server = serve(lambda handler: given_up.wait(10))
    assert "nothing came for 0.2 s. Allow more time" in failure(server.url, timeout=0.2)
    given_up.set()


def test_a_connection_that_does_not_open_is_told_from_a_slow_answer(monkeypatch):
    def silent(*words, **named):
        raise TimeoutError

    monkeypatch.setattr(socket, "create_connection", silent)
    assert "10.20.0.5 opens no connection within 5 s. Run it inside the VPC" in failure(
        "http://10.20.0.5/v1"
    )


def test_a_closed_port_is_told_from_a_proxy_that_is_not_there(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as unused:
        closed = f"127.0.0.1:{unused.getsockname()[1]}"
    assert f"{closed} refuses the connection. Does the name" in failure(f"http://{closed}/v1")
    monkeypatch.setenv("HTTPS_PROXY", f"http://{closed}")
    text = failure("https://ai.example.internal/v1")
    assert (
        f"the proxy of HTTPS_PROXY ({closed}) is not reached: Connection refused. Is its address"
        in text
    )


def test_a_name_that_is_not_known_is_told(monkeypatch):
    def look_up(*words, **named):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    text = failure("https://ai.example.internal/v1")
    assert "the name ai.example.internal is not known here. Run it inside the VPC" in text
    assert "or set HTTPS_PROXY to a proxy" in text


def test_a_proxy_that_refuses_a_tunnel_names_the_cause(serve, monkeypatch):
    proxy = serve(
        lambda handler: handler.whole(
            502, "{}", X_Sandbox_Cause="security group sg-1 lets no tcp 443 in"
        )
    )
    monkeypatch.setenv("HTTPS_PROXY", f"http://vpc-1:pass@127.0.0.1:{proxy.port}")
    text = failure("https://ai.example.internal/v1")
    assert (
        f"the proxy of HTTPS_PROXY (127.0.0.1:{proxy.port}) refuses: security group sg-1 lets no tcp 443 in."
        in text
    )
    assert "vpc-1" not in text


def test_a_proxy_without_a_cause_is_quoted_by_its_status(serve, monkeypatch):
    proxy = serve(lambda handler: handler.whole(503, "{}"))
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
    assert "refuses: 503 Service Unavailable. Its words" in failure(
        "https://ai.example.internal/v1"
    )


def test_a_proxys_refusal_of_plain_http_is_not_the_gateways(serve, monkeypatch):
    proxy = serve(
        lambda handler: handler.whole(502, error("no route"), X_Sandbox_Cause="no route to it")
    )
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}")
    text = failure("http://ai.example.internal/v1")
    assert (
        f"the proxy of HTTP_PROXY (127.0.0.1:{proxy.port}) refuses: no route to it. Its words name"
        in text
    )


def test_a_certificate_of_an_unknown_authority_is_told(serve, monkeypatch, tmp_path):
    authority, other = trustme.CA(), trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    server = serve(whole_stream, context)
    for one, name in ((authority, "own.pem"), (other, "other.pem")):
        one.cert_pem.write_to_path(str(tmp_path / name))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "own.pem"))
    assert put(server.url)[0].text == "I am Qwen."
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "other.pem"))
    text = failure(server.url)
    assert f"the certificate of 127.0.0.1:{server.port} is not trusted: " in text
    assert "SSL_CERT_FILE" in text


def test_https_at_a_port_of_plain_http_is_told(serve):
    server = serve(whole_stream)
    assert "no TLS with 127.0.0.1:" in failure(server.url.replace("http:", "https:"))


def test_what_is_no_question_is_told_before_it_is_put():
    assert "the base URL is none. Write https://" in failure("ai.example.internal/v1")
    assert "messages is not a parameter. Give it as the" in failure(
        "http://127.0.0.1/v1", messages=[]
    )
    assert "the key holds a blank or a letter that no header carries." in failure(
        "http://127.0.0.1/v1", key=f"{KEY}\n"
    )
    assert KEY not in repr(ChatTarget("http://127.0.0.1/v1", KEY, "chat"))


def test_without_the_sdk_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "openai", None)
    assert 'the package openai is not installed. Run `pip install "dashlink[debug]"`.' in failure(
        "http://127.0.0.1/v1"
    )
