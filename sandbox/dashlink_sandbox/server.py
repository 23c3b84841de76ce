"""The cloud on HTTP: every path is the OpenAPI, but for the admin calls under ``/_sandbox/``.

An answer is JSON with a RequestId; an error has the cloud's form, ``{Code, Message, RequestId, HostId}``, and its HTTP
status. A planted fault strikes after the signature has been checked.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
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


class Dropped(Exception):  # noqa: N818 - what happens, not what went wrong
    """The connection ends here, without an answer."""


def build_app(cloud: Cloud) -> web.Application:
    """The application that answers for ``cloud``."""
    app = web.Application(client_max_size=_LARGEST_BODY_BYTES)
    app.add_subapp("/_sandbox/", admin.build_app(cloud))

    async def openapi(request: web.Request) -> web.StreamResponse:
        return await _answer(cloud, request)

    app.router.add_route("*", "/{path:.*}", openapi)
    return app


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
        await _strike(fault)
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
        return _reply({"Code": error.code, "Message": error.message, "HostId": http.host}, error.status)
    except Exception:
        _log.exception("%s failed", action_of(request))
        cloud.record(request, account, HTTPStatus.INTERNAL_SERVER_ERROR, "InternalError")
        sentence = "The sandbox failed; its standard error says how."
        return _reply({"Code": "InternalError", "Message": sentence, "HostId": http.host}, 500)
    cloud.record(request, account, HTTPStatus.OK, "")
    return _reply(answer, HTTPStatus.OK)


async def _strike(fault: Fault | None) -> None:
    """Let ``fault`` do what it does before the work.

    Raises:
        ApiError: It answers in the service's place.
        Dropped: It closes the connection.
    """
    if fault is None:
        return
    if fault.kind is Kind.DELAY:
        await asyncio.sleep(fault.seconds)
    if fault.kind is Kind.DROP:
        raise Dropped
    if error := fault.as_error():
        raise error


def _reply(body: dict[str, Any], status: int) -> web.Response:
    """JSON with the request's id; an answer in APIG's envelope (``code``, ``data``) spells it with a small letter."""
    name = "requestId" if "code" in body else "RequestId"
    return web.json_response({name: str(uuid.uuid4()).upper(), **body}, status=status)


def _drop(http: web.Request) -> web.Response:
    """Cut the connection off; what is returned goes nowhere."""
    if http.transport is not None:
        http.transport.abort()
    return web.Response()
