"""Limits of MaaS in a sliding minute: by model, and of the gateway in front by address.

Sources: "Error codes" of MaaS (2025-10-28, 2026): codes and texts; programs that met them (2026):
Retry-After, and the text of 81114 also for tokens under 81101. That tokens count once an answer is
complete is unverified.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable

from dashlink_sandbox.dialects import Dialect
from dashlink_sandbox.inside.maas.refusal import MaasError
from dashlink_sandbox.maas import MaasFront, MaasModel

_WINDOW_SECONDS = 60.0
_SCALING_SECONDS = 60


class Limits:
    """The requests and tokens of the last minute."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._counts: dict[tuple[str, ...], deque[tuple[float, int]]] = {}

    def pass_front(self, front: MaasFront | None, host: str, address: str) -> None:
        """Count a request at the gateway in front.

        Raises:
            MaasError: APIG.0308.
        """
        counts = self._recent("front", host, address)
        if front is not None and front.requests and len(counts) >= front.requests:
            policy = f"policy ip over ratelimit,limit:{front.requests},time:1 minute"
            text = f"The throttling threshold has been reached: {policy}"
            raise MaasError("APIG.0308", text, self._wait(counts))
        counts.append((self._clock(), 1))

    def admit(self, model: MaasModel, dialect: Dialect) -> None:
        """Count a request for a model.

        Raises:
            MaasError: 81101, a code of tokens, or one of a protection.
        """
        if model.protection == "stability":
            raise MaasError("81111", retry_after=1)
        if model.protection == "scaling":
            raise MaasError("81116", retry_after=_SCALING_SECONDS)
        requests = self._recent("requests", model.name)
        if model.requests and len(requests) >= model.requests:
            text = f"Too many requests, exceeded rate limit is {model.requests} times per minute."
            raise MaasError("81101", text, self._wait(requests))
        tokens = self._recent("tokens", model.name)
        if model.tokens and sum(count for _, count in tokens) >= model.tokens:
            text = f"Too many requests, the rate limit is {model.tokens} tokens per minute."
            raise MaasError(dialect["maas-token-limit"], text, self._wait(tokens))
        requests.append((self._clock(), 1))

    def spend(self, model: MaasModel, tokens: int) -> None:
        """Count the tokens of an answer."""
        self._recent("tokens", model.name).append((self._clock(), tokens))

    def _recent(self, *key: str) -> deque[tuple[float, int]]:
        counts = self._counts.setdefault(key, deque())
        while counts and counts[0][0] <= self._clock() - _WINDOW_SECONDS:
            counts.popleft()
        return counts

    def _wait(self, counts: deque[tuple[float, int]]) -> int:
        return max(1, math.ceil(counts[0][0] + _WINDOW_SECONDS - self._clock()))
