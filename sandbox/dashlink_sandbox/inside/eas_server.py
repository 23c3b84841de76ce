"""The data plane of PAI-EAS: routes by service, tokens and limits before the model server.

A request for ``/api/predict/<service>/v1/…`` is checked here and passed on to the one model server,
whose OpenAI-compatible paths a service has; every service has all its models.

Sources: "Appendix: Service status codes and common errors" (2025-11): 401, 404 with `detail` for an
incomplete path, 408 by rpc.keepalive, 450, 503 "no healthy upstream", at most 1 MB; the Python SDK
alipai 0.4.13: 404 with an empty body and 503 while the gateway does not know the service yet, both
forms of Authorization. The status of a body above 1 MB is not documented: 413 is unverified. The
body of a 401 is second-hand. The signed form of the token (``EAS …``) is that of the Python client
eas_prediction 0.36; that the path after the service is part of it is unverified.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import re
import time
from collections.abc import Callable

import aiohttp
from aiohttp import web

from dashlink_sandbox.eas import EasService
from dashlink_sandbox.inside.gateway.upstreams import model_server_path
from dashlink_sandbox.state import State

LARGEST_BODY_BYTES = 1024 * 1024
_MOST_READ_BYTES = 20 * 1024 * 1024
_PATH = re.compile(r"/api/predict/(?P<service>[^/]+)(?P<tail>/.*)?")
_DEFAULT_KEEPALIVE_MS = 600_000
_SERVED = ("/v1/", "/health")
_PASSED_HEADERS = ("Content-Type", "Accept")
_SHARED_HOST = re.compile(r"(?P<owner>\d+)(?:\.vpc)?\.(?P<region>[a-z0-9-]+)\.")


class EasServer:
    """One HTTP application for all gateways of PAI-EAS."""

    def __init__(self, read_state: Callable[[], State], api_key: str) -> None:
        """Prepare the application.

        Args:
            read_state: Returns the sandbox's records.
            api_key: The key of the model server behind the services.
        """
        self.model_port = 0
        self._read_state = read_state
        self._api_key = api_key
        self._session: aiohttp.ClientSession | None = None
        app = web.Application(client_max_size=_MOST_READ_BYTES)
        app.router.add_route("*", "/{path:.*}", self._handle)
        self.runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        forbidding = web.Application()
        forbidding.router.add_route("*", "/{path:.*}", _forbid)
        self.forbidding_runner = web.AppRunner(forbidding, access_log=None, shutdown_timeout=1.0)

    async def stop(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()
        await self.runner.cleanup()
        await self.forbidding_runner.cleanup()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        match = _PATH.fullmatch(request.path)
        state = self._read_state()
        service = None
        if match is not None:
            service = _service(state, request.host, match["service"])
        if match is None or service is None:
            return web.Response(status=404)
        body = await request.read()
        refusal = _refusal(service, request, body)
        if refusal is not None:
            return refusal
        simulated = state.upstreams.get(service.name)
        if simulated is not None:
            keepalive = (service.config.get("rpc") or {}).get("keepalive", _DEFAULT_KEEPALIVE_MS)
            await asyncio.sleep(min(simulated.delay_seconds, float(keepalive) / 1000))
            if simulated.delay_seconds * 1000 > float(keepalive):
                return web.Response(status=408, text="request timeout")
            if simulated.failing > 0:
                return web.Response(status=simulated.failing, text=_TEXTS.get(simulated.failing))
        tail = match["tail"] or ""
        if not tail.startswith(_SERVED):
            return web.json_response({"detail": "Not Found"}, status=404)
        return await self._forward(request, tail, body)

    async def _forward(self, request: web.Request, tail: str, body: bytes) -> web.StreamResponse:
        """Pass a request to the model server, and its response back chunk by chunk."""
        if self._session is None:
            self._session = aiohttp.ClientSession(auto_decompress=False)
        headers = {"Authorization": f"Bearer {self._api_key}", "Host": request.host}
        for name in _PASSED_HEADERS:
            if name in request.headers:
                headers[name] = request.headers[name]
        url = f"http://127.0.0.1:{self.model_port}{model_server_path(tail)}"
        sent = self._session.request(request.method, url, data=body or None, headers=headers)
        async with sent as answer:
            if answer.status == web.HTTPNotFound.status_code:
                return _not_found(await answer.read())
            response = web.StreamResponse(status=answer.status)
            response.content_type = answer.content_type
            await response.prepare(request)
            async for chunk in answer.content.iter_any():
                await response.write(chunk)
            await response.write_eof()
            return response


_TEXTS = {450: "queue is full", 429: "too many requests", 503: "no healthy upstream"}


def _service(state: State, host: str, name: str) -> EasService | None:
    """The service of this name that the gateway behind a host knows."""
    host = host.lower().partition(":")[0]
    gateway_id = _gateway_of(state, host)
    match = _SHARED_HOST.match(host)
    for service in state.eas_services.values():
        if service.name != name or service.gateway_id != gateway_id:
            continue
        if gateway_id:
            return service
        if match and (service.owner, service.region) == (match["owner"], match["region"]):
            return service
    return None


def _gateway_of(state: State, host: str) -> str:
    """The dedicated gateway with this host: one of its own names, or a custom domain."""
    for gateway in state.eas_gateways.values():
        own = {gateway.internet_domain, gateway.intranet_domain, *gateway.domains}
        if host in own and gateway.serves:
            return gateway.gateway_id
    return ""


async def _forbid(_request: web.Request) -> web.Response:
    """The answer to a client that the gateway's list does not have (unverified)."""
    return web.json_response({"code": "Forbidden", "message": "IP not allowed"}, status=403)


def _refusal(service: EasService, request: web.Request, body: bytes) -> web.Response | None:
    """The gateway's own answer; None where the request reaches the service."""
    if service.status not in ("Running", "Updating"):
        return web.Response(status=503, text="no healthy upstream")
    if time.time() < service.ready:
        return web.Response(status=404)
    if not _has_token(request, body, service.token):
        return web.json_response({"code": "Unauthorized", "message": "Invalid token"}, status=401)
    if len(body) > LARGEST_BODY_BYTES:
        return web.Response(status=413, text="Payload Too Large")
    return None


def _has_token(request: web.Request, body: bytes, token: str) -> bool:
    sent = request.headers.get("Authorization", "").strip()
    scheme, _, rest = sent.partition(" ")
    if scheme == "EAS":
        return hmac.compare_digest(rest.strip(), _signature(request, body, token))
    if scheme.lower() == "bearer":
        sent = rest.strip()
    return hmac.compare_digest(sent.encode(), token.encode())


def _signature(request: web.Request, body: bytes, token: str) -> str:
    """The signature of a request: HMAC-SHA1 over method, body, type, date and path."""
    digest = hashlib.md5(body, usedforsecurity=False).hexdigest()
    kind, date = request.headers.get("Content-Type", ""), request.headers.get("Date", "")
    text = "\n".join((request.method, digest, kind, date, request.path))
    return base64.b64encode(hmac.digest(token.encode(), text.encode(), "sha1")).decode()


def _not_found(body: bytes) -> web.Response:
    """A 404 as vLLM writes it: a model that does not exist, or a path that it does not have."""
    try:
        error = json.loads(body)["error"]
    except (LookupError, TypeError, ValueError):
        error = {}
    if error.get("code") == "model_not_found":
        shown = {"object": "error", "message": error["message"], "type": "NotFoundError"}
        return web.json_response({**shown, "param": None, "code": 404}, status=404)
    return web.json_response({"detail": "Not Found"}, status=404)
