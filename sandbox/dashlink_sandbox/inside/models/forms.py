"""Read multipart/form-data bodies that are already in memory, so that they can be read twice.

Shape: RFC 7578 (form data). Of two fields with the same name the last one counts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import BodyPartReader, MultipartReader, StreamReader
from aiohttp.base_protocol import BaseProtocol
from aiohttp.http_exceptions import HttpProcessingError

_TYPE = "multipart/form-data"


@dataclass(frozen=True)
class File:
    """A form field that holds a file."""

    name: str
    content: bytes


def is_form(content_type: str) -> bool:
    """Whether ``content_type`` is that of a form."""
    return content_type.partition(";")[0].strip().lower() == _TYPE


async def read_form(content_type: str, body: bytes) -> Mapping[str, str | File]:
    """Read the fields of ``body``: UTF-8 text or files.

    Raises:
        ValueError: The body is not a complete form.
    """
    loop = asyncio.get_running_loop()
    stream = StreamReader(BaseProtocol(loop), limit=len(body) + 1, loop=loop)
    stream.feed_data(body)
    stream.feed_eof()
    fields: dict[str, str | File] = {}
    try:
        async for part in MultipartReader({"Content-Type": content_type}, stream):
            if not isinstance(part, BodyPartReader) or not part.name:
                raise ValueError("the form has a field without a name")
            content = bytes(await part.read())
            if part.filename is None:
                fields[part.name] = content.decode()
            else:
                fields[part.name] = File(part.filename, content)
    except (HttpProcessingError, RuntimeError) as error:
        raise ValueError("the form is malformed") from error
    return fields
