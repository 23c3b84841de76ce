"""Many requests into a VPC of the sandbox: persistent connections through the forward proxy."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

CONNECTIONS = 8


@dataclass(frozen=True)
class Sent:
    """A POST with a JSON body, and the key by which its response is found."""

    key: Any
    url: str
    body: Any


@dataclass(frozen=True)
class Received:
    """A response: status, and headers by their names in lower case."""

    status: int
    headers: dict[str, str]


def send_all(proxy: str, requests: Iterable[Sent]) -> dict[Any, Received]:
    """Send requests over `CONNECTIONS` connections at a time; return the responses by key.

    Args:
        proxy: URL of the forward proxy, with the VPC as user name.
        requests: The requests.
    """
    return asyncio.run(_send_all(proxy, iter(requests)))


async def _send_all(proxy: str, requests: Iterator[Sent]) -> dict[Any, Received]:
    received: dict[Any, Received] = {}
    async with asyncio.TaskGroup() as group:
        for _ in range(CONNECTIONS):
            group.create_task(_connection(proxy, requests, received))
    return received


async def _connection(proxy: str, requests: Iterator[Sent], received: dict[Any, Received]) -> None:
    """Send requests one after the other on one connection until none is left."""
    address = urlsplit(proxy)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    user = base64.b64encode(f"{address.username}:inside".encode()).decode()
    for request in requests:
        writer.write(_bytes_of(request, user))
        received[request.key] = await _response(reader)
    writer.close()
    await writer.wait_closed()


def _bytes_of(request: Sent, user: str) -> bytes:
    body = json.dumps(request.body).encode()
    head = (
        f"POST {request.url} HTTP/1.1\r\n"
        f"Host: {urlsplit(request.url).netloc}\r\n"
        f"Proxy-Authorization: Basic {user}\r\n"
        "Content-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def _response(reader: asyncio.StreamReader) -> Received:
    head = await reader.readuntil(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")[:-2]
    headers = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    await reader.readexactly(int(headers["content-length"]))
    return Received(int(first.split(" ")[1]), headers)
