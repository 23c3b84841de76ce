"""A drawing as a Mermaid flowchart, for README files, wikis and merge requests."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from dashlink.diagram.model import Drawing, Edge, Node, one_line, safe_names
from dashlink.diagram.nesting import Group, nested

# Characters that end a quoted label, start markup or a comment inside it, or start an escape code.
_CODES = str.maketrans({char: f"#{ord(char)};" for char in '#"<>&`|%\\'})
_INDENT = "    "


def to_mermaid(drawing: Drawing) -> str:
    """Write ``drawing`` as a ``flowchart LR`` with a subgraph for each group.

    The same drawing always gives the same text.
    """
    names = safe_names("n", [node.id for node in drawing.nodes_by_lane()])
    lines = []
    title = one_line(drawing.title)
    if title:
        lines += ["---", f"title: {json.dumps(title, ensure_ascii=False)}", "---"]
    lines.append("flowchart LR")
    lines += _group_lines(nested(drawing), names, _INDENT)
    for edge in drawing.edges_by_lane():
        lines.append(f"{_INDENT}{names[edge.source]} {_arrow(edge)} {names[edge.target]}")
    return "\n".join(lines) + "\n"


def _group_lines(group: Group, names: Mapping[str, str], indent: str) -> Iterator[str]:
    for member in group.members:
        if isinstance(member, Group):
            yield f'{indent}subgraph {member.name}["{_escaped(member.label)}"]'
            yield from _group_lines(member, names, indent + _INDENT)
            yield f"{indent}end"
        else:
            yield f'{indent}{names[member.id]}["{_label(member)}"]'


def _label(node: Node) -> str:
    return "<br/>".join(_escaped(line) for line in (node.label, *node.detail))


def _arrow(edge: Edge) -> str:
    line = "-.->" if edge.style == "dashed" else "-->"
    label = _escaped(edge.label)
    return f'{line}|"{label}"|' if label else line


def _escaped(text: str) -> str:
    return one_line(text).translate(_CODES)
