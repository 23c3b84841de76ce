"""Heights of things that stand one below the other: each as near as may be to where it wants to be, none too close."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Thing = TypeVar("Thing")
_NEAR_ENOUGH = 0.01


@dataclass(frozen=True)
class Apart(Generic[Thing]):
    """``lower`` is at least ``by`` below ``upper``."""

    upper: Thing
    lower: Thing
    by: float


@dataclass
class _Stack(Generic[Thing]):
    """Things that touch and move as one: where each is below the stack's own height."""

    inside: dict[Thing, float]
    height: float


def settled(
    things: Sequence[Thing],
    wanted: Mapping[Thing, float],
    weights: Mapping[Thing, float],
    rules: Sequence[Apart[Thing]],
) -> dict[Thing, float]:
    """Find heights near the wanted ones that keep all the rules.

    What would come too close is put together, and what is together goes to the mean of what its things want.

    Args:
        things: From top to bottom: no rule has its lower thing before its upper one.
        wanted: Where each thing would be if there were no others.
        weights: How much each counts in a mean.
        rules: Who stands below whom, and how far at least.
    """
    home = {thing: _Stack({thing: 0.0}, wanted[thing]) for thing in things}

    def height(thing: Thing) -> float:
        return home[thing].height + home[thing].inside[thing]

    def excess(rule: Apart[Thing]) -> float:
        return (
            0.0
            if home[rule.upper] is home[rule.lower]
            else height(rule.upper) + rule.by - height(rule.lower)
        )

    while rules:
        worst = max(rules, key=excess)
        if excess(worst) <= _NEAR_ENOUGH:
            break
        upper, lower = home[worst.upper], home[worst.lower]
        shift = upper.inside[worst.upper] + worst.by - lower.inside[worst.lower]
        upper.inside |= {thing: place + shift for thing, place in lower.inside.items()}
        whole = sum(weights[thing] for thing in upper.inside)
        upper.height = (
            sum((wanted[thing] - place) * weights[thing] for thing, place in upper.inside.items())
            / whole
        )
        home |= dict.fromkeys(lower.inside, upper)
    heights = {thing: height(thing) for thing in things}
    return _kept(things, heights, rules)


def _kept(
    things: Sequence[Thing], heights: dict[Thing, float], rules: Sequence[Apart[Thing]]
) -> dict[Thing, float]:
    """``heights`` with what still breaks a rule moved down."""
    above: dict[Thing, list[Apart[Thing]]] = {thing: [] for thing in things}
    for rule in rules:
        above[rule.lower].append(rule)
    for thing in things:
        heights[thing] = max(
            [heights[thing], *(heights[rule.upper] + rule.by for rule in above[thing])]
        )
    return heights
