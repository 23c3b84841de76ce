"""What all protocols of the model server share: errors, checked fields, streams.

A protocol is a set of handlers below one path. Each error is a :class:`Fault` of one of a few
kinds, which the protocol turns into a response. Streams are sent piece by piece.
"""

from __future__ import annotations

import json
import uuid
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from aiohttp import web

from dashlink_sandbox.inside.models import catalog
from dashlink_sandbox.inside.models.forms import is_form, read_form


class Fault(Exception):  # noqa: N818 - an HTTP response, not a failure of the sandbox
    """The request is invalid.

    Attributes:
        kind: key, model, path or body; algorithm and contents where the model itself refuses.
        detail: For people.
    """

    def __init__(self, kind: str, detail: str) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail


class ModelProtocol(ABC):
    """An API of the model server.

    Attributes:
        prefix: The path of the API.
        errors: Status, code and message by kind of fault; {} in a message is the detail.
    """

    prefix: ClassVar[str]
    errors: ClassVar[Mapping[str, tuple[int, str, str]]]

    @abstractmethod
    def routes(self) -> Iterable[web.RouteDef]:
        """The handlers, with whole paths."""

    @abstractmethod
    def error_body(self, code: str, message: str) -> dict[str, Any]:
        """The body of an error response, without the request id."""

    def refuse(self, fault: Fault) -> tuple[int, dict[str, Any]]:
        """Status and body for ``fault``, without the request id."""
        status, code, message = self.errors[fault.kind]
        return status, self.error_body(code, message.format(fault.detail))

    def refusal(self, fault: Fault) -> web.Response:
        """The error response for ``fault``."""
        status, body = self.refuse(fault)
        return web.json_response({**body, "request_id": new_request_id()}, status=status)

    def key_of(self, request: web.Request) -> str:
        """The API key in ``request``; empty for none."""
        scheme, _, key = request.headers.get("Authorization", "").partition(" ")
        return key.strip() if scheme.lower() == "bearer" else ""


class Fields(dict[str, Any]):
    """The fields of a JSON object or a form; each method raises a Fault for an invalid field."""

    def need(self, field: str, kind: type | tuple[type, ...]) -> Any:
        """A required field of ``kind`` that is not empty."""
        value = self.get(field)
        if not isinstance(value, kind) or not value:
            raise Fault("body", f"{field} is missing or malformed")
        return value

    def section(self, field: str) -> Fields:
        """A required object that is not empty."""
        return Fields(self.need(field, dict))

    def section_or_empty(self, field: str) -> Fields:
        """An optional object."""
        value = self.get(field) or {}
        if not isinstance(value, dict):
            raise Fault("body", f"{field} is malformed")
        return Fields(value)

    def parameters(self) -> Fields:
        """The optional object ``parameters`` of DashScope's requests."""
        return self.section_or_empty("parameters")

    def model(self, *kinds: str) -> str:
        """The name of an existing model of one of ``kinds``."""
        name: str = self.need("model", str)
        if not any(name in catalog.models()[kind] for kind in kinds):
            raise Fault("model", name)
        return name

    def messages(self) -> list[dict[str, Any]]:
        """At least one message with a role."""
        messages: list[dict[str, Any]] = self.need("messages", list)
        for message in messages:
            if not isinstance(message, dict) or not isinstance(message.get("role"), str):
                raise Fault("body", "messages is malformed")
        return messages

    def count(self, field: str, largest: int) -> int | None:
        """An optional number from 1 to ``largest``."""
        value = self.get(field)
        if value is not None and (type(value) is not int or not 1 <= value <= largest):
            raise Fault("body", f"{field} is not a number from 1 to {largest}")
        return value

    def texts(self, field: str) -> list[str]:
        """At least one text; a single one may come without a list."""
        value = self.get(field)
        texts = [value] if isinstance(value, str) else value
        valid = isinstance(texts, list) and all(isinstance(text, str) for text in texts)
        if not valid or not texts:
            raise Fault("body", "input is missing or malformed")
        return list(texts)

    def wants_usage(self) -> bool:
        """Whether a stream in OpenAI's shape is to end with the usage."""
        options = self.get("stream_options")
        return isinstance(options, dict) and bool(options.get("include_usage"))


def new_request_id() -> str:
    """A request id in the cloud's form."""
    return str(uuid.uuid4())


async def read_body(request: web.Request) -> Fields:
    """Read the JSON object of a request.

    Raises:
        Fault: The body is not a JSON object.
    """
    return parse_object(await request.read(), "the body")


def parse_object(text: str | bytes, what: str) -> Fields:
    """Parse a JSON object.

    Raises:
        Fault: ``text``, which the message calls ``what``, is not a JSON object.
    """
    try:
        document = json.loads(text)
    except ValueError as error:
        raise Fault("body", f"{what} is not JSON") from error
    if not isinstance(document, dict):
        raise Fault("body", f"{what} is not a JSON object")
    return Fields(document)


async def read_fields(request: web.Request) -> Fields:
    """Read the fields of a form.

    Raises:
        Fault: The body is not a form.
    """
    content_type = request.headers.get("Content-Type", "")
    if not is_form(content_type):
        raise Fault("body", "the body is not multipart/form-data")
    try:
        return Fields(await read_form(content_type, await request.read()))
    except ValueError as error:
        raise Fault("body", "the body is not a form") from error


async def named_model(request: web.Request) -> str:
    """The model that the request's JSON or form names, empty for none."""
    if request.method != "POST":
        return ""
    await request.read()  # aiohttp stores it, so that handlers can read it again
    is_form_request = is_form(request.headers.get("Content-Type", ""))
    try:
        fields = await (read_fields(request) if is_form_request else read_body(request))
    except Fault:
        return ""
    model = fields.get("model")
    return model if isinstance(model, str) else ""


async def stream(request: web.Request, events: Iterable[str]) -> web.StreamResponse:
    """Respond with server-sent events, each sent at once."""
    headers = {"Content-Type": "text/event-stream; charset=utf-8", "Cache-Control": "no-cache"}
    response = web.StreamResponse(headers=headers)
    await response.prepare(request)
    for event in events:
        await response.write(event.encode())
    await response.write_eof()
    return response


def model_header(model: str) -> dict[str, str]:
    """The sandbox's own header for the model where the body does not name it."""
    return {"X-Model": model}


def completion_usage(prompt: int, completion: int) -> dict[str, int]:
    """The usage in OpenAI's shape."""
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
    }


def as_json(value: Any) -> str:
    """``value`` as one line of JSON."""
    return json.dumps(value, ensure_ascii=False)
