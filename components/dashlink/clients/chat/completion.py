"""Send a chat request by OpenAI's protocol, version 1, with its official SDK (``dashlink[debug]``).

The SDK is imported when a request is sent. The environment has its usual effect: HTTPS_PROXY,
HTTP_PROXY, NO_PROXY, SSL_CERT_FILE.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Any, cast

from dashlink.clients.chat.answer import ChatAnswer, PartialAnswer
from dashlink.clients.chat.errors import failure_of
from dashlink.clients.chat.exchange import Exchange
from dashlink.clients.chat.request import ChatRequest, ChatTarget, check_request
from dashlink.errors import DashlinkError

if TYPE_CHECKING:
    import openai

_INSTALL = 'Run `pip install "dashlink[debug]"`.'


def complete(
    target: ChatTarget,
    request: ChatRequest,
    on_text: Callable[[str], None],
    *,
    on_reasoning: Callable[[str], None] | None = None,
    timeout_seconds: float = 120,
    clock: Callable[[], float] = time.monotonic,
) -> ChatAnswer:
    """Send one request, without retries, and pass on the text as it arrives.

    Args:
        target: The API that receives the request.
        request: The request.
        on_text: Called with each piece of text; its exceptions pass through.
        on_reasoning: Called with each piece of what the model thinks before it answers.
        timeout_seconds: Limit for the connection, and then for each next chunk.
        clock: Returns seconds, from any start.

    Raises:
        DashlinkError: The answer is missing or incomplete. The message says why and what to do; the
            key is never in it.
    """
    check_request(target, request)
    answer = PartialAnswer(request.model)
    started = clock()
    first_byte: float | None = None
    first_text: float | None = None
    with closing(_responses(Exchange(target, request, timeout_seconds))) as responses:
        for response in responses:
            if first_byte is None:
                first_byte = clock() - started
            new = answer.add(response)
            if new.reasoning and on_reasoning is not None:
                on_reasoning(new.reasoning)
            if new.text:
                first_text = clock() - started if first_text is None else first_text
                on_text(new.text)
    total = clock() - started
    if first_byte is None:
        first_byte = total
    return answer.complete(first_byte, total, first_text)


def _responses(exchange: Exchange) -> Generator[Any]:
    """Yield the chunks of a stream, or the one completion."""
    try:
        import openai  # noqa: PLC0415 - an extra
    except ImportError:
        raise DashlinkError(
            f"{exchange.target.api}: the package openai is not installed. {_INSTALL}"
        ) from None
    try:
        with client_of(exchange) as client:
            response = _send(client, exchange)
            if isinstance(response, openai.Stream):
                yield from _chunks(response)
            else:
                yield _checked(response)
    except Exception as error:  # the failures of httpx, json and the SDK have no class in common
        raise failure_of(error, exchange) from None


def client_of(exchange: Exchange) -> openai.OpenAI:
    """Return the SDK's client for a request: no retries, no redirects, nothing of OpenAI's."""
    import openai  # noqa: PLC0415

    # A redirect would repeat the request as a GET elsewhere: report it instead.
    http_client = openai.DefaultHttpxClient(
        event_hooks={"request": [exchange.watch]}, follow_redirects=False
    )
    client = openai.OpenAI(
        api_key=exchange.target.api_key or "none",
        base_url=exchange.target.base_url,
        max_retries=0,
        http_client=http_client,
    )
    # The environment may set both, for OpenAI: the gateway has no use for them.
    client.organization = None
    client.project = None
    return client


def _send(client: openai.OpenAI, exchange: Exchange) -> Any:
    request = exchange.request
    body: dict[str, Any] = {}
    if request.stream:
        body["stream_options"] = {"include_usage": True}
    body.update(request.parameters)
    headers, query = credentials_of(exchange.target)
    return client.chat.completions.create(
        model=request.model,
        messages=cast(Any, list(request.messages)),
        stream=request.stream,
        extra_body=body,
        extra_headers=headers,
        extra_query=query,
        timeout=exchange.timeout_seconds,
    )


def credentials_of(
    target: ChatTarget,
) -> tuple[dict[str, str | openai.Omit], dict[str, object]]:
    """Return headers and query parameters with the key; the SDK's own header is left out."""
    import openai  # noqa: PLC0415

    # Set for this request, the header wins over OPENAI_CUSTOM_HEADERS.
    headers: dict[str, str | openai.Omit] = {"Authorization": openai.Omit()}
    query: dict[str, object] = {}
    if target.api_key:
        value = f"{target.key_in.prefix}{target.api_key}"
        if target.key_in.source == "query":
            query[target.key_in.name] = value
        else:
            headers[target.key_in.name] = value
    return headers, query


def _chunks(stream: Any) -> Iterator[Any]:
    empty = True
    with stream:
        for chunk in stream:
            empty = False
            yield _checked(chunk)
    if empty:
        content_type = stream.response.headers.get("content-type", "no content")
        raise ValueError(f"no stream, but {content_type}")


def _checked(response: Any) -> Any:
    """Return a completion or a chunk of one.

    Raises:
        openai.APIError: It is an error instead, without the SDK's own mark of errors.
        ValueError: It is something else.
    """
    import openai  # noqa: PLC0415

    if getattr(response, "choices", None) is not None or getattr(response, "usage", None):
        return response
    code = getattr(response, "code", None) or getattr(response, "error_code", None)
    if code:
        message = getattr(response, "message", None) or getattr(response, "error_msg", None)
        body = {"code": code, "message": message}
        raise openai.APIError("", cast(Any, None), body=body)
    raise ValueError("it has no completion")
