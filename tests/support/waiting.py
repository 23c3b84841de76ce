"""Waits of tests, each with a time-out."""

from __future__ import annotations

from collections.abc import Callable

from engine.process import wait_until


def wait_for(condition: Callable[[], object], what: str, *, seconds: float = 20.0) -> None:
    """Wait until ``condition`` is true; fail the test if it is not within ``seconds``."""
    in_time = wait_until(lambda: bool(condition()), seconds=seconds)
    assert in_time, f"not within {seconds:g} s: {what}"
