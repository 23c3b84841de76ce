"""The legend of a drawing: a sample of each mark that the drawing has, and of no other."""

from __future__ import annotations

from dataclasses import replace

from dashlink.diagram.model import Drawing, Edge, Node

_GROUP = "Legend"
_OPEN = "legend:open"
_LIMITED = "legend:limited"
_CALLED = "legend:called"


def with_legend(drawing: Drawing) -> Drawing:
    """Add samples of marked boxes and arrows; a drawing without marks stays as it is."""
    nodes: list[Node] = []
    if any(node.is_open for node in drawing.nodes):
        label = "no credential required"
        nodes.append(Node(_OPEN, "legend", label, (), "plain", _GROUP, is_open=True))
    if any(node.is_limited for node in drawing.nodes):
        label = "limited"
        nodes.append(Node(_LIMITED, "legend", label, (), "plain", _GROUP, is_limited=True))
    arrows = []
    if any(edge.renames for edge in drawing.edges):
        arrows.append(Edge("", _CALLED, ("→ model that the", "service receives"), renames=True))
    if any(edge.is_fallback for edge in drawing.edges):
        arrows.append(Edge("", _CALLED, ("after a failure",), is_fallback=True))
    if arrows and not nodes:
        nodes.append(Node("legend:api", "legend", "Model API", (), "api", _GROUP))
    edges = []
    for number, arrow in enumerate(arrows):
        edges.append(replace(arrow, source=nodes[number % len(nodes)].id))
    if arrows:
        nodes.append(Node(_CALLED, "legend", "AI service", (), "service", _GROUP))
    return replace(drawing, nodes=(*drawing.nodes, *nodes), edges=(*drawing.edges, *edges))
