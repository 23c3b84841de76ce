"""Speech over a WebSocket, at /api-ws/v1/inference: DashScope's run-task, continue-task and finish-task.

Shapes: Model Studio "CosyVoice Speech Synthesis WebSocket API" (alibabacloud.com/help, 2026-02-11) and "CosyVoice
server-side events" (2026-06-22), and what ``dashscope.audio.tts_v2`` of the SDK 2.0.2 sends and reads. The key comes
with the handshake. A task that fails ends with task-failed, and the server closes; after task-finished the next task
may run on the same connection. Unverified: the code of an unknown model, and that a wrong key is 401 at the handshake.

Each text is one sentence, made at once: sentence-begin, sentence-synthesis and one binary frame, sentence-end. The
sound is one tiny WAV whatever format is asked for, its head in the first frame alone; a character counts as one.
``original_text`` says which model got what, which is the sandbox's own.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import WSMessage, WSMsgType, web

from dashlink_sandbox.inside.models import catalog, samples
from dashlink_sandbox.inside.models.dialect import Fault, as_json, need, need_model
from dashlink_sandbox.inside.models.native import Native

PREFIX = "/api-ws/v1"
_FAILURES = {
    "model": ("ModelNotFound", "Model can not be found: {}."),
    "body": ("InvalidParameter", "Required parameter(s) missing or invalid: {}."),
}


class Speech(Native):
    """Speech synthesis; what is wrong with the handshake is said as DashScope's API says it."""

    prefix = PREFIX

    def routes(self) -> Iterable[web.RouteDef]:
        """The handlers, with whole paths; the documents write this one with and without the last slash."""
        return (web.get(f"{PREFIX}/inference", _converse), web.get(f"{PREFIX}/inference/", _converse))


async def _converse(request: web.Request) -> web.StreamResponse:
    socket = web.WebSocketResponse()
    if not socket.can_prepare(request):
        raise Fault("body", "this path takes WebSockets alone")
    await socket.prepare(request)
    conversation = _Conversation(socket)
    async for message in socket:
        if not await conversation.take(message):
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
    """What is said on one connection."""

    def __init__(self, socket: web.WebSocketResponse) -> None:
        self._socket = socket
        self._task: _Task | None = None

    async def take(self, message: WSMessage) -> bool:
        """Do what ``message`` says; whether to go on."""
        task_id = ""
        try:
            command = _read(message)
            header = need(command, "header", dict)
            task_id, action = need(header, "task_id", str), need(header, "action", str)
            await self._do(action, task_id, need(command, "payload", dict))
        except Fault as fault:
            code, text = _FAILURES[fault.kind]
            failure = {"error_code": code, "error_message": text.format(fault.detail)}
            await self._say("task-failed", task_id, {}, **failure)
            return False
        return True

    async def _do(self, action: str, task_id: str, payload: Mapping[str, Any]) -> None:
        if action == "run-task" and self._task is None:
            need(need(payload, "parameters", dict), "voice", str)
            self._task = _Task(task_id, need_model(payload, "speech"))
            await self._say("task-started", task_id, {})
        elif self._task is None or self._task.task_id != task_id:
            raise Fault("body", f"no {action} is expected for this task_id")
        elif action == "continue-task":
            await self._speak(self._task, payload)
        elif action == "finish-task":
            usage = {"characters": self._task.characters}
            self._task = None
            await self._say("task-finished", task_id, {"output": {"sentence": {"words": []}}, "usage": usage})
        else:
            raise Fault("body", f"no {action} is expected")

    async def _speak(self, task: _Task, payload: Mapping[str, Any]) -> None:
        asked = need(payload, "input", dict)
        if asked.get("flush") and "text" not in asked:
            return  # nothing is ever held back
        text: str = need(asked, "text", str)
        sentence = {"index": task.sentences, "words": []}
        spoken = {"original_text": catalog.heard(task.model, text)}
        task.sentences, task.characters = task.sentences + 1, task.characters + len(text)

        async def generated(kind: str, **more: Any) -> None:
            usage = {"usage": {"characters": task.characters}} if kind == "sentence-end" else {}
            output = {"sentence": sentence, "type": kind, **more}
            await self._say("result-generated", task.task_id, {"output": output, **usage})

        await generated("sentence-begin", **spoken)
        await generated("sentence-synthesis")
        await self._socket.send_bytes(samples.pcm() if sentence["index"] else samples.wav())
        await generated("sentence-end", **spoken)

    async def _say(self, event: str, task_id: str, payload: dict[str, Any], **failure: str) -> None:
        header = {"task_id": task_id, "event": event, **failure, "attributes": {}}
        await self._socket.send_str(as_json({"header": header, "payload": payload}))


def _read(message: WSMessage) -> dict[str, Any]:
    if message.type is not WSMsgType.TEXT:
        raise Fault("body", "the message is not a text")
    try:
        command = json.loads(message.data)
    except ValueError as error:
        raise Fault("body", "the message is not JSON") from error
    if not isinstance(command, dict):
        raise Fault("body", "the message is not a JSON object")
    return command
