"""What a machine within a VPC of the sandbox sees: names, routes, firewalls, and the model services behind an endpoint.

A client is started with this proxy in its environment; the proxy's user name says in which VPC it is. For each
connection access.py decides over the sandbox's records, names.py resolving what is asked for; a refusal names its
cause. What is let through is led to the one model server (models/), which listens on a port for plain HTTP and, for
each endpoint service, on a port that speaks TLS with that service's certificate: 80 leads to the former, 443 to the
latter, and nothing else is open.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection

from aiohttp import web

from dashlink_sandbox.certificates import Authority
from dashlink_sandbox.inside.access import Allowed, AllowedGateway, Client, decide, place_client
from dashlink_sandbox.inside.gateway import Gateways
from dashlink_sandbox.inside.gateway.journal import Journal
from dashlink_sandbox.inside.models import Seen, application
from dashlink_sandbox.inside.names import Refusal, Resolved, resolve
from dashlink_sandbox.inside.proxy import LOOPBACK, ForwardProxy, Leads
from dashlink_sandbox.state import State

__all__ = ["Allowed", "Client", "Inside", "Journal", "Refusal", "Resolved", "Seen", "decide", "place_client", "resolve"]

HTTPS_PORT = 443
KEPT_REQUESTS = 1000


class Inside:
    """The inside of every VPC of a sandbox.

    Attributes:
        proxy_port: Where the forward proxy accepts on 127.0.0.1.
        requests: The last requests that reached the model server, oldest first, without keys.
        journal: What gateways wrote down.
    """

    def __init__(
        self,
        read_state: Callable[[], State],
        authority: Authority,
        runner: web.AppRunner,
        seen: deque[Seen],
        journal: Journal,
    ) -> None:
        self.requests = seen
        self.journal = journal
        self.proxy_port = 0
        self._read_state = read_state
        self._authority = authority
        self._runner = runner
        self._plain_port = 0
        self._tls_ports: dict[str, int] = {}
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
    ) -> Inside:
        """Start proxy and model server in the running event loop.

        Args:
            read_state: The sandbox's records as they are now; asked in this event loop at each request, and only read.
            authority: Issues the services' certificates.
            proxy_port: Where the proxy accepts; 0: on any free port.
            api_key: The key that the model server takes.
            journal: Where gateways write down what passes through them.

        Raises:
            OSError: The port is taken.
        """
        written = journal if journal is not None else Journal()
        seen: deque[Seen] = deque(maxlen=KEPT_REQUESTS)
        runner = web.AppRunner(application(api_key, seen), access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        inside = cls(read_state, authority, runner, seen, written)
        try:
            inside._plain_port = await inside._listen(None)
            inside._gateways = Gateways(read_state, authority, inside._lead, inside._plain_port, written)
            inside._proxy = await ForwardProxy.start(inside._lead, port=proxy_port)
        except OSError:
            await runner.cleanup()
            raise
        inside.proxy_port = inside._proxy.port
        return inside

    async def stop(self) -> None:
        """End every connection, thread and socket."""
        if self._proxy is not None:
            await self._proxy.stop()
        if self._gateways is not None:
            await self._gateways.stop()
        await self._runner.cleanup()

    async def _lead(self, user: str, host: str, port: int) -> Leads | Refusal:
        decision = decide(self._read_state(), user, host, port)
        if isinstance(decision, Refusal):
            return decision
        if isinstance(decision, AllowedGateway) and self._gateways is not None:
            return Leads(await self._gateways.port(decision.gateway.gateway_id, tls=decision.port == HTTPS_PORT))
        assert isinstance(decision, Allowed)  # noqa: S101 - nothing else is left
        if decision.port != HTTPS_PORT:
            return Leads(self._plain_port)
        return Leads(await self._tls_port(decision.service.service_id))

    async def _tls_port(self, service_id: str) -> int:
        """The port that answers with the service's certificate, opened when it is first needed."""
        if service_id not in self._tls_ports:
            self._tls_ports[service_id] = await self._listen(service_id)
        return self._tls_ports[service_id]

    async def _listen(self, service_id: str | None) -> int:
        context = None
        if service_id is not None:
            context = self._authority.context_by_name(lambda asked: self._certified(service_id, asked))
        site = web.TCPSite(self._runner, LOOPBACK, 0, ssl_context=context)
        await site.start()
        return site.port

    def _certified(self, service_id: str, asked: str | None) -> Collection[str]:
        """The names of the service's certificate: the one asked for if it is the service's, else all that it has."""
        service = self._read_state().endpoint_services.get(service_id)
        own = service.tls_names if service is not None else []
        return (asked,) if asked in own else own
