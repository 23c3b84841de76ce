"""Where everything of a drawing stands, in pixels: columns of boxes, the gaps between them, the boxes of groups."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import ceil

from dashlink.diagram.model import Drawing
from dashlink.diagram.rows import Cell, Frame, Grid, arranged
from dashlink.diagram.stacking import Apart, settled
from dashlink.diagram.text import one_line, text_width

TITLE_SIZE, LANE_SIZE, LABEL_SIZE, DETAIL_SIZE, EDGE_SIZE, GROUP_SIZE = 18, 12, 13, 11, 10.5, 11
LABEL_LINE, DETAIL_LINE = 18, 15
DETAIL_LINES = 3
PADDING = 12
MARGIN = 24
LANE_HEAD = 34
LONGEST_EDGE_LABEL = 140
PORT_EDGE = 10  # from a box's corner to the first end of an edge

_NARROWEST, _WIDEST = 120, 240
_ROW_GAP, _BEND_ROOM = 18, 10
_PORT_LEAST = 9
_FRAME_SIDE, _FRAME_HEAD, _FRAME_FOOT = 12, 26, 12
_GUTTER = 64
_STEEPEST, _MOST_FOR_STEEPNESS = (
    9,
    110,
)  # a gap is a ninth as wide as its longest way up or down, within reason
_LONGEST_TITLE = 640
_SWEEPS = 12
_HARDLY = 0.001  # the weight of a group's sides beside that of the boxes

Thing = Cell | tuple[Frame, str]


@dataclass(frozen=True)
class Box:
    """A rectangle."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """The x of its right side."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """The y of its lower side."""
        return self.y + self.height

    @property
    def middle(self) -> float:
        """The y half way down."""
        return self.y + self.height / 2

    def grown(self, sides: float, above: float, below: float) -> Box:
        """The box with something around it."""
        return Box(
            self.x - sides, self.y - above, self.width + 2 * sides, self.height + above + below
        )

    def joined(self, other: Box) -> Box:
        """The smallest box around the two."""
        x, y = min(self.x, other.x), min(self.y, other.y)
        return Box(x, y, max(self.right, other.right) - x, max(self.bottom, other.bottom) - y)

    def shared(self, other: Box) -> float:
        """The area that the two have in common."""
        wide = min(self.right, other.right) - max(self.x, other.x)
        high = min(self.bottom, other.bottom) - max(self.y, other.y)
        return wide * high if wide > 0 and high > 0 else 0.0


@dataclass(frozen=True)
class Layout:
    """A drawing with a place for everything but its arrows.

    Attributes:
        grid: The order that the places follow.
        width: The whole picture's.
        height: The whole picture's.
        columns: The box of each lane, its title at the top.
        gaps: The room for arrows, its left and right side: left of each column, and, last, right of the last one.
        boxes: The box of each node; for a bend what takes its place: only its middle means something.
        frames: The box of each group, outer ones before inner ones.
    """

    grid: Grid
    width: float
    height: float
    columns: tuple[Box, ...]
    gaps: tuple[tuple[float, float], ...]
    boxes: Mapping[Cell, Box]
    frames: tuple[tuple[Frame, Box], ...]


def laid_out(drawing: Drawing) -> Layout:
    """Give everything its place."""
    grid = arranged(drawing)
    heights = _heights(grid)
    top = MARGIN + (TITLE_SIZE + 18 if one_line(drawing.title) else 0)
    middles = _middles(grid, heights, top + LANE_HEAD + 12)
    columns, gaps = _across(drawing, grid, middles)
    boxes = {}
    for cell in grid.cells:
        x, width = columns[cell.lane]
        boxes[cell] = Box(x, middles[cell] - heights[cell] / 2, width, heights[cell])
    frames = _frame_boxes(boxes)
    bottom = (
        max([box.bottom for box in (*boxes.values(), *frames.values())], default=top + LANE_HEAD)
        + 14
    )
    title = min(text_width(one_line(drawing.title), TITLE_SIZE, bold=True) + MARGIN, _LONGEST_TITLE)
    return Layout(
        grid=grid,
        width=max(gaps[-1][1], title) + MARGIN,
        height=bottom + MARGIN,
        columns=tuple(Box(x, top, width, bottom - top) for x, width in columns),
        gaps=gaps,
        boxes=boxes,
        frames=tuple(sorted(frames.items(), key=lambda item: len(item[0].path))),
    )


def _heights(grid: Grid) -> dict[Cell, float]:
    """How high each box is: its text fits, and so do the ends of its edges."""
    ends = Counter(
        (side, cell)
        for _, chain in grid.chains
        for side, cell in (("out", chain[0]), ("in", chain[-1]))
    )
    # A line needs less room above and below it than a box: it is as if it were less than nothing high.
    heights = dict.fromkeys(grid.cells, float(_BEND_ROOM - _ROW_GAP))
    for cell in grid.cells:
        if cell.node:
            text = 2 * PADDING + LABEL_LINE + DETAIL_LINE * min(len(cell.node.detail), DETAIL_LINES)
            most = max(ends["out", cell], ends["in", cell])
            heights[cell] = max(text, 2 * PORT_EDGE + _PORT_LEAST * (most - 1))
    return heights


def _middles(grid: Grid, heights: Mapping[Cell, float], top: float) -> dict[Cell, float]:
    """Where each cell stands: near its neighbours, with room between, and nothing above ``top``."""
    tower = _Tower(heights)
    tower.build(grid.cells)
    near = grid.neighbours
    at = _started(grid.cells, heights)
    places: dict[Thing, float] = {
        thing: at[thing] if isinstance(thing, Cell) else 0.0 for thing in tower.things
    }
    weights: dict[Thing, float] = {
        thing: 1.0 if isinstance(thing, Cell) else _HARDLY for thing in tower.things
    }
    for _ in range(_SWEEPS):
        wanted = dict(places)
        for cell in grid.cells:
            if near[cell]:
                wanted[cell] = (
                    places[cell] + sum(places[other] for other in near[cell]) / len(near[cell])
                ) / 2
        places = settled(tower.things, wanted, weights, tower.rules)
    upper = {
        cell: places[cell] - heights[cell] / 2 - _FRAME_HEAD * len(cell.frames)
        for cell in grid.cells
    }
    shift = top - min(upper.values(), default=0.0)
    return {cell: round(places[cell] + shift, 1) for cell in grid.cells}


def _started(cells: Iterable[Cell], heights: Mapping[Cell, float]) -> dict[Cell, float]:
    """The cells of each lane one below the other, all lanes with one middle."""
    lanes: dict[int, list[Cell]] = defaultdict(list)
    for cell in cells:
        lanes[cell.lane].append(cell)
    at: dict[Cell, float] = {}
    for lane in lanes.values():
        y = -sum(heights[cell] + _ROW_GAP for cell in lane) / 2
        for cell in lane:
            at[cell] = y + heights[cell] / 2
            y += heights[cell] + _ROW_GAP
    return at


@dataclass
class _Tower:
    """Boxes and the upper and lower sides of groups, from top to bottom, with what has to be between them."""

    heights: Mapping[Cell, float]
    things: list[Thing] = field(default_factory=list)
    rules: list[Apart[Thing]] = field(default_factory=list)
    last: dict[int, Thing] = field(default_factory=dict)

    def build(self, cells: Iterable[Cell]) -> None:
        """Put the cells one below the other, with their groups' sides before and after them."""
        around: tuple[Frame, ...] = ()
        for cell in cells:
            around = self._enter(around, cell.frames)
            self._put(cell, (cell.lane,))
        self._enter(around, ())

    def _enter(self, old: tuple[Frame, ...], new: tuple[Frame, ...]) -> tuple[Frame, ...]:
        same = sum(one == other for one, other in zip(old, new, strict=False))
        for frame in reversed(old[same:]):
            self._put((frame, "lower"), range(frame.first, frame.last + 1))
        for frame in new[same:]:
            self._put((frame, "upper"), range(frame.first, frame.last + 1))
        return new

    def _put(self, thing: Thing, lanes: Iterable[int]) -> None:
        for lane in lanes:
            if lane in self.last:
                above = self.last[lane]
                self.rules.append(
                    Apart(above, thing, self._reach(above)[1] + self._reach(thing)[0])
                )
            self.last[lane] = thing
        self.things.append(thing)

    def _reach(self, thing: Thing) -> tuple[float, float]:
        """How much room a thing needs above and below its middle."""
        half = _ROW_GAP / 2
        if isinstance(thing, Cell):
            room = self.heights[thing] / 2 + half
            return room, room
        return (half, _FRAME_HEAD - half) if thing[1] == "upper" else (_FRAME_FOOT - half, half)


def _across(
    drawing: Drawing, grid: Grid, middles: Mapping[Cell, float]
) -> tuple[list[tuple[float, float]], tuple[tuple[float, float], ...]]:
    """The x and the width of each column, and the two sides of each gap."""
    widths = _widths(drawing)
    rooms = _rooms(grid, middles, len(widths))
    left, right = [0.0] * len(widths), [0.0] * len(widths)
    for frame, levels in _levels(grid).items():
        left[frame.first] = max(left[frame.first], _FRAME_SIDE * levels)
        right[frame.last] = max(right[frame.last], _FRAME_SIDE * levels)
    x = float(MARGIN)
    columns, gaps = [], []
    for lane, width in enumerate(widths):
        gaps.append((x, x + rooms[lane]))
        x += rooms[lane] + left[lane]
        columns.append((x, width))
        x += width + right[lane]
    return columns, (*gaps, (x, x + rooms[-1]))


def _widths(drawing: Drawing) -> list[float]:
    """How wide each column is: as wide as its widest text, within reason."""
    widths = []
    for lane in drawing.lanes:
        texts = [text_width(one_line(lane.title), LANE_SIZE, bold=True)]
        for node in drawing.nodes:
            if node.lane == lane.id:
                texts.append(text_width(one_line(node.label), LABEL_SIZE, bold=True))
                texts += [
                    text_width(one_line(line), DETAIL_SIZE) for line in node.detail[:DETAIL_LINES]
                ]
        widths.append(float(ceil(min(max(_NARROWEST, *texts) + 2 * PADDING, _WIDEST))))
    return widths


def _rooms(grid: Grid, middles: Mapping[Cell, float], lanes: int) -> list[float]:
    """How wide each gap is: labels fit, and ways that lead far up or down have room to do so."""
    rooms = [0.0, *[float(_GUTTER)] * (lanes - 1), 0.0] if lanes else [0.0]
    labels, steep = [0.0] * len(rooms), [0.0] * len(rooms)
    for edge, gap, one, other in grid.steps():
        rooms[gap] = float(_GUTTER)
        labels[gap] = max(
            labels[gap], min(text_width(one_line(edge.label), EDGE_SIZE), LONGEST_EDGE_LABEL)
        )
        steep[gap] = max(
            steep[gap], min(abs(middles[one] - middles[other]) / _STEEPEST, _MOST_FOR_STEEPNESS)
        )
    return [round(sum(parts)) for parts in zip(rooms, labels, steep, strict=True)]


def _levels(grid: Grid) -> dict[Frame, int]:
    """How many groups are inside each other in each group, itself among them."""
    levels: dict[Frame, int] = {}
    for cell in grid.cells:
        for depth, frame in enumerate(cell.frames):
            levels[frame] = max(levels.get(frame, 1), len(cell.frames) - depth)
    return levels


def _frame_boxes(boxes: Mapping[Cell, Box]) -> dict[Frame, Box]:
    found: dict[Frame, Box] = {}
    for cell, box in boxes.items():
        for inner, frame in enumerate(reversed(cell.frames), start=1):
            around = box.grown(_FRAME_SIDE * inner, _FRAME_HEAD * inner, _FRAME_FOOT * inner)
            found[frame] = found[frame].joined(around) if frame in found else around
    return found
