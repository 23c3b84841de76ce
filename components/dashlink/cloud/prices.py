"""Prices of what a stack creates, pay-as-you-go in mainland China, for a rough sum before a run.

The cloud's price pages decide; what has no price here has no source at hand.

Sources:
    privatelink  Alibaba Cloud, "PrivateLink billing description" (help, as saved 2026-11)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Price:
    """The price of one item.

    Attributes:
        item: What is paid for.
        cny_per_hour: Price of a started hour in CNY; None where no source is at hand.
    """

    item: str
    cny_per_hour: float | None


PRICES: Mapping[str, Price] = {
    "endpoint-zone": Price("endpoint, for each zone", 0.07),  # privatelink
    "gateway": Price("AI gateway", None),
    "private-zone": Price("private zone", None),
    "way-out": Price("NAT gateway with its EIP", None),
}
"""Price by kind of resource; a VPC, vSwitches and security groups cost nothing."""
