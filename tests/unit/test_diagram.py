"""Mermaid and DOT text of any drawing: complete, escaped, and the same each time."""

from __future__ import annotations

import re

import pydot
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashlink.diagram.dot import to_dot
from dashlink.diagram.mermaid import to_mermaid
from dashlink.diagram.model import INSIDE, LANES, Drawing, Edge, Node

VPC = "vpc-1 10.20.0.0/16"
FORMATS = pytest.mark.parametrize("draw", [to_mermaid, to_dot], ids=["mermaid", "dot"])
GATEWAY = Drawing(
    'The "prod" stack',
    (
        Node("service/1", "services", "qwen"),
        Node("end", "apis", "chat", ("/v1",)),
        Node("gw", "gateway", "gateway", group=f"{VPC}{INSIDE}zone h"),
        Node("app", "clients", "app", group=VPC),
    ),
    (
        Edge("end", "service/1", "qwen-max"),
        Edge("end", "service/1", "fallback 1", "dashed"),
        Edge("gw", "end"),
        Edge("app", "gw"),
    ),
)
labels = st.text(max_size=12)
identities = st.text(min_size=1, max_size=8)


@st.composite
def drawings(draw):
    nodes = []
    for identity in draw(st.lists(identities, unique=True, max_size=8)):
        group = INSIDE.join(draw(st.lists(labels, max_size=2)))
        lane = draw(st.sampled_from(LANES))
        nodes.append(Node(identity, lane, draw(labels), (draw(labels),), group=group))
    edges = []
    if nodes:
        ends = st.sampled_from([node.id for node in nodes])
        for _ in range(draw(st.integers(0, 6))):
            edges.append(Edge(draw(ends), draw(ends), draw(labels)))
    return Drawing(draw(labels), tuple(nodes), tuple(edges))


def parsed(drawing):
    """The drawing as pydot, a reader of DOT that is not ours, reads it."""
    (graph,) = pydot.graph_from_dot_data(to_dot(drawing))
    return graph


def all_nodes(graph):
    found = {node.get_name(): node for node in graph.get_nodes()}
    for inner in graph.get_subgraphs():
        found |= all_nodes(inner)
    return {name: node for name, node in found.items() if name not in ("node", "edge", "graph")}


@settings(deadline=None, max_examples=60)
@given(drawings())
def test_mermaid_has_a_line_for_each_node_and_edge(drawing):
    lines = to_mermaid(drawing).splitlines()
    assert len([line for line in lines if re.match(r" +n_?\w* -", line)]) == len(drawing.edges)
    assert len([line for line in lines if re.match(r' +n_?\w*\["', line)]) == len(drawing.nodes)


@settings(deadline=None, max_examples=60)
@given(drawings())
def test_dot_is_read_with_every_node_and_edge(drawing):
    graph = parsed(drawing)
    assert len(all_nodes(graph)) == len(drawing.nodes)
    assert len(graph.get_edges()) == len(drawing.edges)


@FORMATS
def test_the_same_drawing_gives_the_same_text(draw):
    again = Drawing(GATEWAY.title, tuple(GATEWAY.nodes), tuple(GATEWAY.edges))
    assert draw(GATEWAY) == draw(again)


def test_an_empty_drawing_has_only_a_header():
    assert to_mermaid(Drawing("", ())) == "flowchart LR\n"
    assert all_nodes(parsed(Drawing("Nothing yet", ()))) == {}


def test_mermaid_has_groups_nodes_and_edges_by_lane():
    assert to_mermaid(GATEWAY).splitlines() == [
        "---",
        'title: "The \\"prod\\" stack"',
        "---",
        "flowchart LR",
        '    subgraph g_vpc_1_10_20_0_0_16["vpc-1 10.20.0.0/16"]',
        '        n_app["app"]',
        '        subgraph g_vpc_1_10_20_0_0_16_zone_h["zone h"]',
        '            n_gw["gateway"]',
        "        end",
        "    end",
        '    n_end["chat<br/>/v1"]',
        '    n_service_1["qwen"]',
        "    n_app --> n_gw",
        "    n_gw --> n_end",
        '    n_end -->|"qwen-max"| n_service_1',
        '    n_end -.->|"fallback 1"| n_service_1',
    ]


def test_dot_nests_clusters_and_dashes_fallbacks():
    graph = parsed(GATEWAY)
    (vpc,) = graph.get_subgraphs()
    (zone,) = vpc.get_subgraphs()
    assert (vpc.get_label(), zone.get_label()) == (f'"{VPC}"', '"zone h"')
    assert [node.get_name() for node in zone.get_nodes()] == ["n_gw"]
    assert all_nodes(graph)["n_end"].get_label() == '"chat\\n/v1"'
    styles = {edge.get_label(): edge.get_style() for edge in graph.get_edges()}
    assert styles == {None: None, '"qwen-max"': None, '"fallback 1"': "dashed"}


def test_no_text_can_end_a_mermaid_label_or_start_markup():
    text = """"]; <b>#quot;&|`%%{init}%%`\nend"""
    drawing = Drawing("", (Node("n", "clients", text),), (Edge("n", "n", text),))
    mermaid = to_mermaid(drawing)
    for label in re.findall('"([^"]*)"', mermaid):
        assert not re.search(r"[<>&|`%\n]|#(?!\d+;)", label)
    assert len(mermaid.splitlines()) == 3


@pytest.mark.parametrize("text", ['a"]; n2 [', "back\\", '\\"', "two\nlines"], ids=ascii)
def test_no_text_can_end_a_dot_label(text):
    graph = parsed(Drawing("", (Node("n", "clients", text),), (Edge("n", "n", text),)))
    assert list(all_nodes(graph)) == ["n_n"]
    assert len(graph.get_edges()) == 1


@FORMATS
@pytest.mark.parametrize("bad", ["\x00", "\x1b", "\ud800", "\uffff"], ids=ascii)
def test_unprintable_characters_become_spaces(draw, bad):
    text = draw(Drawing(bad, (Node(bad, "clients", f"one{bad}two", group=bad),)))
    text.encode()
    assert "one two" in text


def test_similar_ids_get_distinct_names():
    ids = ("a-b", "a_b", "a.b", "a_b_2", "模型", "服务")
    text = to_mermaid(Drawing("", tuple(Node(name, "clients", name) for name in ids)))
    names = re.findall(r"^ +(\w+)\[", text, re.MULTILINE)
    assert len(set(names)) == len(ids)
    assert all(re.fullmatch("[A-Za-z0-9_]+", name) for name in names)


@pytest.mark.parametrize(
    ("nodes", "edges", "named"),
    [
        ((Node("n", "nowhere", ""),), (), "nowhere"),
        ((Node("n", "clients", ""), Node("n", "apis", "")), (), "n"),
        ((Node("n", "clients", ""),), (Edge("n", "missing"),), "missing"),
        ((Node("n", "clients", ""),), (Edge("missing", "n"),), "missing"),
    ],
    ids=["unknown lane", "two of one id", "edge to nowhere", "edge from nowhere"],
)
def test_a_drawing_with_unknown_ends_is_refused(nodes, edges, named):
    with pytest.raises(ValueError, match=rf"\(got {named}\)"):
        Drawing("", nodes, edges)
