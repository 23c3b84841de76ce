"""Batches in the OpenAI-compatible protocol: a file of requests, answered into a file.

Shapes: Model Studio "OpenAI compatible - Batch" (batch-interfaces-compatible-with-openai,
2025-09-04): endpoints, the form of a line and the model batch-test-model; a result file has the
answers, an error file the refusals. What the openai SDK 3.52 sends and reads. Unverified: the
refusal of an invalid batch, and the range of the window, in hours or days.

A batch is validating until it is first fetched, in progress at that time, and completed from then
on; only one that is not completed can be cancelled, which is at once.
"""

from __future__ import annotations

import re
import time
import uuid
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from dashlink_sandbox.inside.models import chat, embeddings
from dashlink_sandbox.inside.models.files import Files
from dashlink_sandbox.inside.models.protocol import (
    Fault,
    Fields,
    as_json,
    new_request_id,
    parse_object,
    read_body,
)

MOST_BATCHES = 1000
TEST_MODEL = "batch-test-model"
"""The model that answers a text without inference, at its own endpoint."""

_TEST_ENDPOINT = "/v1/chat/ds-test"
_WINDOW = re.compile(r"[1-9]\d*[hd]")


def _test(body: Fields) -> dict[str, Any]:
    """The answer of the test model: that of a chat, without a model list."""
    if body.get("model") != TEST_MODEL:
        raise Fault("model", str(body.get("model")))
    return {**chat.complete(Fields({**body, "model": "qwen-plus"})), "model": TEST_MODEL}


_ENDPOINTS: Mapping[str, Callable[[Fields], dict[str, Any]]] = {
    "/v1/chat/completions": chat.complete,
    "/v1/embeddings": embeddings.embed,
    _TEST_ENDPOINT: _test,
}


@dataclass
class _Batch:
    request: Fields
    lines: list[str]
    batch_id: str = field(default_factory=lambda: f"batch_{uuid.uuid4().hex}")
    status: str = "validating"
    created: int = field(default_factory=lambda: int(time.time()))
    times: dict[str, int] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    failed: int = 0

    def move(self, status: str) -> None:
        """Set the status with its time."""
        self.status = status
        self.times[f"{status}_at"] = int(time.time())

    def shape(self) -> dict[str, Any]:
        """The batch in OpenAI's shape."""
        done = len(self.lines) if self.status == "completed" else 0
        counts = {"total": len(self.lines), "completed": done - self.failed, "failed": self.failed}
        return {
            "id": self.batch_id,
            "object": "batch",
            "endpoint": self.request["endpoint"],
            "errors": None,
            "input_file_id": self.request["input_file_id"],
            "completion_window": self.request["completion_window"],
            "status": self.status,
            "output_file_id": self.files.get("output"),
            "error_file_id": self.files.get("error"),
            "created_at": self.created,
            **self.times,
            "request_counts": counts,
            "metadata": self.request.get("metadata"),
        }


class Batches:
    """The latest batches of a model server."""

    def __init__(self, files: Files, refuse: Callable[[Fault], tuple[int, dict[str, Any]]]) -> None:
        """Prepare an empty list.

        Args:
            files: Where requests are, and results go.
            refuse: Status and body for a request that is refused.
        """
        self._files = files
        self._refuse = refuse
        self._batches: OrderedDict[str, _Batch] = OrderedDict()

    def routes(self, prefix: str) -> Iterable[web.RouteDef]:
        """The handlers, with whole paths below ``prefix``."""
        return (
            web.post(f"{prefix}/batches", self._create),
            web.get(f"{prefix}/batches", self._list),
            web.get(f"{prefix}/batches/{{batch_id}}", self._show),
            web.post(f"{prefix}/batches/{{batch_id}}/cancel", self._cancel),
        )

    async def _create(self, request: web.Request) -> web.Response:
        body = await read_body(request)
        stored = self._files.get(body.need("input_file_id", str))
        if body.need("endpoint", str) not in _ENDPOINTS:
            raise Fault("body", f"endpoint is none of {', '.join(_ENDPOINTS)}")
        if not _WINDOW.fullmatch(body.need("completion_window", str)):
            raise Fault("body", "completion_window is no number of hours or days, as 24h")
        if stored.purpose != "batch":
            raise Fault("body", f"input_file_id: the purpose of the file is {stored.purpose}")
        lines = stored.content.decode("utf-8", "replace").strip().splitlines()
        batch = _Batch(body, lines)
        self._batches[batch.batch_id] = batch
        if len(self._batches) > MOST_BATCHES:
            self._batches.popitem(last=False)
        return web.json_response(batch.shape())

    async def _list(self, _request: web.Request) -> web.Response:
        rows = [batch.shape() for batch in reversed(self._batches.values())]
        return web.json_response({"object": "list", "data": rows, "has_more": False})

    async def _show(self, request: web.Request) -> web.Response:
        batch = self._get(request)
        if batch.status == "validating":
            batch.move("in_progress")
        elif batch.status == "in_progress":
            self._run(batch)
            batch.move("completed")
        return web.json_response(batch.shape())

    async def _cancel(self, request: web.Request) -> web.Response:
        batch = self._get(request)
        if batch.status not in ("validating", "in_progress"):
            raise Fault("body", f"the batch is {batch.status}")
        batch.move("cancelled")
        return web.json_response(batch.shape())

    def _get(self, request: web.Request) -> _Batch:
        batch_id = request.match_info["batch_id"]
        if batch_id not in self._batches:
            raise Fault("path", f"batch {batch_id}")
        return self._batches[batch_id]

    def _run(self, batch: _Batch) -> None:
        """Answer every line, and store the results."""
        results: dict[str, list[str]] = {"output": [], "error": []}
        for line in batch.lines:
            row = self._answer(batch, line)
            kind = "output" if row["error"] is None else "error"
            results[kind].append(as_json(row))
        batch.failed = len(results["error"])
        for kind, rows in results.items():
            if rows:
                content = "\n".join(rows).encode()
                name = f"{batch.batch_id}_{kind}.jsonl"
                batch.files[kind] = self._files.add(name, "batch_output", content).file_id

    def _answer(self, batch: _Batch, line: str) -> dict[str, Any]:
        custom_id = ""
        try:
            row = parse_object(line, "the line")
            custom_id = row.need("custom_id", str)
            if row.need("url", str) != batch.request["endpoint"]:
                raise Fault("body", "url is not the endpoint of the batch")
            status, body = 200, _ENDPOINTS[row["url"]](row.section("body"))
            error = None
        except Fault as fault:
            status, body = self._refuse(fault)
            error = body["error"]
        request_id = new_request_id()
        response = {"status_code": status, "request_id": request_id, "body": body}
        return {"id": request_id, "custom_id": custom_id, "response": response, "error": error}
