"""Images and speech at DashScope's multimodal-generation, where chats with pictures are too.

The kind of the model decides what the path answers. Shapes: Model Studio "Qwen - text-to-image API
reference" (qwen-image-api, 2026-02-02): an image for a prompt, in the shape of a chat, at once;
"Speech synthesis (Qwen-TTS)" (qwen-tts-api, 2025-11-01), and what the dashscope SDK 2.0.2 sends and
reads (TextToSpeechResponse, audio/http_tts.py): a WAV to fetch, or in a stream its sound in pieces
and last the address. The header ``X-Model`` is the sandbox's own. Unverified: which ``n`` a model
takes (here up to 6, the most that any takes), and the usage of speech.
"""

from __future__ import annotations

import base64
import re
import time
from collections.abc import Iterator
from typing import Any

from aiohttp import web

from dashlink_sandbox.inside.models import applications, catalog, samples
from dashlink_sandbox.inside.models.protocol import (
    Fault,
    Fields,
    as_json,
    model_header,
    new_request_id,
)

_MOST_IMAGES = 6
_DEFAULT_SIZE = "1664*928"
_SIZE = re.compile(r"(\d{2,4})\*(\d{2,4})")
_SECONDS_OF_AN_ADDRESS = 24 * 60 * 60
_PIECE_BYTES = 1600


def draw(body: Fields) -> web.Response:
    """Answer a prompt with images.

    Raises:
        Fault: The request is invalid.
    """
    model, parameters = body.model("image"), body.parameters()
    prompt = catalog.heard(applications.messages_of(body.section("input")))
    if not prompt:
        raise Fault("body", "input has no text")
    size = _SIZE.fullmatch(str(parameters.get("size", _DEFAULT_SIZE)))
    if size is None:
        raise Fault("body", "size is not of the form width*height")
    count = parameters.count("n", _MOST_IMAGES) or 1
    content = []
    for _ in range(count):
        content.append({"image": samples.address(model, f"{new_request_id()}.png")})
    message = {"role": "assistant", "content": content}
    width, height = map(int, size.groups())
    usage = {"width": width, "height": height, "image_count": count}
    output = {"choices": [{"finish_reason": "stop", "message": message}]}
    return web.json_response(
        {"output": output, "usage": usage, "request_id": new_request_id()},
        headers=model_header(model),
    )


class Synthesis:
    """A text that is spoken."""

    def __init__(self, body: Fields) -> None:
        """Read a request.

        Raises:
            Fault: It is invalid.
        """
        self.model = body.model("speech")
        section = body.section("input")
        self._text: str = section.need("text", str)
        section.need("voice", str)
        self._request_id = new_request_id()
        self._audio_id = f"audio_{self._request_id}"

    def whole(self) -> dict[str, Any]:
        """The answer without a stream: the address of the sound."""
        return self._shape("stop", url=samples.address(self.model, f"{self._audio_id}.wav"))

    def events(self) -> Iterator[str]:
        """The events of a stream: the sound in pieces, then its address."""
        sound = samples.pcm()
        documents = []
        for start in range(0, len(sound), _PIECE_BYTES):
            piece = base64.b64encode(sound[start : start + _PIECE_BYTES]).decode()
            documents.append(self._shape("null", data=piece))
        for number, document in enumerate((*documents, self.whole()), start=1):
            data = as_json(document)
            yield f"id:{number}\nevent:result\n:HTTP_STATUS/200\ndata:{data}\n\n"

    def _shape(self, finish: str, data: str = "", url: str = "") -> dict[str, Any]:
        expires = int(time.time()) + _SECONDS_OF_AN_ADDRESS
        audio = {"data": data, "url": url, "id": self._audio_id, "expires_at": expires}
        count = catalog.tokens(self._text)
        usage = {"input_tokens": count, "output_tokens": 0, "characters": len(self._text)}
        output = {"text": None, "choices": None, "finish_reason": finish, "audio": audio}
        return {"output": output, "usage": usage, "request_id": self._request_id}
