"""DashScope's jobs: images and videos, which are created as tasks and fetched later.

Shapes: Model Studio "Asynchronous task management API" and "Wan - text-to-image V2 API reference"
(alibabacloud.com/help, both 2026-03-15), and what the dashscope SDK 2.0.2 sends and reads. An
unknown task is UNKNOWN, not an error. Unverified: status, code and message of a refused
cancellation, ``output_image_url`` of out-painting and the usage of videos.

A task is PENDING until it is first fetched, RUNNING at that time and SUCCEEDED from then on; only a
PENDING one can be cancelled. ``model`` in the result, the header ``X-Model`` and the text in
``actual_prompt`` are the sandbox's own: they show which model received what. The header
``X-DashScope-Async``, without which the real service refuses, is optional.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from dashlink_sandbox.inside.models import catalog, samples
from dashlink_sandbox.inside.models.protocol import (
    Fields,
    model_header,
    new_request_id,
    read_body,
)

MOST_TASKS = 1000
_OUT_PAINTING = "image2image/out-painting"
_KINDS = {
    "text2image/image-synthesis": "image",
    "image2image/image-synthesis": "image",
    _OUT_PAINTING: "image",
    "virtualmodel/generation": "image",
    "background-generation/generation": "image",
    "video-generation/video-synthesis": "video",
    "image2video/video-synthesis": "video",
}
"""What the job at each path generates."""

_MOST_IMAGES = 10
_VIDEO_USAGE = {"video_count": 1, "video_duration": 5, "video_ratio": "1280*720"}
_NOT_PENDING = "Failed to cancel the task, please confirm if the task is in PENDING status."


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]


@dataclass
class _Task:
    model: str
    job: str
    prompt: str
    count: int
    task_id: str = field(default_factory=new_request_id)
    status: str = "PENDING"
    submitted: str = field(default_factory=_now)
    started: str = ""
    ended: str = ""

    def advance(self) -> None:
        """Move a task that has not ended to its next status."""
        if self.status == "PENDING":
            self.status = "RUNNING"
            self.started = _now()
        elif self.status == "RUNNING":
            self.status = "SUCCEEDED"
            self.ended = _now()

    def result(self) -> dict[str, Any]:
        """The current output and usage."""
        output: dict[str, Any] = {
            "task_id": self.task_id,
            "task_status": self.status,
            "model": self.model,
            "submit_time": self.submitted,
        }
        if self.started:
            output["scheduled_time"] = self.started
        if self.ended:
            output["end_time"] = self.ended
        if self.status != "SUCCEEDED":
            return {"output": output}
        if _KINDS[self.job] == "video":
            output |= {**self._prompts(), "video_url": self._address("mp4")}
            return {"output": output, "usage": _VIDEO_USAGE}
        return {"output": output | self._images(), "usage": {"image_count": self.count}}

    def _images(self) -> dict[str, Any]:
        results = []
        for number in range(self.count):
            results.append({**self._prompts(), "url": self._address("png", f"-{number}")})
        metrics = {"TOTAL": self.count, "SUCCEEDED": self.count, "FAILED": 0}
        output: dict[str, Any] = {"results": results, "task_metrics": metrics}
        if self.job == _OUT_PAINTING:
            output["output_image_url"] = results[0]["url"]
        return output

    def _address(self, extension: str, suffix: str = "") -> str:
        return samples.address(self.model, f"{self.task_id}{suffix}.{extension}")

    def _prompts(self) -> dict[str, str]:
        actual_prompt = catalog.echo(self.model, self.prompt)
        return {"orig_prompt": self.prompt, "actual_prompt": actual_prompt}


class Jobs:
    """The latest tasks of a model server."""

    def __init__(self) -> None:
        self._tasks: OrderedDict[str, _Task] = OrderedDict()

    def routes(self, prefix: str) -> Iterable[web.RouteDef]:
        """The handlers, with whole paths below ``prefix``."""
        return (
            *(web.post(f"{prefix}/services/aigc/{job}", self._create) for job in _KINDS),
            web.get(f"{prefix}/tasks/{{task_id}}", self._fetch),
            web.post(f"{prefix}/tasks/{{task_id}}", self._fetch),
            web.post(f"{prefix}/tasks/{{task_id}}/cancel", self._cancel),
        )

    async def _create(self, request: web.Request) -> web.Response:
        body = await read_body(request)
        job = "/".join(request.path.split("/")[-2:])
        model, section = body.model(_KINDS[job]), body.section("input")
        count = body.parameters().count("n", _MOST_IMAGES) or 1
        task = _Task(model, job, _prompt_of(section), count)
        self._tasks[task.task_id] = task
        if len(self._tasks) > MOST_TASKS:
            self._tasks.popitem(last=False)
        return _response(_output(task.task_id, task.status), task.model)

    async def _fetch(self, request: web.Request) -> web.Response:
        task_id = request.match_info["task_id"]
        task = self._tasks.get(task_id)
        if task is None:
            return _response(_output(task_id, "UNKNOWN"))
        task.advance()
        return _response(task.result(), task.model)

    async def _cancel(self, request: web.Request) -> web.Response:
        task = self._tasks.get(request.match_info["task_id"])
        if task is None or task.status != "PENDING":
            error = {"code": "UnsupportedOperation", "message": _NOT_PENDING}
            return _response(error, status=400)
        task.status = "CANCELED"
        task.ended = _now()
        return _response({}, task.model)


def _prompt_of(section: Fields) -> str:
    """The prompt of a job; empty where its kind has none."""
    for name in ("prompt", "ref_prompt"):
        if isinstance(section.get(name), str):
            return str(section[name])
    return ""


def _output(task_id: str, status: str) -> dict[str, Any]:
    return {"output": {"task_id": task_id, "task_status": status}}


def _response(content: Mapping[str, Any], model: str = "", status: int = 200) -> web.Response:
    headers = model_header(model) if model else {}
    body = {**content, "request_id": new_request_id()}
    return web.json_response(body, status=status, headers=headers)
