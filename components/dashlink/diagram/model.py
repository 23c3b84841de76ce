"""A diagram as data: nodes in lanes and groups, and edges between them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

INSIDE = " > "
"""Separates a group from the group inside it: ``VPC 10.20.0.0/16 > cn-beijing-h``."""

LANES = ("clients", "domains", "apis", "services", "upstreams", "targets", "legend")
"""The lanes of a stack, from the clients to the endpoint services, and the legend."""

NODE_WIDTH = 28
"""Characters on a line of a box, at most."""
EDGE_WIDTH = 20
"""Characters on a line of an arrow's label, at most."""
_MOST_SIDE_BY_SIDE = 6  # boxes of a lane that fit beside each other on a slide
_INSIDE_WORDS = re.compile(r"(?<=[-/_])|(?=\.)")


@dataclass(frozen=True)
class Node:
    """A box.

    Attributes:
        id: Identifies the node in edges; never shown.
        lane: One of `LANES`.
        label: Title of the box.
        detail: Lines below the label, most important first.
        kind: Decides its colour: client, domain, api, service, endpoint or upstream.
        group: The groups around it, outermost first, separated by `INSIDE`; empty for none.
        is_open: Whether callers without a credential are admitted.
        is_limited: Whether it has limits of tokens or requests.
    """

    id: str
    lane: str
    label: str
    detail: tuple[str, ...] = ()
    kind: str = "plain"
    group: str = ""
    is_open: bool = False
    is_limited: bool = False

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups around the node, outermost first."""
        return tuple(name for name in self.group.split(INSIDE) if name)


@dataclass(frozen=True)
class Edge:
    """An arrow from one node to another.

    Attributes:
        source: Id of the node that sends requests.
        target: Id of the node that receives them.
        labels: Lines of text.
        is_fallback: Whether requests go here after a failure alone.
        renames: Whether the target receives another model name than the client sent.
    """

    source: str
    target: str
    labels: tuple[str, ...] = ()
    is_fallback: bool = False
    renames: bool = False


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

    @property
    def is_wide(self) -> bool:
        """Whether lanes are columns, from left to right; otherwise they are rows.

        Rows of few boxes and columns of many come out near the 16:9 of a slide.
        """
        counts = Counter(node.lane for node in self.nodes)
        return max(counts.values(), default=0) > _MOST_SIDE_BY_SIDE

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


def lines_of(text: str, width: int) -> list[str]:
    """Break ``text`` into lines of at most ``width`` characters, where possible between words.

    A word that is longer breaks before a dot, or after a hyphen, a slash or an underscore.
    """
    lines = [""]
    for word in one_line(text).split():
        pieces = _INSIDE_WORDS.split(word) if len(word) > width else [word]
        space = " "
        for piece in pieces:
            if lines[-1] and len(lines[-1]) + len(space + piece) > width:
                lines.append("")
            lines[-1] += f"{space}{piece}" if lines[-1] else piece
            space = ""
            while len(lines[-1]) > width:
                lines[-1:] = [lines[-1][:width], lines[-1][width:]]
    return [line for line in lines if line]


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
