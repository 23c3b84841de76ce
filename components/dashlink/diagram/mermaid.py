"""A drawing as a Mermaid flowchart, for pages that render Mermaid: README files, wikis, merge requests."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from dashlink.diagram.model import INSIDE, Drawing, Edge, Node
from dashlink.diagram.text import one_line

# Characters that end a quoted label, start markup or a comment inside it, or start one of these codes themselves.
_CODES = str.maketrans({char: f"#{ord(char)};" for char in '#"<>&`|%\\'})
_STEP = "    "


def to_mermaid(drawing: Drawing) -> str:
    """Write a drawing as a ``flowchart LR``: a subgraph for each group, a line for each node and each edge.

    The same drawing always gives the same text: nodes by lane, edges by the lane they start from, then as given.
    """
    nodes = drawing.by_lane()
    names = _safe_names("n", [node.id for node in nodes])
    groups = _safe_names(
        "g", [INSIDE.join(node.groups[:depth]) for node in nodes for depth in _depths(node)]
    )
    lanes = {lane.id: number for number, lane in enumerate(drawing.lanes)}
    lane_of = {node.id: lanes[node.lane] for node in nodes}
    title = one_line(drawing.title)
    lines = ["---", f"title: {json.dumps(title, ensure_ascii=False)}", "---"] if title else []
    lines.append("flowchart LR")
    lines += _inside((), nodes, names, groups)
    for edge in sorted(drawing.edges, key=lambda edge: lane_of[edge.source]):
        lines.append(f"{_STEP}{names[edge.source]} {_arrow(edge)} {names[edge.target]}")
    return "\n".join(lines) + "\n"


def _inside(
    path: tuple[str, ...],
    nodes: Sequence[Node],
    names: Mapping[str, str],
    groups: Mapping[str, str],
) -> Iterator[str]:
    """The lines of ``nodes``, all of which stand in the group at ``path``; a group comes where its first node does."""
    margin = _STEP * (len(path) + 1)
    done: set[str] = set()
    for node in nodes:
        inner = node.groups[: len(path) + 1]
        if inner == path:
            yield f'{margin}{names[node.id]}["{_words(node)}"]'
        elif inner[-1] not in done:
            done.add(inner[-1])
            yield f'{margin}subgraph {groups[INSIDE.join(inner)]}["{_escaped(inner[-1])}"]'
            yield from _inside(
                inner,
                [other for other in nodes if other.groups[: len(inner)] == inner],
                names,
                groups,
            )
            yield f"{margin}end"


def _depths(node: Node) -> range:
    return range(1, len(node.groups) + 1)


def _words(node: Node) -> str:
    return "<br/>".join(_escaped(line) for line in (node.label, *node.detail))


def _arrow(edge: Edge) -> str:
    line = "-.->" if edge.style == "dashed" else "-->"
    label = _escaped(edge.label)
    return f'{line}|"{label}"|' if label else line


def _escaped(text: str) -> str:
    return one_line(text).translate(_CODES)


def _safe_names(letter: str, ids: Iterable[str]) -> dict[str, str]:
    """A name for each id that is no word of Mermaid's and that no other id has: letters, digits and ``_`` only."""
    names: dict[str, str] = {}
    for found in dict.fromkeys(ids):
        plain = name = f"{letter}_{re.sub('[^0-9A-Za-z]+', '_', found).strip('_')}"
        number = 1
        while name in names.values():
            number += 1
            name = f"{plain}_{number}"
        names[found] = name
    return names
