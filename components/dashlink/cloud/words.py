"""Words of the AI gateway's API (APIG 2024-03-27), by dashlink's terms. No other module spells one.

A word that a source states has its source beside it. A word that no source states, or on which two
disagree, has candidates: the first is sent, and the provider asks the cloud which of them it
accepts. A word that an earlier version of dashlink sent is a candidate too, so that a state of it
shows no change.

Sources:
    sdk      alibabacloud_apig20240327 11.6.0 (2026): texts and examples of its models
    go       alibabacloud-go/apig-20240327, 2025-12 to 2026-07: examples of its models
    page     Alibaba Cloud, "Manage Model APIs" (help.aliyun.com, as saved 2026-11)
    limits   Alibaba Cloud, "Configure ModelAPI rate limiting" (alibabacloud.com,
             doc-detail/3022012, 2026-02-13) and "Throttling" of AI gateways (help.aliyun.com, 2026)
    market   HiMarket (open source, 2026-06), AIGWOperator
    ros      ros-cdk-apig 1.15.0 (2026): allowed values
    alicloud terraform-provider-alicloud, tests and documents (2026-08)
    service  a public JavaScript service that drives the AI gateway of a live account (2026)
    hiclaw   HiClaw, aliyun/gateway.py (open source, 2026-03), which deploys to live accounts
    higress  Higress, plugins ai-cache and ai-security-guard (2026-04)
    old      earlier versions of dashlink sent it
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
_OF_A_SERVICE = "a live client writes it as a protocol of a service; no source states it of an API"
_NAMED_BY_LIMITS = "named by the page of limits; no source states its value in the API"
_BY_FORM = "by the form of the other periods"
_NOT_FOR_AI = "AI gateways document API keys and JWT only (2025-12)"
_OF_PLUGIN = "the value of Higress' plugin; no source states the API's"

WORDS: Mapping[str, Word] = {
    "routing.single": Word("SingleService"),  # sdk, service
    "routing.by-weight": Word("MultiServiceByRatio"),  # sdk
    "routing.by-model": Word(
        "MultiServiceByModelName",
        "no source states the value of routing by model name",
        ("MultiServiceByModel", "MultiServiceByContent"),  # the last is in lists of the sdk
    ),
    "scene.text": Word("Text"),  # sdk, as all scenes
    "scene.image": Word("Image"),
    "scene.video": Word("Video"),
    "scene.audio": Word("Audio"),
    "scene.embedding": Word("Embedding"),
    "scene.rerank": Word("Rerank"),
    "scene.others": Word("Others"),
    "protocol.OpenAI/v1": Word("OpenAI/v1"),  # sdk, page, service
    "protocol.vLLM": Word("vLLM", _NAMED_BY_PAGE, ("vLLM/v1", "vllm")),
    "protocol.Anthropic": Word(
        "Anthropic",
        _OF_A_SERVICE,
        ("anthropic", "Anthropic/v1", "anthropic/v1"),  # hiclaw
    ),
    "protocol.DashScope": Word("DashScope", _OF_A_SERVICE, ("DashScope/v1", "dashscope")),  # hiclaw
    "protocol.ComfyUI": Word("ComfyUI", _NAMED_BY_PAGE, ("comfyui",)),
    "auth.api-key": Word("Apikey"),  # service
    "auth.jwt": Word("Jwt"),  # sdk
    "auth.ak-sk": Word("AkSk", _NOT_FOR_AI),
    # limits, and go of 2026-02; the text of the sdk disagrees
    "limit.global": Word("Global", "a text of the SDK says LimitByGlobal", ("LimitByGlobal",)),
    "limit.consumer": Word("Consumer", "", ("LimitByConsumer",)),  # limits, service; old
    "limit.header": Word("Header", "", ("LimitByHeader",)),  # go; old
    "limit.query": Word("Query", _NAMED_BY_LIMITS, ("LimitByQuery",)),  # old
    "limit.cookie": Word("Cookie", _NAMED_BY_LIMITS, ("LimitByCookie",)),
    "limit.ip": Word("IP", "", ("LimitByIP",)),  # limits
    "limit.model": Word("Model", "", ("LimitByModel",)),  # limits; old
    "limit.per-second": Word("TokenPerSecond"),  # go
    "limit.per-minute": Word("TokenPerMinute"),  # sdk
    "limit.per-hour": Word("TokenPerHour", _BY_FORM),
    "limit.per-day": Word("TokenPerDay"),  # service
    "limit.per-month": Word("TokenPerMonth"),  # service
    "limit.requests-per-second": Word("RequestPerSecond", _NAMED_BY_LIMITS, ("QueryPerSecond",)),
    "limit.requests-per-minute": Word("RequestPerMinute", _NAMED_BY_LIMITS, ("QueryPerMinute",)),
    "limit.requests-per-hour": Word("RequestPerHour", _NAMED_BY_LIMITS, ("QueryPerHour",)),
    "limit.requests-per-day": Word("RequestPerDay", _NAMED_BY_LIMITS, ("QueryPerDay",)),
    "limit.requests-per-month": Word("RequestPerMonth", _NAMED_BY_LIMITS, ("QueryPerMonth",)),
    "limit.concurrent": Word(
        "Concurrency", _NAMED_BY_LIMITS, ("ConcurrentRequest", "ConcurrencyLimit")
    ),
    "authorization.model-api": Word("LLM"),  # market, service
    "eas.private": Word("vpc", "the TypeScript SDK's examples say private", ("private",)),
    "eas.public": Word("public"),  # sdk
    # hiclaw; the others are examples of go
    "upstream.model-studio": Word(
        "/compatible-mode/v1",
        "a live client sends this path with DashScope and Anthropic as compatible protocols; no "
        "source states that the gateway replaces it by theirs",
        ("/", "/api/v1"),
    ),
    # go since 2026-02; a text of 2026-06 disagrees, and is gone
    "cache.exact": Word("exact", "a text of the SDK of 2026-06 says NORMAL", ("NORMAL",)),
    "cache.semantic": Word("semantic", "by the form of exact", ("SEMANTIC",)),
    "cache-key.last-question": Word("lastQuestion", _OF_PLUGIN, ("default", "DEFAULT")),
    "embedding.dashscope": Word("dashscope"),  # go
    "embedding.openai": Word("openai", _OF_PLUGIN),
    "vector.dashvector": Word("dashvector"),  # go
}
"""Words by dashlink's terms. `gateway.spellings` in the settings overrides one."""

CheckProtocol = Literal["HTTP", "TCP", "GRPC"]
"""Protocol of a health check (alicloud)."""
RiskLevel = Literal["low", "medium", "high", "max"]
"""Level of a risk (go; `max` is of Higress' plugin)."""
FieldSource = Literal[
    "fixed_value",
    "request_header",
    "request_body",
    "response_header",
    "response_body",
    "response_streaming_body",
]
"""Where the value of a log field comes from (sdk)."""
ChunkRule = Literal["first", "append", "replace"]
"""How a log field joins the chunks of a streamed response (sdk)."""

NO_WORD = "DashlinkNoSuchWord"
"""A value that is certainly no word of the API."""

# Words that nothing overrides.
PRODUCT = "APIG"  # sdk
GATEWAY_TYPE = "AI"  # sdk
GATEWAY_TYPES = (GATEWAY_TYPE, "API")  # sdk: with that of cloud-native gateways
MODEL_API_TYPE = "LLM"  # sdk, market
SCHEMES = ("HTTP", "HTTPS")  # sdk
AUTH_MODE = "Custom"  # service
MATCH_ALL = "All"  # service: each value on its own
MATCH_EXACT = "Exact"  # sdk, service
FALLBACK = "AiFallback"  # sdk
LIMITS = "AiTokenRateLimit"  # sdk, limits
STATISTICS = "AiStatistics"  # sdk
SECURITY_GUARD = "AiSecurityGuard"  # sdk
CACHE = "AiCache"  # go
BASIC_FIELDS = "basic"  # sdk
CUSTOM_FIELDS = "custom"  # sdk
WHOLE_BODY = "@this"  # the whole document in gjson's syntax, which the sdk names
DEPLOYED = "Deployed"  # go
# Java SDK (2026), ListHttpApiRoutesRequest
NOT_DEPLOYED = "NotDeployed"
DEPLOY_FAILED = "DeployFailed"
CHANGED_SINCE = "DeployedWithChanges"
FAILED_IN = "Fail"  # in every status of a failed deployment
PREFIX_PATH = "Prefix"  # sdk, HttpRouteMatch
SERVICE_SOURCE = "AI"  # sdk
KEYS_OF_USERS = "Custom"  # sdk: keys that the product does not generate
KEY_IDENTITY = "Apikey"  # sdk, ros, as the next two
PAIR_IDENTITY = "AkSk"
JWT_IDENTITY = "Jwt"
KEY_IN_HEADER = "Header"  # ros, as the next three
KEY_IN_QUERY = "QueryString"
KEY_BY_DEFAULT = "Default"
DEFAULT_HEADER = "Authorization"
JWT_IN_HEADER = "HEADER"  # go
SYMMETRIC = "Symmetry"  # go
ASYMMETRIC = "Asymmetry"  # by the form of Symmetry
CONSUMER = "Consumer"  # sdk, principalType
CONSUMER_GROUP = "ConsumerGroup"  # sdk
FOREVER = "LongTerm"  # market, service
HEALTHY = "Healthy"  # sdk, Service.healthStatus, as the next
UNHEALTHY = "Unhealthy"
RUNNING = "Running"  # sdk, GetGateway, as the next three
BALANCER_READY = "Ready"
BALANCER_ABSENT = "NotCreate"  # no associated instance
GATEWAY_FAILED = ("CreateFailed", "UpgradeFailed", "RestartFailed", "DeleteFailed", "Deleting")
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

EARLIER_PROTOCOLS: Mapping[str, list[str]] = {
    "qwen": ["OpenAI/v1", "DashScope", "Anthropic", "vLLM"],
    "pai-eas": ["OpenAI/v1", "vLLM", "ComfyUI"],
    "anthropic": ["Anthropic", "OpenAI/v1"],
    "claude": ["Anthropic", "OpenAI/v1"],
    "custom": ["OpenAI/v1", "vLLM"],
}
"""Protocols that earlier versions declared for every service of a vendor."""
PAYMENT = "PayAsYouGo"  # alicloud, as the next two
ZONES_BY_ID = "Manual"
BOTH_NETWORKS_AT_CREATION = "InternetAndIntranet"


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


def term_of(family: str, value: str) -> str | None:
    """Return the term of a family, e.g. ``limit``, that a value or candidate is of, or None."""
    for term, word in WORDS.items():
        if term.partition(".")[0] == family and value in word.values:
            return term
    return None
