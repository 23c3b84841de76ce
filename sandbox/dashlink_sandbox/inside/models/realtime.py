"""Conversations over a WebSocket, at /api-ws/v1/realtime: the events of Qwen-Omni-Realtime.

Shapes: Model Studio "Qwen-Omni-Realtime" (realtime, 2026-06-12), "Client events" (client-events,
2026-06-16) and "Server-side events" (server-events, 2026-03-31), and what
``dashscope.audio.qwen_omni`` of the SDK 2.0.2 sends and reads. The query names the model; the key
is sent with the handshake. Most errors leave the session open (server events). Unverified: that an
unknown model is an error event, after which the server closes; the usage of a response.

Nothing listens to the sound: a turn ends where the client commits it, as in the manual mode, or
asks for a response. The answer names the size of the sound, or the text of the last item.
"""

from __future__ import annotations

import base64
import binascii
import uuid
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Any

from aiohttp import WSMessage, WSMsgType, web

from dashlink_sandbox.inside.models import catalog, samples
from dashlink_sandbox.inside.models.protocol import Fault, Fields, as_json, parse_object

_MODALITIES = (["text"], ["audio", "text"])


def routes(prefix: str) -> Iterable[web.RouteDef]:
    """The handlers, with whole paths below ``prefix``."""
    return (web.get(f"{prefix}/realtime", _converse),)


async def _converse(request: web.Request) -> web.StreamResponse:
    socket = web.WebSocketResponse()
    if not socket.can_prepare(request):
        raise Fault("body", "this path takes WebSockets alone")
    await socket.prepare(request)
    session = _Session(socket.send_str, request.query.get("model", ""))
    if await session.open():
        async for message in socket:
            if not await session.handle(message):
                break
    await socket.close()
    return socket


def _new_id(kind: str) -> str:
    return f"{kind}_{uuid.uuid4().hex[:21]}"


class _Session:
    """One connection: its settings, the sound so far, and the conversation."""

    def __init__(self, send: Callable[[str], Awaitable[None]], model: str) -> None:
        self._send = send
        self._model = model
        self._sound = b""
        self._heard = ""
        self._settings: dict[str, Any] = {
            "object": "realtime.session",
            "id": _new_id("sess"),
            "model": model,
            "modalities": ["text", "audio"],
            "voice": "Cherry",
            "input_audio_format": "pcm",
            "output_audio_format": "pcm",
            "turn_detection": {"type": "server_vad"},
            "tools": [],
            "tool_choice": "auto",
        }

    async def open(self) -> bool:
        """Send the first event; False where the model does not exist."""
        if catalog.kind_of(self._model) != "realtime":
            await self._error("model_not_found", f"Model not found ({self._model})!", "model")
            return False
        await self._event("session.created", session=self._settings)
        return True

    async def handle(self, message: WSMessage) -> bool:
        """Handle a message; False where the session is over."""
        try:
            if message.type is not WSMsgType.TEXT:
                raise Fault("body", "the message is not a text")
            event = parse_object(message.data, "the message")
            kind = event.need("type", str)
            if kind == "session.finish":
                await self._event("session.finished")
                return False
            handlers = {
                "session.update": self._update,
                "conversation.item.create": self._add_item,
                "input_audio_buffer.append": self._append,
                "input_audio_buffer.commit": self._commit,
                "input_audio_buffer.clear": self._clear,
                "input_image_buffer.append": self._ignore,
                "response.create": self._respond,
                "response.cancel": self._ignore,
            }
            if kind not in handlers:
                raise Fault("body", f"type: {kind} is unknown")
            await handlers[kind](event)
        except Fault as fault:
            await self._error("invalid_value", fault.detail)
        return True

    async def _update(self, event: Fields) -> None:
        settings = event.section("session")
        _check_modalities(settings, "session")
        self._settings |= settings
        await self._event("session.updated", session=self._settings)

    async def _add_item(self, event: Fields) -> None:
        item = {"id": _new_id("item"), "object": "realtime.item", **event.section("item")}
        self._heard = catalog.text_of(item.get("content")) or str(item.get("output", ""))
        await self._event("conversation.item.created", item=item)

    async def _append(self, event: Fields) -> None:
        try:
            self._sound += base64.b64decode(event.need("audio", str), validate=True)
        except binascii.Error as error:
            raise Fault("body", "audio is not base64") from error

    async def _commit(self, _event: Fields) -> None:
        if not self._sound:
            raise Fault("body", "the buffer of audio is empty")
        self._heard = f"{len(self._sound)} bytes of audio"
        self._sound = b""
        content = [{"type": "input_audio"}]
        head = {"id": _new_id("item"), "object": "realtime.item", "type": "message"}
        item = {**head, "role": "user", "status": "completed", "content": content}
        await self._event("input_audio_buffer.committed", item_id=item["id"])
        await self._event("conversation.item.created", item=item)

    async def _clear(self, _event: Fields) -> None:
        self._sound = b""
        await self._event("input_audio_buffer.cleared")

    async def _ignore(self, _event: Fields) -> None:
        """Accept what changes no answer: a picture, and the end of an answer that is sent."""

    async def _respond(self, event: Fields) -> None:
        options = event.section_or_empty("response")
        _check_modalities(options, "response")
        modalities = options.get("modalities") or self._settings["modalities"]
        text = catalog.echo(self._model, self._heard)
        for kind, content in _events(text, self._heard, with_sound="audio" in modalities):
            await self._event(kind, **content)

    async def _event(self, kind: str, **content: Any) -> None:
        await self._send(as_json({"event_id": _new_id("event"), "type": kind, **content}))

    async def _error(self, code: str, message: str, param: str | None = None) -> None:
        error = {"type": "invalid_request_error", "code": code, "message": message}
        await self._event("error", error={**error, "param": param})


def _check_modalities(settings: Fields, where: str) -> None:
    modalities = settings.get("modalities")
    if modalities is not None and sorted(map(str, modalities)) not in _MODALITIES:
        allowed = "Supported combinations are: ['text'] and ['audio', 'text']."
        raise Fault("body", f"Invalid modalities: {modalities}. {allowed} ({where})")


def _events(text: str, heard: str, *, with_sound: bool) -> Iterator[tuple[str, dict[str, Any]]]:
    """The events of a response: a text, or a sound with its transcript."""
    response = {"id": _new_id("resp"), "object": "realtime.response", "status": "in_progress"}
    item = {"id": _new_id("item"), "object": "realtime.item", "type": "message"}
    item |= {"role": "assistant", "status": "in_progress"}
    place: dict[str, Any] = {"response_id": response["id"], "output_index": 0}
    inner = {**place, "item_id": item["id"], "content_index": 0}
    yield "response.created", {"response": {**response, "output": []}}
    yield "response.output_item.added", {**place, "item": {**item, "content": []}}
    part, kind, field = {"type": "text", "text": text}, "response.text", "text"
    if with_sound:
        part = {"type": "audio", "transcript": text}
        kind, field = "response.audio_transcript", "transcript"
    yield "response.content_part.added", {**inner, "part": {**part, field: ""}}
    for piece in catalog.pieces(text):
        yield f"{kind}.delta", {**inner, "delta": piece}
    yield f"{kind}.done", {**inner, field: text}
    if with_sound:
        delta = base64.b64encode(samples.pcm()).decode()
        yield "response.audio.delta", {**inner, "delta": delta}
        yield "response.audio.done", inner
    yield "response.content_part.done", {**inner, "part": part}
    done = {**item, "status": "completed", "content": [part]}
    yield "response.output_item.done", {**place, "item": done}
    received, sent = catalog.tokens(heard), catalog.tokens(text)
    usage = {"input_tokens": received, "output_tokens": sent, "total_tokens": received + sent}
    whole = {**response, "status": "completed", "output": [done], "usage": usage}
    yield "response.done", {"response": whole}
