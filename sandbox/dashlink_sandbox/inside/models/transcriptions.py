"""A sound as text in the OpenAI-compatible protocol: audio/transcriptions.

Shapes: as the openai SDK 3.52 (2026) sends and reads them; its types quote OpenAI's API reference.
Model Studio documents recognition by chat/completions and over WebSockets, and not this path
("Qwen-ASR API reference", 2026-01-30): that it has it is unverified; other servers behind a gateway
do. The text names the model and the size of the file, so that a test sees what arrived.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from aiohttp import web

from dashlink_sandbox.inside.models import catalog
from dashlink_sandbox.inside.models.forms import File
from dashlink_sandbox.inside.models.protocol import Fault, as_json, read_fields, stream

_FORMATS = ("json", "text", "verbose_json")


def routes(prefix: str) -> Iterable[web.RouteDef]:
    """The handlers, with whole paths below ``prefix``."""
    return (web.post(f"{prefix}/audio/transcriptions", _transcribe),)


async def _transcribe(request: web.Request) -> web.StreamResponse:
    fields = await read_fields(request)
    model, sound = fields.model("transcription"), fields.get("file")
    if not isinstance(sound, File) or not sound.content:
        raise Fault("body", "file is missing or malformed")
    form = fields.get("response_format", "json")
    if form not in _FORMATS:
        raise Fault("body", f"response_format is none of {', '.join(_FORMATS)}")
    text = catalog.echo(model, f"{sound.name} of {len(sound.content)} bytes")
    if fields.get("stream") == "true":
        return await stream(request, _events(text))
    if form == "text":
        return web.Response(text=f"{text}\n")
    if form == "verbose_json":
        details = {"task": "transcribe", "language": "english", "duration": 0.1, "segments": []}
        return web.json_response({**details, "text": text})
    return web.json_response({"text": text})


def _events(text: str) -> Iterator[str]:
    for piece in catalog.pieces(text):
        yield f"data: {as_json({'type': 'transcript.text.delta', 'delta': piece})}\n\n"
    yield f"data: {as_json({'type': 'transcript.text.done', 'text': text})}\n\n"
