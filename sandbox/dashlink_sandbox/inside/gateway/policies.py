"""Token limits, content security and cache: the state that a gateway keeps between requests.

A limit counts the tokens that responses report, in windows of its mode; once it is reached,
requests are refused until the window ends. Content security knows one forbidden word. The cache is
keyed by the last user message. Sources: SDK 11.6.0 (AiTokenRateLimitConfigRule,
AiSecurityGuardConfig, AiCacheConfig); spellings of the limit types and modes as in the SDK's
comments where it has them (LimitByGlobal, TokenPerMinute), else unverified; so is how a guard
refuses.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from dashlink_sandbox.gateways import Consumer, HttpApi
from dashlink_sandbox.inside.gateway.authentication import Request
from dashlink_sandbox.inside.gateway.refusal import GatewayRefusal
from dashlink_sandbox.inside.gateway.routing import policies

FORBIDDEN = "sandbox-forbidden"
"""The word that content security refuses."""

_WINDOW_SECONDS = {
    "TokenPerSecond": 1,
    "TokenPerMinute": 60,
    "TokenPerHour": 3600,
    "TokenPerDay": 86400,
}
_DEFAULT_SECONDS = 60
_GUARD_SWITCHES = {"request": "checkRequest", "answer": "checkResponse"}


@dataclass(frozen=True)
class Usage:
    """What token limits count by: the API, its consumer, and the request with its model."""

    api: HttpApi
    consumer: Consumer | None
    request: Request
    model: str


@dataclass(frozen=True)
class _Limit:
    key: tuple[str, ...]
    window_seconds: int
    tokens: int


@dataclass
class PolicyState:
    """Tokens spent by limit and window, and cached responses."""

    clock: Callable[[], float] = time.time
    spent: dict[tuple[str, ...], tuple[int, int]] = field(default_factory=dict)
    cache: dict[tuple[str, ...], tuple[float, bytes]] = field(default_factory=dict)

    def refuse_over_limit(self, usage: Usage) -> None:
        """Refuse a request whose limit is reached.

        Raises:
            GatewayRefusal: 429, with the seconds until the window ends.
        """
        for limit in _limits(usage):
            window = limit.window_seconds
            if self._spent(limit) >= limit.tokens:
                end = (self.clock() // window + 1) * window
                message = (
                    f"The API {usage.api.name} has used up {limit.tokens} tokens of {window} s."
                )
                raise GatewayRefusal(429, "token_limit", message, int(end - self.clock()) + 1)

    def spend(self, usage: Usage, tokens: int) -> None:
        """Count the tokens of a response against every limit that applies."""
        for limit in _limits(usage):
            number = int(self.clock() // limit.window_seconds)
            self.spent[limit.key] = (number, tokens + self._spent(limit))

    def _spent(self, limit: _Limit) -> int:
        """The tokens spent in the current window."""
        number = int(self.clock() // limit.window_seconds)
        window, tokens = self.spent.get(limit.key, (number, 0))
        return tokens if window == number else 0

    def cached(self, api: HttpApi, model: str, message: str) -> bytes | None:
        """The cached response for ``message``; None where there is none or it has expired."""
        for config in policies(api.deploy_config, "AiCache", "aiCacheConfig"):
            entry = self.cache.get((api.http_api_id, model, message))
            ttl_seconds = float(config.get("cacheTTL") or _DEFAULT_SECONDS)
            if entry is not None and self.clock() - entry[0] < ttl_seconds:
                return entry[1]
        return None

    def remember(self, api: HttpApi, model: str, message: str, body: bytes) -> None:
        """Cache a response where the API has a cache."""
        if message and policies(api.deploy_config, "AiCache", "aiCacheConfig"):
            self.cache[(api.http_api_id, model, message)] = (self.clock(), body)


def checks_responses(api: HttpApi) -> bool:
    """Whether content security checks the API's responses; streams are then buffered."""
    guards = policies(api.deploy_config, "AiSecurityGuard", "aiSecurityGuardConfig")
    return any(config.get("checkResponse") for config in guards)


def refuse_forbidden(api: HttpApi, text: str, which: str) -> None:
    """Refuse forbidden text in ``which``: "request" or "answer".

    Raises:
        GatewayRefusal: 400, with the code of Model Studio's own inspection.
    """
    for config in policies(api.deploy_config, "AiSecurityGuard", "aiSecurityGuardConfig"):
        if config.get(_GUARD_SWITCHES[which]) and FORBIDDEN in text:
            message = f"Content security refused the {which}."
            raise GatewayRefusal(400, "data_inspection_failed", message)


def _limits(usage: Usage) -> Iterator[_Limit]:
    """The limits that apply to a request."""
    api = usage.api
    for config in policies(api.deploy_config, "AiTokenRateLimit", "aiTokenRateLimitConfig"):
        rules = list(config.get("rules") or ())
        if config.get("enableGlobalRules"):
            rules += config.get("globalRules") or ()
        for number, rule in enumerate(rules):
            value = _dimension(rule, usage)
            if value is not None:
                window = _WINDOW_SECONDS.get(str(rule.get("limitMode")), _DEFAULT_SECONDS)
                key = (api.http_api_id, str(number), value)
                yield _Limit(key, window, int(rule["limitValue"]))


def _dimension(rule: Mapping[str, Any], usage: Usage) -> str | None:
    """The value that a rule counts by; None where the rule does not apply to the request."""
    kind = str(rule.get("limitType", "")).removeprefix("LimitBy").lower()
    if kind == "global":
        return ""
    name = str(rule.get("matchKey") or "")
    value = {
        "consumer": usage.consumer.name if usage.consumer is not None else None,
        "header": usage.request.headers.get(name.lower()),
        "query": usage.request.query.get(name),
        "model": usage.model,
    }.get(kind)
    if rule.get("matchValue") in (None, "", "*", value):
        return value
    return None
