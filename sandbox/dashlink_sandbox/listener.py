"""HTTP and TLS on one port: the first byte of a connection says which it is.

The listener accepts, waits for a byte, reads it without consuming it (MSG_PEEK), and passes the
socket to aiohttp's own protocol, behind TLS where the byte begins a TLS handshake. So everything
after the first byte is aiohttp's.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import ssl

from aiohttp import web

_TLS_HANDSHAKE = (
    0x16  # RFC 8446, 5.1: the content type of a record that carries a handshake message
)
_FIRST_BYTE_SECONDS = 60.0
_GRACE_SECONDS = 1.0

_log = logging.getLogger(__name__)


class Listener:
    """A server on 127.0.0.1.

    Attributes:
        port: The port that it listens on.
    """

    def __init__(
        self, runner: web.AppRunner, server: socket.socket, ssl_context: ssl.SSLContext
    ) -> None:
        """Serve an application that is set up on a socket that listens; use :meth:`start`."""
        self.port: int = server.getsockname()[1]
        self._runner = runner
        self._server = server
        self._ssl_context = ssl_context
        self._connections: set[asyncio.Task[None]] = set()
        self._accepting = asyncio.create_task(self._accept())

    @classmethod
    async def start(
        cls, app: web.Application, *, port: int, ssl_context: ssl.SSLContext
    ) -> Listener:
        """Serve ``app`` on 127.0.0.1.

        Args:
            app: The application.
            port: The port to listen on; 0 for any free port.
            ssl_context: The certificates for connections that begin with TLS.

        Raises:
            OSError: The port is already in use.
        """
        server = socket.create_server(("127.0.0.1", port), backlog=128)
        server.setblocking(False)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=_GRACE_SECONDS)
        await runner.setup()
        return cls(runner, server, ssl_context)

    async def stop(self) -> None:
        """Stop accepting, end every connection, and release the port."""
        tasks = [self._accepting, *self._connections]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._server.close()
        await self._runner.cleanup()

    async def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            connection, _ = await loop.sock_accept(self._server)
            task = asyncio.create_task(self._serve(connection))
            self._connections.add(task)
            task.add_done_callback(self._connections.discard)

    async def _serve(self, connection: socket.socket) -> None:
        """Pass ``connection`` to aiohttp; ignore a client that leaves or fails the handshake."""
        protocol = self._runner.server
        if protocol is None:
            connection.close()
            return
        context = None
        loop = asyncio.get_running_loop()
        try:
            first = await asyncio.wait_for(_first_byte(connection), _FIRST_BYTE_SECONDS)
            if first == bytes([_TLS_HANDSHAKE]):
                context = self._ssl_context
            await loop.connect_accepted_socket(protocol, connection, ssl=context)
        except (OSError, TimeoutError) as error:  # ssl.SSLError is an OSError
            _log.debug("connection not served: %s", error)
            connection.close()
        except asyncio.CancelledError:
            connection.close()
            raise


async def _first_byte(connection: socket.socket) -> bytes:
    """Wait for a byte and read it without consuming it; empty when the client sent none."""
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[None] = loop.create_future()
    loop.add_reader(connection.fileno(), _wake, ready)
    try:
        await ready
    finally:
        loop.remove_reader(connection.fileno())
    with contextlib.suppress(BlockingIOError):
        return connection.recv(1, socket.MSG_PEEK)
    return b""


def _wake(ready: asyncio.Future[None]) -> None:
    if not ready.done():
        ready.set_result(None)
