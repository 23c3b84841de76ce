"""The image and the sound that the model server returns: tiny, valid, and always the same.

Formats: "Portable Network Graphics (PNG) Specification" (W3C, third edition, 2025): a signature,
then chunks of length, kind, content and CRC; WAV as the standard library's ``wave`` writes it. The
addresses of results have a name that RFC 2606 reserves, so that no client fetches them from
anywhere.
"""

from __future__ import annotations

import io
import struct
import wave
import zlib
from functools import cache

_RESULTS = "https://results.example"
_SAMPLE_RATE = 16000
_SAMPLES = 1600  # a tenth of a second


@cache
def png() -> bytes:
    """An image of one grey pixel."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        checksum = zlib.crc32(kind + content)
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)

    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)  # 1x1, 8 bits, grey, not interlaced
    pixel = zlib.compress(b"\x00\x80")  # no filter, then the one pixel
    signature = b"\x89PNG\r\n\x1a\n"
    return signature + chunk(b"IHDR", head) + chunk(b"IDAT", pixel) + chunk(b"IEND", b"")


@cache
def wav() -> bytes:
    """A tenth of a second of silence, one channel of 16 bits."""
    written = io.BytesIO()
    with wave.open(written, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(_SAMPLE_RATE)
        sound.writeframes(pcm())
    return written.getvalue()


def pcm() -> bytes:
    """The sound of :func:`wav` without its head."""
    return bytes(2 * _SAMPLES)


def address(model: str, name: str) -> str:
    """The address of a result of ``model``, which does not exist."""
    return f"{_RESULTS}/{model}/{name}"
