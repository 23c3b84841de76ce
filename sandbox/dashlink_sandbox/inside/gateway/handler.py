"""Handle one request at a gateway, from arrival to the last byte of the response.

lookup -> authentication -> limits, content security, cache -> routing -> attempts in order, each
after the health of its service -> response. That HTTPS is enforced by a redirect with status 301 is
unverified.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import aiohttp
from aiohttp import web
from yarl import URL

from dashlink_sandbox.dialects import Dialect
from dashlink_sandbox.gateways import AiService, Gateway
from dashlink_sandbox.inside.gateway.authentication import Request, authenticate
from dashlink_sandbox.inside.gateway.cache import Cache, Question, Vector, cache_config, is_semantic
from dashlink_sandbox.inside.gateway.connections import Connections, Unreachable, simulated
from dashlink_sandbox.inside.gateway.health import FIRST_FAILURE_STATUS, ServiceHealth
from dashlink_sandbox.inside.gateway.journal import Entry
from dashlink_sandbox.inside.gateway.limits import Limiter, Usage
from dashlink_sandbox.inside.gateway.lookup import RouteMatch, find_route, forces_https
from dashlink_sandbox.inside.gateway.refusal import GatewayRefusal
from dashlink_sandbox.inside.gateway.relay import (
    ReceivedRequest,
    TokenCount,
    forward_headers,
    relay_web_socket,
    stream_back,
)
from dashlink_sandbox.inside.gateway.routing import Plan, Target, plan, policies
from dashlink_sandbox.inside.gateway.security import checks_responses, refuse_forbidden
from dashlink_sandbox.inside.gateway.upstreams import address_of
from dashlink_sandbox.state import State

_FIRST_ERROR_STATUS = 400  # from here on a fallback is tried
_DEFAULT_FIRST_BYTE_SECONDS = 600


@dataclass(frozen=True)
class Exchange:
    """A request that is being handled, and all that is known about it."""

    state: State
    gateway: Gateway
    http: web.Request
    received: ReceivedRequest
    route: RouteMatch
    usage: Usage
    entry: Entry
    started: float
    vector: Vector | None = None

    @property
    def dialect(self) -> Dialect:
        """How the cloud answers the open questions."""
        return self.state.dialect

    @property
    def question(self) -> Question:
        """What the cache answers."""
        text = self.received.last_user_message()
        return Question(self.route.api, self.entry.model, text, self.vector)


class RequestHandler:
    """Handles the requests of all gateways, with what they share: counts, cache, health."""

    def __init__(
        self,
        read_state: Callable[[], State],
        connections: Connections,
        client_of: Callable[[str], str],
        health: ServiceHealth,
    ) -> None:
        self._read_state = read_state
        self._connections = connections
        self._client_of = client_of
        self._limiter = Limiter()
        self._cache = Cache()
        self._health = health
        self._random = random.Random()  # noqa: S311 - weights, not secrets

    async def handle(
        self, gateway_id: str, http: web.Request, entry: Entry, started: float
    ) -> web.StreamResponse:
        """Respond to a request, and complete its journal entry but for status and duration.

        Raises:
            GatewayRefusal: The gateway itself refuses the request.
        """
        state = self._read_state()
        gateway = state.gateways.get(gateway_id)
        if gateway is None or gateway.status != "Running":
            raise GatewayRefusal(503, "gateway_not_running", "The gateway is not running.")
        route = find_route(state, gateway_id, http.host, http.method, http.rel_url.raw_path)
        api = route.api
        entry.api = api.name
        entry.route = route.route.name
        if not http.secure and forces_https(state, api, http.host):
            location = f"https://{http.host}{http.rel_url.raw_path_qs}"
            return web.Response(status=301, headers={"Location": location})
        request = request_of(http)
        consumer = authenticate(state, api, request)
        entry.consumer = consumer.name if consumer is not None else ""
        body = await http.read()
        query = http.rel_url.raw_query_string
        received = ReceivedRequest(http.method, dict(http.headers), query, body)
        entry.model = received.model or http.query.get("model", "")
        address = self._client_of(http.remote or "")
        usage = Usage(api, consumer, request, entry.model, state.dialect, address)
        exchange = Exchange(state, gateway, http, received, route, usage, entry, started)
        with self._limiter.admitted(usage):
            return await self._admitted(exchange)

    async def _admitted(self, exchange: Exchange) -> web.StreamResponse:
        """Respond to a request that no limit refuses: from the cache, or from a service."""
        api, entry, received = exchange.route.api, exchange.entry, exchange.received
        refuse_forbidden(api, received.last_user_message(), "request")
        _log_body(exchange)
        if not received.json.get("stream"):
            exchange = replace(exchange, vector=await self._vector(exchange))
            cached = self._cache.find(exchange.question, exchange.dialect)
            if cached is not None:
                entry.cache_hit = True
                headers = {"X-Cache-Status": "hit"}
                return web.Response(body=cached, content_type="application/json", headers=headers)
        draw = self._random.random()
        return await self._try_all(exchange, plan(api, entry.model, draw, exchange.dialect))

    async def _vector(self, exchange: Exchange) -> Vector | None:
        """The embedding of the question; None without a semantic cache, or without an embedding."""
        config = cache_config(exchange.route.api)
        text = exchange.received.last_user_message()
        if config is None or not text or not is_semantic(config, exchange.dialect):
            return None
        embedding = config.get("embeddingConfig") or {}
        api = exchange.route.api
        return await self._connections.embedding(
            exchange.state, exchange.gateway, api, embedding, text
        )

    async def _try_all(self, exchange: Exchange, chosen: Plan) -> web.StreamResponse:
        """Try the targets in order until one succeeds; return the last one's error otherwise."""
        for number, target in enumerate(chosen.targets, 1):
            last = number == len(chosen.targets)
            try:
                response = await self._attempt(exchange, target, last=last)
            except Unreachable as error:
                if last or chosen.only_upstream:
                    raise GatewayRefusal(503, "upstream_unreachable", str(error)) from None
                continue
            if response is not None:
                return response
        raise GatewayRefusal(503, "no_service", "The API has no service.")

    async def _attempt(
        self, exchange: Exchange, target: Target, *, last: bool
    ) -> web.StreamResponse | None:
        """Send the request to one target.

        Returns:
            The response; None where it is an error and another target is to be tried.

        Raises:
            Unreachable: The service sent no response.
        """
        service = exchange.state.ai_services.get(target.service_id)
        if service is None:
            raise Unreachable(f"the service {target.service_id} is gone")
        record = _Attempt(exchange.entry, service.name, target.model or exchange.entry.model, last)

        async def probe(checked: AiService) -> bool:
            return await self._connections.passes_check(exchange.state, exchange.gateway, checked)

        reason = await self._health.refusal(service, probe)
        if reason:
            raise Unreachable(reason)
        try:
            response = await self._send(exchange, service, target, record)
        except Unreachable:
            self._health.note(service, failed=True)
            raise
        self._health.note(service, failed=record.status >= FIRST_FAILURE_STATUS)
        return response

    async def _send(
        self, exchange: Exchange, service: AiService, target: Target, record: _Attempt
    ) -> web.StreamResponse | None:
        """Send the request to a service.

        Raises:
            Unreachable: The service sent no response.
        """
        address = address_of(exchange.state, exchange.gateway, service, exchange.route)
        upstream = simulated(exchange.state, service, address)
        if upstream.failing < 0:
            raise Unreachable(f"{service.name} takes no connection")
        if upstream.failing:
            return record.failed(upstream.failing, "fails on demand")
        key = self._connections.key_headers(service, address.path)
        query = exchange.received.query
        destination = _Destination(
            await self._connections.url(exchange.state, exchange.gateway, address, query),
            address.host,
            forward_headers(exchange.received.headers, address.host, key),
            upstream.delay_seconds,
        )
        if exchange.http.headers.get("Upgrade", "").lower() == "websocket":
            return await self._web_socket(exchange, destination, record)
        received = exchange.received.with_model(target.model)
        return await self._http(exchange, received, destination, record)

    async def _http(
        self,
        exchange: Exchange,
        received: ReceivedRequest,
        destination: _Destination,
        record: _Attempt,
    ) -> web.StreamResponse | None:
        limit = exchange.usage.api.first_byte_timeout or _DEFAULT_FIRST_BYTE_SECONDS

        async def first_byte() -> aiohttp.ClientResponse:
            await asyncio.sleep(destination.delay_seconds)
            return await self._connections.session().request(
                received.method,
                destination.url,
                data=received.body or None,
                headers=destination.headers,
                allow_redirects=False,
                ssl=self._connections.trust,
                server_hostname=destination.host,
            )

        try:
            response = await asyncio.wait_for(first_byte(), limit)
        except TimeoutError:
            raise Unreachable(f"no first byte within {limit} s") from None
        except (aiohttp.ClientError, OSError) as error:
            raise Unreachable(f"{type(error).__name__}: {error}") from None
        async with response:
            record.note(response.status)
            if response.status >= _FIRST_ERROR_STATUS and not record.last:
                return None
            return await self._finish(exchange, response, record)

    async def _finish(
        self, exchange: Exchange, response: aiohttp.ClientResponse, record: _Attempt
    ) -> web.StreamResponse:
        """Return the service's response to the client, and count its tokens."""
        entry, api = exchange.entry, exchange.usage.api
        entry.first_byte_seconds = time.monotonic() - exchange.started
        extra = {"X-Gateway-Service": record.service, "X-Gateway-Model": record.model}
        streams = "event-stream" in response.headers.get("Content-Type", "")
        is_error = response.status >= _FIRST_ERROR_STATUS
        whole = b""
        if not is_error and (checks_responses(api) or not streams):
            whole = await response.read()
        count = TokenCount()
        back: web.StreamResponse
        if whole:
            refuse_forbidden(api, whole.decode("utf-8", "replace"), "answer")
            if not streams:
                self._cache.store(exchange.question, whole, exchange.dialect)
            count.feed(whole)
            count.close()
            headers = {"Content-Type": response.headers.get("Content-Type", "application/json")}
            for name, value in response.headers.items():
                if name.lower().startswith("x-"):
                    headers[name] = value
            back = web.Response(body=whole, status=response.status, headers={**headers, **extra})
            entry.bytes_sent = len(whole)
        else:
            back, entry.bytes_sent = await stream_back(exchange.http, response, extra, count)
        entry.tokens = count.tokens
        self._limiter.spend(exchange.usage, count.tokens)
        return back

    async def _web_socket(
        self, exchange: Exchange, destination: _Destination, record: _Attempt
    ) -> web.StreamResponse | None:
        headers = {}
        for name, value in destination.headers.items():
            if not name.lower().startswith("sec-websocket"):
                headers[name] = value

        async def connect() -> aiohttp.ClientWebSocketResponse:
            return await self._connections.session().ws_connect(
                destination.url,
                headers=headers,
                ssl=self._connections.trust,
                server_hostname=destination.host,
                max_msg_size=0,
            )

        try:
            return await relay_web_socket(exchange.http, connect, lambda: record.note(101))
        except aiohttp.WSServerHandshakeError as error:
            return record.failed(error.status, "refuses the WebSocket")
        except (aiohttp.ClientError, OSError) as error:
            raise Unreachable(f"{type(error).__name__}: {error}") from None


@dataclass(frozen=True)
class _Destination:
    """A service's URL on loopback, its host for TLS, its headers, and a delay."""

    url: URL
    host: str
    headers: Mapping[str, str]
    delay_seconds: float


class _Attempt:
    """An attempt at a service, recorded in the journal."""

    def __init__(self, entry: Entry, service: str, model: str, last: bool) -> None:
        self.service = service
        self.model = model
        self.last = last
        self.status = 0
        self._attempts = entry.attempts
        self._attempts.append((service, model, 0))

    def note(self, status: int) -> None:
        self.status = status
        self._attempts[-1] = (self.service, self.model, status)

    def failed(self, status: int, what: str) -> web.Response | None:
        """The error response for the client; None where another target is to be tried."""
        self.note(status)
        if not self.last:
            return None
        error = {
            "message": f"{self.service} {what}",
            "type": "upstream_error",
            "code": "sandbox_failing",
            "param": None,
        }
        headers = {"X-Gateway-Service": self.service}
        return web.json_response({"error": error}, status=status, headers=headers)


def request_of(http: web.Request) -> Request:
    """The request without its body, for authentication and limits."""
    headers = {name.lower(): value for name, value in http.headers.items()}
    return Request(http.method, http.rel_url.raw_path_qs, headers, dict(http.query))


def _log_body(exchange: Exchange) -> None:
    """Log the body where the gateway delivers logs and the API's statistics include it."""
    config = exchange.usage.api.deploy_config
    statistics = policies(config, "AiStatistics", "aiStatisticsConfig")
    logged = any(policy.get("logRequestContent") for policy in statistics)
    if logged and exchange.gateway.sls_enabled:
        exchange.entry.body = exchange.received.body.decode("utf-8", "replace")
