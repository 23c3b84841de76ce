"""Connections from a gateway to its services, and the gateway's own requests over them."""

from __future__ import annotations

import asyncio
import json
import random
import ssl
from collections.abc import Mapping
from typing import Any

import aiohttp
from yarl import URL

from dashlink_sandbox.gateways import AiService, Gateway, HttpApi, Upstream
from dashlink_sandbox.inside.gateway.cache import Vector
from dashlink_sandbox.inside.gateway.lookup import RouteMatch
from dashlink_sandbox.inside.gateway.relay import key_headers
from dashlink_sandbox.inside.gateway.upstreams import (
    Address,
    address_of,
    model_server_path,
    plain_address,
    why_unreachable,
)
from dashlink_sandbox.inside.names import Refusal
from dashlink_sandbox.inside.proxy import LOOPBACK, Decide
from dashlink_sandbox.model_routes import Route
from dashlink_sandbox.state import State

_CHECK_SECONDS = 2.0
_EMBEDDING_SECONDS = 10.0
_EMBEDDING = Route("embedding", "/v1/embeddings", ("POST",))


class Unreachable(Exception):  # noqa: N818 - the outcome of an attempt
    """The service sent no response."""


class Connections:
    """The connections of all gateways to services, on loopback.

    Attributes:
        trust: The certificate authority that gateways trust.
    """

    def __init__(self, trust: ssl.SSLContext, decide: Decide, plain_port: int) -> None:
        self.trust = trust
        self._decide = decide
        self._plain_port = plain_port
        self._session: aiohttp.ClientSession | None = None
        self._random = random.Random()  # noqa: S311 - one of several keys

    async def stop(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()

    def session(self) -> aiohttp.ClientSession:
        """The session of all requests."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0),
                timeout=aiohttp.ClientTimeout(total=None),
                auto_decompress=False,
                skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
            )
        return self._session

    async def url(self, state: State, gateway: Gateway, address: Address, query: str = "") -> URL:
        """Return the URL of an address on loopback.

        Raises:
            Unreachable: The gateway's vSwitch cannot connect to it.
        """
        upstream = address.upstream
        if upstream is not None:
            cause = why_unreachable(state, gateway, upstream)
            if cause is not None:
                raise Unreachable(cause)
            return _loopback("http", self._plain_port, model_server_path(address.path), query)
        vswitch = gateway.vswitch_id or gateway.vswitches[0][1]
        decision = await self._decide(f"{gateway.vpc_id}.{vswitch}", address.host, address.port)
        if isinstance(decision, Refusal):
            raise Unreachable(decision.cause)
        return _loopback(address.scheme, decision.port, address.path, query)

    def key_headers(self, service: AiService, path: str) -> dict[str, str]:
        """The headers with one of the service's keys, in turn by chance; empty without a key."""
        keys = service.ai_config.get("apiKeys")
        key = str(self._random.choice(list(keys))) if keys else None
        return key_headers(service.ai_config.get("provider", ""), path, key)

    async def passes_check(self, state: State, gateway: Gateway, service: AiService) -> bool:
        """Make one health check: a connection, or an expected status of a path, without a key."""
        check = service.health_check
        address = plain_address(state, gateway, service, str(check.get("httpPath") or "/"))
        upstream = simulated(state, service, address)
        expected = {str(status) for status in check.get("expectedStatuses") or ()}
        by_http = check.get("protocol") == "HTTP"
        if upstream.failing:
            return upstream.failing > 0 and (not by_http or str(upstream.failing) in expected)
        try:
            async with asyncio.timeout(float(check.get("timeout") or _CHECK_SECONDS)):
                await asyncio.sleep(upstream.delay_seconds)
                url = await self.url(state, gateway, address)
                if not by_http:
                    return True
                host = str(check.get("httpHost") or address.host)
                async with self._send("GET", url, address, {"Host": host}) as response:
                    return str(response.status) in expected
        except (Unreachable, TimeoutError, aiohttp.ClientError, OSError):
            return False

    async def embedding(
        self, state: State, gateway: Gateway, api: HttpApi, config: Mapping[str, Any], text: str
    ) -> Vector | None:
        """Return the vector of ``text`` by an embeddingConfig; None where there is no answer."""
        service = state.ai_services.get(config.get("serviceId", ""))
        if service is None:
            return None
        route = RouteMatch(api, _EMBEDDING, _EMBEDDING.path, _EMBEDDING.path)
        address = address_of(state, gateway, service, route)
        headers = {
            **self.key_headers(service, address.path),
            "Host": address.host,
            "Content-Type": "application/json",
        }
        body = json.dumps({"model": config.get("modelName"), "input": text}).encode()
        try:
            async with asyncio.timeout(_EMBEDDING_SECONDS):
                url = await self.url(state, gateway, address)
                async with self._send("POST", url, address, headers, body) as response:
                    document = json.loads(await response.read())
                    vector: Vector = document["data"][0]["embedding"]
        except (Unreachable, TimeoutError, aiohttp.ClientError, OSError):
            return None
        except (LookupError, TypeError, ValueError):  # an error in place of an embedding
            return None
        return vector

    def _send(
        self,
        method: str,
        url: URL,
        address: Address,
        headers: Mapping[str, str],
        body: bytes | None = None,
    ) -> Any:
        """Send a request of the gateway's own; the response is a context manager."""
        return self.session().request(
            method,
            url,
            data=body,
            headers=headers,
            allow_redirects=False,
            ssl=self.trust,
            server_hostname=address.host,
        )


def simulated(state: State, service: AiService, address: Address) -> Upstream:
    """How a service behaves by the admin calls: under its name, or under its host."""
    by_name = state.upstreams.get(service.name)
    return by_name or address.upstream or Upstream(host=address.host)


def _loopback(scheme: str, port: int, path: str, query: str) -> URL:
    """A URL on this machine; ``path`` and ``query`` are encoded already."""
    address = f"{scheme}://{LOOPBACK}:{port}{path}"
    return URL(f"{address}?{query}" if query else address, encoded=True)
