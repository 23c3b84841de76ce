"""The forward proxy that simulates the network of a VPC, built on proxy.py.

:class:`ForwardProxy` accepts on 127.0.0.1 and passes each connection to a thread of proxy.py's
protocol handler, which parses, forwards, tunnels and keeps alive. The plugin :class:`_Gate` reads
the client (the user name of ``Proxy-Authorization``) and the target of each request, calls
``decide`` in the event loop (records are only ever read there), and then forwards the connection to
a port of 127.0.0.1, whatever the name was, or refuses it. A refusal has status 502 and the cause in
its reason, in the headers ``Proxy-Status`` (RFC 9209) and ``X-Sandbox-Cause``, and in its body:
each SDK shows at least one of them.

The decision is repeated for each request of a persistent connection, so that a change in the cloud
takes effect at once; a tunnel (CONNECT) stays open until one side closes it, like any established
TCP connection.
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
import sys
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
DECISION_SECONDS = 30.0  # far more than a decision takes, unless the event loop hangs
IDLE_SECONDS = 3600  # proxy.py's default, 10 s, would cut off the response of a slow model
STOP_SECONDS = 5.0

# proxy.py logs each refusal as a warning, which Python prints to stderr unless there is a handler.
logging.getLogger("proxy").addHandler(logging.NullHandler())


@dataclass(frozen=True)
class Forward:
    """The connection is allowed: forward it to this port of 127.0.0.1.

    ``source`` is the loopback address that it comes from, so that a gateway can distinguish its
    clients; empty: any. Only Linux has more than one.
    """

    port: int
    source: str = ""


Decide = Callable[[str, str, int], Awaitable[Forward | Refusal]]
_BlockingDecide = Callable[[str, str, int], Forward | Refusal]


class ForwardProxy:
    """A forward proxy on 127.0.0.1.

    Attributes:
        port: The port that it listens on.
    """

    def __init__(self, listening: socket.socket, decide: Decide) -> None:
        self.port: int = listening.getsockname()[1]
        self._listening = listening
        self._loop = asyncio.get_running_loop()
        self._flags = _flags(self._in_thread(decide))
        self._open: list[tuple[socket.socket, threading.Thread]] = []
        self._accepting = asyncio.create_task(self._accept())

    @classmethod
    async def start(cls, decide: Decide, *, port: int = 0) -> ForwardProxy:
        """Start a proxy.

        Args:
            decide: Called with user name, host and port of each request, in this event loop.
            port: The port to listen on; 0: any free port.

        Raises:
            OSError: The port is already in use.
        """
        listening = socket.create_server((LOOPBACK, port), backlog=100)
        listening.setblocking(False)
        return cls(listening, decide)

    async def stop(self) -> None:
        """Stop listening, close every connection and end its thread."""
        self._accepting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._accepting
        self._listening.close()
        for connection, _ in self._open:
            with contextlib.suppress(OSError):  # the client has closed it
                connection.shutdown(socket.SHUT_RDWR)
        for _, thread in self._open:
            await asyncio.to_thread(thread.join, STOP_SECONDS)
        self._open.clear()

    async def _accept(self) -> None:
        while True:
            connection, address = await self._loop.sock_accept(self._listening)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            work: tuple[object, threading.Thread] = start_threaded_work(
                self._flags, connection, address
            )
            self._open = [pair for pair in self._open if pair[1].is_alive()]
            self._open.append((connection, work[1]))

    def _in_thread(self, decide: Decide) -> _BlockingDecide:
        """Return ``decide`` for the threads of the connections."""

        async def decided(user: str, host: str, port: int) -> Forward | Refusal:
            return await decide(user, host, port)

        def blocking(user: str, host: str, port: int) -> Forward | Refusal:
            future = asyncio.run_coroutine_threadsafe(decided(user, host, port), self._loop)
            return future.result(DECISION_SECONDS)

        return blocking


def _flags(decide: _BlockingDecide) -> argparse.Namespace:
    """The settings of proxy.py.

    Its own ``FlagParser.initialize`` also creates folders in the home directory, configures the
    root logger and raises the limit of open files. These are the parser's defaults, and the few
    values that it derives.
    """
    flags = proxy_flags.parse_args([])
    flags.threadless = False
    flags.timeout = IDLE_SECONDS
    flags.keyfile = flags.certfile = None
    flags.disable_headers = []
    flags.work_klass = HttpProtocolHandler
    flags.plugins = {
        b"HttpProtocolHandlerPlugin": [HttpProxyPlugin],
        b"HttpProxyBasePlugin": [_Gate],
    }
    flags.sandbox_decide = decide
    return flags


class _Gate(HttpProxyBasePlugin):
    """Forward or refuse each request of one connection."""

    def before_upstream_connection(self, request: HttpParser) -> HttpParser:
        """Redirect the first request of the connection to loopback."""
        self._first = request
        forward = self._decide(request)
        self._source = forward.source
        request.port = forward.port
        request.host = LOOPBACK.encode()
        return request

    def resolve_dns(self, host: str, port: int) -> tuple[str | None, tuple[str, int] | None]:
        """Connect from the client's loopback address.

        By a name: proxy.py ignores the source address where it connects to an address.
        """
        del host, port
        if not self._source or sys.platform != "linux":
            return None, None
        return "localhost", (self._source, 0)

    def handle_client_request(self, request: HttpParser) -> HttpParser:
        """Decide on each request but the first, which is decided already."""
        if request is not self._first:
            self._decide(request)
            request.del_headers([b"proxy-authorization", b"proxy-connection"])
        return request

    def _decide(self, request: HttpParser) -> Forward:
        user = _user(request)
        if user is None:
            cause = "the user name says which VPC: http://vpc-…:inside@host:port"
            raise _refused(407, b"Proxy Authentication Required", cause)
        if not request.host or not request.port:
            raise _refused(400, b"Bad Request", "the request names no host")
        host = request.host.decode("latin-1")
        decision: Forward | Refusal = self.flags.sandbox_decide(user, host, int(request.port))
        if isinstance(decision, Refusal):
            raise _refused(502, _line(decision.cause), decision.cause)
        return decision


def _user(request: HttpParser) -> str | None:
    """The user name of Basic authentication, unquoted; None where it is missing or malformed."""
    if not request.has_header(b"proxy-authorization"):
        return None
    scheme, _, encoded = request.header(b"proxy-authorization").decode("latin-1").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        credentials = base64.b64decode(encoded.strip(), validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return unquote(credentials.partition(":")[0]) or None


def _line(text: str) -> bytes:
    """``text`` as one line of ASCII, for a status line or header."""
    return " ".join(text.split()).encode("ascii", "replace")


def _proxy_status(status: int, cause: str) -> bytes:
    """The header ``Proxy-Status`` of a refusal (RFC 9209, sections 2.1.1 and 2.3)."""
    error = b"http_request_denied" if status < 500 else b"destination_unavailable"  # noqa: PLR2004
    details = _line(cause).replace(b"\\", b"\\\\").replace(b'"', b'\\"')
    return b'sandbox; error=%s; details="%s"' % (error, details)


def _refused(status: int, reason: bytes, cause: str) -> HttpRequestRejected:
    headers = {
        b"X-Sandbox-Cause": _line(cause),
        b"Proxy-Status": _proxy_status(status, cause),
        b"Content-Type": b"application/json",
    }
    if status == 407:  # noqa: PLR2004 - HTTP's own number
        headers[b"Proxy-Authenticate"] = b'Basic realm="vpc"'
    # DashScope's SDK reads the outer code and message, OpenAI's the inner ones.
    error = {"code": "SandboxNetwork", "message": cause}
    body = json.dumps({**error, "error": error}, ensure_ascii=False).encode()
    return HttpRequestRejected(status_code=status, reason=reason, headers=headers, body=body)
