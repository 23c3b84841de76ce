"""The forward proxy that stands for the network of a VPC, built on proxy.py.

:class:`ForwardProxy` accepts on 127.0.0.1 and hands each connection to a thread of proxy.py's protocol handler, which
parses, forwards, tunnels and keeps alive. :class:`_Gate`, a plugin in it, is all that is ours: it reads who asks (the
user name of ``Proxy-Authorization``) and for what, has ``decide`` answer in the event loop (so that records are only
ever read there), and then leads the connection to a port of 127.0.0.1, whatever the name was, or refuses it. A refusal
has status 502 and the cause in its reason, in the header ``X-Sandbox-Cause`` and in its body: at least one of them
reaches the user through every SDK.

Each request on a connection that is kept alive is asked about anew, so that a change in the cloud shows at once; a
tunnel (CONNECT) stands until one side closes it, as an established TCP connection does.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import binascii
import contextlib
import json
import logging
import socket
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import unquote

from proxy.common.flag import flags as proxy_flags
from proxy.core.work.threaded import start_threaded_work
from proxy.http.exception import HttpRequestRejected
from proxy.http.handler import HttpProtocolHandler
from proxy.http.parser import HttpParser
from proxy.http.proxy import HttpProxyBasePlugin, HttpProxyPlugin

from dashlink_sandbox.inside.names import Refusal

LOOPBACK = "127.0.0.1"
DECISION_SECONDS = 30.0  # far more than a decision takes: only a loop that hangs needs as long
IDLE_SECONDS = 3600  # proxy.py closes what is silent for longer; its default, 10 s, would cut a slow model's answer off
STOP_SECONDS = 5.0

# Nobody is told of refusals twice: proxy.py logs each as a warning, and without a handler Python prints warnings to
# stderr.
logging.getLogger("proxy").addHandler(logging.NullHandler())


@dataclass(frozen=True)
class Leads:
    """The connection comes about: it leads to this port of 127.0.0.1."""

    port: int


Decide = Callable[[str, str, int], Awaitable[Leads | Refusal]]


class ForwardProxy:
    """A forward proxy on 127.0.0.1.

    Attributes:
        port: Where it accepts.
    """

    def __init__(self, listening: socket.socket, decide: Decide) -> None:
        self.port: int = listening.getsockname()[1]
        self._listening = listening
        self._loop = asyncio.get_running_loop()
        self._flags = _flags(self._answer(decide))
        self._open: list[tuple[socket.socket, threading.Thread]] = []
        self._accepting = asyncio.create_task(self._accept())

    @classmethod
    async def start(cls, decide: Decide, *, port: int = 0) -> ForwardProxy:
        """Start a proxy.

        Args:
            decide: Gets the user name, host and port of each request; runs in this event loop.
            port: Where to accept; 0: on any free port.

        Raises:
            OSError: The port is taken.
        """
        listening = socket.create_server((LOOPBACK, port), backlog=100)
        listening.setblocking(False)
        return cls(listening, decide)

    async def stop(self) -> None:
        """Accept no more, end every connection and its thread."""
        self._accepting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._accepting
        self._listening.close()
        for connection, _ in self._open:
            with contextlib.suppress(OSError):  # the other side was quicker
                connection.shutdown(socket.SHUT_RDWR)
        for _, thread in self._open:
            await asyncio.to_thread(thread.join, STOP_SECONDS)
        self._open.clear()

    async def _accept(self) -> None:
        while True:
            connection, address = await self._loop.sock_accept(self._listening)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            work: tuple[object, threading.Thread] = start_threaded_work(self._flags, connection, address)
            thread = work[1]
            self._open = [(other, running) for other, running in self._open if running.is_alive()]
            self._open.append((connection, thread))

    def _answer(self, decide: Decide) -> Callable[[str, str, int], Leads | Refusal]:
        """``decide`` for the connections' threads."""

        async def decided(user: str, host: str, port: int) -> Leads | Refusal:
            return await decide(user, host, port)

        def answer(user: str, host: str, port: int) -> Leads | Refusal:
            return asyncio.run_coroutine_threadsafe(decided(user, host, port), self._loop).result(DECISION_SECONDS)

        return answer


def _flags(answer: Callable[[str, str, int], Leads | Refusal]) -> argparse.Namespace:
    """What proxy.py goes by.

    Its own ``FlagParser.initialize`` also makes folders in the home directory, sets the root logger up and raises the
    limit of open files, none of which is a sandbox's business; so these are the parser's defaults and the few values it
    derives.
    """
    flags = proxy_flags.parse_args([])
    flags.threadless = False
    flags.timeout = IDLE_SECONDS
    flags.keyfile = flags.certfile = None
    flags.disable_headers = []
    flags.work_klass = HttpProtocolHandler
    flags.plugins = {b"HttpProtocolHandlerPlugin": [HttpProxyPlugin], b"HttpProxyBasePlugin": [_Gate]}
    flags.sandbox_answer = answer
    return flags


class _Gate(HttpProxyBasePlugin):
    """Asks about each request of one connection and leads it on, or refuses it."""

    def before_upstream_connection(self, request: HttpParser) -> HttpParser:
        """The connection's first request, before there is a connection onwards."""
        self._first = request
        request.port = self._ask(request).port
        request.host = LOOPBACK.encode()
        return request

    def handle_client_request(self, request: HttpParser) -> HttpParser:
        """Each request, before it is sent on; the first one has been asked about already."""
        if request is not self._first:
            self._ask(request)
            request.del_headers([b"proxy-authorization", b"proxy-connection"])
        return request

    def _ask(self, request: HttpParser) -> Leads:
        user = _user(request)
        if user is None:
            raise _refused(
                407, b"Proxy Authentication Required", "the user name says which VPC: http://vpc-…:inside@host:port"
            )
        if not request.host or not request.port:
            raise _refused(400, b"Bad Request", "the request names no host")
        answer: Leads | Refusal = self.flags.sandbox_answer(user, request.host.decode("latin-1"), int(request.port))
        if isinstance(answer, Refusal):
            raise _refused(502, _line(answer.cause), answer.cause)
        return answer


def _user(request: HttpParser) -> str | None:
    """The user name of Basic authentication, unquoted; None where there is none that can be read."""
    if not request.has_header(b"proxy-authorization"):
        return None
    scheme, _, encoded = request.header(b"proxy-authorization").decode("latin-1").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user = base64.b64decode(encoded.strip(), validate=True).decode("utf-8").partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return None
    return unquote(user) or None


def _line(text: str) -> bytes:
    """``text`` as it may stand in a status line or header: one line of ASCII."""
    return " ".join(text.split()).encode("ascii", "replace")


def _refused(status: int, reason: bytes, cause: str) -> HttpRequestRejected:
    headers = {b"X-Sandbox-Cause": _line(cause), b"Content-Type": b"application/json"}
    if status == 407:  # noqa: PLR2004 - HTTP's own number
        headers[b"Proxy-Authenticate"] = b'Basic realm="vpc"'
    said = {"code": "SandboxNetwork", "message": cause}
    body = json.dumps({**said, "error": said}, ensure_ascii=False)  # as DashScope's SDK reads it, and as OpenAI's does
    return HttpRequestRejected(status_code=status, reason=reason, headers=headers, body=body.encode())
