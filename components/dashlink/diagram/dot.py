"""A drawing as a DOT graph for Graphviz, on a slide of 16:9."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape

from dashlink.diagram.colours import FALLBACK, FILLS, OPEN, RENAMED, TEXT
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

_INDENT = "    "
# `ratio` moves boxes apart until the drawing has the shape of a slide, `size` is that of a slide.
_HEADER = (
    'ratio=0.5625; size="13.333,7.5!"; nodesep=0.25; ranksep=0.35; margin=0.1;',
    'graph [fontname="Arial", fontsize=17, labelloc=t, labeljust=l, style=rounded];',
    'graph [color="#9aa5b1"];',
    'node [fontname="Arial", fontsize=14, shape=box, style="rounded,filled", margin="0.18,0.07"];',
    'edge [fontname="Arial", fontsize=13, penwidth=1.5, color="#444444"];',
)


def to_dot(drawing: Drawing) -> str:
    """Write ``drawing`` as a ``digraph`` with a cluster for each group.

    The same drawing always gives the same text.
    """
    names = safe_names("n", [node.id for node in drawing.nodes_by_lane()])
    lines = ["digraph stack {", f"{_INDENT}rankdir={'LR' if drawing.is_wide else 'TB'};"]
    lines += [_INDENT + line for line in _HEADER]
    if one_line(drawing.title):
        lines.append(f"{_INDENT}label={_quoted(drawing.title)};")
    lines += _group_lines(nested(drawing), names, _INDENT)
    for edge in drawing.edges_by_lane():
        lines.append(f"{_INDENT}{names[edge.source]} -> {names[edge.target]}{_edge_style(edge)};")
    lines.append("}")
    return "\n".join(lines) + "\n"


def _group_lines(group: Group, names: Mapping[str, str], indent: str) -> Iterator[str]:
    for member in group.members:
        if isinstance(member, Group):
            yield f"{indent}subgraph cluster_{member.name} {{"
            yield f"{indent}{_INDENT}label={_quoted(member.label)}; margin=14;"
            yield from _group_lines(member, names, indent + _INDENT)
            yield f"{indent}}}"
        else:
            yield f"{indent}{names[member.id]} [label={_label(member)}, {_box_style(member)}];"


def _label(node: Node) -> str:
    """The label as a table-less HTML-like label: the title is bold."""
    title = [f"<b>{escape(line)}</b>" for line in lines_of(node.label, NODE_WIDTH)]
    lines = title or [" "]
    for detail in node.detail:
        lines += [escape(line) for line in lines_of(detail, NODE_WIDTH)]
    return f"<{'<br/>'.join(lines)}>"


def _box_style(node: Node) -> str:
    """Colours of a box; limited ones have a double border."""
    fill, border = OPEN if node.is_open else FILLS[node.kind]
    style = f'fillcolor="{fill}", color="{border}", fontcolor="{TEXT}"'
    if node.is_open:
        style += ", penwidth=3"
    return style + (", peripheries=2" if node.is_limited else "")


def _edge_style(edge: Edge) -> str:
    attributes = []
    lines: list[str] = []
    for label in edge.labels:
        lines += lines_of(label, EDGE_WIDTH)
    if lines:
        text = "\\n".join(map(_escaped, lines))
        attributes.append(f'label="{text}"')
    if edge.is_fallback:
        attributes.append(f'style=dashed, color="{FALLBACK}", fontcolor="{FALLBACK}"')
    elif edge.renames:
        attributes.append(f'penwidth=3, color="{RENAMED}", fontcolor="{RENAMED}"')
    return f" [{', '.join(attributes)}]" if attributes else ""


def _quoted(text: str) -> str:
    return f'"{_escaped(text)}"'


def _escaped(text: str) -> str:
    return one_line(text).replace("\\", "\\\\").replace('"', '\\"')
