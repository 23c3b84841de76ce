"""The network and the model services that a machine within a VPC of the sandbox sees.

A client is started with the forward proxy in its environment; the proxy's user name selects the
VPC. For each connection access.py decides from the sandbox's records, with names.py as DNS; a
refusal names its cause. An allowed connection is forwarded to a gateway (gateway/) or to the one
model server (models/), which listens on a port for plain HTTP and, for each endpoint service, on a
port with that service's TLS certificate: port 80 is forwarded to the former, 443 to the latter.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection

from aiohttp import web

from dashlink_sandbox.certificates import Authority
from dashlink_sandbox.inside.access import (
    Allowed,
    AllowedGateway,
    AllowedPublic,
    Client,
    Decision,
    decide,
    place_client,
)
from dashlink_sandbox.inside.eas import AllowedEas
from dashlink_sandbox.inside.eas_server import EasServer
from dashlink_sandbox.inside.gateway import Gateways
from dashlink_sandbox.inside.gateway.health import ServiceHealth
from dashlink_sandbox.inside.gateway.journal import Journal
from dashlink_sandbox.inside.maas.hosts import AllowedMaas
from dashlink_sandbox.inside.maas.server import MaasServer
from dashlink_sandbox.inside.models import RecordedRequest, application
from dashlink_sandbox.inside.names import Refusal, Resolved, resolve
from dashlink_sandbox.inside.proxy import LOOPBACK, Forward, ForwardProxy
from dashlink_sandbox.inside.way_out import GATEWAY_ADDRESS
from dashlink_sandbox.state import State

__all__ = [
    "Allowed",
    "Client",
    "Inside",
    "Journal",
    "RecordedRequest",
    "Refusal",
    "Resolved",
    "decide",
    "place_client",
    "resolve",
]

HTTPS_PORT = 443
MOST_REQUESTS = 1000


class Inside:
    """The inside of every VPC of a sandbox.

    Attributes:
        proxy_port: The port of the forward proxy on 127.0.0.1.
        requests: The last requests that the model server received, oldest first, without keys.
        dialled: The hosts of the last connections and requests that clients asked the proxy for,
            oldest first, those that it refused too.
        journal: The access log of the gateways.
        health: The health of the gateways' services.
    """

    def __init__(
        self,
        read_state: Callable[[], State],
        authority: Authority,
        api_key: str,
        journal: Journal,
        health: ServiceHealth,
    ) -> None:
        self.requests: deque[RecordedRequest] = deque(maxlen=MOST_REQUESTS)
        self.dialled: deque[str] = deque(maxlen=MOST_REQUESTS)
        self.journal = journal
        self.health = health
        self.proxy_port = 0
        self._read_state = read_state
        self._authority = authority
        app = application(api_key, self.requests)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        self._eas = EasServer(read_state, api_key)
        self._maas = MaasServer(read_state, authority, api_key, self.requests)
        self._eas_ports: dict[tuple[bool, bool], int] = {}
        self._public_ports: dict[bool, int] = {}
        self._plain_port = 0
        self._tls_ports: dict[str, int] = {}
        self._clients: dict[str, str] = {}
        self._proxy: ForwardProxy | None = None
        self._gateways: Gateways | None = None

    @classmethod
    async def start(
        cls,
        read_state: Callable[[], State],
        authority: Authority,
        *,
        proxy_port: int,
        api_key: str,
        journal: Journal | None = None,
        health: ServiceHealth | None = None,
    ) -> Inside:
        """Start proxy and model server in the running event loop.

        Args:
            read_state: Returns the sandbox's current records, which are only read; called in this
                event loop for each request.
            authority: Issues the services' certificates.
            proxy_port: The port of the proxy; 0: any free port.
            api_key: The key that the model server accepts.
            journal: The access log of the gateways.
            health: The health of the gateways' services.

        Raises:
            OSError: The port is already in use.
        """
        if journal is None:
            journal = Journal()
        if health is None:
            health = ServiceHealth()
        inside = cls(read_state, authority, api_key, journal, health)
        await inside._runner.setup()
        try:
            inside._plain_port = await inside._listen(None)
            await inside._start_public()
            await inside._start_eas()
            await inside._maas.start()
            inside._gateways = Gateways(
                read_state,
                authority,
                inside._decide_for_gateway,
                inside._plain_port,
                journal,
                inside._client_of,
                health,
            )
            inside._proxy = await ForwardProxy.start(inside._decide, port=proxy_port)
        except OSError:
            await inside._eas.stop()
            await inside._maas.stop()
            await inside._runner.cleanup()
            raise
        inside.proxy_port = inside._proxy.port
        return inside

    async def stop(self) -> None:
        """Close every connection and socket, and end every thread."""
        if self._proxy is not None:
            await self._proxy.stop()
        if self._gateways is not None:
            await self._gateways.stop()
        await self._eas.stop()
        await self._maas.stop()
        await self._runner.cleanup()

    async def _decide(self, user: str, host: str, port: int) -> Forward | Refusal:
        self.dialled.append(host)
        return await self._forward(decide(self._read_state(), user, host, port))

    async def _decide_for_gateway(self, user: str, host: str, port: int) -> Forward | Refusal:
        """Decide for a gateway's own connection, which by the dialect needs no way out."""
        state = self._read_state()
        way_out = GATEWAY_ADDRESS if state.dialect["gateway-way-out"] == "own" else ""
        return await self._forward(decide(state, user, host, port, way_out=way_out))

    async def _forward(self, decision: Decision) -> Forward | Refusal:
        if isinstance(decision, Refusal):
            return decision
        tls = decision.port == HTTPS_PORT
        if isinstance(decision, AllowedGateway):
            assert self._gateways is not None  # noqa: S101 - created before the proxy
            port = await self._gateways.port(decision.gateway.gateway_id, tls=tls)
            return Forward(port, self._source_of(decision.client))
        if isinstance(decision, AllowedEas):
            return Forward(self._eas_ports[tls, decision.forbidden])
        if isinstance(decision, AllowedMaas):
            return Forward(await self._maas.port(decision.source))
        if isinstance(decision, AllowedPublic):
            return Forward(self._public_ports[tls])
        return Forward(
            await self._tls_port(decision.service.service_id) if tls else self._plain_port
        )

    async def _start_public(self) -> None:
        """Listen for the model servers on the internet, by http and by https under any name."""
        context = self._authority.context_by_name(lambda name: [name] if name else [])
        site = web.TCPSite(self._runner, LOOPBACK, 0, ssl_context=context)
        await site.start()
        self._public_ports = {False: self._plain_port, True: site.port}

    async def _start_eas(self) -> None:
        """Listen for PAI-EAS, by http and by https."""
        self._eas.model_port = self._plain_port
        context = self._authority.context_by_name(lambda name: [name] if name else [])
        for forbidden, runner in enumerate((self._eas.runner, self._eas.forbidding_runner)):
            await runner.setup()
            for tls in (False, True):
                site = web.TCPSite(runner, LOOPBACK, 0, ssl_context=context if tls else None)
                await site.start()
                self._eas_ports[tls, bool(forbidden)] = site.port

    def _source_of(self, client: Client) -> str:
        """The loopback address from which a client's connections come."""
        source = f"127.{client.address.partition('.')[2]}"
        self._clients[source] = client.address
        return source

    def _client_of(self, source: str) -> str:
        """The address within its VPC of the client that connects from a loopback address."""
        return self._clients.get(source, source)

    async def _tls_port(self, service_id: str) -> int:
        """The port with the service's certificate, opened by the first connection."""
        if service_id not in self._tls_ports:
            self._tls_ports[service_id] = await self._listen(service_id)
        return self._tls_ports[service_id]

    async def _listen(self, service_id: str | None) -> int:
        context = None
        if service_id is not None:
            context = self._authority.context_by_name(
                lambda name: self._certified(service_id, name)
            )
        site = web.TCPSite(self._runner, LOOPBACK, 0, ssl_context=context)
        await site.start()
        return site.port

    def _certified(self, service_id: str, name: str | None) -> Collection[str]:
        """The names of the service's certificate: ``name`` if it is the service's, else all."""
        service = self._read_state().endpoint_services.get(service_id)
        names = service.tls_names if service is not None else []
        return (name,) if name in names else names
