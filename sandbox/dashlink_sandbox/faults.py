"""Fault injection: an admin call adds a fault, which applies to a number of calls.

``throttle``, ``refuse`` and ``error`` answer in the service's place (400, 403, 500; clients retry
the first and the last, some for minutes); ``drop`` closes the connection before anything is done;
``delay`` answers late; ``crash`` does the work, writes the state and closes the connection without
an answer, as a cloud does that fails between the two; ``stall`` does the work at once and answers
late.
"""

from __future__ import annotations

from collections import deque
from enum import StrEnum
from http import HTTPStatus

from pydantic import BaseModel, ConfigDict, Field

from dashlink_sandbox.wire.errors import ApiError

_FLOW_CONTROL = "Request was denied due to user flow control."
# "Forbidden.RAM", HTTP 403, in the error codes of ECS and VPC.
_NO_PERMISSION = (
    "User not authorized to operate on the specified resource, or this API doesn't support RAM."
)


class Kind(StrEnum):
    """The effect of a fault."""

    THROTTLE = "throttle"
    REFUSE = "refuse"
    ERROR = "error"
    DROP = "drop"
    DELAY = "delay"
    CRASH = "crash"
    STALL = "stall"


class Fault(BaseModel):
    """One injected fault.

    Attributes:
        kind: Its effect.
        product: The product that it applies to (``Vpc``), any if empty; case does not count.
        action: The action that it applies to (``CreateVpc``), any if empty.
        times: The number of calls that it still applies to.
        seconds: The length of a delay or a stall.
        code: The error's code instead of the usual one.
    """

    model_config = ConfigDict(extra="forbid")

    kind: Kind
    product: str = ""
    action: str = ""
    times: int = Field(default=1, ge=1)
    seconds: float = Field(default=0.0, ge=0.0, le=600.0)
    code: str = ""

    def matches(self, product: str, action: str) -> bool:
        """Whether the fault applies to a call of ``action``."""
        return self.product.lower() in ("", product.lower()) and self.action in ("", action)

    def as_error(self) -> ApiError | None:
        """The error that the service answers with; None for kinds that do not answer."""
        if self.kind is Kind.THROTTLE:
            return ApiError(self.code or "Throttling.User", _FLOW_CONTROL, HTTPStatus.BAD_REQUEST)
        if self.kind is Kind.REFUSE:
            return ApiError(self.code or "Forbidden.RAM", _NO_PERMISSION, HTTPStatus.FORBIDDEN)
        if self.kind is Kind.ERROR:
            message = "The request processing has failed due to some unknown error."
            code = self.code or "InternalError"
            return ApiError(code, message, HTTPStatus.INTERNAL_SERVER_ERROR)
        return None


class Limit(BaseModel):
    """The calls of a product that an account may make within a second; 0: no limit."""

    model_config = ConfigDict(extra="forbid")

    product: str
    calls_per_second: int = Field(ge=0)


class Limits:
    """Throttling: calls above a product's limit within a second are refused."""

    def __init__(self) -> None:
        """Start without limits."""
        self._limits: dict[str, int] = {}
        self._latest: dict[tuple[str, str], deque[float]] = {}

    def set(self, limit: Limit) -> None:
        """Set a product's limit, or remove it with 0."""
        self._limits[limit.product.lower()] = limit.calls_per_second

    def refuse_over(self, product: str, account: str, now: float) -> None:
        """Count a call.

        Raises:
            ApiError: Throttling.User: there were too many calls within this second.
        """
        limit = self._limits.get(product.lower(), 0)
        if not limit:
            return
        latest = self._latest.setdefault((product, account), deque())
        while latest and latest[0] <= now - 1:
            latest.popleft()
        if len(latest) >= limit:
            raise ApiError("Throttling.User", _FLOW_CONTROL, HTTPStatus.BAD_REQUEST)
        latest.append(now)


class Faults:
    """The active faults, in the order in which they apply."""

    def __init__(self) -> None:
        """Start without faults."""
        self.active: list[Fault] = []

    def take(self, product: str, action: str) -> Fault | None:
        """Use the first fault that applies to this call once; None if there is none."""
        for fault in self.active:
            if fault.matches(product, action):
                fault.times -= 1
                if not fault.times:
                    self.active.remove(fault)
                return fault
        return None
