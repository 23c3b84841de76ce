"""A diagram as data: nodes in lanes and groups, and edges between them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

INSIDE = " > "
"""Separates a group from the group inside it: ``VPC 10.20.0.0/16 > cn-beijing-h``."""

LANES = ("clients", "domains", "gateway", "apis", "services", "upstreams", "zones", "targets")
"""The lanes of a stack, from the clients to the endpoint services."""


@dataclass(frozen=True)
class Node:
    """A box.

    Attributes:
        id: Identifies the node in edges; never shown.
        lane: One of `LANES`.
        label: Title of the box.
        detail: Lines below the label, most important first.
        kind: Decides its colour: client, domain, gateway, api, service, endpoint or upstream.
        group: The groups around it, outermost first, separated by `INSIDE`; empty for none.
    """

    id: str
    lane: str
    label: str
    detail: tuple[str, ...] = ()
    kind: str = "plain"
    group: str = ""

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups around the node, outermost first."""
        return tuple(name for name in self.group.split(INSIDE) if name)


@dataclass(frozen=True)
class Edge:
    """An arrow from one node to another; a dashed one is a fallback."""

    source: str
    target: str
    label: str = ""
    style: Literal["solid", "dashed"] = "solid"


@dataclass(frozen=True)
class Drawing:
    """A whole diagram. Lanes decide the order of nodes; inside a lane the order given here stays.

    Raises:
        ValueError: Two nodes share an id, a lane is unknown, or an edge has an unknown end.
    """

    title: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...] = ()

    def __post_init__(self) -> None:
        counts = Counter(node.id for node in self.nodes)
        for node in self.nodes:
            if counts[node.id] > 1:
                raise ValueError(f"two nodes have one id (got {node.id})")
            if node.lane not in LANES:
                raise ValueError(f"node {node.id}: unknown lane (got {node.lane})")
        for edge in self.edges:
            for end in (edge.source, edge.target):
                if end not in counts:
                    raise ValueError(
                        f"edge {edge.source} to {edge.target}: unknown node (got {end})"
                    )

    def nodes_by_lane(self) -> list[Node]:
        """The nodes, lane by lane."""
        return sorted(self.nodes, key=lambda node: LANES.index(node.lane))

    def edges_by_lane(self) -> list[Edge]:
        """The edges in the order of the lanes that they start from."""
        lanes = {node.id: LANES.index(node.lane) for node in self.nodes}
        return sorted(self.edges, key=lambda edge: lanes[edge.source])


def one_line(text: str) -> str:
    """Put ``text`` on one line: white space and unprintable characters become single spaces."""
    printable = [char if char.isprintable() else " " for char in text]
    return " ".join("".join(printable).split())


def safe_names(prefix: str, ids: Iterable[str]) -> dict[str, str]:
    """Map each id to a distinct identifier of letters, digits and ``_`` that is no keyword."""
    names: dict[str, str] = {}
    for identity in dict.fromkeys(ids):
        letters = [char if char.isascii() and char.isalnum() else " " for char in identity]
        plain = "_".join([prefix, *"".join(letters).split()])
        name = plain
        number = 1
        while name in names.values():
            number += 1
            name = f"{plain}_{number}"
        names[identity] = name
    return names
