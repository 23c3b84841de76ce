"""Speech over a WebSocket, at /api-ws/v1/inference: DashScope's run-, continue- and finish-task.

Shapes: Model Studio "CosyVoice Speech Synthesis WebSocket API" (alibabacloud.com/help, 2026-02-11)
and "CosyVoice server-side events" (2026-06-22), and what ``dashscope.audio.tts_v2`` of the SDK
2.0.2 sends and reads. The key is sent with the handshake. A task that fails ends with task-failed,
and the server closes the connection; after task-finished the next task may run on the same
connection. Unverified: the code of an unknown model, and that a wrong key is 401 at the handshake.

Each text is one sentence, synthesized at once: sentence-begin, sentence-synthesis and one binary
frame, sentence-end. The sound is one tiny WAV whatever the requested format, its head in the first
frame alone; a character counts as one. ``original_text``, which is the sandbox's own, shows which
model received what.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from aiohttp import WSMessage, WSMsgType, web

from dashlink_sandbox.inside.models import catalog, realtime, samples
from dashlink_sandbox.inside.models.native import ERRORS, Native
from dashlink_sandbox.inside.models.protocol import Fault, Fields, as_json, parse_object

PREFIX = "/api-ws/v1"


class Speech(Native):
    """Speech synthesis and conversations; errors of the handshake have DashScope's shape."""

    prefix = PREFIX

    def routes(self) -> Iterable[web.RouteDef]:
        """The handlers, with whole paths; both spellings are in the documentation."""
        return (
            web.get(f"{PREFIX}/inference", _converse),
            web.get(f"{PREFIX}/inference/", _converse),
            *realtime.routes(PREFIX),
        )


async def _converse(request: web.Request) -> web.StreamResponse:
    socket = web.WebSocketResponse()
    if not socket.can_prepare(request):
        raise Fault("body", "this path takes WebSockets alone")
    await socket.prepare(request)
    conversation = _Conversation(socket)
    async for message in socket:
        if not await conversation.handle(message):
            break
    await socket.close()
    return socket


@dataclass
class _Task:
    task_id: str
    model: str
    sentences: int = 0
    characters: int = 0


class _Conversation:
    """The tasks of one connection."""

    def __init__(self, socket: web.WebSocketResponse) -> None:
        self._socket = socket
        self._task: _Task | None = None

    async def handle(self, message: WSMessage) -> bool:
        """Handle a message; False where it fails, and the connection is to be closed."""
        task_id = ""
        try:
            if message.type is not WSMsgType.TEXT:
                raise Fault("body", "the message is not a text")
            command = parse_object(message.data, "the message")
            header = command.section("header")
            task_id, action = header.need("task_id", str), header.need("action", str)
            await self._do(action, task_id, command.section("payload"))
        except Fault as fault:
            _, code, text = ERRORS[fault.kind]
            failure = {"error_code": code, "error_message": text.format(fault.detail)}
            await self._send("task-failed", task_id, {}, **failure)
            return False
        return True

    async def _do(self, action: str, task_id: str, payload: Fields) -> None:
        if action == "run-task" and self._task is None:
            payload.section("parameters").need("voice", str)
            self._task = _Task(task_id, payload.model("speech"))
            await self._send("task-started", task_id, {})
        elif self._task is None or self._task.task_id != task_id:
            raise Fault("body", f"no {action} is expected for this task_id")
        elif action == "continue-task":
            await self._speak(self._task, payload.section("input"))
        elif action == "finish-task":
            usage = {"characters": self._task.characters}
            self._task = None
            output: dict[str, Any] = {"sentence": {"words": []}}
            await self._send("task-finished", task_id, {"output": output, "usage": usage})
        else:
            raise Fault("body", f"no {action} is expected")

    async def _speak(self, task: _Task, section: Fields) -> None:
        if section.get("flush") and "text" not in section:
            return  # nothing is buffered
        text: str = section.need("text", str)
        sentence = {"index": task.sentences, "words": []}
        original = {"original_text": catalog.echo(task.model, text)}
        task.sentences += 1
        task.characters += len(text)

        async def generated(kind: str, **more: Any) -> None:
            payload: dict[str, Any] = {"output": {"sentence": sentence, "type": kind, **more}}
            if kind == "sentence-end":
                payload["usage"] = {"characters": task.characters}
            await self._send("result-generated", task.task_id, payload)

        await generated("sentence-begin", **original)
        await generated("sentence-synthesis")
        await self._socket.send_bytes(samples.pcm() if sentence["index"] else samples.wav())
        await generated("sentence-end", **original)

    async def _send(
        self, event: str, task_id: str, payload: dict[str, Any], **failure: str
    ) -> None:
        header = {"task_id": task_id, "event": event, **failure, "attributes": {}}
        await self._socket.send_str(as_json({"header": header, "payload": payload}))
