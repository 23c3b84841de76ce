"""Which box stands above which: few arrows cross, and what is in one group stays together.

An arrow that passes a lane has a bend there, with a place among the lane's boxes, so that it passes between them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, groupby, pairwise

from dashlink.diagram.model import Drawing, Edge, Node

_SWEEPS = 12


@dataclass(frozen=True)
class Frame:
    """A group's box: one for each run of neighbouring lanes that the group has nodes in."""

    path: tuple[str, ...]
    first: int
    last: int


@dataclass(frozen=True, eq=False)
class Cell:
    """What takes a place in a lane: a node, or the bend of an edge that passes (then ``node`` is None)."""

    lane: int
    frames: tuple[Frame, ...] = ()
    node: Node | None = None


@dataclass(frozen=True)
class Grid:
    """The cells, from top to bottom, and for each edge the cells that it goes through, its ends among them."""

    cells: tuple[Cell, ...]
    chains: tuple[tuple[Edge, tuple[Cell, ...]], ...]

    @cached_property
    def neighbours(self) -> Mapping[Cell, Sequence[Cell]]:
        """For each cell those that an edge leads to from it, or from which one leads to it."""
        found: dict[Cell, list[Cell]] = {cell: [] for cell in self.cells}
        for _, chain in self.chains:
            for one, other in pairwise(chain):
                found[one].append(other)
                found[other].append(one)
        return found

    def steps(self) -> Iterator[tuple[Edge, int, Cell, Cell]]:
        """Each edge's way from cell to cell, with the gap that it goes through: 0 is left of the first lane."""
        for edge, chain in self.chains:
            for one, other in pairwise(chain):
                turns_right = one.lane == other.lane and one is chain[0] and other.node is None
                yield edge, max(one.lane, other.lane) + turns_right, one, other


def arranged(drawing: Drawing) -> Grid:
    """Find an order of the boxes of each lane with few crossings; the given order stays where it is as good."""
    best = grid = _as_given(drawing)
    fewest = _crossings(grid)
    for sweep in range(_SWEEPS):
        if not fewest:
            break
        grid = Grid(_swept(grid, backwards=bool(sweep % 2)), grid.chains)
        count = _crossings(grid)
        if count < fewest:
            best, fewest = grid, count
    return best


def _as_given(drawing: Drawing) -> Grid:
    lanes = {lane.id: number for number, lane in enumerate(drawing.lanes)}
    frames = _frames(drawing, lanes)
    cells: dict[str, Cell] = {}
    for node in drawing.nodes:
        lane = lanes[node.lane]
        around = tuple(frame for frame in frames[node.groups] if frame.first <= lane <= frame.last)
        cells[node.id] = Cell(lane, around, node)
    chains = tuple((edge, _chain(cells[edge.source], cells[edge.target])) for edge in drawing.edges)
    keys = _heights(cells.values())
    for _, (source, *bends, target) in chains:
        keys |= dict.fromkeys(bends, (keys[source] + keys[target]) / 2)
    return Grid(tuple(_together(list(keys), keys)), chains)


def _frames(drawing: Drawing, lanes: Mapping[str, int]) -> dict[tuple[str, ...], list[Frame]]:
    """For each path of groups the frames on it, the outermost first; those of one group side by side."""
    used: dict[tuple[str, ...], set[int]] = defaultdict(set)
    for node in drawing.nodes:
        for depth in range(1, len(node.groups) + 1):
            used[node.groups[:depth]].add(lanes[node.lane])
    runs = {
        path: [
            Frame(path, run[0], run[-1])
            for _, pairs in groupby(enumerate(sorted(found)), key=lambda pair: pair[1] - pair[0])
            for run in [[lane for _, lane in pairs]]
        ]
        for path, found in used.items()
    }
    return {
        node.groups: [
            frame for depth in range(1, len(node.groups) + 1) for frame in runs[node.groups[:depth]]
        ]
        for node in drawing.nodes
    }


def _chain(source: Cell, target: Cell) -> tuple[Cell, ...]:
    """The cells of an edge. One that does not lead to the right turns round beside its source and its target."""
    if source.lane < target.lane:
        between = range(source.lane + 1, target.lane)
    else:
        between = range(source.lane, target.lane - 1, -1)
    bends = []
    for lane in between:
        inside = [_spanning(end.frames, lane) for end in (source, target)]
        bends.append(Cell(lane, max(inside, key=len)))
    return (source, *bends, target)


def _spanning(frames: Iterable[Frame], lane: int) -> tuple[Frame, ...]:
    return tuple(frame for frame in frames if frame.first <= lane <= frame.last)


def _together(cells: Sequence[Cell], keys: Mapping[Cell, float], depth: int = 0) -> list[Cell]:
    """``cells`` by their keys, those of one frame together at the mean of theirs; ties stay as they are."""
    units: dict[Cell | Frame, list[Cell]] = {}
    for cell in cells:
        unit: Cell | Frame = cell.frames[depth] if len(cell.frames) > depth else cell
        units.setdefault(unit, []).append(cell)
    inner = [
        _together(found, keys, depth + 1) if isinstance(unit, Frame) else found
        for unit, found in units.items()
    ]
    inner.sort(key=lambda found: sum(keys.get(cell, 0.0) for cell in found) / len(found))
    return [cell for found in inner for cell in found]


def _heights(cells: Iterable[Cell]) -> dict[Cell, float]:
    """How far down its lane each cell is, from 0 to 1."""
    lanes: dict[int, list[Cell]] = defaultdict(list)
    for cell in cells:
        lanes[cell.lane].append(cell)
    return {
        cell: (row + 0.5) / len(lane) for lane in lanes.values() for row, cell in enumerate(lane)
    }


def _swept(grid: Grid, *, backwards: bool) -> tuple[Cell, ...]:
    """One sweep: lane by lane each cell goes to the mean height of its neighbours, as they stand by then."""
    ordered = list(grid.cells)
    for lane in sorted({cell.lane for cell in ordered}, reverse=backwards):
        keys = _heights(ordered)
        wanted = dict(keys)
        for cell in ordered:
            near = grid.neighbours[cell]
            if cell.lane == lane and near:
                wanted[cell] = sum(keys[other] for other in near) / len(near)
        ordered = _together(ordered, wanted)
    return tuple(ordered)


def _crossings(grid: Grid) -> int:
    """How often two edges cross between two lanes."""
    height = _heights(grid.cells)
    gaps: dict[int, list[tuple[float, float]]] = defaultdict(list)
    for _, chain in grid.chains:
        for left, right in (sorted(pair, key=lambda cell: cell.lane) for pair in pairwise(chain)):
            if left.lane != right.lane:
                gaps[left.lane].append((height[left], height[right]))
    return sum(
        (one[0] - other[0]) * (one[1] - other[1]) < 0
        for gap in gaps.values()
        for one, other in combinations(gap, 2)
    )
