"""The model server behind the endpoints: one application that speaks Model Studio's dialects, without any model.

The path decides the dialect; the dialect reads the key, and says no in its own shape. catalog.py holds what is
answered, dialect.py what the dialects share; compatible.py (OpenAI; with completions.py and pictures.py), native.py
(DashScope; with jobs.py), speech.py (DashScope over a WebSocket) and messages.py (Anthropic) only shape it. forms.py
reads forms, samples.py holds a picture and a sound. Each request is noted in ``seen`` before it is answered, without
its keys.
"""

from __future__ import annotations

import hmac
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web
from aiohttp.typedefs import Handler

from dashlink_sandbox.inside.models.compatible import Compatible, CompatibleRerank
from dashlink_sandbox.inside.models.dialect import Dialect, Fault, named_model, new_request_id
from dashlink_sandbox.inside.models.messages import Messages
from dashlink_sandbox.inside.models.native import Native
from dashlink_sandbox.inside.models.speech import Speech

__all__ = ["Seen", "application"]

LARGEST_BODY_BYTES = 20 * 1024 * 1024
_SECRET_HEADERS = frozenset({"authorization", "x-api-key", "proxy-authorization", "cookie"})


@dataclass(frozen=True)
class Seen:
    """A request that reached the model server.

    Attributes:
        method: As in the request line.
        scheme: http or https.
        host: As the client named it.
        path: Without the query.
        headers: With lower-case names and no keys among them.
        model: The one that the body names, JSON or a form; empty where none. What is said over a WebSocket is no body.
    """

    method: str
    scheme: str
    host: str
    path: str
    headers: Mapping[str, str]
    model: str = ""


def application(api_key: str, seen: deque[Seen]) -> web.Application:
    """The model server.

    Args:
        api_key: The one key that it takes.
        seen: Where to note each request.
    """
    native = Native()
    dialects: tuple[Dialect, ...] = (Compatible(), CompatibleRerank(), native, Speech(), Messages())

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        model = ""
        try:
            model = await named_model(request)
        finally:  # a body that does not come whole was a request too
            seen.append(_note(request, model))
        dialect = next((one for one in dialects if request.path.startswith(f"{one.prefix}/")), native)
        try:
            if not hmac.compare_digest(dialect.key_of(request).encode(), api_key.encode()):
                raise Fault("key", "missing or wrong")
            return await handler(request)
        except Fault as fault:
            return dialect.refusal(fault, new_request_id())
        except (web.HTTPNotFound, web.HTTPMethodNotAllowed):
            return dialect.refusal(Fault("path", f"{request.method} {request.path}"), new_request_id())

    app = web.Application(middlewares=[guard], client_max_size=LARGEST_BODY_BYTES)
    for dialect in dialects:
        app.router.add_routes(dialect.routes())
    return app


def _note(request: web.Request, model: str) -> Seen:
    headers = {name.lower(): value for name, value in request.headers.items() if name.lower() not in _SECRET_HEADERS}
    return Seen(request.method, request.scheme, request.host, request.path, headers, model)
