"""Token limits, content security and cache: what a gateway remembers between requests, in memory.

A limit counts the tokens that answers tell, in windows of its mode; what is over refuses the next request until the
window ends. Content security knows one forbidden word. The cache keys by the last thing that a user said. Sources: SDK
11.6.0 (AiTokenRateLimitConfigRule, AiSecurityGuardConfig, AiCacheConfig); spellings of the limit types and modes as in
the SDK's comments where it has them (LimitByGlobal, TokenPerMinute), else unverified; so is how a guard refuses.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from dashlink_sandbox.gateways import Consumer, HttpApi
from dashlink_sandbox.inside.gateway.callers import Request
from dashlink_sandbox.inside.gateway.refusal import GatewayRefusal
from dashlink_sandbox.inside.gateway.routing import policies

FORBIDDEN = "sandbox-forbidden"
"""The word that content security refuses here."""

_WINDOWS = {"TokenPerSecond": 1, "TokenPerMinute": 60, "TokenPerHour": 3600, "TokenPerDay": 86400}
_DEFAULT_WINDOW = 60


@dataclass
class Memory:
    """What is remembered: tokens by limit and window, answers by question."""

    clock: Callable[[], float] = time.time
    spent: dict[tuple[str, ...], tuple[int, int]] = field(default_factory=dict)
    answers: dict[tuple[str, ...], tuple[float, bytes]] = field(default_factory=dict)

    def refuse_over_limit(self, api: HttpApi, consumer: Consumer | None, request: Request, model: str) -> None:
        """Refuse where a limit is used up.

        Raises:
            GatewayRefusal: 429, with the seconds until the window ends.
        """
        for key, window, limit in self._limits(api, consumer, request, model):
            number = int(self.clock() // window)
            seen, tokens = self.spent.get(key, (number, 0))
            if seen == number and tokens >= limit:
                left = int((number + 1) * window - self.clock()) + 1
                raise GatewayRefusal(
                    429, "token_limit", f"The API {api.name} has used up {limit} tokens of {window} s.", left
                )

    def spend(self, api: HttpApi, consumer: Consumer | None, request: Request, model: str, tokens: int) -> None:
        """Count ``tokens`` of an answer against every limit that it falls under."""
        for key, window, _ in self._limits(api, consumer, request, model):
            number = int(self.clock() // window)
            seen, before = self.spent.get(key, (number, 0))
            self.spent[key] = (number, tokens + (before if seen == number else 0))

    def _limits(
        self, api: HttpApi, consumer: Consumer | None, request: Request, model: str
    ) -> Iterator[tuple[tuple[str, ...], int, int]]:
        for config in policies(api.deploy_config, "AiTokenRateLimit", "aiTokenRateLimitConfig"):
            rules = [*(config.get("rules") or ())]
            rules += config.get("globalRules") or () if config.get("enableGlobalRules") else ()
            for number, rule in enumerate(rules):
                value = _dimension(rule, consumer, request, model)
                if value is not None:
                    window = _WINDOWS.get(str(rule.get("limitMode")), _DEFAULT_WINDOW)
                    yield (api.http_api_id, str(number), value), window, int(rule["limitValue"])

    def cached(self, api: HttpApi, model: str, said: str) -> bytes | None:
        """The answer that is remembered for the same question, if the API has a cache and it has not expired."""
        for config in policies(api.deploy_config, "AiCache", "aiCacheConfig"):
            kept = self.answers.get((api.http_api_id, model, said))
            if kept is not None and self.clock() - kept[0] < float(config.get("cacheTTL") or _DEFAULT_WINDOW):
                return kept[1]
        return None

    def remember(self, api: HttpApi, model: str, said: str, body: bytes) -> None:
        """Remember an answer."""
        if said and policies(api.deploy_config, "AiCache", "aiCacheConfig"):
            self.answers[(api.http_api_id, model, said)] = (self.clock(), body)


def checks_answers(api: HttpApi) -> bool:
    """Whether content security is to see the API's answers; a stream is then held back until it is whole."""
    guards = policies(api.deploy_config, "AiSecurityGuard", "aiSecurityGuardConfig")
    return any(config.get("checkResponse") for config in guards)


def refuse_forbidden(api: HttpApi, text: str, *, answer: bool) -> None:
    """Refuse what content security does not let through.

    Raises:
        GatewayRefusal: 400, as Model Studio's own inspection says it.
    """
    for config in policies(api.deploy_config, "AiSecurityGuard", "aiSecurityGuardConfig"):
        if config.get("checkResponse" if answer else "checkRequest") and FORBIDDEN in text:
            which = "answer" if answer else "request"
            raise GatewayRefusal(400, "data_inspection_failed", f"Content security refused the {which}.")


def _dimension(rule: Mapping[str, Any], consumer: Consumer | None, request: Request, model: str) -> str | None:
    """The value that a rule counts by; None where the request does not fall under it."""
    kind = str(rule.get("limitType", "")).removeprefix("LimitBy").lower()
    name = str(rule.get("matchKey") or "")
    value = {
        "global": "",
        "consumer": consumer.name if consumer is not None else None,
        "header": request.headers.get(name.lower()),
        "query": request.query.get(name),
        "model": model,
    }.get(kind)
    wanted = rule.get("matchValue")
    fits = kind == "global" or (value is not None and wanted in (None, "", "*", value))
    return value if fits else None
