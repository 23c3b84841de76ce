"""Files in the OpenAI-compatible protocol: uploads, and the results of batches.

Shapes: Model Studio "OpenAI compatible file interface" (openai-file-interface, 2026-03-15): the
purposes file-extract and batch, query, list and deletion; "OpenAI compatible - Batch"
(batch-interfaces-compatible-with-openai, 2025-09-04): the content of a result. What the openai SDK
3.52 sends and reads. Unverified: the purpose of a result, and the refusal of another purpose.
"""

from __future__ import annotations

import time
import uuid
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from dashlink_sandbox.inside.models.forms import File
from dashlink_sandbox.inside.models.protocol import Fault, read_fields

MOST_FILES = 1000
_PREFIXES = {"file-extract": "file-fe", "batch": "file-batch", "batch_output": "file-batch_output"}
_UPLOADED = ("file-extract", "batch")


@dataclass(frozen=True)
class StoredFile:
    """A file; ``shape`` is what clients see of it."""

    name: str
    purpose: str
    content: bytes
    file_id: str
    created: int = field(default_factory=lambda: int(time.time()))

    def shape(self) -> dict[str, Any]:
        """The file in OpenAI's shape."""
        return {
            "id": self.file_id,
            "object": "file",
            "bytes": len(self.content),
            "filename": self.name,
            "purpose": self.purpose,
            "status": "processed",
            "created_at": self.created,
        }


class Files:
    """The latest files of a model server."""

    def __init__(self) -> None:
        self._files: OrderedDict[str, StoredFile] = OrderedDict()

    def routes(self, prefix: str) -> Iterable[web.RouteDef]:
        """The handlers, with whole paths below ``prefix``."""
        return (
            web.post(f"{prefix}/files", self._upload),
            web.get(f"{prefix}/files", self._list),
            web.get(f"{prefix}/files/{{file_id}}", self._show),
            web.delete(f"{prefix}/files/{{file_id}}", self._delete),
            web.get(f"{prefix}/files/{{file_id}}/content", self._content),
        )

    def add(self, name: str, purpose: str, content: bytes) -> StoredFile:
        """Store a file."""
        stored = StoredFile(name, purpose, content, f"{_PREFIXES[purpose]}-{uuid.uuid4().hex[:24]}")
        self._files[stored.file_id] = stored
        if len(self._files) > MOST_FILES:
            self._files.popitem(last=False)
        return stored

    def get(self, file_id: str) -> StoredFile:
        """Return a file.

        Raises:
            Fault: There is none with this id.
        """
        if file_id not in self._files:
            raise Fault("path", f"file {file_id}")
        return self._files[file_id]

    async def _upload(self, request: web.Request) -> web.Response:
        fields = await read_fields(request)
        file, purpose = fields.get("file"), fields.need("purpose", str)
        if not isinstance(file, File) or not file.content:
            raise Fault("body", "file is missing or malformed")
        if purpose not in _UPLOADED:
            raise Fault("body", f"purpose is none of {', '.join(_UPLOADED)}")
        return web.json_response(self.add(file.name, purpose, file.content).shape())

    async def _list(self, request: web.Request) -> web.Response:
        purpose = request.query.get("purpose")
        rows = []
        for stored in reversed(self._files.values()):
            if purpose in (None, stored.purpose):
                rows.append(stored.shape())
        return web.json_response({"object": "list", "data": rows, "has_more": False})

    async def _show(self, request: web.Request) -> web.Response:
        return web.json_response(self.get(request.match_info["file_id"]).shape())

    async def _delete(self, request: web.Request) -> web.Response:
        stored = self.get(request.match_info["file_id"])
        del self._files[stored.file_id]
        return web.json_response({"id": stored.file_id, "object": "file", "deleted": True})

    async def _content(self, request: web.Request) -> web.Response:
        stored = self.get(request.match_info["file_id"])
        return web.Response(body=stored.content, content_type="application/octet-stream")
