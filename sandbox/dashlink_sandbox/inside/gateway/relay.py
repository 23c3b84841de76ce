"""One attempt at one service: send the request on, and bring the answer back as it comes.

Everything is streamed: an answer's pieces go to the client as they arrive, a WebSocket's messages in both directions.
Token counts are read from what passes by.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
from aiohttp import web

# What belongs to one connection, not to the message. Without Accept-Encoding no answer comes compressed, so that tokens
# and words can be read from it.
_HOP_HEADERS = {
    *("accept-encoding", "connection", "content-encoding", "content-length", "date", "host", "keep-alive"),
    *("proxy-authorization", "proxy-connection", "server", "te", "trailer", "transfer-encoding", "upgrade"),
}
_FORM_MODEL = re.compile(rb'(name="model"(?:\r\n[^\r\n]+)*\r\n\r\n)([^\r\n]*)')


@dataclass(frozen=True)
class Asked:
    """A request as the gateway holds it: read whole, because a fallback may need it again."""

    method: str
    headers: Mapping[str, str]
    query: str
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        """The JSON object in the body; empty for anything else."""
        try:
            loaded = json.loads(self.body) if self.body else {}
        except ValueError:
            return {}
        return loaded if isinstance(loaded, dict) else {}

    @property
    def model(self) -> str:
        """The model that the request names: in JSON, in a form, in the query; empty for none."""
        named = self.json.get("model")
        if isinstance(named, str):
            return named
        found = _FORM_MODEL.search(self.body)
        return found.group(2).decode("utf-8", "replace") if found else ""

    def with_model(self, model: str | None) -> Asked:
        """The same request for another model; None leaves it."""
        if model is None:
            return self
        document = self.json
        if document:
            body = json.dumps({**document, "model": model}, ensure_ascii=False).encode()
        else:
            body = _FORM_MODEL.sub(lambda found: found.group(1) + model.encode(), self.body)
        return Asked(self.method, self.headers, self.query, body)

    def said(self) -> str:
        """The last thing that a user says in it, for cache and content security."""
        for message in reversed(self.json.get("messages") or []):
            if isinstance(message, dict) and message.get("role") == "user":
                content = message.get("content")
                return content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
        return ""


def forward_headers(headers: Mapping[str, str], host: str, key: str | None) -> dict[str, str]:
    """The headers for a service: the client's own, with the service's key in the place of the client's."""
    kept = {name: value for name, value in headers.items() if name.lower() not in _HOP_HEADERS}
    if key is not None:
        kept = {name: value for name, value in kept.items() if name.lower() not in ("authorization", "x-api-key")}
        kept["Authorization"] = f"Bearer {key}"
        if "anthropic-version" in {name.lower() for name in headers}:
            kept["x-api-key"] = key
    return {**kept, "Host": host}


class TokenCount:
    """Reads how many tokens an answer tells of, from a JSON body or from the events of a stream."""

    def __init__(self) -> None:
        self.tokens = 0
        self._rest = b""

    def feed(self, piece: bytes) -> None:
        """A piece of the answer."""
        self._rest += piece
        *lines, self._rest = self._rest.split(b"\n")
        for line in lines:
            self._read(line.removeprefix(b"data:").strip())

    def close(self) -> None:
        """The answer has ended."""
        self._read(self._rest.removeprefix(b"data:").strip())

    def _read(self, text: bytes) -> None:
        if b"usage" not in text:
            return
        try:
            usage = json.loads(text).get("usage") or {}
        except (ValueError, AttributeError):
            return
        total = usage.get("total_tokens") or usage.get("input_tokens", 0) + usage.get("output_tokens", 0)
        self.tokens = max(self.tokens, int(total or 0))


async def answer_back(
    request: web.Request, response: aiohttp.ClientResponse, extra: Mapping[str, str], count: TokenCount
) -> tuple[web.StreamResponse, int]:
    """Send an upstream's answer to the client piece by piece; gives it and its size in bytes."""
    headers = {name: value for name, value in response.headers.items() if name.lower() not in _HOP_HEADERS}
    back = web.StreamResponse(status=response.status, headers={**headers, **extra})
    await back.prepare(request)
    size = 0
    async for piece in response.content.iter_any():
        count.feed(piece)
        size += len(piece)
        await back.write(piece)
    count.close()
    await back.write_eof()
    return back, size


async def relay_web_socket(
    request: web.Request, connect: Callable[[], Any], on_connected: Callable[[], None]
) -> web.WebSocketResponse:
    """Join the client's WebSocket with the service's, both ways, until one side closes."""
    upstream = await connect()
    on_connected()
    client = web.WebSocketResponse()
    await client.prepare(request)
    pumps = [asyncio.create_task(_pump(*pair)) for pair in ((client, upstream), (upstream, client))]
    try:
        await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for pump in pumps:
            pump.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)
        await upstream.close()
        await client.close()
    return client


async def _pump(source: Any, sink: Any) -> None:
    async for message in source:
        if message.type is aiohttp.WSMsgType.TEXT:
            await sink.send_str(message.data)
        elif message.type is aiohttp.WSMsgType.BINARY:
            await sink.send_bytes(message.data)
