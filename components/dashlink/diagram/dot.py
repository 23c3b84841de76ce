"""A drawing as a DOT graph for Graphviz."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dashlink.diagram.model import Drawing, Edge, Node, one_line, safe_names
from dashlink.diagram.nesting import Group, nested

_FILL = {
    "client": "#e8eef7",
    "domain": "#fdf3d8",
    "gateway": "#e6f4ea",
    "api": "#e6f4ea",
    "service": "#f3e8f7",
    "endpoint": "#e0f2f1",
    "upstream": "#f1f1f1",
}
_PLAIN_FILL = "#ffffff"
_FALLBACK_COLOUR = "#b3541e"
_INDENT = "    "
_HEADER = (
    "rankdir=LR;",
    'graph [fontname="Helvetica", labelloc=t, style=rounded, color="#9aa5b1"];',
    'node [fontname="Helvetica", fontsize=11, shape=box, style="rounded,filled"];',
    'edge [fontname="Helvetica", fontsize=10];',
)


def to_dot(drawing: Drawing) -> str:
    """Write ``drawing`` as a ``digraph`` with a cluster for each group.

    Fallbacks are dashed and coloured. The same drawing always gives the same text.
    """
    names = safe_names("n", [node.id for node in drawing.nodes_by_lane()])
    lines = ["digraph stack {"]
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
            yield f"{indent}{_INDENT}label={_quoted(member.label)};"
            yield from _group_lines(member, names, indent + _INDENT)
            yield f"{indent}}}"
        else:
            fill = _FILL.get(member.kind, _PLAIN_FILL)
            yield f'{indent}{names[member.id]} [label={_label(member)}, fillcolor="{fill}"];'


def _label(node: Node) -> str:
    return '"' + "\\n".join(_escaped(line) for line in (node.label, *node.detail)) + '"'


def _edge_style(edge: Edge) -> str:
    attributes = []
    if one_line(edge.label):
        attributes.append(f"label={_quoted(edge.label)}")
    if edge.style == "dashed":
        attributes.append(
            f'style=dashed, color="{_FALLBACK_COLOUR}", fontcolor="{_FALLBACK_COLOUR}"'
        )
    return f" [{', '.join(attributes)}]" if attributes else ""


def _quoted(text: str) -> str:
    return f'"{_escaped(text)}"'


def _escaped(text: str) -> str:
    return one_line(text).replace("\\", "\\\\").replace('"', '\\"')
