"""What is known of Model APIs on the AI gateway: scenes, protocols, built-in routes, vendors, the API's own spellings.

Each fact stands once, here, with its source; what no source states is marked as a guess and can be written over in the
settings (`gateway.spellings`). No list is a gate but where the product's own documents close it.

Sources:
    page    Alibaba Cloud, "Manage Model APIs" (help.aliyun.com, as saved 2026-11): scenes, protocols, methods and
            purposes of the routes; its tables have lost names and paths
    sdk     alibabacloud_apig20240327 11.6.0 (2026): field names, values in comments and examples
    market  HiMarket (open source, 2026), AIGWOperator: the resource type of an authorization for a Model API
    openai  OpenAI API reference (2026)
    studio  Model Studio API references of image, video, speech and rerank (help.aliyun.com, 2026)
    claude  Anthropic Messages API (2026)
    comfy   ComfyUI, server routes (docs.comfy.org, 2026)
    vllm    vLLM, OpenAI-compatible server (2026)
    higress Higress, plugin ai-proxy (2026-08)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Scene = Literal["text", "image", "video", "audio", "embedding", "rerank", "others"]
SCENES: tuple[Scene, ...] = ("text", "image", "video", "audio", "embedding", "rerank", "others")

OPENAI, ANTHROPIC, DASHSCOPE, COMFYUI, VLLM = (
    "OpenAI/v1",
    "Anthropic",
    "DashScope",
    "ComfyUI",
    "vLLM",
)


@dataclass(frozen=True)
class BuiltinRoute:
    """A route that the product makes by itself.

    Attributes:
        name: Its name; only those of Text and of the older LLM API are the product's own words, the rest are guesses.
        path: Path after the base path; one that ends in ``/*`` takes everything below it too.
        methods: HTTP methods. A GET may be the opening of a WebSocket: `web_socket`.
        source: Where the path is from.
        web_socket: Whether clients speak WebSocket on it.
    """

    name: str
    path: str
    methods: tuple[str, ...]
    source: str
    web_socket: bool = False


_POST, _GET, _BOTH = ("POST",), ("GET",), ("GET", "POST")
_ALL = ("GET", "POST", "PUT", "PATCH", "DELETE")
_CHAT = BuiltinRoute(
    "create-chat-completion", "/v1/chat/completions", _POST, "page"
)  # page: debugging names the path
_COMPLETION = BuiltinRoute("create-completion", "/v1/completions", _POST, "openai")
_EMBEDDING = BuiltinRoute("create-embedding", "/v1/embeddings", _POST, "openai")
_TASKS = BuiltinRoute("tasks", "/api/v1/tasks/*", _ALL, "studio")
_AIGC = "/api/v1/services/aigc"

LEGACY_ROUTES: tuple[BuiltinRoute, ...] = (_CHAT, _COMPLETION, _EMBEDDING)
"""The three routes of the older LLM API (page)."""


def _comfy(
    name: str, path: str, methods: tuple[str, ...] = _GET, *, web_socket: bool = False
) -> BuiltinRoute:
    return BuiltinRoute(name, path, methods, "comfy", web_socket)


ROUTES: Mapping[Scene, Mapping[str, tuple[BuiltinRoute, ...]]] = {
    "text": {
        OPENAI: (_CHAT, _COMPLETION),
        ANTHROPIC: (BuiltinRoute("create-message", "/v1/messages", _POST, "claude"),),
    },
    "image": {
        DASHSCOPE: (
            BuiltinRoute("text-to-image", f"{_AIGC}/text2image/image-synthesis", _POST, "studio"),
            BuiltinRoute("image-to-image", f"{_AIGC}/image2image/image-synthesis", _POST, "studio"),
            BuiltinRoute(
                "image-out-painting", f"{_AIGC}/image2image/out-painting", _POST, "studio"
            ),
            BuiltinRoute("virtual-model", f"{_AIGC}/virtualmodel/generation", _POST, "studio"),
            BuiltinRoute(
                "background-generation",
                f"{_AIGC}/background-generation/generation",
                _POST,
                "studio",
            ),
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
            BuiltinRoute(
                "video-generation", f"{_AIGC}/video-generation/video-synthesis", _POST, "studio"
            ),
            BuiltinRoute("image-to-video", f"{_AIGC}/image2video/video-synthesis", _POST, "studio"),
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
"""The built-in routes: scene -> protocol -> routes. The first protocol of a scene is its default."""


def protocols_of(scene: Scene) -> tuple[str, ...]:
    """The protocols of a scene, its default first (page: Text speaks OpenAI, others as listed)."""
    return tuple(ROUTES[scene])


VENDORS: Mapping[str, tuple[str, ...]] = {
    "qwen": (
        OPENAI,
        DASHSCOPE,
        ANTHROPIC,
        VLLM,
    ),  # higress: one host, each protocol under its own path
    "pai-eas": (OPENAI, VLLM, COMFYUI),
    "anthropic": (ANTHROPIC, OPENAI),
    "claude": (ANTHROPIC, OPENAI),
    **dict.fromkeys(
        (
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
        ),
        (OPENAI,),
    ),
    **dict.fromkeys(("minimax", "gemini", "azure", "deepseek", "bedrock", "vertex"), (OPENAI,)),
    "custom": (OPENAI, VLLM),
}
"""The vendors of the API's list (sdk), each with the protocols that it is taken to speak; `protocols` writes them over.

What a vendor speaks is by the vendors' own documents (2026) and not the gateway's: a guess where they convert."""

MODEL_STUDIO, PAI_EAS, BEDROCK, VERTEX = "qwen", "pai-eas", "bedrock", "vertex"
WITHOUT_ADDRESS = (PAI_EAS, BEDROCK, VERTEX)


@dataclass(frozen=True)
class Spelling:
    """A value on the wire. ``doubt`` says what is not known about it; empty where a source states it."""

    value: str
    doubt: str = ""


SPELLINGS: Mapping[str, Spelling] = {
    "routing.single": Spelling("SingleService"),  # sdk
    "routing.by-weight": Spelling("MultiServiceByRatio"),  # sdk
    "routing.by-model": Spelling(
        "MultiServiceByModelName", "no source states how routing by model name is spelt"
    ),
    "protocol.OpenAI/v1": Spelling("OpenAI/v1"),  # sdk, page
    "protocol.vLLM": Spelling("vLLM"),  # page
    "protocol.Anthropic": Spelling(
        "Anthropic", "named by the page, its spelling on the wire by no source"
    ),
    "protocol.DashScope": Spelling(
        "DashScope", "named by the page, its spelling on the wire by no source"
    ),
    "protocol.ComfyUI": Spelling(
        "ComfyUI", "named by the page, its spelling on the wire by no source"
    ),
    "auth.api-key": Spelling("Apikey", "the SDK's example is Jwt; this is its consumers' spelling"),
    "auth.jwt": Spelling("Jwt"),  # sdk
    "auth.ak-sk": Spelling("AkSk", "by the consumers' field names only"),
    "limit.global": Spelling("LimitByGlobal"),  # sdk
    "limit.consumer": Spelling("LimitByConsumer", "by the form of LimitByGlobal"),
    "limit.header": Spelling("LimitByHeader", "by the form of LimitByGlobal"),
    "limit.query": Spelling("LimitByQuery", "by the form of LimitByGlobal"),
    "limit.model": Spelling("LimitByModel", "by the form of LimitByGlobal"),
    "limit.per-second": Spelling("TokenPerSecond", "by the form of TokenPerMinute"),
    "limit.per-minute": Spelling("TokenPerMinute"),  # sdk
    "limit.per-hour": Spelling("TokenPerHour", "by the form of TokenPerMinute"),
    "limit.per-day": Spelling("TokenPerDay", "by the form of TokenPerMinute"),
    "authorization.model-api": Spelling("LLM"),  # market
    "eas.private": Spelling("vpc", "the TypeScript SDK's examples say private"),
    "eas.public": Spelling("public"),  # sdk
    "cache.exact": Spelling("NORMAL", "an older SDK's text"),
    "cache.semantic": Spelling("SEMANTIC", "an older SDK's text"),
}
"""The API's own words, where ours differ or its are unknown: `gateway.spellings` in the settings writes one over."""

CATEGORIES: Mapping[Scene, str] = {scene: scene.capitalize() for scene in SCENES}
"""modelCategory by scene (sdk)."""

FALLBACK_STATUSES = (400, 599)
"""Upstream statuses that start a fallback: every 4xx and 5xx (sdk, AiFallbackConfig). It takes no list of codes."""


def is_fallback_status(status: int) -> bool:
    """Whether an upstream's answer with ``status`` is a failure that a fallback may mend."""
    return FALLBACK_STATUSES[0] <= status <= FALLBACK_STATUSES[1]


def spelled(word: str, overrides: Mapping[str, str]) -> str:
    """The value on the wire for one of our words.

    Args:
        word: A key of `SPELLINGS`.
        overrides: Spellings of the settings, by the same keys.
    """
    return overrides.get(word, SPELLINGS[word].value)


def doubts(words: frozenset[str], overrides: Mapping[str, str]) -> tuple[str, ...]:
    """What is not known about the spellings of ``words``, sentences; what is written over is the user's to know."""
    return tuple(
        f"{word}: sent as {SPELLINGS[word].value}; {SPELLINGS[word].doubt}"
        for word in sorted(words)
        if SPELLINGS[word].doubt and word not in overrides
    )
