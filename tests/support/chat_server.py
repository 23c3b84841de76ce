"""HTTP servers that answer chat requests as a test says: a gateway, a model service, a proxy."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class Answers(http.server.BaseHTTPRequestHandler):
    """Answers with the server's ``reply``, and records the requests."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        length = int(self.headers.get("Content-Length", 0))
        self.server.requests.append((self.path, self.headers, json.loads(self.rfile.read(length))))
        self.server.reply(self)

    def do_CONNECT(self):
        self.server.reply(self)

    def whole(self, status, body, content_type="application/json", **headers):
        data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(data)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)

    def stream(self, *events, end=True):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for event in events:
            self.event(event)
        self.wfile.write(b"0\r\n\r\n" if end else b"")
        self.close_connection = True

    def event(self, event):
        data = f"data: {event if isinstance(event, str) else json.dumps(event)}\n\n".encode()
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

    def log_message(self, *arguments):
        pass


class Server(http.server.ThreadingHTTPServer):
    """A gateway, or a proxy."""

    def __init__(self, reply):
        super().__init__(("127.0.0.1", 0), Answers)
        self.requests = []
        self.reply = reply
        self.port = self.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/chat/v1"

    def handle_error(self, request, client_address):
        pass  # a client that hangs up, or that does not trust the certificate


@contextmanager
def serving() -> Iterator[Any]:
    """A function that starts a server with a reply, and with TLS if a context is passed."""
    servers: list[Server] = []

    def start(reply, context=None):
        server = Server(reply)
        if context:
            server.socket = context.wrap_socket(
                server.socket, server_side=True, do_handshake_on_connect=False
            )
            server.url = server.url.replace("http:", "https:")
        threading.Thread(
            target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        ).start()
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()
