"""The cloud over HTTP: every path is the OpenAPI, except the admin calls under ``/_sandbox/``.

An answer is JSON with a RequestId; an error has the cloud's form, ``{Code, Message, RequestId,
HostId}``, and its HTTP status. An injected fault applies after the signature has been checked.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

from aiohttp import web

from dashlink_sandbox import admin
from dashlink_sandbox.cloud import Cloud, action_of, product_of
from dashlink_sandbox.faults import Fault, Kind
from dashlink_sandbox.wire.errors import ApiError
from dashlink_sandbox.wire.request import WireRequest

_LARGEST_BODY_BYTES = 8 * 1024**2

_log = logging.getLogger(__name__)


class Dropped(Exception):  # noqa: N818 - an event, not an error
    """The connection is closed without an answer."""


def build_app(cloud: Cloud) -> web.Application:
    """Return the aiohttp application of ``cloud``."""
    app = web.Application(client_max_size=_LARGEST_BODY_BYTES, middlewares=[_refuse_pages])
    app.add_subapp("/_sandbox/", admin.build_app(cloud))

    async def openapi(request: web.Request) -> web.StreamResponse:
        return await _answer(cloud, request)

    app.router.add_route("*", "/{path:.*}", openapi)
    return app


@web.middleware
async def _refuse_pages(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Refuse what a page in a browser sends: its requests to other hosts name their Origin."""
    if "Origin" in request.headers:
        message = "The sandbox does not answer pages of a browser."
        return _error(request, "Sandbox.Forbidden", message, HTTPStatus.FORBIDDEN)
    return await handler(request)


async def _answer(cloud: Cloud, http: web.Request) -> web.StreamResponse:
    request = WireRequest(
        method=http.method,
        path=http.rel_url.raw_path,
        query=dict(http.query),
        headers={name.lower(): value for name, value in http.headers.items()},
        body=await http.read(),
    )
    account = ""
    try:
        identity = cloud.identify(request)
        account = identity.account.id
        cloud.throttle(request, identity)
        fault = cloud.faults.take(product_of(request), action_of(request))
        await _apply(fault)
        answer = cloud.perform(request, identity, http.host)
        if fault is not None and fault.kind is Kind.CRASH:
            raise Dropped
        if fault is not None and fault.kind is Kind.STALL:
            await asyncio.sleep(fault.seconds)
    except Dropped:
        cloud.record(request, account, 0, "Sandbox.Dropped")
        return _drop(http)
    except ApiError as error:
        cloud.record(request, account, error.status, error.code)
        return _error(http, error.code, error.message, error.status)
    except Exception:
        _log.exception("%s failed", action_of(request))
        status = HTTPStatus.INTERNAL_SERVER_ERROR
        cloud.record(request, account, status, "InternalError")
        message = "The sandbox failed; see the traceback on its standard error."
        return _error(http, "InternalError", message, status)
    cloud.record(request, account, HTTPStatus.OK, "")
    return _reply(answer, HTTPStatus.OK)


async def _apply(fault: Fault | None) -> None:
    """Apply the effect that ``fault`` has before the work.

    Raises:
        ApiError: The fault answers in the service's place.
        Dropped: The fault closes the connection.
    """
    if fault is None:
        return
    if fault.kind is Kind.DELAY:
        await asyncio.sleep(fault.seconds)
    if fault.kind is Kind.DROP:
        raise Dropped
    error = fault.as_error()
    if error is not None:
        raise error


def _error(http: web.Request, code: str, message: str, status: int) -> web.Response:
    return _reply({"Code": code, "Message": message, "HostId": http.host}, status)


def _reply(body: dict[str, Any], status: int) -> web.Response:
    """Return JSON with a new request id.

    An answer in APIG's envelope (``code``, ``data``) spells the id's name in lower camel case.
    """
    name = "RequestId"
    if "code" in body:
        name = "requestId"
    return web.json_response({name: str(uuid.uuid4()).upper(), **body}, status=status)


def _drop(http: web.Request) -> web.Response:
    """Abort the connection; the returned response is not sent."""
    if http.transport is not None:
        http.transport.abort()
    return web.Response()
