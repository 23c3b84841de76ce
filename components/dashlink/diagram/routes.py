"""The ways of the arrows: curves from the right side of a box to the left side of another, and the labels' places."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from dashlink.diagram.layout import EDGE_SIZE, LONGEST_EDGE_LABEL, PORT_EDGE, Box, Layout
from dashlink.diagram.model import Edge
from dashlink.diagram.rows import Cell
from dashlink.diagram.text import cut, one_line, text_width

HEAD_LENGTH = 8
_PORT_MOST = 14
_STRAIGHT = 30  # how far a curve keeps its direction at least before it turns
_LABEL_LINE = 14
_BESIDE = 14  # what stays free on both sides of a label
_TRIES, _POINTS = 24, 60
# What a place costs: each pixel off the curve, each other edge below it, each lane farther from where it should be.
_COST_BESIDE, _COST_LINE, _COST_STEP = 2, 30, 60

Point = tuple[float, float]
Curve = tuple[Point, Point, Point, Point]
Way = Sequence[tuple[Curve, int]]


@dataclass(frozen=True)
class Route:
    """An edge's way: curves one after the other with straight lines between, and its label's place if it has one."""

    edge: Edge
    curves: tuple[Curve, ...]
    label: str = ""
    label_box: Box | None = None


def routed(layout: Layout) -> list[Route]:
    """Find the way of each edge and a place for each label: on no box, and as far as may be on nothing else."""
    chains = layout.grid.chains
    starts, ends = _ports(layout, first=True), _ports(layout, first=False)
    ways = [list(_way(layout, chain, starts[n], ends[n])) for n, (_, chain) in enumerate(chains)]
    leaving, entering = (
        Counter(chain[0] for _, chain in chains),
        Counter(chain[-1] for _, chain in chains),
    )
    labels = _Labels(layout, ways)
    routes = []
    for number, (edge, chain) in enumerate(chains):
        text = cut(one_line(edge.label), EDGE_SIZE, LONGEST_EDGE_LABEL)
        # Where fewer edges meet there is more room.
        box = (
            labels.place(text, number, from_start=leaving[chain[0]] <= entering[chain[-1]])
            if text
            else None
        )
        routes.append(Route(edge, tuple(curve for curve, _ in ways[number]), text, box))
    return routes


def _ports(layout: Layout, *, first: bool) -> list[float]:
    """The height at which each edge leaves its source, or enters its target: spread over the side of the box."""
    sides: dict[Cell, list[int]] = defaultdict(list)
    for number, (_, chain) in enumerate(layout.grid.chains):
        sides[chain[0 if first else -1]].append(number)
    heights = [0.0] * len(layout.grid.chains)
    for cell, numbers in sides.items():
        box = layout.boxes[cell]
        step = min(_PORT_MOST, (box.height - 2 * PORT_EDGE) / max(len(numbers) - 1, 1))
        numbers.sort(
            key=lambda number: (
                layout.boxes[layout.grid.chains[number][1][1 if first else -2]].middle
            )
        )
        for place, number in enumerate(numbers):
            heights[number] = box.middle + (place - (len(numbers) - 1) / 2) * step
    return heights


def _way(
    layout: Layout, chain: Sequence[Cell], start: float, end: float
) -> Iterator[tuple[Curve, int]]:
    """The curves of an edge, each with the gap that it goes through."""
    onwards = 1 if chain[0].lane < chain[-1].lane else -1
    last = len(chain) - 1
    for step, (one, other) in enumerate(pairwise(chain)):
        leaves = layout.boxes[one].right if step == 0 or onwards > 0 else layout.boxes[one].x
        enters = (
            layout.boxes[other].x if step == last - 1 or onwards > 0 else layout.boxes[other].right
        )
        tip = HEAD_LENGTH - 1 if step == last - 1 else 0
        here = (leaves, start if step == 0 else layout.boxes[one].middle)
        there = (enters - tip, end if step == last - 1 else layout.boxes[other].middle)
        reach = max(abs(there[0] - here[0]) / 2, _STRAIGHT)
        out = (here[0] + (reach if step == 0 else onwards * reach), here[1])
        into = (there[0] - (reach if step == last - 1 else onwards * reach), there[1])
        turns_right = step == 0 and onwards < 0
        yield (here, out, into, there), max(one.lane, other.lane) + turns_right


class _Labels:
    """Finds places for labels: what has one is in the way of the next."""

    def __init__(self, layout: Layout, ways: Sequence[Way]) -> None:
        self._gaps = layout.gaps
        self._ways = ways
        self._taken = [Box(box.x, box.y, box.width, 2 * _LABEL_LINE) for _, box in layout.frames]
        # Points on all the ways, from top to bottom.
        self._points = sorted(
            (y, x, number)
            for number, way in enumerate(ways)
            for curve, _ in way
            for x, y in (_on(curve, place / _POINTS) for place in range(_POINTS + 1))
        )

    def place(self, label: str, number: int, *, from_start: bool) -> Box:
        """The best of some places along an edge's way: in a gap, on the curve, near the end that is asked for."""
        width = text_width(label, EDGE_SIZE)
        best, least = Box(0.0, 0.0, width, _LABEL_LINE), float("inf")
        for step, (curve, gap) in enumerate(
            self._ways[number] if from_start else self._ways[number][::-1]
        ):
            left, right = self._gaps[gap]
            for place in range(1, _TRIES + 1):
                share = place / (_TRIES + 1)
                x, y = _on(curve, share if from_start else 1 - share)
                inside = min(max(x - width / 2, left + _BESIDE), right - _BESIDE - width)
                box = Box(inside, y - _LABEL_LINE / 2, width, _LABEL_LINE)
                beside = abs(inside + width / 2 - x)
                cost = (
                    self._in_the_way(box, number)
                    + _COST_BESIDE * beside
                    + place
                    + _COST_STEP * step
                )
                if cost < least:
                    best, least = box, cost
        self._taken.append(best)
        return best

    def _in_the_way(self, box: Box, number: int) -> float:
        """What it costs to put the label of an edge at ``box``: other labels and other edges are there."""
        start = bisect_left(self._points, (box.y,))
        end = bisect_left(self._points, (box.bottom,))
        others = {other for _, x, other in self._points[start:end] if box.x <= x <= box.right} - {
            number
        }
        return sum(box.shared(other) for other in self._taken) + _COST_LINE * len(others)


def _on(curve: Curve, share: float) -> Point:
    """The point of a Bézier curve at a share of its way."""
    rest = 1 - share
    parts = (rest**3, 3 * rest**2 * share, 3 * rest * share**2, share**3)
    x = sum(part * point[0] for part, point in zip(parts, curve, strict=True))
    return x, sum(part * point[1] for part, point in zip(parts, curve, strict=True))
