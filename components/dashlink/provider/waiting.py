"""Waiting for the cloud: how a wait reports, ends early and sleeps."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Waiting:
    """How a wait runs.

    Attributes:
        tell: Gets a sentence when what is waited for changes.
        cancelled: Whether to stop now.
        clock: Seconds, monotonic.
        pause: Waits for some seconds, less when cancelled.
        urn: The resource that the run is about.
    """

    tell: Callable[[str], None]
    cancelled: Callable[[], bool]
    clock: Callable[[], float] = time.monotonic
    pause: Callable[[float], object] = time.sleep
    urn: str = ""
