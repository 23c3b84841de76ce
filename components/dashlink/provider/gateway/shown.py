"""Waits until the cloud shows a change: lists and queries are a moment behind.

The alicloud provider v1.291.0 polls ListConsumers after a consumer is created, updated or deleted,
and QueryConsumerAuthorizationRules after rules are, for five minutes at most.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from dashlink.provider.waiting import Operation, Pending, wait_until

SHOWN_SECONDS = 300
_FIRST_PAUSE_SECONDS = 0.25
_LONGEST_PAUSE_SECONDS = 5.0

_ResultT = TypeVar("_ResultT")


def wait_until_shown(
    probe: Callable[[], _ResultT | Pending],
    operation: Operation,
    subject: str,
    seconds: float = SHOWN_SECONDS,
) -> _ResultT:
    """Call `probe` until its result is not `Pending`, at first after a quarter of a second.

    Args:
        probe: Asks the cloud once.
        operation: Reports, pauses and may be cancelled.
        subject: Id of what is waited for, for errors.
        seconds: Time limit.

    Raises:
        CloudError: If the time is over, or the operation is cancelled.
    """
    return wait_until(
        probe,
        operation,
        subject=subject,
        seconds=seconds,
        first_pause_seconds=_FIRST_PAUSE_SECONDS,
        longest_pause_seconds=_LONGEST_PAUSE_SECONDS,
    )


def not_shown(reason: str) -> Pending:
    """Return the result of a probe that does not see the change yet.

    Args:
        reason: What is missing, a clause.
    """
    return Pending(reason, f"{reason}, after {SHOWN_SECONDS} s. `up` again.")
