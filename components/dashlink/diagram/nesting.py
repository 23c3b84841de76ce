"""Nodes of a drawing nested in their groups: what Mermaid's subgraphs and DOT's clusters share."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from dashlink.diagram.model import INSIDE, Drawing, Node, safe_names


@dataclass
class Group:
    """A group with its nodes and inner groups, in the order of their first nodes.

    Attributes:
        label: What is shown; empty for the drawing itself.
        name: Identifier of the group; empty for the drawing itself.
        members: Nodes and groups inside it.
    """

    label: str = ""
    name: str = ""
    members: list[Node | Group] = field(default_factory=list)


def nested(drawing: Drawing) -> Group:
    """The drawing's nodes, lane by lane, each inside its groups."""
    nodes = drawing.nodes_by_lane()
    names = safe_names("g", _paths(nodes))
    top = Group()
    groups = {"": top}
    for node in nodes:
        around = top
        path = ""
        for label in node.groups:
            path = f"{path}{INSIDE}{label}" if path else label
            if path not in groups:
                groups[path] = Group(label, names[path])
                around.members.append(groups[path])
            around = groups[path]
        around.members.append(node)
    return top


def _paths(nodes: list[Node]) -> Iterator[str]:
    for node in nodes:
        for depth in range(1, len(node.groups) + 1):
            yield INSIDE.join(node.groups[:depth])
