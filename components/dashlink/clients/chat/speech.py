"""Speech of a Model API by DashScope's WebSocket, with the package websockets (dashlink[debug]).

One task on one connection: run-task, continue-task with the text, finish-task; the sound arrives in
binary frames. Source: Model Studio, "CosyVoice Speech Synthesis WebSocket API" (2026-02-11) and
"CosyVoice server-side events" (2026-06-22). The environment has its usual effect: HTTPS_PROXY,
HTTP_PROXY, NO_PROXY, SSL_CERT_FILE.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from uuid import uuid4

from dashlink.clients.chat.errors import failure_of, failure_of_proxy, failure_of_response
from dashlink.clients.chat.exchange import Exchange
from dashlink.errors import DashlinkError

if TYPE_CHECKING:
    from websockets.sync.client import ClientConnection

_PARAMETERS = {"text_type": "PlainText", "voice": "longxiaochun_v2", "format": "wav"}
_LARGEST_FRAME = 16 * 2**20
_MESSAGE_OF_TASK = 200  # what the handshake's status is replaced by: the task itself failed


class _TaskFailedError(Exception):
    """The server ended the task; the arguments are its code and message."""


def speak(exchange: Exchange, text: str) -> Mapping[str, Any]:
    """Let a model speak a text; return the size and type of the sound, and the usage.

    Args:
        exchange: The API, and the request: its parameters replace voice and format.
        text: What to speak.

    Raises:
        DashlinkError: There is no sound; the message says why, without the key.
    """
    try:
        import websockets  # noqa: PLC0415 - an extra
        from websockets.sync.client import connect  # noqa: PLC0415
    except ImportError:
        raise DashlinkError(
            f"{exchange.target.api}: the package websockets is not installed. "
            'Run `pip install "dashlink[debug]"`.'
        ) from None
    url, headers = _address(exchange)
    seconds = exchange.timeout_seconds
    try:
        with connect(
            url, additional_headers=headers, open_timeout=seconds, max_size=_LARGEST_FRAME
        ) as socket:
            return _task(socket, exchange, text)
    except _TaskFailedError as error:
        code, message = error.args
        raise failure_of_response(exchange, _MESSAGE_OF_TASK, code, message) from None
    except websockets.InvalidStatus as error:
        body = _object(error.response.body or b"")
        code, message = str(body.get("code", "")), str(body.get("message", ""))
        raise failure_of_response(exchange, error.response.status_code, code, message) from None
    except websockets.ProxyError as error:
        raise failure_of_proxy(exchange, error) from None
    except Exception as error:  # connections and TLS: their classes have nothing in common
        raise failure_of(error, exchange) from None


def _address(exchange: Exchange) -> tuple[str, dict[str, str]]:
    """Return the URL and the headers, with the key where the API reads it."""
    target = exchange.target
    if not target.api_key:
        return target.base_url, {}
    value = f"{target.key_in.prefix}{target.api_key}"
    if target.key_in.source == "query":
        return f"{target.base_url}?{urlencode({target.key_in.name: value})}", {}
    return target.base_url, {target.key_in.name: value}


def _task(socket: ClientConnection, exchange: Exchange, text: str) -> Mapping[str, Any]:
    """Run one task to its end."""
    parameters = {**_PARAMETERS, **exchange.request.parameters}
    task_id = uuid4().hex
    model = {"task_group": "audio", "task": "tts", "function": "SpeechSynthesizer"}
    start = {**model, "model": exchange.request.model, "parameters": parameters, "input": {}}
    sound = 0
    usage: Mapping[str, Any] = {}
    _send(socket, "run-task", task_id, start)
    for event in _events(socket, exchange.timeout_seconds):
        if isinstance(event, bytes):
            sound += len(event)
            continue
        header = event.get("header", {})
        usage = event.get("payload", {}).get("usage") or usage
        name = header.get("event")
        if name == "task-started":
            _send(socket, "continue-task", task_id, {"input": {"text": text}})
            _send(socket, "finish-task", task_id, {"input": {}})
        elif name == "task-failed":
            texts = (str(header.get("error_code", "")), str(header.get("error_message", "")))
            raise _TaskFailedError(*texts)
        elif name == "task-finished":
            break
    return {"bytes": sound, "type": f"audio/{parameters['format']}", "usage": usage}


def _send(socket: ClientConnection, action: str, task_id: str, payload: Mapping[str, Any]) -> None:
    header = {"action": action, "task_id": task_id, "streaming": "duplex"}
    socket.send(json.dumps({"header": header, "payload": payload}))


def _events(socket: ClientConnection, seconds: float) -> Iterator[bytes | dict[str, Any]]:
    """Yield sound as bytes, and events as objects; each must arrive within the time limit."""
    while True:
        frame = socket.recv(timeout=seconds)
        yield frame if isinstance(frame, bytes) else _object(frame)


def _object(text: str | bytes | bytearray) -> dict[str, Any]:
    """Return a JSON object; an empty one for anything else."""
    try:
        document = json.loads(text)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
