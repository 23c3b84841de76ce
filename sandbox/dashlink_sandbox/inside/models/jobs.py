"""DashScope's jobs: images and videos, which are asked for first and fetched later as tasks.

Shapes: Model Studio "Asynchronous task management API" and "Wan - text-to-image V2 API reference"
(alibabacloud.com/help, both 2026-03-15), and what the dashscope SDK 2.0.2 sends and reads. A task that nobody knows is
UNKNOWN, not an error. Unverified: status, code and words of a refused cancellation, ``output_image_url`` of
out-painting and the usage of videos.

A task here is PENDING until it is first asked for, RUNNING at that time and SUCCEEDED from then on; only a PENDING one
can be cancelled. ``model`` in the result, the header ``X-Model`` and the text in ``actual_prompt`` are the sandbox's
own: they say which model got what. The header ``X-DashScope-Async``, without which the real service refuses, may be
missing.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from dashlink_sandbox.inside.models import catalog, samples
from dashlink_sandbox.inside.models.dialect import (
    count_of,
    model_header,
    need,
    need_model,
    new_request_id,
    parameters_of,
    read_body,
)

KEPT_TASKS = 1000
_OUT_PAINTING = "image2image/out-painting"
_KINDS = {  # what each path makes
    "text2image/image-synthesis": "image",
    "image2image/image-synthesis": "image",
    _OUT_PAINTING: "image",
    "virtualmodel/generation": "image",
    "background-generation/generation": "image",
    "video-generation/video-synthesis": "video",
    "image2video/video-synthesis": "video",
}
_MOST_IMAGES = 10
_VIDEO = {"video_count": 1, "video_duration": 5, "video_ratio": "1280*720"}
_NOT_PENDING = "Failed to cancel the task, please confirm if the task is in PENDING status."


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]


@dataclass
class _Task:
    model: str
    what: str
    prompt: str
    count: int
    task_id: str = field(default_factory=new_request_id)
    status: str = "PENDING"
    submitted: str = field(default_factory=_now)
    started: str = ""
    ended: str = ""

    def advance(self) -> None:
        """Go on by one step, if any is left."""
        if self.status == "PENDING":
            self.status, self.started = "RUNNING", _now()
        elif self.status == "RUNNING":
            self.status, self.ended = "SUCCEEDED", _now()

    def answer(self) -> dict[str, Any]:
        """Output and usage as they are now."""
        times = {"submit_time": self.submitted, "scheduled_time": self.started, "end_time": self.ended}
        output = {"task_id": self.task_id, "task_status": self.status, "model": self.model}
        output |= {name: time for name, time in times.items() if time}
        if self.status != "SUCCEEDED":
            return {"output": output}
        made = self._videos() if _KINDS[self.what] == "video" else self._images()
        return {"output": output | made["output"], "usage": made["usage"]}

    def _images(self) -> dict[str, dict[str, Any]]:
        results = [
            {**self._prompts(), "url": samples.address(self.model, f"{self.task_id}-{number}.png")}
            for number in range(self.count)
        ]
        metrics = {"TOTAL": self.count, "SUCCEEDED": self.count, "FAILED": 0}
        painted = {"output_image_url": results[0]["url"]} if self.what == _OUT_PAINTING else {}
        return {
            "output": {"results": results, "task_metrics": metrics, **painted},
            "usage": {"image_count": self.count},
        }

    def _videos(self) -> dict[str, dict[str, Any]]:
        url = samples.address(self.model, f"{self.task_id}.mp4")
        return {"output": {**self._prompts(), "video_url": url}, "usage": _VIDEO}

    def _prompts(self) -> dict[str, str]:
        return {"orig_prompt": self.prompt, "actual_prompt": catalog.heard(self.model, self.prompt)}


class Jobs:
    """The tasks of one server: the last ones, as many as it keeps."""

    def __init__(self) -> None:
        self._tasks: OrderedDict[str, _Task] = OrderedDict()

    def routes(self, prefix: str) -> Iterable[web.RouteDef]:
        """The handlers, with whole paths below ``prefix``."""
        return (
            *(web.post(f"{prefix}/services/aigc/{what}", self._create) for what in _KINDS),
            web.get(f"{prefix}/tasks/{{task_id}}", self._look),
            web.post(f"{prefix}/tasks/{{task_id}}", self._look),
            web.post(f"{prefix}/tasks/{{task_id}}/cancel", self._cancel),
        )

    async def _create(self, request: web.Request) -> web.Response:
        body = await read_body(request)
        what = "/".join(request.path.split("/")[-2:])
        model, asked = need_model(body, _KINDS[what]), need(body, "input", dict)
        count = count_of(parameters_of(body), "n", _MOST_IMAGES) or 1
        task = _Task(model, what, _prompt_of(asked), count)
        self._tasks[task.task_id] = task
        if len(self._tasks) > KEPT_TASKS:
            self._tasks.popitem(last=False)
        return _answer({"output": {"task_id": task.task_id, "task_status": task.status}}, task.model)

    async def _look(self, request: web.Request) -> web.Response:
        task_id = request.match_info["task_id"]
        task = self._tasks.get(task_id)
        if task is None:
            return _answer({"output": {"task_id": task_id, "task_status": "UNKNOWN"}})
        task.advance()
        return _answer(task.answer(), task.model)

    async def _cancel(self, request: web.Request) -> web.Response:
        task = self._tasks.get(request.match_info["task_id"])
        if task is None or task.status != "PENDING":
            return _answer({"code": "UnsupportedOperation", "message": _NOT_PENDING}, status=400)
        task.status, task.ended = "CANCELED", _now()
        return _answer({}, task.model)


def _prompt_of(asked: Mapping[str, Any]) -> str:
    """What the job is to show; not every kind of job says it."""
    return next((text for name in ("prompt", "ref_prompt") if isinstance(text := asked.get(name), str)), "")


def _answer(content: Mapping[str, Any], model: str = "", status: int = 200) -> web.Response:
    headers = model_header(model) if model else {}
    return web.json_response({**content, "request_id": new_request_id()}, status=status, headers=headers)
