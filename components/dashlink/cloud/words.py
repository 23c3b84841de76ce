"""Words of the AI gateway's API (APIG 2024-03-27), by dashlink's terms.

A word that a source states has its source beside it. A word that no source states has candidates:
the first is sent, and the provider asks the cloud, by a dry run, which of them it accepts.

Sources:
    sdk     alibabacloud_apig20240327 11.6.0 (2026): texts and examples of its models
    page    Alibaba Cloud, "Manage Model APIs" (help.aliyun.com, as saved 2026-11)
    market  HiMarket (open source, 2026-06), AIGWOperator
    hiclaw  HiClaw, aliyun/gateway.py (open source, 2026-03), which deploys to live accounts
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Word:
    """A value of the API.

    Attributes:
        value: The value that is sent unless the cloud refuses it.
        unverified: What no source states about it; empty where a source states the value.
        candidates: Further values in the order in which they are tried.
    """

    value: str
    unverified: str = ""
    candidates: tuple[str, ...] = ()

    @property
    def values(self) -> tuple[str, ...]:
        """All candidates, the first choice first."""
        return (self.value, *self.candidates)


_NAMED_BY_PAGE = "named by the page; no source states its value in the API"
WORDS: Mapping[str, Word] = {
    "routing.single": Word("SingleService"),  # sdk
    "routing.by-weight": Word("MultiServiceByRatio"),  # sdk
    "routing.by-model": Word(
        "MultiServiceByModelName", "no source states the value of routing by model name"
    ),
    "protocol.OpenAI/v1": Word("OpenAI/v1"),  # sdk, page
    "protocol.vLLM": Word("vLLM"),  # page
    "protocol.Anthropic": Word("Anthropic", _NAMED_BY_PAGE),
    "protocol.DashScope": Word("DashScope", _NAMED_BY_PAGE),
    "protocol.ComfyUI": Word("ComfyUI", _NAMED_BY_PAGE),
    "auth.api-key": Word("Apikey", "the SDK's example is Jwt; this is the spelling of consumers"),
    "auth.jwt": Word("Jwt"),  # sdk
    "auth.ak-sk": Word("AkSk", "derived from the field names of consumers"),
    "limit.global": Word("LimitByGlobal"),  # sdk
    "limit.consumer": Word("LimitByConsumer", "by analogy with LimitByGlobal"),
    "limit.header": Word("LimitByHeader", "by analogy with LimitByGlobal"),
    "limit.query": Word("LimitByQuery", "by analogy with LimitByGlobal"),
    "limit.model": Word("LimitByModel", "by analogy with LimitByGlobal"),
    "limit.per-second": Word("TokenPerSecond", "by analogy with TokenPerMinute"),
    "limit.per-minute": Word("TokenPerMinute"),  # sdk
    "limit.per-hour": Word("TokenPerHour", "by analogy with TokenPerMinute"),
    "limit.per-day": Word("TokenPerDay", "by analogy with TokenPerMinute"),
    "authorization.model-api": Word("LLM"),  # market
    "eas.private": Word("vpc", "the TypeScript SDK's examples say private"),
    "eas.public": Word("public"),  # sdk
    # hiclaw; the others are examples of go
    "upstream.model-studio": Word(
        "/compatible-mode/v1",
        "a live client sends this path with DashScope and Anthropic as compatible protocols; no "
        "source states that the gateway replaces it by theirs",
        ("/", "/api/v1"),
    ),
    "cache.exact": Word("NORMAL", "from the text of an older SDK"),
    "cache.semantic": Word("SEMANTIC", "from the text of an older SDK"),
}
"""Words by dashlink's terms. `gateway.spellings` in the settings overrides one."""
UPSTREAM = "upstream.model-studio"
"""Term of the path in the address of a service of Model Studio; `/` for the host alone."""

NetworkAccess = Literal["privatenet", "private&pubnet", "pubnet"]
"""Networks from which a gateway can be reached (sdk, UpdateNetworkAccess)."""
PRIVATE_NETWORK: NetworkAccess = "privatenet"
BOTH_NETWORKS: NetworkAccess = "private&pubnet"
INTRANET = "Intranet"
INTERNET = "Internet"
ADDRESS_TYPES: Mapping[NetworkAccess, frozenset[str]] = {
    "privatenet": frozenset({INTRANET}),
    "private&pubnet": frozenset({INTRANET, INTERNET}),
    "pubnet": frozenset({INTERNET}),
}
"""Types of the load balancers that a gateway has (sdk, GetGateway), by its network access."""


def spelled(term: str, overrides: Mapping[str, str]) -> str:
    """Value that is sent for a term.

    Args:
        term: A key of `WORDS`.
        overrides: Spellings of the settings, by the same keys.
    """
    return overrides.get(term, WORDS[term].value)


def unverified(terms: frozenset[str], overrides: Mapping[str, str]) -> tuple[str, ...]:
    """What no source states about the words of ``terms``, one sentence each, sorted.

    Terms that the settings override are left out.
    """
    sentences = []
    for term in sorted(terms):
        word = WORDS[term]
        if word.unverified and term not in overrides:
            sentences.append(f"{term}: sent as {word.value}; {word.unverified}")
    return tuple(sentences)
