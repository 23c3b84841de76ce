"""The forward proxy alone, in front of a server of the test."""

from __future__ import annotations

import asyncio
import base64
import http.client
import json
import socket
import threading
from collections.abc import Iterator

import pytest
from aiohttp import web
from support.inside import LoopThread

from dashlink_sandbox.inside.names import Refusal
from dashlink_sandbox.inside.proxy import Forward, ForwardProxy

WAIT_SECONDS = 20


class Site:
    """A proxy that forwards every name to one small server, and records each decision."""

    def __init__(self) -> None:
        self.decided: list[tuple[str, str, int]] = []
        self.refusals: dict[str, str] = {}
        self.released = asyncio.Event()
        self.seen_headers: list[dict[str, str]] = []
        self.port = 0

    async def start(self) -> None:
        app = web.Application()
        app.router.add_post("/echo", self._echo)
        app.router.add_get("/slow", self._slow)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.port = site.port
        self.proxy = await ForwardProxy.start(self._decide)

    async def stop(self) -> None:
        await self.proxy.stop()
        await self._runner.cleanup()

    async def release(self) -> None:
        self.released.set()

    async def _decide(self, user: str, host: str, port: int) -> Forward | Refusal:
        self.decided.append((user, host, port))
        if host in self.refusals:
            return Refusal(self.refusals[host])
        return Forward(self.port)

    async def _echo(self, request: web.Request) -> web.Response:
        self.seen_headers.append(dict(request.headers))
        body = await request.text()
        return web.json_response({"host": request.host, "path": request.path_qs, "body": body})

    async def _slow(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"first")
        await self.released.wait()
        await response.write(b"second")
        return response


@pytest.fixture
def site(loop_thread: LoopThread) -> Iterator[Site]:
    site = Site()
    loop_thread.run(site.start())
    yield site
    loop_thread.run(site.stop())


@pytest.fixture
def connection(site: Site) -> Iterator[http.client.HTTPConnection]:
    connection = http.client.HTTPConnection("127.0.0.1", site.proxy.port, timeout=WAIT_SECONDS)
    yield connection
    connection.close()


def as_user(user: str) -> dict[str, str]:
    credentials = base64.b64encode(f"{user}:inside".encode()).decode()
    return {"Proxy-Authorization": f"Basic {credentials}"}


def post(
    connection: http.client.HTTPConnection, url: str, body: str, user: str
) -> tuple[int, dict[str, str]]:
    connection.request("POST", url, body, as_user(user))
    answer = connection.getresponse()
    return answer.status, json.loads(answer.read())


def test_each_request_of_a_connection_is_decided_and_forwarded(site, connection):
    status, first = post(connection, "http://one.internal/echo?n=1", "hello", "vpc-a")
    local_port = connection.sock.getsockname()
    assert (status, first) == (200, {"host": "one.internal", "path": "/echo?n=1", "body": "hello"})
    status, second = post(connection, "http://one.internal:8080/echo?n=2", "again", "vpc-b")
    assert (status, second["path"], second["body"]) == (200, "/echo?n=2", "again")
    assert connection.sock.getsockname() == local_port
    assert site.decided == [("vpc-a", "one.internal", 80), ("vpc-b", "one.internal", 8080)]


def test_the_server_does_not_receive_the_proxys_user(site, connection):
    for _ in range(2):
        post(connection, "http://one.internal/echo", "x", "vpc-a")
    assert len(site.seen_headers) == 2
    for headers in site.seen_headers:
        assert "proxy-" not in str(headers).lower()


def test_a_change_in_the_cloud_applies_to_an_open_connection(site, connection):
    assert post(connection, "http://one.internal/echo", "x", "vpc-a")[0] == 200
    site.refusals["one.internal"] = "the endpoint ep-1 is gone"
    status, body = post(connection, "http://one.internal/echo", "x", "vpc-a")
    assert (status, body["error"]["message"]) == (502, "the endpoint ep-1 is gone")


def test_a_stream_is_forwarded_piece_by_piece(site, connection, loop_thread):
    connection.request("GET", "http://one.internal/slow", headers=as_user("vpc-a"))
    answer = connection.getresponse()
    assert answer.read1() == b"first"  # the server still waits
    loop_thread.run(site.release())
    assert answer.read() == b"second"


def test_a_tunnel_forwards_bytes_both_ways(site, connection):
    connection.set_tunnel("one.internal", 443, as_user("vpc-a"))
    assert post(connection, "/echo", "through", "vpc-a")[1]["body"] == "through"
    assert site.decided == [("vpc-a", "one.internal", 443)]


@pytest.mark.parametrize(
    ("verb", "target"),
    [("CONNECT", "one.internal:443"), ("GET", "http://one.internal/echo")],
    ids=["tunnel", "plain"],
)
def test_a_refusal_has_its_cause_in_reason_header_and_body(site, connection, verb, target):
    site.refusals["one.internal"] = "zone cn-beijing-h is down — not Connected\r\nX-Evil: 1"
    connection.putrequest(verb, target, skip_host=True)
    for name, value in as_user("vpc-a").items():
        connection.putheader(name, value)
    connection.endheaders()
    answer = connection.getresponse()
    line = "zone cn-beijing-h is down ? not Connected X-Evil: 1"
    assert (answer.status, answer.reason) == (502, line)
    assert answer.headers["X-Sandbox-Cause"] == line
    status = f'sandbox; error=destination_unavailable; details="{line}"'
    assert answer.headers["Proxy-Status"] == status
    assert "X-Evil" not in answer.headers
    if verb == "GET":  # http.client does not read the body after a refused CONNECT
        assert json.loads(answer.read())["error"]["message"] == site.refusals["one.internal"]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Proxy-Authorization": "Bearer x"},
        {"Proxy-Authorization": "Basic !!!"},
        as_user(""),
    ],
    ids=["none", "bearer", "malformed", "no name"],
)
def test_without_a_user_name_the_proxy_requires_one(site, connection, headers):
    connection.request("GET", "http://one.internal/", headers=headers)
    answer = connection.getresponse()
    assert answer.status == 407
    assert answer.headers["Proxy-Authenticate"].startswith("Basic")
    assert "says which VPC" in answer.headers["X-Sandbox-Cause"]
    assert site.decided == []


def test_stop_ends_every_connection_thread_and_socket(loop_thread):
    site = Site()
    loop_thread.run(site.start())
    before = set(threading.enumerate())
    connections = [
        socket.create_connection(("127.0.0.1", site.proxy.port), WAIT_SECONDS) for _ in range(3)
    ]
    tunnel = connections[0]
    credentials = as_user("vpc-a")["Proxy-Authorization"]
    tunnel.sendall(
        f"CONNECT a.internal:443 HTTP/1.1\r\nProxy-Authorization: {credentials}\r\n\r\n".encode()
    )
    assert tunnel.recv(100).startswith(b"HTTP/1.1 200")
    loop_thread.run(site.stop())
    for each in connections:
        assert each.recv(1) == b""
        each.close()
    for thread in set(threading.enumerate()) - before:
        assert thread.name.startswith("asyncio_")  # the loop's own pool
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", site.proxy.port), WAIT_SECONDS)
