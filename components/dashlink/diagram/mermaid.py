"""A drawing as a Mermaid flowchart, for README files, wikis and merge requests."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from dashlink.diagram.colours import FALLBACK, FILLS, MERMAID, OPEN, RENAMED, TEXT
from dashlink.diagram.model import (
    EDGE_WIDTH,
    NODE_WIDTH,
    Drawing,
    Edge,
    Node,
    lines_of,
    one_line,
    safe_names,
)
from dashlink.diagram.nesting import Group, nested

# Characters that end a quoted label, start markup or a comment inside it, or start an escape code.
_CODES = str.maketrans({char: f"#{ord(char)};" for char in '#"<>&`|%\\'})
_INDENT = "    "
# Mermaid's own limit for a line is narrower than a box may be.
_CONFIG = (
    "config:",
    "  theme: base",
    f"  themeVariables: {json.dumps(MERMAID)}",
    "  flowchart:",
    "    {curve: linear, wrappingWidth: 400, nodeSpacing: 20, rankSpacing: 40, padding: 8,",
    "     subGraphTitleMargin: {top: 4, bottom: 14}}",
)


def to_mermaid(drawing: Drawing) -> str:
    """Write ``drawing`` as a ``flowchart`` with a subgraph for each group.

    The same drawing always gives the same text.
    """
    names = safe_names("n", [node.id for node in drawing.nodes_by_lane()])
    lines = ["---"]
    title = one_line(drawing.title)
    if title:
        lines.append(f"title: {json.dumps(title, ensure_ascii=False)}")
    lines += [*_CONFIG, "---", "flowchart LR" if drawing.is_wide else "flowchart TB"]
    lines += _group_lines(nested(drawing), names, _INDENT)
    edges = drawing.edges_by_lane()
    for edge in edges:
        lines.append(f"{_INDENT}{names[edge.source]} {_arrow(edge)} {names[edge.target]}")
    lines += _styles(drawing)
    return "\n".join(lines) + "\n"


def _group_lines(group: Group, names: Mapping[str, str], indent: str) -> Iterator[str]:
    for member in group.members:
        if isinstance(member, Group):
            yield f'{indent}subgraph {member.name}["{_escaped(member.label)}"]'
            yield from _group_lines(member, names, indent + _INDENT)
            yield f"{indent}end"
        else:
            yield f"{indent}{names[member.id]}{_box(member)}"


def _box(node: Node) -> str:
    """The node's label in its shape, and its class: limited ones have double sides."""
    label = _label((node.label, *node.detail), NODE_WIDTH)
    box = f'[["{label}"]]' if node.is_limited else f'["{label}"]'
    return f"{box}:::{'open' if node.is_open else node.kind}"


def _label(texts: tuple[str, ...], width: int) -> str:
    lines: list[str] = []
    for text in texts:
        lines += lines_of(text, width)
    return "<br/>".join(line.translate(_CODES) for line in lines)


def _arrow(edge: Edge) -> str:
    line = "==>" if edge.renames else "-->"
    if edge.is_fallback:
        line = "-.->"
    label = _label(edge.labels, EDGE_WIDTH)
    return f'{line}|"{label}"|' if label else line


def _styles(drawing: Drawing) -> Iterator[str]:
    """Yield the classes that the drawing uses, and the colours of its marked arrows."""
    kinds = dict.fromkeys(node.kind for node in drawing.nodes_by_lane() if not node.is_open)
    for kind in kinds:
        fill, stroke = FILLS[kind]
        yield f"{_INDENT}classDef {kind} fill:{fill},stroke:{stroke},color:{TEXT}"
    if any(node.is_open for node in drawing.nodes):
        fill, stroke = OPEN
        yield f"{_INDENT}classDef open fill:{fill},stroke:{stroke},stroke-width:4px,color:{TEXT}"
    if drawing.edges:
        yield f"{_INDENT}linkStyle default stroke-width:2px"
    for number, edge in enumerate(drawing.edges_by_lane()):
        if edge.is_fallback:
            yield f"{_INDENT}linkStyle {number} stroke:{FALLBACK},stroke-width:3px"
        elif edge.renames:
            yield f"{_INDENT}linkStyle {number} stroke:{RENAMED},stroke-width:4px"


def _escaped(text: str) -> str:
    return one_line(text).translate(_CODES)
