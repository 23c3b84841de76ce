"""The sockets of the AI gateways: each gateway listens on loopback once it is first dialed."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Callable, Collection

from aiohttp import web

from dashlink_sandbox.certificates import Authority
from dashlink_sandbox.inside.gateway.connections import Connections
from dashlink_sandbox.inside.gateway.handler import RequestHandler
from dashlink_sandbox.inside.gateway.health import ServiceHealth
from dashlink_sandbox.inside.gateway.journal import Entry, Journal
from dashlink_sandbox.inside.gateway.lookup import covers, domains_of
from dashlink_sandbox.inside.gateway.refusal import GatewayRefusal
from dashlink_sandbox.inside.proxy import LOOPBACK, Decide
from dashlink_sandbox.state import State

_LARGEST_BODY_BYTES = 64 * 1024 * 1024


class Gateways:
    """All gateways of a sandbox; the sockets of a gateway are opened by the first connection."""

    def __init__(
        self,
        read_state: Callable[[], State],
        authority: Authority,
        decide: Decide,
        plain_port: int,
        journal: Journal,
        client_of: Callable[[str], str],
        health: ServiceHealth,
    ) -> None:
        self._read_state = read_state
        self._authority = authority
        self._journal = journal
        trust = ssl.create_default_context(cafile=str(authority.ca_file))
        self._connections = Connections(trust, decide, plain_port)
        self._handler = RequestHandler(read_state, self._connections, client_of, health)
        self._runners: dict[str, web.AppRunner] = {}
        self._ports: dict[tuple[str, bool], int] = {}
        self._opening = asyncio.Lock()

    async def port(self, gateway_id: str, *, tls: bool) -> int:
        """The port of the gateway on 127.0.0.1, with or without TLS."""
        async with self._opening:
            if (gateway_id, tls) not in self._ports:
                self._ports[gateway_id, tls] = await self._open(gateway_id, tls=tls)
            return self._ports[gateway_id, tls]

    async def stop(self) -> None:
        """Close every connection and socket."""
        await self._connections.stop()
        for runner in self._runners.values():
            await runner.cleanup()

    async def _open(self, gateway_id: str, *, tls: bool) -> int:
        context = None
        if tls:
            context = self._authority.context_by_name(
                lambda name: self._certified(gateway_id, name)
            )
        site = web.TCPSite(await self._runner(gateway_id), LOOPBACK, 0, ssl_context=context)
        await site.start()
        return site.port

    async def _runner(self, gateway_id: str) -> web.AppRunner:
        if gateway_id not in self._runners:
            app = web.Application(client_max_size=_LARGEST_BODY_BYTES)

            async def respond(request: web.Request) -> web.StreamResponse:
                return await self._respond(gateway_id, request)

            app.router.add_route("*", "/{path:.*}", respond)
            runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
            self._runners[gateway_id] = runner
            await runner.setup()
        return self._runners[gateway_id]

    def _certified(self, gateway_id: str, name: str | None) -> Collection[str]:
        """``name``, if an HTTPS domain of the gateway's APIs covers it."""
        state = self._read_state()
        for api in state.http_apis.values():
            if name is None or api.gateway_id != gateway_id:
                continue
            for domain in domains_of(state, api):
                if domain.protocol == "HTTPS" and covers(domain.name, name):
                    return (name,)
        return ()

    async def _respond(self, gateway_id: str, http: web.Request) -> web.StreamResponse:
        started = time.monotonic()
        entry = Entry(time.time(), gateway_id, http.method, http.host, http.path)
        self._journal.entries.append(entry)
        try:
            response = await self._handler.handle(gateway_id, http, entry, started)
        except GatewayRefusal as refusal:
            entry.refusal = refusal.code
            response = refusal.response()
        entry.status = response.status
        entry.seconds = time.monotonic() - started
        return response
