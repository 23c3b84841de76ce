"""One operation of the engine on a resource: account, progress messages, cancellation, waits."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from tenacity import RetryCallState, Retrying, retry_if_result, wait_exponential

from dashlink.errors import CloudError

if TYPE_CHECKING:
    from dashlink.cloud.credentials import Account

_GROWTH = 1.5

T = TypeVar("T")


@dataclass(frozen=True)
class Operation:
    """One operation of the engine on a resource.

    Attributes:
        account: Signs the requests.
        report: Shows a progress message beside the resource.
        cancelled: Whether the engine has cancelled the operation.
        clock: Returns monotonic seconds.
        pause: Sleeps for some seconds, or less when the operation is cancelled.
        urn: Pulumi's name of the resource.
    """

    account: Account
    report: Callable[[str], None]
    cancelled: Callable[[], bool]
    clock: Callable[[], float] = time.monotonic
    pause: Callable[[float], Any] = time.sleep
    urn: str = ""


@dataclass(frozen=True)
class Pending:
    """Result of a probe whose condition is not met yet.

    Attributes:
        reason: What is missing, a clause: `the gateway is Creating`.
        timed_out: Error message if the time is over now.
    """

    reason: str
    timed_out: str


def wait_until(
    probe: Callable[[], T | Pending],
    operation: Operation,
    *,
    subject: str,
    seconds: float,
    first_pause_seconds: float = 1.0,
    longest_pause_seconds: float = 10.0,
) -> T:
    """Call `probe` until its result is not `Pending`, with pauses that grow.

    Each new reason is reported once.

    Args:
        probe: Asks the cloud once.
        operation: Reports, pauses and may be cancelled.
        subject: Id of what is waited for, for errors.
        seconds: Time limit.
        first_pause_seconds: Pause after the first probe.
        longest_pause_seconds: Limit of the pauses.

    Raises:
        CloudError: If the time is over, or the operation is cancelled.
    """
    wait = _Wait(operation, subject, operation.clock() + seconds)
    growing = wait_exponential(
        multiplier=first_pause_seconds, exp_base=_GROWTH, max=longest_pause_seconds
    )

    def pause_seconds(state: RetryCallState) -> float:
        return min(growing(state), wait.seconds_left())

    retrying = Retrying(
        retry=retry_if_result(_is_pending),
        stop=wait.is_over,
        wait=pause_seconds,
        sleep=operation.pause,
        before_sleep=wait.report,
        retry_error_callback=wait.give_up,
    )
    result = retrying(probe)
    assert not isinstance(result, Pending)  # noqa: S101 - give_up has raised
    return result


@dataclass
class _Wait:
    """The callbacks of one wait, on the clock of its operation."""

    operation: Operation
    subject: str
    deadline: float
    reported: str = ""

    def seconds_left(self) -> float:
        return max(0.0, self.deadline - self.operation.clock())

    def is_over(self, state: RetryCallState) -> bool:  # noqa: ARG002 - tenacity's signature
        return self.operation.cancelled() or self.seconds_left() == 0

    def report(self, state: RetryCallState) -> None:
        reason = _pending(state).reason
        if reason != self.reported:
            self.operation.report(f"waiting: {reason}")
            self.reported = reason

    def give_up(self, state: RetryCallState) -> NoReturn:
        pending = _pending(state)
        if self.operation.cancelled():
            raise CloudError(
                f"{self.subject}: the wait was cancelled while {pending.reason}. "
                "The next `up` resumes it."
            )
        raise CloudError(pending.timed_out)


def _is_pending(result: object) -> bool:
    return isinstance(result, Pending)


def _pending(state: RetryCallState) -> Pending:
    assert state.outcome is not None  # noqa: S101 - called after an attempt only
    pending: Pending = state.outcome.result()
    return pending
