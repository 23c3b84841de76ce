"""Faults on demand: planted by an admin call, each one strikes a number of times and is gone.

``throttle`` and ``error`` answer in the service's place; ``drop`` closes the connection before anything is done;
``delay`` answers late; ``crash`` does the work, writes the state and closes the connection without an answer, as a
cloud does that dies between the two; ``stall`` does the work at once and answers late.
"""

from __future__ import annotations

from collections import deque
from enum import StrEnum
from http import HTTPStatus

from pydantic import BaseModel, ConfigDict, Field

from dashlink_sandbox.wire.errors import ApiError


class Kind(StrEnum):
    """What a fault does."""

    THROTTLE = "throttle"
    ERROR = "error"
    DROP = "drop"
    DELAY = "delay"
    CRASH = "crash"
    STALL = "stall"


class Fault(BaseModel):
    """One planted fault.

    Attributes:
        kind: What it does.
        product: The product that it strikes (``Vpc``), any if empty; case does not count.
        action: The action that it strikes (``CreateVpc``), any if empty.
        times: How many calls it still strikes.
        seconds: How long a delay or a stall is.
        code: The error's code instead of the usual one.
    """

    model_config = ConfigDict(extra="forbid")

    kind: Kind
    product: str = ""
    action: str = ""
    times: int = Field(default=1, ge=1)
    seconds: float = Field(default=0.0, ge=0.0, le=600.0)
    code: str = ""

    def strikes(self, product: str, action: str) -> bool:
        """Whether it is meant for this call."""
        return self.product.lower() in ("", product.lower()) and self.action in ("", action)

    def as_error(self) -> ApiError | None:
        """The error that the service answers with, for the kinds that do."""
        if self.kind is Kind.THROTTLE:
            message = "Request was denied due to user flow control."
            return ApiError(self.code or "Throttling.User", message, HTTPStatus.BAD_REQUEST)
        if self.kind is Kind.ERROR:
            message = "The request processing has failed due to some unknown error."
            return ApiError(self.code or "InternalError", message, HTTPStatus.INTERNAL_SERVER_ERROR)
        return None


class Limit(BaseModel):
    """How many calls of a product an account may make in a second; 0: as many as it likes."""

    model_config = ConfigDict(extra="forbid")

    product: str
    calls_per_second: int = Field(ge=0)


class Limits:
    """Throttling as the cloud does it: what is over a product's limit within a second is refused."""

    def __init__(self) -> None:
        """Limit nothing."""
        self._most: dict[str, int] = {}
        self._latest: dict[tuple[str, str], deque[float]] = {}

    def set(self, limit: Limit) -> None:
        """Put a limit in force, or lift it."""
        self._most[limit.product.lower()] = limit.calls_per_second

    def refuse_over(self, product: str, account: str, now: float) -> None:
        """Count a call.

        Raises:
            ApiError: Throttling.User: there were too many within this second.
        """
        most = self._most.get(product.lower(), 0)
        if not most:
            return
        latest = self._latest.setdefault((product, account), deque())
        while latest and latest[0] <= now - 1:
            latest.popleft()
        if len(latest) >= most:
            raise ApiError("Throttling.User", "Request was denied due to user flow control.", HTTPStatus.BAD_REQUEST)
        latest.append(now)


class Faults:
    """The faults that are planted, in the order in which they strike."""

    def __init__(self) -> None:
        """Plant nothing."""
        self.active: list[Fault] = []

    def take(self, product: str, action: str) -> Fault | None:
        """The first fault meant for this call, used once."""
        for fault in self.active:
            if fault.strikes(product, action):
                fault.times -= 1
                self.active = [kept for kept in self.active if kept.times > 0]
                return fault
        return None
