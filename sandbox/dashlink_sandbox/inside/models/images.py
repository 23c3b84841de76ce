"""Images (generated, edited, varied) and speech in the OpenAI-compatible protocol.

Shapes: as the openai SDK 3.52 (2026) sends and reads them; its types quote OpenAI's API reference.
Edits and variations are sent as multipart/form-data, all others as JSON. Images are one tiny PNG,
speech is one tiny WAV whatever the requested format; the header ``X-Model`` and the text in the
revised prompt, which are the sandbox's own, show which model received what. That Model Studio
itself has these paths is unverified.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Iterable

from aiohttp import web

from dashlink_sandbox.inside.models import catalog, samples
from dashlink_sandbox.inside.models.forms import File
from dashlink_sandbox.inside.models.protocol import (
    Fault,
    Fields,
    model_header,
    new_request_id,
    read_body,
    read_fields,
)

_MOST_IMAGES = 10
_PIECE_BYTES = 1024


def routes(prefix: str) -> Iterable[web.RouteDef]:
    """The handlers, with whole paths below ``prefix``."""
    return (
        web.post(f"{prefix}/images/generations", _generate),
        web.post(f"{prefix}/images/edits", _edit),
        web.post(f"{prefix}/images/variations", _vary),
        web.post(f"{prefix}/audio/speech", _speak),
    )


async def _generate(request: web.Request) -> web.Response:
    body = await read_body(request)
    return _images(body, body.model("image"), body.need("prompt", str))


async def _edit(request: web.Request) -> web.Response:
    fields = await read_fields(request)
    model = fields.model("image")
    _need_image(fields)
    return _images(fields, model, fields.need("prompt", str))


async def _vary(request: web.Request) -> web.Response:
    fields = await read_fields(request)
    model, image = fields.model("image"), _need_image(fields)
    return _images(fields, model, f"{image.name} of {len(image.content)} bytes")


def _need_image(fields: Fields) -> File:
    image = fields.get("image", fields.get("image[]"))  # with brackets for several images
    if not isinstance(image, File) or not image.content:
        raise Fault("body", "image is missing or malformed")
    return image


def _images(fields: Fields, model: str, prompt: str) -> web.Response:
    image_format = fields.get("response_format", "url")
    if image_format not in ("url", "b64_json"):
        raise Fault("body", "response_format is neither url nor b64_json")
    count = fields.get("n")
    if isinstance(count, str) and count.isdecimal():  # in a form
        fields["n"] = int(count)
    data = []
    for _ in range(fields.count("n", _MOST_IMAGES) or 1):
        revised_prompt = catalog.echo(model, prompt)
        data.append({image_format: _image(model, image_format), "revised_prompt": revised_prompt})
    body = {"created": int(time.time()), "data": data}
    return web.json_response(body, headers=model_header(model))


def _image(model: str, image_format: str) -> str:
    if image_format == "url":
        return samples.address(model, f"{new_request_id()}.png")
    return base64.b64encode(samples.png()).decode()


async def _speak(request: web.Request) -> web.StreamResponse:
    body = await read_body(request)
    model = body.model("speech")
    body.need("input", str)
    body.need("voice", (str, dict))
    response = web.StreamResponse(headers={"Content-Type": "audio/wav", **model_header(model)})
    response.enable_chunked_encoding()
    await response.prepare(request)
    sound = samples.wav()
    for start in range(0, len(sound), _PIECE_BYTES):
        await response.write(sound[start : start + _PIECE_BYTES])
    await response.write_eof()
    return response
