"""A drawing as an SVG that stands alone: no script, no font, no file beside it. What is cut stands whole on hover."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from dashlink.diagram import layout as sizes
from dashlink.diagram.layout import Box, laid_out
from dashlink.diagram.model import Drawing, Lane, Node
from dashlink.diagram.routes import HEAD_LENGTH, Route, routed
from dashlink.diagram.rows import Frame
from dashlink.diagram.text import cut, one_line

_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif"
_PAPER, _PAPER_EDGE, _COLUMN = "#ffffff", "#d5dae1", "#f5f7fa"
_INK, _QUIET = "#1c2733", "#566372"
_SOLID, _DASHED = "#64748b", "#c2570c"
_FRAMES = (
    ("#e8f1fb", "#7ba3cf", "#2a5c91"),
    ("#f4f9ff", "#a9c5e3", "#2a5c91"),
)  # fill, side, title; then inner ones

# What fills a box and what is round it, by its node's kind.
_KINDS = {
    "client": ("#eef2ff", "#6366f1"),
    "domain": ("#ecfeff", "#0891b2"),
    "gateway": ("#fff7ed", "#ea7317"),
    "api": ("#f0fdf4", "#16a34a"),
    "service": ("#faf5ff", "#9333ea"),
    "endpoint": ("#fdf2f8", "#db2777"),
    "upstream": ("#f8fafc", "#475569"),
}
_PLAIN = ("#ffffff", "#8493a5")


def to_svg(drawing: Drawing) -> str:
    """Draw a drawing: a column for each lane, a box for each node, a curve with an arrow head for each edge.

    The same drawing always gives the same text. The colours are set for a light ground, which is part of the picture,
    so that it reads the same in a dark viewer.
    """
    layout = laid_out(drawing)
    routes = routed(layout)
    root = _sheet(one_line(drawing.title), layout.width, layout.height)
    for lane, column in zip(drawing.lanes, layout.columns, strict=True):
        _draw_lane(root, lane, column)
    for frame, box in layout.frames:
        _draw_frame(root, frame, box)
    names = {node.id: one_line(node.label) for node in drawing.nodes}
    for route in routes:
        _draw_route(root, route, names)
    for cell, box in layout.boxes.items():
        if cell.node:
            _draw_node(root, cell.node, box)
    for route in routes:
        _draw_label(root, route)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode") + "\n"


def _sheet(title: str, width: float, height: float) -> ET.Element:
    """The picture's ground, with its title."""
    size = {"width": _number(width), "height": _number(height)}
    root = ET.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {size['width']} {size['height']}",
            **size,
            "role": "img",
            "font-family": _FONT,
        },
    )
    _hover(root, title)
    _rectangle(
        root, Box(0.5, 0.5, width - 1, height - 1), fill=_PAPER, stroke=_PAPER_EDGE, radius=10
    )
    if title:
        shown = cut(title, sizes.TITLE_SIZE, width - 2 * sizes.MARGIN, bold=True)
        _text(
            root,
            (sizes.MARGIN, sizes.MARGIN + sizes.TITLE_SIZE),
            shown,
            sizes.TITLE_SIZE,
            _INK,
            weight="600",
        )
    return root


def _draw_lane(root: ET.Element, lane: Lane, column: Box) -> None:
    group = ET.SubElement(root, "g", {"class": "lane"})
    title = one_line(lane.title)
    _hover(group, title)
    _rectangle(group, column.grown(8, 0, 0), fill=_COLUMN, radius=8)
    at = (column.x + column.width / 2, column.y + 22)
    _text(
        group,
        at,
        cut(title, sizes.LANE_SIZE, column.width, bold=True),
        sizes.LANE_SIZE,
        _QUIET,
        weight="600",
        anchor="middle",
    )


def _draw_frame(root: ET.Element, frame: Frame, box: Box) -> None:
    fill, side, ink = _FRAMES[min(len(frame.path), len(_FRAMES)) - 1]
    group = ET.SubElement(root, "g", {"class": "group"})
    title = one_line(frame.path[-1])
    _hover(group, title)
    _rectangle(group, box, fill=fill, stroke=side, radius=10)
    text = cut(title, sizes.GROUP_SIZE, box.width - 20, bold=True)
    _text(group, (box.x + 10, box.y + 17), text, sizes.GROUP_SIZE, ink, weight="600")


def _draw_route(root: ET.Element, route: Route, names: dict[str, str]) -> None:
    edge = route.edge
    colour = _DASHED if edge.style == "dashed" else _SOLID
    ends = {"data-source": one_line(edge.source), "data-target": one_line(edge.target)}
    group = ET.SubElement(root, "g", {"class": f"edge {edge.style}", **ends})
    label = one_line(edge.label)
    _hover(group, f"{names[edge.source]} → {names[edge.target]}" + (f": {label}" if label else ""))
    way = " ".join(
        f"{'L' if number else 'M'} {_pair(curve[0])} C {', '.join(_pair(point) for point in curve[1:])}"
        for number, curve in enumerate(route.curves)
    )
    line = {
        "d": way,
        "fill": "none",
        "stroke": colour,
        "stroke-width": "1.6",
        "stroke-linecap": "round",
    }
    if edge.style == "dashed":
        line["stroke-dasharray"] = "6 5"
    ET.SubElement(group, "path", line)
    x, y = route.curves[-1][-1]
    tip, half = x + HEAD_LENGTH - 1, HEAD_LENGTH / 2
    head = f"M {_pair((tip, y))} L {_pair((tip - HEAD_LENGTH, y - half))} L {_pair((tip - HEAD_LENGTH, y + half))} Z"
    ET.SubElement(group, "path", {"d": head, "fill": colour})


def _draw_node(root: ET.Element, node: Node, box: Box) -> None:
    fill, side = _KINDS.get(node.kind, _PLAIN)
    group = ET.SubElement(root, "g", {"class": "node", "data-id": one_line(node.id)})
    label = one_line(node.label)
    detail = [one_line(line) for line in node.detail]
    _hover(group, "\n".join([label, *detail]))
    _rectangle(group, box, fill=fill, stroke=side, radius=8)
    room = box.width - 2 * sizes.PADDING
    shown = _few(detail)
    y = box.middle - (sizes.LABEL_LINE + sizes.DETAIL_LINE * len(shown)) / 2 + sizes.LABEL_SIZE
    x = box.x + sizes.PADDING
    _text(
        group,
        (x, y),
        cut(label, sizes.LABEL_SIZE, room, bold=True),
        sizes.LABEL_SIZE,
        _INK,
        weight="600",
    )
    for number, line in enumerate(shown, start=1):
        at = (x, y + 2 + sizes.DETAIL_LINE * number)
        _text(group, at, cut(line, sizes.DETAIL_SIZE, room), sizes.DETAIL_SIZE, _QUIET)


def _few(lines: list[str]) -> list[str]:
    """As many lines as a box shows; the last tells how many are left out, if any are."""
    if len(lines) <= sizes.DETAIL_LINES:
        return lines
    kept = sizes.DETAIL_LINES - 1
    return [*lines[:kept], f"… {len(lines) - kept} more"]


def _draw_label(root: ET.Element, route: Route) -> None:
    if route.label_box is None:
        return
    group = ET.SubElement(root, "g", {"class": "label"})
    _hover(group, one_line(route.edge.label))
    colour = _DASHED if route.edge.style == "dashed" else _QUIET
    box = route.label_box
    _rectangle(group, box.grown(2, -0.5, -0.5), fill=_PAPER, radius=3)
    at = (box.x + box.width / 2, box.y + box.height - 3.5)
    _text(group, at, route.label, sizes.EDGE_SIZE, colour, anchor="middle")


def _hover(parent: ET.Element, text: str) -> None:
    if text:
        ET.SubElement(parent, "title").text = text


def _rectangle(
    parent: ET.Element, box: Box, *, fill: str, radius: int, stroke: str = "none"
) -> None:
    sides = {"x": box.x, "y": box.y, "width": box.width, "height": box.height, "rx": radius}
    ET.SubElement(
        parent,
        "rect",
        {name: _number(value) for name, value in sides.items()} | {"fill": fill, "stroke": stroke},
    )


def _text(
    parent: ET.Element,
    at: tuple[float, float],
    text: str,
    size: float,
    colour: str,
    *,
    weight: str = "",
    anchor: str = "",
) -> ET.Element:
    attributes = {
        "x": _number(at[0]),
        "y": _number(at[1]),
        "font-size": _number(size),
        "fill": colour,
    }
    extra = {"font-weight": weight, "text-anchor": anchor}
    element = ET.SubElement(
        parent, "text", attributes | {name: value for name, value in extra.items() if value}
    )
    element.text = text
    return element


def _number(value: float) -> str:
    return f"{round(value, 1):g}"


def _pair(point: tuple[float, float]) -> str:
    return f"{_number(point[0])} {_number(point[1])}"
