"""What every dialect of the model server needs: its way to say no, reading a request, streaming an answer.

A dialect is a set of handlers below one path. Each of its errors has one of the few :class:`Fault` kinds; the dialect
puts it into its own words and shape. Streams are chunked and flushed piece by piece.
"""

from __future__ import annotations

import json
import uuid
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from aiohttp import web

from dashlink_sandbox.inside.models import catalog
from dashlink_sandbox.inside.models.forms import File, is_form, read_form


class Fault(Exception):  # noqa: N818 - it is the answer, not a failure of ours
    """The request cannot be answered. ``kind``: key, model, path or body; ``detail`` is for people."""

    def __init__(self, kind: str, detail: str) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail


class Dialect(ABC):
    """One way to speak to the models.

    Attributes:
        prefix: The path below which it is spoken.
    """

    prefix: ClassVar[str]

    @abstractmethod
    def routes(self) -> Iterable[web.RouteDef]:
        """The handlers, with whole paths."""

    @abstractmethod
    def refusal(self, fault: Fault, request_id: str) -> web.Response:
        """The error answer for ``fault``."""

    def key_of(self, request: web.Request) -> str:
        """The API key that came with ``request``; empty for none."""
        scheme, _, key = request.headers.get("Authorization", "").partition(" ")
        return key.strip() if scheme.lower() == "bearer" else ""


def new_request_id() -> str:
    """A request id as the cloud gives them."""
    return str(uuid.uuid4())


async def read_body(request: web.Request) -> dict[str, Any]:
    """The request's JSON object.

    Raises:
        Fault: It is none.
    """
    try:
        body = json.loads(await request.read())
    except ValueError as error:
        raise Fault("body", "the body is not JSON") from error
    if not isinstance(body, dict):
        raise Fault("body", "the body is not a JSON object")
    return body


async def read_fields(request: web.Request) -> Mapping[str, str | File]:
    """The fields of the request's form.

    Raises:
        Fault: It is none.
    """
    content_type = request.headers.get("Content-Type", "")
    if not is_form(content_type):
        raise Fault("body", "the body is not multipart/form-data")
    try:
        return read_form(content_type, await request.read())
    except ValueError as error:
        raise Fault("body", "the body is not a form") from error


async def named_model(request: web.Request) -> str:
    """The model that the request's JSON or form names, empty for none; the body can be read again all the same."""
    if request.method != "POST":
        return ""
    content_type, body = request.headers.get("Content-Type", ""), await request.read()
    try:
        fields: Any = read_form(content_type, body) if is_form(content_type) else json.loads(body)
    except ValueError:
        return ""
    model = fields.get("model") if isinstance(fields, Mapping) else None
    return model if isinstance(model, str) else ""


def need(body: Mapping[str, Any], field: str, kind: type | tuple[type, ...]) -> Any:
    """A field that must be there, not empty and of ``kind``.

    Raises:
        Fault: It is not.
    """
    value = body.get(field)
    if not isinstance(value, kind) or not value:
        raise Fault("body", f"{field} is missing or malformed")
    return value


def need_messages(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The field ``messages``: at least one, each an object.

    Raises:
        Fault: It is not.
    """
    messages: list[dict[str, Any]] = need(body, "messages", list)
    if not all(isinstance(message, dict) and isinstance(message.get("role"), str) for message in messages):
        raise Fault("body", "messages is malformed")
    return messages


def need_model(body: Mapping[str, Any], kind: str) -> str:
    """The model that the request names, one of ``kind``.

    Raises:
        Fault: It names none, or there is no such model.
    """
    name: str = need(body, "model", str)
    if name not in catalog.models()[kind]:
        raise Fault("model", name)
    return name


def parameters_of(body: Mapping[str, Any]) -> dict[str, Any]:
    """The field ``parameters`` of DashScope's requests, which may be absent.

    Raises:
        Fault: It is something else than an object.
    """
    parameters = body.get("parameters") or {}
    if not isinstance(parameters, dict):
        raise Fault("body", "parameters is malformed")
    return parameters


def count_of(fields: Mapping[str, Any], field: str, largest: int) -> int | None:
    """A number that may be absent, from 1 to ``largest``.

    Raises:
        Fault: It is something else.
    """
    value = fields.get(field)
    if value is not None and (type(value) is not int or not 1 <= value <= largest):
        raise Fault("body", f"{field} is not a number from 1 to {largest}")
    return value


def texts_of(value: Any) -> list[str]:
    """A text or a list of texts, as a list.

    Raises:
        Fault: It is neither, or empty.
    """
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list) or not texts or not all(isinstance(text, str) for text in texts):
        raise Fault("body", "input is missing or malformed")
    return texts


async def stream(request: web.Request, events: Iterable[str]) -> web.StreamResponse:
    """Answer with server-sent events, each sent as soon as it is there."""
    response = web.StreamResponse(
        headers={"Content-Type": "text/event-stream; charset=utf-8", "Cache-Control": "no-cache"}
    )
    await response.prepare(request)
    for event in events:
        await response.write(event.encode())
    await response.write_eof()
    return response


def model_header(model: str) -> dict[str, str]:
    """The header that says which model answers where the body cannot; it is the sandbox's own."""
    return {"X-Model": model}


def wants_usage(body: Mapping[str, Any]) -> bool:
    """Whether a stream in OpenAI's shape is to end with the usage."""
    options = body.get("stream_options")
    return isinstance(options, dict) and bool(options.get("include_usage"))


def completion_usage(prompt: int, completion: int) -> dict[str, int]:
    """The usage in OpenAI's shape."""
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}


def as_json(value: Any) -> str:
    """``value`` on one line of JSON, as it stands in an event."""
    return json.dumps(value, ensure_ascii=False)
