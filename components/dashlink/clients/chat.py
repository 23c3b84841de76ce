"""Asks a chat API on an AI gateway one question, as the debug panel of a console does, and says what went wrong.

What is spoken is OpenAI's protocol, version 1, by its official SDK (``dashlink[debug]``), which is imported when a
question is asked. The environment counts as for every client: HTTPS_PROXY, HTTP_PROXY, NO_PROXY, SSL_CERT_FILE. Codes
of errors: Model Studio "Error codes" (2026-06) and OpenAI "Error codes"; those of a gateway itself are unverified, so
its status decides.
"""

from __future__ import annotations

import re
import socket
import ssl
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from dashlink.errors import DashlinkError, Fault
from dashlink.redaction import without_secrets

if TYPE_CHECKING:
    import openai

_INSTALL = 'Run `pip install "dashlink[debug]"`.'
_LONGEST_SAID = 300
_BASE_URL = re.compile(r"https?://[^\s/?#\[\]]+(/[^\s?#]*)?")
_NOT_PARAMETERS = frozenset({"model", "messages", "stream"})

_INSPECTED = re.compile(r"data_?inspection_?failed|content_?(filter|policy)", re.IGNORECASE)
_NO_MODEL = re.compile(r"model_?not_?(found|exist|supported)", re.IGNORECASE)
_NO_MODEL_SAID = re.compile(
    r"\bmodel\b.{0,160}\bnot (exist|found|supported)|no service for the model", re.IGNORECASE
)
_UPSTREAM_DENIES = re.compile(r"access_?denied|allocation", re.IGNORECASE)
_LIMITED = re.compile(r"429|rate_?limit|throttl|quota|token_?limit|too_?many", re.IGNORECASE)

# What is wrong; the other side's own words follow.
_PROBLEMS = {
    "key missing": "{status}, no key was given",
    "key": "{status}, the key is refused",
    "consumer": "{status}, the consumer is not authorized for this API",
    "denied": "{status}, the upstream denies the model {model}",
    "path": "{status}, no API at this domain and base path, or it has no such built-in route ({url})",
    "model": "{status}, the upstream does not know the model {model}",
    "content": "{status}, the text was refused by content security",
    "limit": "{status}, a limit of tokens or requests is used up, the gateway's or the upstream's",
    "upstream": "{status}, the upstream fails",
    "refused": "{status}, the question is refused",
    "broken off": "the upstream broke the answer off",
    "no chat": "the answer is not one of a chat API",
    "proxy": "{proxy} refuses",
    "no proxy": "{proxy} is not reached",
    "name": "the name {host} is not known here",
    "closed": "{place} refuses the connection",
    "silent": "{place} opens no connection within {timeout:g} s",
    "slow": "nothing came for {timeout:g} s",
    "certificate": "the certificate of {place} is not trusted",
    "tls": "no TLS with {place}",
    "connection": "the connection to {place} broke",
    "other": "the question failed",
}
_ADVICE = {
    "key missing": "Give the API key of a consumer that the API lists in `consumers`.",
    "key": "Give the API key of one of the API's `consumers`; if it is one, look at the `api_keys` of the service.",
    "consumer": "Add the consumer to the API's `consumers` and `up`, or give the key of one that is there.",
    "denied": "Allow the model to the key in the service's `api_keys`, or name another model.",
    "path": "Compare the API's `domains` and `base_path`, and see whether its `routes` have /chat/completions.",
    "model": "Name one that it has, or route this name to a service that has it (`by_model`).",
    "content": "Ask in other words, or look at the API's `content_security`.",
    "limit": "Ask again {after}, or raise the API's `limits` or the upstream's quota.",
    "upstream": "The gateway has tried the API's `fallbacks`, if it has any: look at the services behind it.",
    "refused": "Change what these words name.",
    "broken off": "Ask again; if it stays, look at the API's service.",
    "no chat": "Compare the base URL with the API's; if it is right, ask the other way, with or without a stream.",
    "proxy": "Its words name the cause; mend it there.",
    "no proxy": "Is its address right, and does it run?",
    "name": "Run it inside the VPC, where the name is known, or set {variable} to a proxy that leads there.",
    "closed": "Does the name lead to the gateway, and is the scheme that of the API's domain?",
    "silent": "Run it inside the VPC, or set {variable} to a proxy that leads there; look at the security groups.",
    "slow": "Allow more time or ask for less; at the gateway the API's `first_byte_timeout_seconds` counts.",
    "certificate": "Name its authority's file in SSL_CERT_FILE; or is the domain's `certificate_id` another's?",
    "tls": "Is the scheme that of the API's domain?",
    "connection": "Ask again; if it stays, look at the gateway and at what is between.",
    "other": "Look at the base URL, the parameters, and the environment's proxy and SSL_CERT_FILE.",
}


@dataclass(frozen=True)
class ChatTarget:
    """Whom to ask.

    Attributes:
        base_url: The API's base URL; it ends before ``/chat/completions``.
        api_key: API key of a consumer; empty for an API that asks for none.
        api: Name of the API, which its errors start with.
    """

    base_url: str
    api_key: str = field(repr=False)
    api: str


@dataclass(frozen=True)
class ChatQuestion:
    """What to ask.

    Attributes:
        model: Name of the model.
        messages: As :func:`conversation` makes them.
        parameters: Further fields of the body (``temperature``, ``max_tokens``, a vendor's own), sent as they are.
        stream: Have the answer come in pieces.
    """

    model: str
    messages: tuple[Mapping[str, str], ...]
    parameters: Mapping[str, Any] = field(default_factory=dict)
    stream: bool = True


@dataclass(frozen=True)
class ChatAnswer:
    """What was answered.

    Attributes:
        model: The model, as the answer names it; else as it was asked for.
        text: The whole text.
        finish_reason: ``stop``, ``length``, ``content_filter`` (cut by an inspection), …; None where not told.
        prompt_tokens: Tokens of the question; None where not told.
        completion_tokens: Tokens of the answer; None where not told.
        total_tokens: Both; None where not told.
        first_byte_seconds: Time until the first piece of the answer, be it without text; all of it without a stream.
        total_seconds: Time until the answer was whole.
    """

    model: str
    text: str
    finish_reason: str | None
    prompt_tokens: int | None
    completion_tokens: int | None
    total_tokens: int | None
    first_byte_seconds: float
    total_seconds: float


def conversation(
    system: str | None, history: Sequence[tuple[str, str]], message: str
) -> tuple[dict[str, str], ...]:
    """The messages of a conversation that goes on.

    Args:
        system: What the model is told first; None or empty for nothing.
        history: What was asked and what was answered, in pairs, oldest first.
        message: What is asked now.
    """
    messages = [{"role": "system", "content": system}] if system else []
    for asked, answered in history:
        messages += [{"role": "user", "content": asked}, {"role": "assistant", "content": answered}]
    return (*messages, {"role": "user", "content": message})


def ask(
    target: ChatTarget,
    question: ChatQuestion,
    say: Callable[[str], None],
    *,
    timeout_seconds: float = 120,
    clock: Callable[[], float] = time.monotonic,
) -> ChatAnswer:
    """Ask once, without retries, and hand on the text as it arrives.

    Args:
        target: Whom to ask.
        question: What to ask.
        say: Called with each piece of text; what it raises passes through.
        timeout_seconds: How long to wait for the connection, and then for each next piece.
        clock: Seconds, from any start.

    Raises:
        DashlinkError: There is no answer, or not all of it: what is wrong and what to do, never with the key.
    """
    _check(target, question)
    heard = _Heard(question.model)
    began = clock()
    first: float | None = None
    with closing(_asked(_Asking(target, question, timeout_seconds))) as parts:
        for part in parts:
            first = clock() - began if first is None else first
            if piece := heard.take(part):
                say(piece)
    total = clock() - began
    return heard.answer(total if first is None else first, total)


@dataclass
class _Heard:
    """What has arrived of an answer."""

    model: str
    text: str = ""
    finish_reason: str | None = None
    usage: Any = None

    def take(self, part: Any) -> str:
        """Keep one part, a whole completion or a chunk of one; the text that is new."""
        self.model, self.usage = (
            getattr(part, name, None) or getattr(self, name) for name in ("model", "usage")
        )
        new = ""
        for choice in (getattr(part, "choices", None) or ())[:1]:
            message = getattr(choice, "delta", None) or getattr(choice, "message", None)
            new = getattr(message, "content", None) or getattr(message, "refusal", None) or ""
            self.finish_reason = getattr(choice, "finish_reason", None) or self.finish_reason
        self.text += new
        return new

    def answer(self, first: float, total: float) -> ChatAnswer:
        """All of it."""
        sent, got, both = (
            getattr(self.usage, f"{name}_tokens", None)
            for name in ("prompt", "completion", "total")
        )
        return ChatAnswer(self.model, self.text, self.finish_reason, sent, got, both, first, total)


@dataclass
class _Asking:
    """One question under way: what the words of an error are made of."""

    target: ChatTarget
    question: ChatQuestion
    timeout_seconds: float
    cause: str = ""

    def follow(self, request: Any) -> None:
        """Keep the cause that a proxy gives: the SDK drops the headers of an answer that refuses a tunnel."""

        def look(event: str, details: Mapping[str, Any]) -> None:
            if event.endswith("receive_response_headers.complete"):
                headers = {name.lower(): value for name, value in details["return_value"][3]}
                self.cause = headers.get(b"x-sandbox-cause", b"").decode("latin-1")

        request.extensions["trace"] = look

    @property
    def proxy(self) -> str:
        """The proxy that leads there, as variable and address without its user; empty without one."""
        parts = urlsplit(self.target.base_url)
        found = {} if proxy_bypass(parts.netloc.rpartition("@")[2]) else getproxies()
        name = parts.scheme if found.get(parts.scheme) else "all"
        address = found.get(name, "").rpartition("//")[2].rpartition("@")[2].rstrip("/")
        return f"the proxy of {name.upper()}_PROXY ({address})" if address else ""

    def facts(self, error: Exception) -> dict[str, Any]:
        """What the words may name."""
        parts = urlsplit(self.target.base_url)
        place = parts.netloc.rpartition("@")[2]
        after = error.response.headers.get("retry-after", "") if hasattr(error, "response") else ""
        return {
            "status": getattr(error, "status_code", 200),
            "model": self.question.model,
            "host": parts.hostname,
            "place": place,
            "url": f"{parts.scheme}://{place}{parts.path.rstrip('/')}/chat/completions",
            "proxy": self.proxy or "a proxy",
            "variable": f"{parts.scheme.upper()}_PROXY",
            "timeout": self.timeout_seconds,
            "after": f"after {after}{' s' if after.isdigit() else ''}" if after else "later",
        }


def _check(target: ChatTarget, question: ChatQuestion) -> None:
    """Refuse what would not get as far as a question."""
    if not _BASE_URL.fullmatch(target.base_url):
        raise DashlinkError(
            f"{target.api}: the base URL is none. Write https://, the API's domain, and its base path."
        )
    if not re.fullmatch(r"[!-~]*", target.api_key):
        raise DashlinkError(
            f"{target.api}: the key holds a blank or a letter that no header carries. Copy it again."
        )
    for name in sorted(_NOT_PARAMETERS & set(question.parameters)):
        raise DashlinkError(
            f"{target.api}: {name} is not a parameter. Give it as the question's own {name}."
        )


def _asked(asking: _Asking) -> Generator[Any]:
    """The parts of the answer: chunks of a stream, or one completion."""
    target, question = asking.target, asking.question
    try:
        import openai  # noqa: PLC0415 - an extra: who does not debug goes without
    except ImportError:
        raise DashlinkError(
            f"{target.api}: the package openai is not installed. {_INSTALL}"
        ) from None
    counted = {"stream_options": {"include_usage": True}} if question.stream else {}
    try:
        # A redirect would turn the question into a GET elsewhere: it is told instead.
        http = openai.DefaultHttpxClient(
            event_hooks={"request": [asking.follow]}, follow_redirects=False
        )
        with openai.OpenAI(
            api_key=target.api_key or "none",
            base_url=target.base_url,
            max_retries=0,
            http_client=http,
        ) as client:
            client.organization = client.project = (
                None  # of the environment, and nothing to the gateway
            )
            answer = client.chat.completions.create(
                model=question.model,
                messages=cast(Any, list(question.messages)),
                stream=question.stream,
                extra_body={**counted, **question.parameters},
                # Said here, it goes before what OPENAI_CUSTOM_HEADERS says.
                extra_headers={
                    "Authorization": f"Bearer {target.api_key}" if target.api_key else openai.Omit()
                },
                timeout=asking.timeout_seconds,
            )
            yield from (
                _chunks(answer) if isinstance(answer, openai.Stream) else [_completion(answer)]
            )
    except (
        Exception
    ) as error:  # every failure: httpx's, json's and the SDK's have no class in common
        raise _error(error, asking) from None


def _chunks(stream: Any) -> Iterator[Any]:
    empty = True
    with stream:
        for chunk in stream:
            empty = False
            yield _completion(chunk)
    if empty:
        raise ValueError(f"no stream, but {stream.response.headers.get('content-type', 'nothing')}")


def _completion(part: Any) -> Any:
    """``part``, if it is one of a completion."""
    import openai  # noqa: PLC0415

    if getattr(part, "choices", None) is not None or getattr(part, "usage", None):
        return part
    if code := getattr(part, "code", None):
        raise openai.APIError(
            "", cast(Any, None), body={"code": code, "message": getattr(part, "message", None)}
        )
    raise ValueError("there is no completion in it")


def _error(error: Exception, asking: _Asking) -> DashlinkError:
    """The one error that a failure becomes."""
    kind, said = _judged(error, asking)
    line = (
        " ".join(_without(said, asking.target.api_key).split()).rstrip(".")
        if "<html" not in said.lower()
        else ""
    )
    line = line if len(line) <= _LONGEST_SAID else line[: _LONGEST_SAID - 1] + "…"
    problem, advice = (
        words[kind].format_map(asking.facts(error)) for words in (_PROBLEMS, _ADVICE)
    )
    fault = Fault(asking.target.api, f"{problem}: {line}" if line else problem, advice)
    return DashlinkError(_without(str(fault), asking.target.api_key))


def _without(text: str, key: str) -> str:
    """``text`` without the key, and without what looks like another one."""
    return without_secrets(Fault("", "", "", got=text.replace(key, "…") if key else text)).got or ""


def _judged(error: Exception, asking: _Asking) -> tuple[str, str]:
    """Which of the words fit, and what the other side says."""
    import openai  # noqa: PLC0415

    if isinstance(error, openai.APIStatusError):
        code, said = _told(error)
        if asking.cause or error.status_code == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
            return "proxy", asking.cause or said
        if error.response.has_redirect_location:
            return "path", f"it is led to {error.response.headers['location']}"
        return _kind(error.status_code, code, said, asking.target.api_key), said
    if type(error) is openai.APIError:  # in place of a part of the answer
        code, said = _told(error)
        return _kind(None, code, said, ""), said or code
    return _by_connection(error, asking)


def _told(error: openai.APIError) -> tuple[str, str]:
    """Code (and type) and message of a body, whichever of the usual shapes it has."""
    body = error.body if isinstance(error.body, Mapping) else {"message": error.body}
    code = " ".join(str(body.get(name) or "") for name in ("code", "type"))
    return code.strip(), str(body.get("message") or body.get("detail") or "")


def _kind(status: int | None, code: str, said: str, key: str) -> str:
    """The words for an answer that says no; ``status`` is None for an error within an answer."""
    if _INSPECTED.search(code):
        return "content"
    if status in (None, 400, 404) and (_NO_MODEL.search(code) or _NO_MODEL_SAID.search(said)):
        return "model"
    if status is None:
        return "limit" if _LIMITED.search(code) else "broken off"
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return "upstream"
    known = {401: "key" if key else "key missing", 404: "path", 429: "limit"}
    known[403] = "denied" if _UPSTREAM_DENIES.search(code) else "consumer"
    return known.get(status, "refused")


def _by_connection(error: Exception, asking: _Asking) -> tuple[str, str]:
    """The words for a question without an answer, by what lies below the SDK's error."""
    chain = [error]
    while isinstance(below := chain[-1].__cause__ or chain[-1].__context__, Exception):
        chain.append(below)
    names, last = {type(one).__name__ for one in chain}, str(chain[-1]) or type(chain[-1]).__name__
    if "ProxyError" in names:
        return "proxy", asking.cause or last
    for one in chain:
        if isinstance(one, ssl.SSLError):
            words = one.verify_message if isinstance(one, ssl.SSLCertVerificationError) else ""
            return ("certificate", words) if words else ("tls", one.reason or "")
        if isinstance(one, socket.gaierror | ConnectionRefusedError):
            direct = "name" if isinstance(one, socket.gaierror) else "closed"
            return ("no proxy", one.strerror or "") if asking.proxy else (direct, "")
    if any(name.endswith("Timeout") for name in names):
        return ("silent" if "ConnectTimeout" in names else "slow"), ""
    if isinstance(error, ValueError):
        return "no chat", str(error)
    return ("connection" if "APIConnectionError" in names else "other"), last
