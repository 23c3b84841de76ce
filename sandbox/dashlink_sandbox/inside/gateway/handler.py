"""Handle one request at a gateway, from arrival to the last byte of the response.

lookup -> authentication -> limits, content security, cache -> routing -> attempts in order ->
response. That HTTPS is enforced by a redirect with status 301 is unverified.
"""

from __future__ import annotations

import asyncio
import random
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import aiohttp
from aiohttp import web
from yarl import URL

from dashlink_sandbox.gateways import AiService, Gateway, Upstream
from dashlink_sandbox.inside.gateway.authentication import Request, authenticate
from dashlink_sandbox.inside.gateway.journal import Entry
from dashlink_sandbox.inside.gateway.lookup import RouteMatch, find_route, forces_https
from dashlink_sandbox.inside.gateway.policies import (
    PolicyState,
    Usage,
    checks_responses,
    refuse_forbidden,
)
from dashlink_sandbox.inside.gateway.refusal import GatewayRefusal
from dashlink_sandbox.inside.gateway.relay import (
    ReceivedRequest,
    TokenCount,
    forward_headers,
    relay_web_socket,
    stream_back,
)
from dashlink_sandbox.inside.gateway.routing import Plan, Target, plan, policies
from dashlink_sandbox.inside.gateway.upstreams import (
    Address,
    address_of,
    model_server_path,
    why_unreachable,
)
from dashlink_sandbox.inside.names import Refusal
from dashlink_sandbox.inside.proxy import LOOPBACK, Decide
from dashlink_sandbox.state import State

_FIRST_ERROR_STATUS = 400  # from here on a fallback is tried
_DEFAULT_FIRST_BYTE_SECONDS = 600


class Unreachable(Exception):  # noqa: N818 - the outcome of an attempt
    """The service sent no response."""


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


class RequestHandler:
    """Handles the requests of all gateways, with what they share: policy state and connections."""

    def __init__(
        self,
        read_state: Callable[[], State],
        trust: ssl.SSLContext,
        decide: Decide,
        plain_port: int,
    ) -> None:
        self._read_state = read_state
        self._trust = trust
        self._decide = decide
        self._plain_port = plain_port
        self._policy_state = PolicyState()
        self._session: aiohttp.ClientSession | None = None
        self._random = random.Random()  # noqa: S311 - weights, not secrets

    async def stop(self) -> None:
        """Close every connection to services."""
        if self._session is not None:
            await self._session.close()

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
        usage = Usage(api, consumer, request, entry.model)
        exchange = Exchange(state, gateway, http, received, route, usage, entry, started)
        self._policy_state.refuse_over_limit(usage)
        message = received.last_user_message()
        refuse_forbidden(api, message, "request")
        _log_body(exchange)
        cached = self._policy_state.cached(api, entry.model, message)
        if cached is not None and not received.json.get("stream"):
            entry.cache_hit = True
            headers = {"X-Cache-Status": "hit"}
            return web.Response(body=cached, content_type="application/json", headers=headers)
        return await self._try_all(exchange, plan(api, entry.model, self._random.random()))

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
        address = address_of(exchange.state, exchange.gateway, service, exchange.route.forward_path)
        simulated = exchange.state.upstreams.get(service.name) or address.upstream
        upstream = simulated or Upstream(host=address.host)
        if upstream.failing < 0:
            raise Unreachable(f"{service.name} takes no connection")
        if upstream.failing:
            return record.failed(upstream.failing, "fails on demand")
        destination = _Destination(
            await self._url(exchange, address),
            address.host,
            forward_headers(exchange.received.headers, address.host, self._key(service)),
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
            return await self._client().request(
                received.method,
                destination.url,
                data=received.body or None,
                headers=destination.headers,
                allow_redirects=False,
                ssl=self._trust,
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
                message = exchange.received.last_user_message()
                self._policy_state.remember(api, entry.model, message, whole)
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
        self._policy_state.spend(exchange.usage, count.tokens)
        return back

    async def _web_socket(
        self, exchange: Exchange, destination: _Destination, record: _Attempt
    ) -> web.StreamResponse | None:
        headers = {}
        for name, value in destination.headers.items():
            if not name.lower().startswith("sec-websocket"):
                headers[name] = value

        async def connect() -> aiohttp.ClientWebSocketResponse:
            return await self._client().ws_connect(
                destination.url,
                headers=headers,
                ssl=self._trust,
                server_hostname=destination.host,
                max_msg_size=0,
            )

        try:
            return await relay_web_socket(exchange.http, connect, lambda: record.note(101))
        except aiohttp.WSServerHandshakeError as error:
            return record.failed(error.status, "refuses the WebSocket")
        except (aiohttp.ClientError, OSError) as error:
            raise Unreachable(f"{type(error).__name__}: {error}") from None

    async def _url(self, exchange: Exchange, address: Address) -> URL:
        """Return the URL of the service on loopback.

        Raises:
            Unreachable: The gateway's vSwitch cannot connect to it.
        """
        gateway, upstream = exchange.gateway, address.upstream
        query = exchange.received.query
        if upstream is not None:
            cause = why_unreachable(exchange.state, gateway, upstream)
            if cause is not None:
                raise Unreachable(cause)
            path = model_server_path(address.path)
            return _loopback("http", self._plain_port, path, query)
        vswitch = gateway.vswitch_id or gateway.vswitches[0][1]
        decision = await self._decide(f"{gateway.vpc_id}.{vswitch}", address.host, address.port)
        if isinstance(decision, Refusal):
            raise Unreachable(decision.cause)
        return _loopback(address.scheme, decision.port, address.path, query)

    def _key(self, service: AiService) -> str | None:
        keys = service.ai_config.get("apiKeys")
        return str(self._random.choice(list(keys))) if keys else None

    def _client(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0),
                timeout=aiohttp.ClientTimeout(total=None),
                auto_decompress=False,
                skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
            )
        return self._session


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
        self._attempts = entry.attempts
        self._attempts.append((service, model, 0))

    def note(self, status: int) -> None:
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


def _loopback(scheme: str, port: int, path: str, query: str) -> URL:
    """A URL on this machine; ``path`` and ``query`` are encoded already."""
    address = f"{scheme}://{LOOPBACK}:{port}{path}"
    return URL(f"{address}?{query}" if query else address, encoded=True)
