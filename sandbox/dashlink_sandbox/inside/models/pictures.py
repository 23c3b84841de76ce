"""What the OpenAI-compatible dialect makes besides text: images (made, edited, varied) and speech.

Shapes: as the openai SDK 3.52 (2026) sends and reads them; its types quote OpenAI's API reference. Edits and variations
come as multipart/form-data, all others as JSON. The images are one tiny PNG, the speech is one tiny WAV whatever format
is asked for; the header ``X-Model`` and the text in the revised prompt, which are the sandbox's own, say which model
got what. That Model Studio itself has these paths is unverified.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Iterable, Mapping
from typing import Any

from aiohttp import web

from dashlink_sandbox.inside.models import catalog, samples
from dashlink_sandbox.inside.models.dialect import (
    Fault,
    count_of,
    model_header,
    need,
    need_model,
    new_request_id,
    read_body,
    read_fields,
)
from dashlink_sandbox.inside.models.forms import File

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
    return _images(body, need_model(body, "image"), need(body, "prompt", str))


async def _edit(request: web.Request) -> web.Response:
    fields = await read_fields(request)
    model = need_model(fields, "image")
    _need_image(fields)
    return _images(fields, model, need(fields, "prompt", str))


async def _vary(request: web.Request) -> web.Response:
    fields = await read_fields(request)
    model, image = need_model(fields, "image"), _need_image(fields)
    return _images(fields, model, f"{image.name} of {len(image.content)} bytes")


def _need_image(fields: Mapping[str, Any]) -> File:
    image = fields.get("image", fields.get("image[]"))  # with brackets where several may come
    if not isinstance(image, File) or not image.content:
        raise Fault("body", "image is missing or malformed")
    return image


def _images(fields: Mapping[str, Any], model: str, said: str) -> web.Response:
    wanted = fields.get("response_format", "url")
    if wanted not in ("url", "b64_json"):
        raise Fault("body", "response_format is neither url nor b64_json")
    count = fields.get("n")
    asked = {"n": int(count) if isinstance(count, str) and count.isdecimal() else count}  # a form has only texts
    made = [
        {wanted: _image(model, wanted), "revised_prompt": catalog.heard(model, said)}
        for _ in range(count_of(asked, "n", _MOST_IMAGES) or 1)
    ]
    return web.json_response({"created": int(time.time()), "data": made}, headers=model_header(model))


def _image(model: str, wanted: str) -> str:
    if wanted == "url":
        return samples.address(model, f"{new_request_id()}.png")
    return base64.b64encode(samples.png()).decode()


async def _speak(request: web.Request) -> web.StreamResponse:
    body = await read_body(request)
    model = need_model(body, "speech")
    need(body, "input", str)
    need(body, "voice", (str, dict))
    response = web.StreamResponse(headers={"Content-Type": "audio/wav", **model_header(model)})
    response.enable_chunked_encoding()
    await response.prepare(request)
    sound = samples.wav()
    for at in range(0, len(sound), _PIECE_BYTES):
        await response.write(sound[at : at + _PIECE_BYTES])
    await response.write_eof()
    return response
