"""Facts about Huawei ModelArts MaaS, each with its source.

Sources:
    call    "Call a model service deployed by ModelArts Studio (MaaS)", 2025-06-09
    guide   User guide of MaaS, pages on chat, embedding, rerank, models and errors, 2025-10
    used    Base URLs and paths in public programs, 2026: in use, not measured by us
    limits  Tables of default limits as others repeat them, 2026: second-hand
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

Protocol = Literal["openai", "v1", "v2", "anthropic"]

MAINLAND: Final = "https://api.modelarts-maas.com"
"""Unified address of the mainland, cn-southwest-2 (used)."""
HONG_KONG: Final = "https://api-ap-southeast-1.modelarts-maas.com"
"""Unified address of Hong Kong, ap-southeast-1 (used)."""
SERVICE_HOSTS: Final = (
    "https://maas-cn-southwest-2.modelarts-maas.com",
    "https://maas-cn-east-4.modelarts-maas.com",
)
"""Hosts of single services, in Guiyang 1 and East China 4 (used)."""
UNIFIED_URLS: Final = (MAINLAND, HONG_KONG)
"""Base URLs of all models of a region. Those of other regions are not documented."""
SERVICE_PATH: Final = r"/v1/infers/[0-9A-Za-z-]+"
"""Path of a single service, before the path of a protocol (call)."""

PROTOCOL_PATHS: Final[Mapping[Protocol, str]] = {
    "openai": "/openai/v1",
    "v1": "/v1",
    "v2": "/v2",
    "anthropic": "/anthropic",
}
"""Path of the base URL by protocol, as SDKs take it, on a unified address (guide, used).

All but `anthropic` are called by OpenAI's SDKs; they differ in models and in error bodies."""
CHAT_PROTOCOLS: Final[tuple[Protocol, ...]] = ("openai", "v1", "v2")
"""Protocols whose requests are those of OpenAI's chat completions (guide)."""
SERVICE_PROTOCOL: Final[Protocol] = "v1"
"""The only protocol of a single service: chat completions, completions, models (call)."""

MOST_KEYS: Final = 30
"""Keys of an account (call)."""
LABEL_PATTERN: Final = r"[0-9A-Za-z_-]{1,100}"
"""Label of a key; unique, never changed (call)."""
LONGEST_DESCRIPTION: Final = 100
"""Characters of the description of a key; never changed (call)."""


@dataclass(frozen=True)
class Limit:
    """Default limits of a model for one account (limits).

    Attributes:
        requests: Requests a minute.
        tokens: Tokens a minute; None where no source names them.
    """

    requests: int
    tokens: int | None = None


_DEFAULT_LIMIT: Final = Limit(1500, 500_000)
_LIMITS: Final[Mapping[str, Limit]] = {
    r"deepseek-v4": Limit(3, 30_000),
    r"deepseek-v3\.2": Limit(700),
    r"glm-": Limit(30),
}
"""Default limits by the start of a model's name in lower case; the first that fits counts."""
LOWEST_LIMIT: Final = min(_LIMITS.values(), key=lambda limit: limit.requests)
"""Lowest of the default limits."""
LOW_REQUESTS: Final = 60
"""Requests a minute below which a fallback gets a warning: our choice, one a second."""


def default_limit(model: str) -> Limit:
    """Return the default limits of a model for one account."""
    for start, limit in _LIMITS.items():
        if re.match(start, model.lower()):
            return limit
    return _DEFAULT_LIMIT
