"""Reading a body of multipart/form-data, whole and already in memory, so that more than one reader can.

Shape: RFC 7578 (form data) and RFC 2046 section 5.1 (parts between lines of a boundary). Texts are texts, files are
bytes; of two fields of one name the last one counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesHeaderParser

_TYPE = "multipart/form-data"


@dataclass(frozen=True)
class File:
    """A field that is a file."""

    name: str
    content: bytes


def is_form(content_type: str) -> bool:
    """Whether a body of ``content_type`` is a form."""
    return content_type.partition(";")[0].strip().lower() == _TYPE


def read_form(content_type: str, body: bytes) -> Mapping[str, str | File]:
    """The fields of ``body``.

    Raises:
        ValueError: It is not a form.
    """
    header = Message()
    header["Content-Type"] = content_type
    boundary = header.get_boundary()
    first, *parts = (b"\r\n" + body).split(b"\r\n--" + (boundary or "").encode())
    if not boundary or first or not parts or not parts[-1].startswith(b"--"):
        raise ValueError("the body has no parts between its boundary")
    return dict(_field(part) for part in parts[:-1])


def _field(part: bytes) -> tuple[str, str | File]:
    head, _, content = part.partition(b"\r\n\r\n")
    headers = BytesHeaderParser().parsebytes(head.lstrip())
    name, file_name = headers.get_param("name", header="content-disposition"), headers.get_filename()
    if not isinstance(name, str):
        raise ValueError("a part has no name")
    return name, content.decode() if file_name is None else File(file_name, content)
