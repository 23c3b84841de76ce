"""What a picture shows: lanes from left to right, boxes in them, arrows between them. Nothing of how it is drawn.

The lanes of a stack are, from left to right: clients, domains, gateway, Model APIs, AI services, endpoint or upstream.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

INSIDE = " > "
"""Stands in a node's group between a group and one inside it: ``vpc-1 10.20.0.0/16 > cn-beijing-h``."""


@dataclass(frozen=True)
class Lane:
    """A column of the picture: its nodes stand one below the other."""

    id: str
    title: str


@dataclass(frozen=True)
class Node:
    """A box.

    Attributes:
        id: Names the node in edges; never shown.
        lane: The id of its lane.
        label: What it is called.
        detail: Lines below the label, most important first.
        kind: What sets its colour: client, domain, gateway, api, service, endpoint or upstream; any other is plain.
        group: The box that it stands in, from the outermost inwards with `INSIDE` between; empty: none.
    """

    id: str
    lane: str
    label: str
    detail: tuple[str, ...] = ()
    kind: str = "plain"
    group: str = ""

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups around the node, the outermost first."""
        return tuple(name for name in self.group.split(INSIDE) if name)


@dataclass(frozen=True)
class Edge:
    """An arrow from one node to another; a dashed one is taken when others fail (``fallback 1``)."""

    source: str
    target: str
    label: str = ""
    style: Literal["solid", "dashed"] = "solid"


@dataclass(frozen=True)
class Drawing:
    """A whole picture. The order of lanes, nodes and edges is what decides wherever nothing else does.

    Raises:
        ValueError: Two lanes or two nodes of one id, a node in an unknown lane, an edge from or to an unknown node.
    """

    title: str
    lanes: tuple[Lane, ...]
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...] = ()

    def __post_init__(self) -> None:
        lanes = _unique("lane", (lane.id for lane in self.lanes))
        nodes = _unique("node", (node.id for node in self.nodes))
        for node in self.nodes:
            if node.lane not in lanes:
                raise ValueError(f"node {node.id}: its lane is unknown (got {node.lane})")
        for edge in self.edges:
            for end in (edge.source, edge.target):
                if end not in nodes:
                    raise ValueError(
                        f"edge {edge.source} to {edge.target}: a node is unknown (got {end})"
                    )

    def by_lane(self) -> list[Node]:
        """The nodes, lane by lane, in the given order inside each."""
        place = {lane.id: number for number, lane in enumerate(self.lanes)}
        return sorted(self.nodes, key=lambda node: place[node.lane])


def _unique(what: str, ids: Iterable[str]) -> set[str]:
    counts = Counter(ids)
    twice = [name for name, count in counts.items() if count > 1]
    if twice:
        raise ValueError(f"two {what}s have one id (got {twice[0]})")
    return set(counts)
