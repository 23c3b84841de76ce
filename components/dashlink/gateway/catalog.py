"""Facts about Model APIs on the AI gateway: scenes, protocols, built-in routes, vendors.

Each fact has its source; words of the API are in `dashlink.cloud.words`. A list restricts settings
only where the product's documents do.

Sources:
    page    Alibaba Cloud, "Manage Model APIs" (help.aliyun.com, as saved 2026-11): scenes,
            protocols, methods and purposes of the routes; names and paths are missing in its tables
    sdk     alibabacloud_apig20240327 11.6.0 (2026): field names, values in comments and examples
    openai  OpenAI API reference (2026)
    studio  Model Studio API references of image, video, speech and rerank (help.aliyun.com, 2026)
    claude  Anthropic Messages API (2026)
    comfy   ComfyUI, server routes (docs.comfy.org, 2026)
    vllm    vLLM, OpenAI-compatible server (2026)
    higress Higress, plugin ai-proxy (2026-08)
    hiclaw  HiClaw, aliyun/gateway.py (2026-03), which deploys to live accounts: a service of Model
            Studio with `…/compatible-mode/v1`, `protocols` OpenAI/v1 and these compatible ones
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Scene = Literal["text", "image", "video", "audio", "embedding", "rerank", "others"]
SCENES: tuple[Scene, ...] = ("text", "image", "video", "audio", "embedding", "rerank", "others")

OPENAI = "OpenAI/v1"
ANTHROPIC = "Anthropic"
DASHSCOPE = "DashScope"
COMFYUI = "ComfyUI"
VLLM = "vLLM"


@dataclass(frozen=True)
class BuiltinRoute:
    """A route that the product creates with a Model API.

    Attributes:
        name: Name of the route; the names of Text and of the older LLM API are the product's own,
            the others are unverified.
        path: Path after the base path; one that ends in ``/*`` matches everything below it too.
        methods: HTTP methods. A GET may open a WebSocket: see `web_socket`.
        source: Source of the path, a key of the module's list.
        web_socket: Whether clients speak WebSocket on the route.
    """

    name: str
    path: str
    methods: tuple[str, ...]
    source: str
    web_socket: bool = False


_POST = ("POST",)
_GET = ("GET",)
_BOTH = ("GET", "POST")
_ALL = ("GET", "POST", "PUT", "PATCH", "DELETE")
# page: debugging names the path
_CHAT = BuiltinRoute("create-chat-completion", "/v1/chat/completions", _POST, "page")
_COMPLETION = BuiltinRoute("create-completion", "/v1/completions", _POST, "openai")
_EMBEDDING = BuiltinRoute("create-embedding", "/v1/embeddings", _POST, "openai")
_TASKS = BuiltinRoute("tasks", "/api/v1/tasks/*", _ALL, "studio")

LEGACY_ROUTES: tuple[BuiltinRoute, ...] = (_CHAT, _COMPLETION, _EMBEDDING)
"""Routes of the older LLM API (page)."""


def _comfy(
    name: str, path: str, methods: tuple[str, ...] = _GET, *, web_socket: bool = False
) -> BuiltinRoute:
    return BuiltinRoute(name, path, methods, "comfy", web_socket)


def _aigc(name: str, path: str) -> BuiltinRoute:
    return BuiltinRoute(name, f"/api/v1/services/aigc/{path}", _POST, "studio")


ROUTES: Mapping[Scene, Mapping[str, tuple[BuiltinRoute, ...]]] = {
    "text": {
        OPENAI: (_CHAT, _COMPLETION),
        ANTHROPIC: (BuiltinRoute("create-message", "/v1/messages", _POST, "claude"),),
    },
    "image": {
        DASHSCOPE: (
            _aigc("text-to-image", "text2image/image-synthesis"),
            _aigc("image-to-image", "image2image/image-synthesis"),
            _aigc("image-out-painting", "image2image/out-painting"),
            _aigc("virtual-model", "virtualmodel/generation"),
            _aigc("background-generation", "background-generation/generation"),
            _TASKS,
        ),
        OPENAI: (
            BuiltinRoute("create-image", "/v1/images/generations", _POST, "openai"),
            BuiltinRoute("create-image-edit", "/v1/images/edits", _POST, "openai"),
            BuiltinRoute("create-image-variation", "/v1/images/variations", _POST, "openai"),
        ),
        COMFYUI: (
            _comfy("websocket", "/ws", web_socket=True),
            _comfy("embeddings", "/embeddings"),
            _comfy("extensions", "/extensions"),
            _comfy("features", "/features"),
            _comfy("models", "/models"),
            _comfy("models-of-folder", "/models/*"),
            _comfy("workflow-templates", "/workflow_templates"),
            _comfy("upload-image", "/upload/image", _POST),
            _comfy("upload-mask", "/upload/mask", _POST),
            _comfy("view", "/view"),
            _comfy("view-metadata", "/view_metadata/*"),
            _comfy("system-stats", "/system_stats"),
            _comfy("prompt", "/prompt", _BOTH),
            _comfy("object-info", "/object_info"),
            _comfy("object-info-of-node", "/object_info/*"),
            _comfy("history", "/history", _BOTH),
            _comfy("history-of-prompt", "/history/*"),
            _comfy("queue", "/queue", _BOTH),
            _comfy("interrupt", "/interrupt", _POST),
            _comfy("free", "/free", _POST),
            _comfy("userdata", "/userdata"),
            _comfy("userdata-v2", "/v2/userdata"),
            _comfy("userdata-file", "/userdata/*", ("GET", "POST", "DELETE")),
            _comfy("userdata-move", "/userdata/*/move/*", _POST),
            _comfy("users", "/users", _BOTH),
        ),
    },
    "video": {
        DASHSCOPE: (
            _aigc("video-generation", "video-generation/video-synthesis"),
            _aigc("image-to-video", "image2video/video-synthesis"),
            _TASKS,
        )
    },
    "audio": {
        DASHSCOPE: (
            BuiltinRoute("text-to-audio", "/api-ws/v1/inference", _GET, "studio", web_socket=True),
        ),
        OPENAI: (BuiltinRoute("create-speech", "/v1/audio/speech", _POST, "openai"),),
    },
    "embedding": {OPENAI: (_EMBEDDING,)},
    "rerank": {
        DASHSCOPE: (
            BuiltinRoute(
                "text-rerank", "/api/v1/services/rerank/text-rerank/text-rerank", _POST, "studio"
            ),
        ),
        VLLM: (BuiltinRoute("rerank", "/v1/rerank", _POST, "vllm"),),
    },
    "others": {
        OPENAI: (
            BuiltinRoute("models", "/v1/models/*", _ALL, "openai"),
            BuiltinRoute("files", "/v1/files/*", _ALL, "openai"),
            BuiltinRoute("batches", "/v1/batches/*", _ALL, "openai"),
            BuiltinRoute("fine-tuning-jobs", "/v1/fine_tuning/jobs/*", _ALL, "openai"),
        )
    },
}
"""Built-in routes by scene and protocol. The first protocol of a scene is its default."""


@dataclass(frozen=True)
class ClientCall:
    """A path that clients call, and for which no document of the gateway names a route.

    Whether an API has one is read back from its routes. The plugin of Higress knows /v1/responses
    of Model Studio (2026-08), so that the gateway may have it (unverified).

    Attributes:
        path: Path after the base path.
        callers: Clients that call it, a clause.
        instead: What reaches the same models without it, a clause.
        source: Source of the path, a key of the module's list.
    """

    path: str
    callers: str
    instead: str
    source: str


_MULTIMODAL = "/api/v1/services/aigc/multimodal-generation/generation"
CLIENT_CALLS: Mapping[Scene, Mapping[str, tuple[ClientCall, ...]]] = {
    "text": {
        OPENAI: (
            ClientCall(
                "/v1/responses",
                "Codex and `responses.create` of OpenAI's SDKs ask",
                "`chat.completions.create` reaches the same models",
                "openai",
            ),
        ),
        ANTHROPIC: (
            ClientCall(
                "/v1/messages/count_tokens",
                "Claude Code and `messages.count_tokens` of Anthropic's SDKs ask",
                "each answer reports its tokens",
                "claude",
            ),
        ),
    },
    "image": {
        DASHSCOPE: (
            ClientCall(
                _MULTIMODAL,
                "qwen-image answers at once",
                "the endpoint has it",
                "studio",
            ),
        ),
    },
    "audio": {
        OPENAI: (
            ClientCall(
                "/v1/audio/transcriptions",
                "`audio.transcriptions.create` of OpenAI's SDKs asks",
                "an API of scene text reaches models that hear, as qwen3-asr-flash",
                "openai",
            ),
        ),
        DASHSCOPE: (
            ClientCall(
                "/api-ws/v1/realtime",
                "Qwen-Omni-Realtime and Qwen-TTS-Realtime speak",
                "the endpoint has it",
                "studio",
            ),
            ClientCall(_MULTIMODAL, "Qwen-TTS answers by HTTP", "the endpoint has it", "studio"),
        ),
    },
}
"""Calls of today's clients by scene and protocol."""

PROTOCOLS = (ANTHROPIC, COMFYUI, DASHSCOPE, OPENAI, VLLM)
"""All protocols, sorted."""

BASE_PATHS: Mapping[str, Mapping[str, str]] = {
    OPENAI: {"openai": "/v1"},
    ANTHROPIC: {"anthropic": ""},
    VLLM: {"rerank": "/v1"},
    COMFYUI: {"comfyui": ""},
    DASHSCOPE: {"dashscope": "/api/v1"},
}
"""Paths of the base URLs that SDKs expect: protocol -> key in the outputs -> path."""

ENDPOINT_BASE_URLS: Mapping[str, str] = {
    ANTHROPIC: "anthropic",
    DASHSCOPE: "dashscope",
    VLLM: "rerank",
}
"""Base URL of an endpoint at which a protocol is spoken; every other one is at `openai`."""

AUDIO_BASE_PATHS: Mapping[str, str] = {"websocket-inference": "/api-ws/v1/inference"}
"""Paths of scene audio in DashScope, which is spoken over WebSocket (studio)."""


def protocols_of(scene: Scene) -> tuple[str, ...]:
    """Protocols of a scene, the default first (page)."""
    return tuple(ROUTES[scene])


_SPEAKS_OPENAI_ONLY = (
    "moonshot",
    "baichuan",
    "yi",
    "zhipuai",
    "360ai",
    "hunyuan",
    "stepfun",
    "spark",
    "openai",
    "doubao",
    "minimax",
    "gemini",
    "azure",
    "deepseek",
    "bedrock",
    "vertex",
)
VENDORS: Mapping[str, tuple[str, ...]] = {
    # higress: one host, each protocol under its own path
    "qwen": (OPENAI, DASHSCOPE, ANTHROPIC, VLLM),
    "pai-eas": (OPENAI, VLLM, COMFYUI),
    "anthropic": (ANTHROPIC, OPENAI),
    "claude": (ANTHROPIC, OPENAI),
    **dict.fromkeys(_SPEAKS_OPENAI_ONLY, (OPENAI,)),
    "custom": (OPENAI, VLLM),
}
"""Vendors of the API's list (sdk), each with the protocols that it is assumed to speak.

The protocols are from the vendors' own documents (2026), not the gateway's, which may convert:
unverified. `protocols` of an AI service overrides them."""

REGIONS = frozenset(
    [
        "cn-qingdao",
        "cn-beijing",
        "cn-wulanchabu",
        "cn-hangzhou",
        "cn-shanghai",
        "cn-shenzhen",
        "cn-chengdu",
        "cn-hongkong",
        "ap-northeast-1",
        "ap-southeast-1",
        "ap-southeast-5",
        "us-west-1",
        "us-east-1",
        "eu-central-1",
    ]
)
"""Regions with AI gateways ("Supported regions" of AI Gateway, 2025-11-10)."""

MODEL_STUDIO = "qwen"
OFFERED_BY_MODEL_STUDIO = (OPENAI, DASHSCOPE, ANTHROPIC)
"""Protocols in which a service of Model Studio with an OpenAI address is offered (hiclaw)."""
MODEL_STUDIO_SECONDS = 600
"""Longest time of a request to the dashscope names of Model Studio, in seconds (regions page of
Model Studio, 2026-10-11); its workspace names allow 3600."""
PAI_EAS = "pai-eas"
BEDROCK = "bedrock"
VERTEX = "vertex"
CUSTOM = "custom"
WITHOUT_ADDRESS = (PAI_EAS, BEDROCK, VERTEX)
"""Vendors that are reached without a base URL."""


FALLBACK_STATUSES = range(400, 600)
"""Upstream statuses that start a fallback: every 4xx and 5xx (sdk, AiFallbackConfig)."""


def is_fallback_status(status: int) -> bool:
    """Whether a response of an AI service with ``status`` starts a fallback."""
    return status in FALLBACK_STATUSES
