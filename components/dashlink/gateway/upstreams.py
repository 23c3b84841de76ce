"""Facts about upstreams: hosts of vendors, their models, and names that are private. Pure.

The tables are incomplete by nature: what they lack is unknown, and gives no warning. `scenes`,
`model_scenes` and `private_address` of an AI service override them.

Sources:
    higress Higress, plugin ai-proxy (2026-08-19): default domain and capabilities of each vendor
    studio  Model Studio, model list and API references (help.aliyun.com, 2026)
    vendors API references of the vendors (2026)
    rfc     RFC 6761 and 6762 (appendix G), RFC 8375; ICANN's reservation of .internal (2024-07)
    eas     PAI-EAS, "Call a service over a VPC"; OSS, "Regions and endpoints" (2026): private names
            of the cloud have a label `vpc` or `internal`
"""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

from dashlink.gateway.catalog import COMFYUI, CUSTOM, VENDORS, VLLM, Scene
from dashlink.gateway.model_api.patterns import matches

SELF_HOSTED_PROTOCOLS = (VLLM, COMFYUI)
"""Protocols of programs that people run themselves; a vendor's host rarely speaks them."""

HOST_VENDORS: Mapping[str, str] = {
    "api.360.cn": "360ai",
    "api.anthropic.com": "claude",
    "api.baichuan-ai.com": "baichuan",
    "api.deepseek.com": "deepseek",
    "api.hunyuan.cloud.tencent.com": "hunyuan",
    "api.lingyiwanwu.com": "yi",
    "api.minimax.chat": "minimax",
    "api.moonshot.cn": "moonshot",
    "api.openai.com": "openai",
    "api.stepfun.com": "stepfun",
    "api.z.ai": "zhipuai",
    "ark.cn-beijing.volces.com": "doubao",
    "dashscope.aliyuncs.com": "qwen",
    "generativelanguage.googleapis.com": "gemini",
    "open.bigmodel.cn": "zhipuai",
    "spark-api-open.xf-yun.com": "spark",
}
"""Vendor by the host of its API (higress)."""

_TEXT: tuple[Scene, ...] = ("text",)
_TEXT_AND_EMBEDDING: tuple[Scene, ...] = ("text", "embedding")
VENDOR_SCENES: Mapping[str, tuple[Scene, ...]] = {
    "360ai": _TEXT_AND_EMBEDDING,
    "anthropic": _TEXT,
    "baichuan": _TEXT_AND_EMBEDDING,
    "bedrock": ("text", "image"),
    "claude": _TEXT,
    "deepseek": _TEXT,
    "doubao": ("text", "image", "embedding"),
    "gemini": ("text", "image", "embedding"),
    "hunyuan": _TEXT_AND_EMBEDDING,
    "minimax": _TEXT,
    "moonshot": _TEXT,
    "openai": ("text", "image", "video", "audio", "embedding"),
    "qwen": ("text", "image", "video", "audio", "embedding", "rerank"),
    "spark": _TEXT,
    "stepfun": _TEXT,
    "vertex": ("text", "image", "embedding"),
    "yi": _TEXT,
    "zhipuai": _TEXT_AND_EMBEDDING,
}
"""Scenes for which the gateway's plugin has paths of a vendor (higress); `others` is not judged.

A vendor that is missing here, as `custom` or `pai-eas`, may serve any scene."""

MODEL_FAMILIES: Mapping[str, Scene] = {
    # rerank before embedding and text: gte-rerank-v2, qwen3-rerank (studio)
    "*rerank*": "rerank",
    "text-embedding-*": "embedding",  # studio, vendors
    "*multimodal-embedding*": "embedding",  # studio
    "qwen-image*": "image",  # studio
    "wan*-t2i*": "image",  # studio
    "wan*-imageedit*": "image",  # studio
    "dall-e-*": "image",  # vendors
    "gpt-image-*": "image",  # vendors
    "flux-*": "image",  # studio
    "stable-diffusion-*": "image",  # studio
    "cogview-*": "image",  # vendors
    "doubao-seedream-*": "image",  # vendors
    "wan*-t2v*": "video",  # studio
    "wan*-i2v*": "video",  # studio
    "wan*-kf2v*": "video",  # studio
    "sora-*": "video",  # vendors
    "cogvideox-*": "video",  # vendors
    "doubao-seedance-*": "video",  # vendors
    "cosyvoice-*": "audio",  # studio
    "sambert-*": "audio",  # studio
    "paraformer-*": "audio",  # studio
    "qwen*-tts*": "audio",  # studio
    "tts-1*": "audio",  # vendors
    "whisper-*": "audio",  # vendors
    "qwen-max*": "text",  # studio
    "qwen-plus*": "text",  # studio
    "qwen-turbo*": "text",  # studio
    "qwen-flash*": "text",  # studio
    "qwen-long*": "text",  # studio
    "qwen3-max*": "text",  # studio
    "deepseek-chat*": "text",  # vendors
    "deepseek-reasoner*": "text",  # vendors
    "deepseek-r1*": "text",  # studio
    "deepseek-v3*": "text",  # studio
    "claude-*": "text",  # vendors
    "moonshot-v1-*": "text",  # vendors
    "kimi-*": "text",  # vendors
}
"""Scene of models by a pattern of their names; the first match decides."""

_PRIVATE_SUFFIXES = (
    "internal",
    "local",
    "localhost",
    "home.arpa",
    "intranet",
    "private",
    "corp",
    "home",
    "lan",
)
_PRIVATE_LABELS = ("vpc", "internal", "privatelink")


def host_of(base_url: str) -> str:
    """Host of a URL in lower case; empty where it has none."""
    try:
        return urlsplit(base_url).hostname or ""
    except ValueError:
        return ""


def known_vendor(vendor: str, base_url: str | None) -> str:
    """Vendor whose models are at a URL: by its host where the settings say `custom`."""
    if vendor != CUSTOM or base_url is None:
        return vendor
    return HOST_VENDORS.get(host_of(base_url), vendor)


def lacks_protocol(vendor: str, protocol: str) -> bool:
    """Whether a vendor is not known to run a program that speaks a self-hosted ``protocol``."""
    is_known = vendor in VENDORS and vendor != CUSTOM
    return is_known and protocol in SELF_HOSTED_PROTOCOLS and protocol not in VENDORS[vendor]


def lacks_scene(vendor: str, scene: Scene) -> bool:
    """Whether no source names models of a vendor for ``scene``."""
    return scene != "others" and scene not in VENDOR_SCENES.get(vendor, (scene,))


def scene_of_model(model: str, overrides: Mapping[str, Scene]) -> Scene | None:
    """Scene of a model by its name; None where it is unknown.

    Args:
        model: Name of the model, or a pattern of names, all of which have the scene.
        overrides: Scenes of the settings by pattern, which are looked up first.
    """
    for pattern, scene in (*overrides.items(), *MODEL_FAMILIES.items()):
        if matches(pattern, model):
            return scene
    return None


def is_private_host(host: str) -> bool:
    """Whether the form of a host shows that it is not on the internet."""
    try:
        return not ip_address(host).is_global
    except ValueError:
        pass
    name = host.rstrip(".")
    labels = name.split(".")
    if len(labels) == 1 or any(f".{name}".endswith(f".{suffix}") for suffix in _PRIVATE_SUFFIXES):
        return bool(name)
    if labels[-2:] != ["aliyuncs", "com"]:
        return False
    return any(_has_private_word(label) for label in labels)


def _has_private_word(label: str) -> bool:
    return any(word in label.split("-") for word in _PRIVATE_LABELS)
