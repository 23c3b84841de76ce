"""Forward a request to a service, and stream the response back.

The pieces of a response go to the client as they arrive, the messages of a WebSocket in both
directions. Token counts are read in passing.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import aiohttp
from aiohttp import web

# Headers of one connection, not of the message. Without Accept-Encoding no response is compressed,
# so that tokens and text can be read from it.
_HOP_HEADERS = {
    "accept-encoding",
    "connection",
    "content-encoding",
    "content-length",
    "date",
    "host",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "server",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
}
_KEY_HEADERS = {"authorization", "x-api-key"}
_ANTHROPIC = ("anthropic", "claude")
_FORM_MODEL = re.compile(rb'(name="model"(?:\r\n[^\r\n]+)*\r\n\r\n)([^\r\n]*)')


@dataclass(frozen=True)
class ReceivedRequest:
    """A client's request, with its whole body, because a fallback may need it again."""

    method: str
    headers: Mapping[str, str]
    query: str
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        """The JSON object in the body; empty for any other body."""
        try:
            loaded = json.loads(self.body)
        except ValueError:
            return {}
        return loaded if isinstance(loaded, dict) else {}

    @property
    def model(self) -> str:
        """The model that the JSON or form names; empty for none."""
        model = self.json.get("model")
        if isinstance(model, str):
            return model
        match = _FORM_MODEL.search(self.body)
        return match.group(2).decode("utf-8", "replace") if match else ""

    def with_model(self, model: str | None) -> ReceivedRequest:
        """The same request for another model; None: unchanged."""
        if model is None:
            return self
        document = self.json
        if document:
            text = json.dumps({**document, "model": model}, ensure_ascii=False)
            return replace(self, body=text.encode())
        name = model.encode()
        return replace(self, body=_FORM_MODEL.sub(lambda match: match.group(1) + name, self.body))

    def last_user_message(self) -> str:
        """The text of the last user message, for cache and content security; empty for none."""
        for message in reversed(self.json.get("messages") or []):
            if isinstance(message, dict) and message.get("role") == "user":
                content = message.get("content")
                if isinstance(content, str):
                    return content
                return json.dumps(content, ensure_ascii=False)
        return ""


def without(headers: Mapping[str, str], names: set[str]) -> dict[str, str]:
    """``headers`` without those in ``names``, which are in lower case."""
    return {name: value for name, value in headers.items() if name.lower() not in names}


def forward_headers(
    headers: Mapping[str, str], host: str, key: Mapping[str, str]
) -> dict[str, str]:
    """The client's headers for a service; those of its ``key``, if any, replace the client's."""
    forwarded = without(headers, _HOP_HEADERS)
    if key:
        forwarded = without(forwarded, _KEY_HEADERS)
    return {**forwarded, **key, "Host": host}


def key_headers(provider: str, path: str, key: str | None) -> dict[str, str]:
    """The headers in which a vendor takes its key.

    Sources: Higress, plug-in ai-proxy (4e0d691, 2026-04-30): qwen.go and openai.go send a bearer
    token, claude.go sends x-api-key. PAI-EAS, "Call a service" (2025): the bare token; a bearer
    token passes too.
    """
    if key is None:
        return {}
    if provider == "pai-eas":
        return {"Authorization": key}
    if provider in _ANTHROPIC and path.endswith("/messages"):
        return {"x-api-key": key}
    return {"Authorization": f"Bearer {key}"}


class TokenCount:
    """Read how many tokens a response reports, in a JSON body or in the events of a stream.

    The last event of the Responses API has the usage within ``response`` (OpenAI API reference).
    """

    def __init__(self) -> None:
        self.tokens = 0
        self._rest = b""

    def feed(self, piece: bytes) -> None:
        """Read a piece of the response."""
        self._rest += piece
        *lines, self._rest = self._rest.split(b"\n")
        for line in lines:
            self._read(line)

    def close(self) -> None:
        """Read the last line."""
        self._read(self._rest)

    def _read(self, line: bytes) -> None:
        if b"usage" not in line:
            return
        try:
            event = json.loads(line.removeprefix(b"data:"))
            usage = event.get("usage") or (event.get("response") or {}).get("usage") or {}
        except (ValueError, AttributeError):
            return
        total = usage.get("total_tokens")
        if not total:
            total = usage.get("input_tokens", 0) + usage.get("output_tokens", 0)
        self.tokens = max(self.tokens, int(total or 0))


async def stream_back(
    request: web.Request,
    response: aiohttp.ClientResponse,
    extra_headers: Mapping[str, str],
    count: TokenCount,
) -> tuple[web.StreamResponse, int]:
    """Send a service's response to the client piece by piece.

    Returns:
        The response, and its size in bytes.
    """
    headers = without(response.headers, _HOP_HEADERS)
    back = web.StreamResponse(status=response.status, headers={**headers, **extra_headers})
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
    request: web.Request,
    connect: Callable[[], Awaitable[aiohttp.ClientWebSocketResponse]],
    on_connected: Callable[[], None],
) -> web.WebSocketResponse:
    """Relay a WebSocket between client and service until one side closes."""
    upstream = await connect()
    on_connected()
    client = web.WebSocketResponse()
    await client.prepare(request)
    pumps = (
        asyncio.create_task(_pump(client, upstream)),
        asyncio.create_task(_pump(upstream, client)),
    )
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
