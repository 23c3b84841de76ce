"""A gateway at work: one request from its arrival to the last byte of the answer, and the sockets of all gateways.

find -> caller -> limits, content security, cache -> plan -> attempts in order -> answer, journal. That plain HTTP is
sent on to HTTPS with 301, where HTTPS is forced, is unverified.
"""

from __future__ import annotations

import asyncio
import random
import ssl
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass

import aiohttp
from aiohttp import web
from yarl import URL

from dashlink_sandbox.certificates import Authority
from dashlink_sandbox.gateways import AiService, Consumer, Gateway
from dashlink_sandbox.inside.gateway.callers import Request, caller
from dashlink_sandbox.inside.gateway.find import Found, covers, find, forces_https
from dashlink_sandbox.inside.gateway.journal import Entry, Journal
from dashlink_sandbox.inside.gateway.policies import Memory, checks_answers, refuse_forbidden
from dashlink_sandbox.inside.gateway.refusal import GatewayRefusal
from dashlink_sandbox.inside.gateway.relay import Asked, TokenCount, answer_back, forward_headers, relay_web_socket
from dashlink_sandbox.inside.gateway.routing import Plan, Target, plan, policies
from dashlink_sandbox.inside.gateway.upstreams import Address, address_of, model_server_path, why_unreachable
from dashlink_sandbox.inside.names import Refusal
from dashlink_sandbox.inside.proxy import LOOPBACK, Leads
from dashlink_sandbox.state import State

_LARGEST_BODY_BYTES = 64 * 1024 * 1024
_FAILED = 400  # from here on a status is a failure that a fallback may mend
_DEFAULT_FIRST_BYTE_SECONDS = 600

Lead = Callable[[str, str, int], Awaitable[Leads | Refusal]]


class Unreachable(Exception):  # noqa: N818 - what an attempt ends with
    """No answer came from the service: the gateway answers itself."""


@dataclass
class Passage:
    """One request on its way, with what has been found out about it."""

    state: State
    gateway: Gateway
    http: web.Request
    asked: Asked
    found: Found
    consumer: Consumer | None
    entry: Entry
    started: float

    @property
    def as_request(self) -> Request:
        """What identifies the caller."""
        return request_of(self.http)


class Gateways:
    """All gateways of a sandbox; each gets its sockets when it is first dialled."""

    def __init__(
        self, read_state: Callable[[], State], authority: Authority, lead: Lead, plain_port: int, journal: Journal
    ) -> None:
        self._read_state = read_state
        self._authority = authority
        self._lead = lead
        self._plain_port = plain_port
        self._journal = journal
        self._trust = ssl.create_default_context(cafile=str(authority.ca_file))
        self._memory = Memory()
        self._runners: dict[str, web.AppRunner] = {}
        self._ports: dict[tuple[str, bool], int] = {}
        self._session: aiohttp.ClientSession | None = None
        self._opening = asyncio.Lock()
        self._random = random.Random()  # noqa: S311 - weights, not secrets

    async def port(self, gateway_id: str, *, tls: bool) -> int:
        """Where the gateway answers on 127.0.0.1, with or without TLS."""
        async with self._opening:
            if (gateway_id, tls) not in self._ports:
                self._ports[gateway_id, tls] = await self._open(gateway_id, tls=tls)
            return self._ports[gateway_id, tls]

    async def _open(self, gateway_id: str, *, tls: bool) -> int:
        runner = await self._runner(gateway_id)
        context = self._authority.context_by_name(lambda asked: self._certified(gateway_id, asked)) if tls else None
        site = web.TCPSite(runner, LOOPBACK, 0, ssl_context=context)
        await site.start()
        return site.port

    async def stop(self) -> None:
        """Close everything."""
        if self._session is not None:
            await self._session.close()
        for runner in self._runners.values():
            await runner.cleanup()

    async def _runner(self, gateway_id: str) -> web.AppRunner:
        if gateway_id not in self._runners:
            app = web.Application(client_max_size=_LARGEST_BODY_BYTES)

            async def answer(request: web.Request) -> web.StreamResponse:
                return await self._answer(gateway_id, request)

            app.router.add_route("*", "/{path:.*}", answer)
            self._runners[gateway_id] = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
            await self._runners[gateway_id].setup()
        return self._runners[gateway_id]

    def _certified(self, gateway_id: str, asked: str | None) -> Collection[str]:
        """The HTTPS domain that is asked for, if an API of the gateway is served under it."""
        state = self._read_state()
        ids = {
            domain
            for api in state.http_apis.values()
            if api.gateway_id == gateway_id
            for domain in api.deploy_config.get("customDomainIds") or ()
        }
        names = {row.name for key in ids if (row := state.domains.get(key)) is not None and row.protocol == "HTTPS"}
        return (asked,) if asked is not None and any(covers(name, asked) for name in names) else ()

    async def _answer(self, gateway_id: str, http: web.Request) -> web.StreamResponse:
        started = time.monotonic()
        entry = Entry(time.time(), gateway_id, http.method, http.host, http.path)
        self._journal.entries.append(entry)
        try:
            response = await self._pass(gateway_id, http, entry, started)
        except GatewayRefusal as refusal:
            entry.refusal = refusal.code
            response = refusal.response()
        entry.status = response.status
        entry.seconds = time.monotonic() - started
        return response

    async def _pass(self, gateway_id: str, http: web.Request, entry: Entry, started: float) -> web.StreamResponse:
        state = self._read_state()
        gateway = state.gateways.get(gateway_id)
        if gateway is None or gateway.status != "Running":
            raise GatewayRefusal(503, "gateway_not_running", "The gateway is not running.")
        found = find(state, gateway_id, http.host, http.method, http.rel_url.raw_path)
        entry.api, entry.route = found.api.name, found.route.name
        if not http.secure and forces_https(state, found.api, http.host):
            return web.Response(status=301, headers={"Location": f"https://{http.host}{http.rel_url.raw_path_qs}"})
        consumer = caller(state, found.api, request_of(http))
        entry.consumer = consumer.name if consumer is not None else ""
        asked = Asked(http.method, dict(http.headers), http.rel_url.raw_query_string, await http.read())
        entry.model = asked.model or http.query.get("model", "")
        passage = Passage(state, gateway, http, asked, found, consumer, entry, started)
        self._memory.refuse_over_limit(found.api, consumer, passage.as_request, entry.model)
        refuse_forbidden(found.api, asked.said(), answer=False)
        self._note_body(passage)
        kept = self._memory.cached(found.api, entry.model, asked.said())
        if kept is not None and not asked.json.get("stream"):
            entry.cache_hit = True
            return web.Response(body=kept, content_type="application/json", headers={"X-Cache-Status": "hit"})
        return await self._try_all(passage, plan(found.api, entry.model, self._random.random()))

    def _note_body(self, passage: Passage) -> None:
        """Bodies are logged where the gateway delivers logs and the API's statistics ask for them."""
        statistics = policies(passage.found.api.deploy_config, "AiStatistics", "aiStatisticsConfig")
        if passage.gateway.sls_enabled and any(config.get("logRequestContent") for config in statistics):
            passage.entry.body = passage.asked.body.decode("utf-8", "replace")

    async def _try_all(self, passage: Passage, chosen: Plan) -> web.StreamResponse:
        """The first target, then each fallback, until one answers well; the last one's answer stands."""
        for number, target in enumerate(chosen.targets):
            last = number == len(chosen.targets) - 1
            try:
                response = await self._attempt(passage, target, last=last)
            except Unreachable as error:
                if last or chosen.only_upstream:
                    raise GatewayRefusal(503, "upstream_unreachable", str(error)) from None
                continue
            if response is not None:
                return response
        raise GatewayRefusal(503, "no_service", "The API has no service.")

    async def _attempt(self, passage: Passage, target: Target, *, last: bool) -> web.StreamResponse | None:
        """One target's answer, on its way to the client; None where it failed and another one is to be tried.

        Raises:
            Unreachable: No answer came.
        """
        service = passage.state.ai_services.get(target.service_id)
        if service is None:
            raise Unreachable(f"the service {target.service_id} is gone")
        name, sent = service.name, target.model or passage.entry.model
        record = passage.entry.attempts
        record.append((name, sent, 0))

        def note(status: int) -> None:
            record[-1] = (name, sent, status)

        address = address_of(passage.state, passage.gateway, service, passage.found.forward_path)
        demanded = passage.state.upstreams.get(service.name) or address.upstream
        failing = demanded.failing if demanded is not None else 0
        if failing < 0:
            raise Unreachable(f"{service.name} takes no connection")
        if failing:
            note(failing)
            return _refused(failing, service.name, "fails on demand") if last else None
        url, tls = await self._url(passage, address)
        headers = forward_headers(passage.asked.headers, address.host, self._key(service))
        way = _Way(url, headers, tls, demanded.delay_seconds if demanded is not None else 0.0)
        if passage.http.headers.get("Upgrade", "").lower() == "websocket":
            return await self._web_socket(passage, way, note, last=last)
        return await self._http(passage, target, way, note, last=last)

    async def _http(
        self, passage: Passage, target: Target, way: _Way, note: Callable[[int], None], *, last: bool
    ) -> web.StreamResponse | None:
        asked = passage.asked.with_model(target.model)
        limit = passage.found.api.first_byte_timeout or _DEFAULT_FIRST_BYTE_SECONDS

        async def first_byte() -> aiohttp.ClientResponse:
            await asyncio.sleep(way.delay_seconds)
            return await self._client().request(
                asked.method,
                way.url,
                data=asked.body or None,
                headers=way.headers,
                allow_redirects=False,
                ssl=way.tls.context or False,
                server_hostname=way.tls.name,
            )

        try:
            response = await asyncio.wait_for(first_byte(), limit)
        except TimeoutError:
            raise Unreachable(f"no first byte within {limit} s") from None
        except (aiohttp.ClientError, OSError) as error:
            raise Unreachable(f"{type(error).__name__}: {error}") from None
        async with response:
            note(response.status)
            if response.status >= _FAILED and not last:
                return None
            return await self._finish(passage, response)

    async def _finish(self, passage: Passage, response: aiohttp.ClientResponse) -> web.StreamResponse:
        """Bring the answer back, then count it."""
        entry, api = passage.entry, passage.found.api
        entry.first_byte_seconds = time.monotonic() - passage.started
        service, model, _ = entry.attempts[-1]
        extra = {"X-Gateway-Service": service, "X-Gateway-Model": model}
        streams = "event-stream" in response.headers.get("Content-Type", "")
        passed_on = response.status >= _FAILED or (streams and not checks_answers(api))
        whole = b"" if passed_on else await response.read()
        count = TokenCount()
        back: web.StreamResponse
        if whole:
            refuse_forbidden(api, whole.decode("utf-8", "replace"), answer=True)
            if not streams:
                self._memory.remember(api, entry.model, passage.asked.said(), whole)
            count.feed(whole)
            count.close()
            kind = response.headers.get("Content-Type", "application/json")
            kept = {name: value for name, value in response.headers.items() if name.lower().startswith("x-")}
            back = web.Response(body=whole, status=response.status, headers={"Content-Type": kind, **kept, **extra})
            entry.bytes_sent = len(whole)
        else:
            back, entry.bytes_sent = await answer_back(passage.http, response, extra, count)
        entry.tokens = count.tokens
        self._memory.spend(api, passage.consumer, passage.as_request, entry.model, count.tokens)
        return back

    async def _web_socket(
        self, passage: Passage, way: _Way, note: Callable[[int], None], *, last: bool
    ) -> web.StreamResponse | None:
        kept = {name: value for name, value in way.headers.items() if not name.lower().startswith("sec-websocket")}

        async def connect() -> aiohttp.ClientWebSocketResponse:
            return await self._client().ws_connect(
                way.url, headers=kept, ssl=way.tls.context or False, server_hostname=way.tls.name, max_msg_size=0
            )

        try:
            return await relay_web_socket(passage.http, connect, lambda: note(101))
        except aiohttp.WSServerHandshakeError as error:
            note(error.status)
            service = passage.entry.attempts[-1][0]
            return _refused(error.status, service, "refuses the WebSocket") if last else None
        except (aiohttp.ClientError, OSError) as error:
            raise Unreachable(f"{type(error).__name__}: {error}") from None

    async def _url(self, passage: Passage, address: Address) -> tuple[URL, _Tls]:
        """Where on loopback the service is.

        Raises:
            Unreachable: It is not to be reached from the gateway's vSwitch.
        """
        gateway, upstream = passage.gateway, address.upstream
        if upstream is not None:
            cause = why_unreachable(passage.state, gateway, upstream)
            if cause is not None:
                raise Unreachable(cause)
            path = model_server_path(address.path)
            return _loopback("http", self._plain_port, path, passage.asked.query), _Tls(None, None)
        vswitch = gateway.vswitch_id or gateway.vswitches[0][1]
        led = await self._lead(f"{gateway.vpc_id}.{vswitch}", address.host, address.port)
        if isinstance(led, Refusal):
            raise Unreachable(led.cause)
        tls = _Tls(self._trust, address.host) if address.scheme == "https" else _Tls(None, None)
        return _loopback(address.scheme, led.port, address.path, passage.asked.query), tls

    def _key(self, service: AiService) -> str | None:
        keys = service.ai_config.get("apiKeys") or ()
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
class _Tls:
    """How to speak TLS to a service: the trust, and the name that its certificate must have; or not at all."""

    context: ssl.SSLContext | None
    name: str | None


@dataclass(frozen=True)
class _Way:
    """How to get to a service, and how long it thinks before it answers."""

    url: URL
    headers: Mapping[str, str]
    tls: _Tls
    delay_seconds: float


def request_of(http: web.Request) -> Request:
    """What of a request says who sends it."""
    headers = {name.lower(): value for name, value in http.headers.items()}
    return Request(http.method, http.rel_url.raw_path_qs, headers, dict(http.query))


def _loopback(scheme: str, port: int, path: str, query: str) -> URL:
    """A URL on this machine; path and query as they came, encoded."""
    return URL(f"{scheme}://{LOOPBACK}:{port}{path}{'?' if query else ''}{query}", encoded=True)


def _refused(status: int, service: str, what: str) -> web.Response:
    """The answer of a service that says no where its own words are not at hand."""
    said = {"message": f"{service} {what}", "type": "upstream_error", "code": "sandbox_failing", "param": None}
    return web.json_response({"error": said}, status=status, headers={"X-Gateway-Service": service})
