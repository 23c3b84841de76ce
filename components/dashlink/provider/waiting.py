"""One operation of the engine on a resource: progress messages, cancellation, and waits."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn, TypeVar

from tenacity import RetryCallState, Retrying, retry_if_result, wait_exponential

from dashlink.errors import CloudError

_GROWTH = 1.5

T = TypeVar("T")


@dataclass(frozen=True)
class Operation:
    """One operation of the engine on a resource.

    Attributes:
        report: Shows a progress message beside the resource.
        cancelled: Whether the engine has cancelled the operation.
        clock: Returns monotonic seconds.
        pause: Sleeps for some seconds, or less when the operation is cancelled.
        urn: Pulumi's name of the resource.
    """

    report: Callable[[str], None]
    cancelled: Callable[[], bool]
    clock: Callable[[], float] = time.monotonic
    pause: Callable[[float], object] = time.sleep
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
    deadline = operation.clock() + seconds
    growing = wait_exponential(
        multiplier=first_pause_seconds, exp_base=_GROWTH, max=longest_pause_seconds
    )
    reported = ""

    def is_over(state: RetryCallState) -> bool:  # noqa: ARG001 - tenacity's signature
        return operation.cancelled() or operation.clock() >= deadline

    def pause(state: RetryCallState) -> float:
        return min(growing(state), max(0.0, deadline - operation.clock()))

    def report(state: RetryCallState) -> None:
        nonlocal reported
        reason = _pending(state).reason
        if reason != reported:
            operation.report(f"waiting: {reason}")
            reported = reason

    def sleep(seconds: float) -> None:
        operation.pause(seconds)

    def give_up(state: RetryCallState) -> NoReturn:
        pending = _pending(state)
        if operation.cancelled():
            raise CloudError(
                f"{subject}: the wait was cancelled while {pending.reason}. "
                "The next `up` resumes it."
            )
        raise CloudError(pending.timed_out)

    retrying = Retrying(
        retry=retry_if_result(_is_pending),
        stop=is_over,
        wait=pause,
        sleep=sleep,
        before_sleep=report,
        retry_error_callback=give_up,
    )
    result = retrying(probe)
    assert not isinstance(result, Pending)  # noqa: S101 - give_up raises
    return result


def _is_pending(result: object) -> bool:
    return isinstance(result, Pending)


def _pending(state: RetryCallState) -> Pending:
    assert state.outcome is not None  # noqa: S101 - called after an attempt only
    pending = state.outcome.result()
    assert isinstance(pending, Pending)  # noqa: S101 - retried for this reason only
    return pending
