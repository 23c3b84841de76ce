"""Boxes of Model APIs and their arrows: one each, or one for those that are alike.

A slide holds few boxes. With more Model APIs, those of the same domains, callers and services
share a box, which names them.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, replace

from dashlink.diagram.labels import choice_text, fallbacks, first_choices, limit_text, named
from dashlink.diagram.model import Edge, Node
from dashlink.gateway.model_api.plan import auth_of, protocol_of
from dashlink.gateway.model_api.settings import ModelApiSettings

MOST_BOXES = 6
"""Boxes of Model APIs on one diagram, at most."""


@dataclass(frozen=True)
class _Box:
    """A Model API, or several that are alike, by name."""

    apis: Mapping[str, ModelApiSettings]
    arrows: tuple[Edge, ...]

    @property
    def some_api(self) -> ModelApiSettings:
        return next(iter(self.apis.values()))


def api_parts(apis: Mapping[str, ModelApiSettings], group: str) -> tuple[list[Node], list[Edge]]:
    """Return the boxes of Model APIs, with the arrows from their domains and to their services.

    Args:
        apis: Model APIs by name.
        group: The group around them.
    """
    nodes: list[Node] = []
    edges: dict[Edge, None] = {}
    for box in _boxes(apis):
        node = _node(box, group)
        nodes.append(node)
        for api in box.apis.values():
            for domain in api.domains:
                edges[Edge(f"domain:{domain}", node.id)] = None
        for arrow in box.arrows:
            edges[replace(arrow, source=node.id)] = None
    return nodes, list(edges)


def _boxes(apis: Mapping[str, ModelApiSettings]) -> list[_Box]:
    """Share boxes as little as possible: the most alike first, until there are few enough."""
    boxes = [_Box({name: api}, tuple(_arrows(api))) for name, api in sorted(apis.items())]
    for likeness in (_exactly, _by_services, _by_domains, _by_credential):
        boxes = _shared(boxes, likeness)
    return boxes


def _shared(boxes: list[_Box], likeness: Callable[[_Box], Hashable]) -> list[_Box]:
    """Merge boxes that are alike, the largest groups first, until there are few enough."""
    alike: dict[Hashable, list[_Box]] = {}
    for box in boxes:
        alike.setdefault(likeness(box), []).append(box)
    for group in sorted(alike.values(), key=len, reverse=True):
        if len(boxes) > MOST_BOXES and len(group) > 1:
            boxes = [box for box in boxes if box not in group]
            boxes.append(_merged(group))
    return boxes


def _merged(boxes: list[_Box]) -> _Box:
    """Put boxes into one; an arrow keeps its labels where all the boxes have it."""
    apis: dict[str, ModelApiSettings] = {}
    arrows: dict[tuple[str, bool], list[Edge]] = {}
    for box in boxes:
        apis |= box.apis
        for arrow in box.arrows:
            arrows.setdefault((arrow.target, arrow.is_fallback), []).append(arrow)
    kept = []
    for same in arrows.values():
        renames = any(arrow.renames for arrow in same)
        is_common = len(same) == len(boxes) and len(set(same)) == 1
        kept.append(same[0] if is_common else replace(same[0], labels=(), renames=renames))
    return _Box(dict(sorted(apis.items())), tuple(kept))


def _exactly(box: _Box) -> Hashable:
    api = box.some_api
    kind = (api.scene, protocol_of(api), api.limits, api.consumers)
    return (_by_domains(box), kind, box.arrows)


def _by_services(box: _Box) -> Hashable:
    return (_by_domains(box), frozenset(arrow.target for arrow in box.arrows))


def _by_domains(box: _Box) -> Hashable:
    api = box.some_api
    return (frozenset(api.domains), auth_of(api) is None, bool(api.limits))


def _by_credential(box: _Box) -> Hashable:
    return auth_of(box.some_api) is None


def _node(box: _Box, group: str) -> Node:
    api = box.some_api
    if len(box.apis) == 1:
        label = next(iter(box.apis))
        identity = f"api:{label}"
        detail = [f"Model API, {api.scene}, {protocol_of(api)}"]
        if api.base_path != f"/{label}":
            detail.append(api.base_path)
        detail += [limit_text(limit) for limit in api.limits]
    else:
        names = list(box.apis)
        label = f"{len(names)} Model APIs"
        identity = f"apis:{','.join(names)}"
        detail = [named(names)]
        limited = [name for name, one in box.apis.items() if one.limits]
        if limited:
            detail.append(f"limits: {named(limited)}")
    is_open = auth_of(api) is None
    is_limited = any(one.limits for one in box.apis.values())
    if is_open:
        detail.append("no credential required")
    return Node(identity, "apis", label, tuple(detail), "api", group, is_open, is_limited)


def _arrows(api: ModelApiSettings) -> Iterator[Edge]:
    """Yield an arrow for each service of an API, another one where it is a fallback too.

    Their source is set later, when it is known which box they start from.
    """
    for is_fallback, chosen in ((False, first_choices(api)), (True, fallbacks(api))):
        for service, choices in chosen.items():
            texts = [choice_text(selector, choice) for selector, choice in choices]
            renames = any(choice.model is not None for _, choice in choices)
            labels = tuple(filter(None, texts))
            yield Edge("", f"service:{service}", labels, is_fallback, renames)
