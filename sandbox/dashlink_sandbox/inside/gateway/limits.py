"""Limits of a Model API: by tokens, by requests, and by concurrent requests.

A limit counts in windows of its mode; once it is reached, requests are refused until the window
ends. Tokens are those that responses report, so that the request which exceeds a limit still
passes. All limits that apply to a request count it.

Sources: SDK 11.6.0 (AiTokenRateLimitConfigRule); Alibaba Cloud, "Throttling" of AI gateways
(help.aliyun.com, 2026): six dimensions, four ways to match, tokens, requests and concurrency,
several rules at once. Higress, plug-in ai-token-ratelimit (2026-04): each value of a dimension has
a count of its own. Unverified: that a month is a calendar month, and that the expression of Regex
must match the whole value. The cloud's dialect has the words.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.cookies import CookieError, SimpleCookie
from typing import Any

from dashlink_sandbox.dialects import Dialect
from dashlink_sandbox.gateways import Consumer, HttpApi
from dashlink_sandbox.inside.gateway.authentication import Request
from dashlink_sandbox.inside.gateway.refusal import GatewayRefusal
from dashlink_sandbox.inside.gateway.routing import policies

TOKENS, REQUESTS, CONCURRENT = "token", "request", "concurrency"
_TOKEN_MODES = {
    "TokenPerSecond": "second",
    "TokenPerMinute": "minute",
    "TokenPerHour": "hour",
    "TokenPerDay": "day",
    "TokenPerMonth": "month",
}
_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}


@dataclass(frozen=True)
class Usage:
    """What limits count by.

    Attributes:
        address: The client's address.
    """

    api: HttpApi
    consumer: Consumer | None
    request: Request
    model: str
    dialect: Dialect
    address: str = ""


@dataclass(frozen=True)
class _Limit:
    """A limit that applies to a request; ``counts``: tokens, requests or concurrent requests."""

    key: tuple[str, ...]
    counts: str
    period: str
    most: int


@dataclass
class Limiter:
    """The counts of all limits, by limit and window."""

    clock: Callable[[], float] = time.time
    counted: dict[tuple[str, ...], tuple[float, int]] = field(default_factory=dict)
    running: dict[tuple[str, ...], int] = field(default_factory=dict)

    @contextmanager
    def admitted(self, usage: Usage) -> Iterator[None]:
        """Count a request from its admission to its end.

        Raises:
            GatewayRefusal: 429: a limit is reached. The header Retry-After has the seconds until
                its window ends.
        """
        limits = list(_limits(usage))
        for limit in limits:
            self._refuse_over(limit, usage.api)
        for limit in limits:
            if limit.counts == REQUESTS:
                self._count(limit, 1)
        concurrent = [limit.key for limit in limits if limit.counts == CONCURRENT]
        for key in concurrent:
            self.running[key] = self.running.get(key, 0) + 1
        try:
            yield
        finally:
            for key in concurrent:
                self.running[key] -= 1

    def spend(self, usage: Usage, tokens: int) -> None:
        """Count the tokens of a response against every limit that applies."""
        for limit in _limits(usage):
            if limit.counts == TOKENS:
                self._count(limit, tokens)

    def _refuse_over(self, limit: _Limit, api: HttpApi) -> None:
        code = f"{limit.counts}_limit"
        if limit.counts == CONCURRENT:
            if self.running.get(limit.key, 0) >= limit.most:
                message = f"The API {api.name} serves {limit.most} requests at once at most."
                raise GatewayRefusal(429, code, message)
            return
        start, end = _window(self.clock(), limit.period)
        if self._counted(limit.key, start) >= limit.most:
            what = f"{limit.most} {limit.counts}s of a {limit.period}"
            message = f"The API {api.name} has used up {what}."
            raise GatewayRefusal(429, code, message, int(end - self.clock()) + 1)

    def _count(self, limit: _Limit, number: int) -> None:
        start, _ = _window(self.clock(), limit.period)
        self.counted[limit.key] = (start, number + self._counted(limit.key, start))

    def _counted(self, key: tuple[str, ...], start: float) -> int:
        """What is counted in the window that began at ``start``."""
        window, number = self.counted.get(key, (start, 0))
        return number if window == start else 0


def _window(now: float, period: str) -> tuple[float, float]:
    """The start and the end of the window that contains ``now``."""
    if period != "month":
        seconds = _SECONDS[period]
        start = now // seconds * seconds
        return start, start + seconds
    today = datetime.fromtimestamp(now, UTC)
    first = datetime(today.year, today.month, 1, tzinfo=UTC)
    following = datetime(today.year + today.month // 12, today.month % 12 + 1, 1, tzinfo=UTC)
    return first.timestamp(), following.timestamp()


def _limits(usage: Usage) -> Iterator[_Limit]:
    """The limits that apply to a request."""
    api = usage.api
    for config in policies(api.deploy_config, "AiTokenRateLimit", "aiTokenRateLimitConfig"):
        rules = list(config.get("rules") or ())
        if config.get("enableGlobalRules"):
            rules += config.get("globalRules") or ()
        for number, rule in enumerate(rules):
            value = _counted_value(rule, usage)
            if value is None:
                continue
            counts, period = _mode(str(rule.get("limitMode")), usage.dialect)
            key = (api.http_api_id, str(number), counts, value)
            yield _Limit(key, counts, period, int(rule["limitValue"]))


def _mode(word: str, dialect: Dialect) -> tuple[str, str]:
    """What a limitMode counts, and its period."""
    if word in _TOKEN_MODES:
        return TOKENS, _TOKEN_MODES[word]
    for period, request_word in dialect.words("limit-requests").items():
        if word == request_word:
            return REQUESTS, period
    return CONCURRENT, ""


def _counted_value(rule: Mapping[str, Any], usage: Usage) -> str | None:
    """The value that a rule counts by; None where the rule does not apply to the request."""
    word = str(rule.get("limitType", ""))
    if word == usage.dialect["limit-global"]:
        return ""
    kinds = {spelt: kind for kind, spelt in usage.dialect.words("limit-types").items()}
    value = _value(kinds.get(word, ""), str(rule.get("matchKey") or ""), usage)
    if value is None or not _matches(rule, value):
        return None
    return value


def _value(kind: str, key: str, usage: Usage) -> str | None:
    """The value that a request has in a dimension; None where it has none."""
    headers = usage.request.headers
    values = {
        "consumer": usage.consumer.name if usage.consumer is not None else None,
        "header": headers.get(key.lower()),
        "query": usage.request.query.get(key),
        "cookie": _cookie(headers.get("cookie", ""), key),
        "ip": usage.address,
        "model": usage.model,
    }
    return values.get(kind)


def _cookie(header: str, name: str) -> str | None:
    cookies: SimpleCookie = SimpleCookie()
    try:
        cookies.load(header)
    except CookieError:
        return None
    return cookies[name].value if name in cookies else None


def _matches(rule: Mapping[str, Any], value: str) -> bool:
    wanted = str(rule.get("matchValue") or "")
    kind = rule.get("matchType")
    if kind == "Exact":
        return value == wanted
    if kind == "Prefix":
        return value.startswith(wanted)
    if kind == "Regex":
        return re.fullmatch(wanted, value) is not None
    return True
