"""The model server behind the endpoints: one application with Model Studio's APIs, without a model.

The path selects the protocol, which checks the key and shapes errors. catalog.py computes what
models answer, answers.py decides between a text, JSON and tools, protocol.py holds what protocols
share. compatible.py (OpenAI), native.py (DashScope), speech.py (DashScope over a WebSocket, with
realtime.py) and messages.py (Anthropic) only shape it; the first two name their modules. forms.py
reads forms, schemas.py fits values to JSON schemas, samples.py holds an image and a sound.
Each request is recorded before it is handled, without its keys.
"""

from __future__ import annotations

import hmac
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web
from aiohttp.typedefs import Handler

from dashlink_sandbox.inside.models.compatible import Compatible, CompatibleRerank, OldResponses
from dashlink_sandbox.inside.models.messages import Messages
from dashlink_sandbox.inside.models.native import Native
from dashlink_sandbox.inside.models.protocol import Fault, ModelProtocol, named_model
from dashlink_sandbox.inside.models.speech import Speech

__all__ = ["HEALTH_PATH", "RecordedRequest", "application", "recorded"]

HEALTH_PATH = "/health"
"""The path that vLLM's server answers without a key (its API server, 2026)."""

_EAS = ".pai-eas.aliyuncs.com"

LARGEST_BODY_BYTES = 20 * 1024 * 1024
_SECRET_HEADERS = frozenset({"authorization", "x-api-key", "proxy-authorization", "cookie"})


@dataclass(frozen=True)
class RecordedRequest:
    """A request that reached the model server.

    Attributes:
        method: As in the request line.
        scheme: http or https.
        host: As in the request.
        path: Without the query.
        headers: With lower-case names and without keys.
        model: The one that the JSON or form names; empty for none, and for a WebSocket.
    """

    method: str
    scheme: str
    host: str
    path: str
    headers: Mapping[str, str]
    model: str = ""


def application(api_key: str, requests: deque[RecordedRequest]) -> web.Application:
    """Create the model server.

    Args:
        api_key: The one valid key.
        requests: Each request is appended here.
    """
    native = Native()
    protocols: tuple[ModelProtocol, ...] = (
        Compatible(),
        CompatibleRerank(),
        OldResponses(),
        native,
        Speech(),
        Messages(),
    )

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        model = ""
        try:
            model = await named_model(request)
        finally:  # record a request with an incomplete body too
            requests.append(recorded(request, model))
        protocol: ModelProtocol = native
        for one in protocols:
            if request.path.startswith(f"{one.prefix}/"):
                protocol = one
        if request.path == HEALTH_PATH:
            return await handler(request)
        try:
            if not hmac.compare_digest(_key_of(request, protocol).encode(), api_key.encode()):
                raise Fault("key", "missing or wrong")
            return await handler(request)
        except Fault as fault:
            return protocol.refusal(fault)
        except (web.HTTPNotFound, web.HTTPMethodNotAllowed):
            return protocol.refusal(Fault("path", f"{request.method} {request.path}"))

    app = web.Application(middlewares=[guard], client_max_size=LARGEST_BODY_BYTES)
    for protocol in protocols:
        app.router.add_routes(protocol.routes())
    app.router.add_get(HEALTH_PATH, _health)
    return app


async def _health(_request: web.Request) -> web.Response:
    return web.Response()


def _key_of(request: web.Request, protocol: ModelProtocol) -> str:
    """The key of a request; a service of PAI-EAS takes it bare too ("Call a service", 2025)."""
    host = request.host.partition(":")[0]
    sent = request.headers.get("Authorization", "")
    if host.endswith(_EAS) and " " not in sent:
        return sent
    return protocol.key_of(request)


def recorded(request: web.Request, model: str) -> RecordedRequest:
    """Return what is recorded of a request."""
    headers = {}
    for name, value in request.headers.items():
        if name.lower() not in _SECRET_HEADERS:
            headers[name.lower()] = value
    return RecordedRequest(
        request.method, request.scheme, request.host, request.path, headers, model
    )
