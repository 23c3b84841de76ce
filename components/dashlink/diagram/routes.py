"""The ways of the arrows: curves from the right side of a box to the left side of another, and the labels' places."""

from __future__ import annotations

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
_TRIES = 15

Point = tuple[float, float]
Curve = tuple[Point, Point, Point, Point]


@dataclass(frozen=True)
class Route:
    """An edge's way: curves one after the other with straight lines between, and its label's place if it has one."""

    edge: Edge
    curves: tuple[Curve, ...]
    label: str = ""
    label_box: Box | None = None


def routed(layout: Layout) -> list[Route]:
    """Find the way of each edge and a place for each label, on no box and as far as may be on no other label."""
    chains = layout.grid.chains
    starts, ends = _ports(layout, first=True), _ports(layout, first=False)
    leaving, entering = Counter(chain[0] for _, chain in chains), Counter(chain[-1] for _, chain in chains)
    taken = [Box(box.x, box.y, box.width, 2 * _LABEL_LINE) for _, box in layout.frames]
    routes = []
    for number, (edge, chain) in enumerate(chains):
        way = list(_way(layout, chain, starts[number], ends[number]))
        label = cut(one_line(edge.label), EDGE_SIZE, LONGEST_EDGE_LABEL)
        box = None
        if label:
            # Where fewer edges meet there is more room.
            from_start = leaving[chain[0]] <= entering[chain[-1]]
            box = _label_box(layout, label, way if from_start else way[::-1], taken, from_start=from_start)
            taken.append(box)
        routes.append(Route(edge, tuple(curve for curve, _ in way), label, box))
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
        numbers.sort(key=lambda number: layout.boxes[layout.grid.chains[number][1][1 if first else -2]].middle)
        for place, number in enumerate(numbers):
            heights[number] = box.middle + (place - (len(numbers) - 1) / 2) * step
    return heights


def _way(layout: Layout, chain: Sequence[Cell], start: float, end: float) -> Iterator[tuple[Curve, int]]:
    """The curves of an edge, each with the gap that it goes through."""
    onwards = 1 if chain[0].lane < chain[-1].lane else -1
    last = len(chain) - 1
    for step, (one, other) in enumerate(pairwise(chain)):
        leaves = layout.boxes[one].right if step == 0 or onwards > 0 else layout.boxes[one].x
        enters = layout.boxes[other].x if step == last - 1 or onwards > 0 else layout.boxes[other].right
        tip = HEAD_LENGTH - 1 if step == last - 1 else 0
        here = (leaves, start if step == 0 else layout.boxes[one].middle)
        there = (enters - tip, end if step == last - 1 else layout.boxes[other].middle)
        reach = max(abs(there[0] - here[0]) / 2, _STRAIGHT)
        out = (here[0] + (reach if step == 0 else onwards * reach), here[1])
        into = (there[0] - (reach if step == last - 1 else onwards * reach), there[1])
        turns_right = step == 0 and onwards < 0
        yield (here, out, into, there), max(one.lane, other.lane) + turns_right


def _label_box(
    layout: Layout, label: str, way: Sequence[tuple[Curve, int]], taken: Sequence[Box], *, from_start: bool
) -> Box:
    """The best of some places along a way: in a gap, on the curve, on nothing else, near the end that is asked for."""
    width = text_width(label, EDGE_SIZE)
    best, least = Box(0.0, 0.0, width, _LABEL_LINE), float("inf")
    for number, (curve, gap) in enumerate(way):
        left, right = layout.gaps[gap]
        for place in range(1, _TRIES + 1):
            share = place / (_TRIES + 1)
            x, y = _on(curve, share if from_start else 1 - share)
            inside = min(max(x - width / 2, left + _BESIDE), right - _BESIDE - width)
            box = Box(inside, y - _LABEL_LINE / 2, width, _LABEL_LINE)
            cost = sum(box.shared(other) for other in taken) + 4 * abs(inside - x + width / 2) + place + 50 * number
            if cost < least:
                best, least = box, cost
    return best


def _on(curve: Curve, share: float) -> Point:
    """The point of a Bézier curve at a share of its way."""
    rest = 1 - share
    parts = (rest**3, 3 * rest**2 * share, 3 * rest * share**2, share**3)
    x = sum(part * point[0] for part, point in zip(parts, curve, strict=True))
    return x, sum(part * point[1] for part, point in zip(parts, curve, strict=True))
