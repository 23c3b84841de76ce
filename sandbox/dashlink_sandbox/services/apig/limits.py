"""Validation of the policies of a Model API: fallback, limits, cache, statistics, inspection. Pure.

Sources:
    SDK     alibabacloud_apig20240327 11.6.0: AiTokenRateLimitConfig(Rule), AiCacheConfig,
            AiStatisticsConfig, AiStatisticsPathField, HttpRouteMatch, class names of policies
    LIMITS  Alibaba Cloud, "Configure ModelAPI rate limiting" (doc-detail/3022012, 2026-02-13, in
            Chinese): types and keys of rules; "Throttling" (help.aliyun.com, 2026): exact, prefix,
            regular expression and any match; by tokens, requests and concurrency
    SERVICE a public JavaScript service that drives an AI gateway: TokenPerDay, TokenPerMonth, All
    HIGRESS plug-in ai-cache (4e0d691): a semantic cache needs types of embedding and vector store
dialects.toml has the words that are open.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from dashlink_sandbox.dialects import Dialect
from dashlink_sandbox.services.apig.answers import items_of, required
from dashlink_sandbox.services.apig.rules import check_service
from dashlink_sandbox.wire.errors import check_choice, invalid

SECTIONS: Mapping[str, str] = {
    "AiFallback": "aiFallbackConfig",
    "AiTokenRateLimit": "aiTokenRateLimitConfig",
    "AiStatistics": "aiStatisticsConfig",
    "AiSecurityGuard": "aiSecurityGuardConfig",
    "AiCache": "aiCacheConfig",
}
TOKEN_MODES: Mapping[str, str] = {
    "second": "TokenPerSecond",
    "minute": "TokenPerMinute",
    "hour": "TokenPerHour",  # LIMITS: per hour; the word by its form
    "day": "TokenPerDay",
    "month": "TokenPerMonth",
}
MATCH_TYPES = ("All", "Exact", "Prefix", "Regex")  # SERVICE, SDK; the last two as in HttpRouteMatch
_KEYED = ("header", "query", "cookie")  # LIMITS: the others need no matchKey
_FIELD_GROUPS = ("basic", "custom")
_FIELD_SOURCES = (
    "fixed_value",
    "request_body",
    "request_header",
    "response_header",
    "response_body",
    "response_streaming_body",
)
_FIELD_RULES = ("append", "first", "replace")


def check_policies(
    policies: Iterable[Mapping[str, Any]],
    service_ids: Collection[str],
    dialect: Dialect,
    *,
    words: bool,
) -> None:
    """Refuse policies of an unknown type, without their section, or with invalid content."""
    for policy in policies:
        kind = required(policy, "type")
        check_choice("policyConfigs.type", kind, SECTIONS)
        config = required(policy, SECTIONS[kind])
        if kind == "AiFallback":
            for row in required(config, "serviceConfigs"):
                check_service("aiFallbackConfig", row.get("serviceId"), service_ids)
        elif kind == "AiTokenRateLimit":
            _check_limits(config, dialect, words=words)
        elif kind == "AiCache":
            _check_cache(config, dialect, words=words)
        elif kind == "AiStatistics":
            _check_fields(config)


def limit_modes(dialect: Dialect) -> set[str]:
    """Return the values of limitMode: by tokens, by requests, by concurrency."""
    requests = dialect.words("limit-requests").values()
    return {*TOKEN_MODES.values(), *requests, dialect["limit-concurrency"]}


def _check_limits(config: Mapping[str, Any], dialect: Dialect, *, words: bool) -> None:
    rules, global_rules = items_of(config, "rules"), items_of(config, "globalRules")
    if not rules and not global_rules:
        raise invalid("aiTokenRateLimitConfig", "It has rules or globalRules.")  # LIMITS
    kinds = {word: meaning for meaning, word in dialect.words("limit-types").items()}
    for rule in rules:
        kind = required(rule, "limitType")
        if words:
            check_choice("aiTokenRateLimitConfig.limitType", kind, kinds)
        _check_match(rule, kinds.get(kind, ""), words=words)
    for rule in global_rules:
        kind = required(rule, "limitType")
        if words:
            check_choice("aiTokenRateLimitConfig.limitType", kind, (dialect["limit-global"],))
    for rule in [*rules, *global_rules]:
        mode = required(rule, "limitMode")
        if words:
            check_choice("aiTokenRateLimitConfig.limitMode", mode, sorted(limit_modes(dialect)))
        if not isinstance(rule.get("limitValue"), int) or rule["limitValue"] < 1:
            raise invalid("aiTokenRateLimitConfig", "limitValue is a number from 1.")


def _check_match(rule: Mapping[str, Any], kind: str, *, words: bool) -> None:
    match = required(rule, "matchType")
    if words:
        check_choice("aiTokenRateLimitConfig.matchType", match, MATCH_TYPES)
    if kind in _KEYED:
        required(rule, "matchKey")
    if match != "All":
        required(rule, "matchValue")


def _check_cache(config: Mapping[str, Any], dialect: Dialect, *, words: bool) -> None:
    strategy = config.get("cacheKeyStrategy")
    if words and strategy:
        check_choice("aiCacheConfig.cacheKeyStrategy", strategy, (dialect["cache-key"],))
    mode = required(config, "cacheMode")
    modes = dialect.words("cache-modes")
    if words:
        check_choice("aiCacheConfig.cacheMode", mode, tuple(modes.values()))
    if mode == modes["semantic"]:
        required(required(config, "embeddingConfig"), "type")
        required(required(config, "vectorConfig"), "type")


def _check_fields(config: Mapping[str, Any]) -> None:
    """Refuse log fields with an unknown group, source or rule (SDK)."""
    for row in items_of(config, "pathFieldConfigs"):
        required(row, "path")
        groups = row.get("fieldPaths") or {}
        for group in groups:
            check_choice("aiStatisticsConfig.fieldPaths", group, _FIELD_GROUPS)
            for field in _fields(groups[group]):
                required(field, "fieldKey")
                check_choice("aiStatisticsConfig.source", required(field, "source"), _FIELD_SOURCES)
                check_choice("aiStatisticsConfig.rule", field.get("rule") or "first", _FIELD_RULES)


def _fields(group: Any) -> list[Mapping[str, Any]]:
    """Return the fields of a group: arrays by the SDK's text, one object in its model."""
    return [group] if isinstance(group, Mapping) else list(group or ())
