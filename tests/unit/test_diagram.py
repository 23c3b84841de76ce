"""Mermaid and DOT text of any drawing: complete, escaped, and the same each time."""

from __future__ import annotations

import re

import pydot
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from dashlink.diagram.dot import to_dot
from dashlink.diagram.legend import with_legend
from dashlink.diagram.mermaid import to_mermaid
from dashlink.diagram.model import INSIDE, LANES, NODE_WIDTH, Drawing, Edge, Node, lines_of

VPC = "vpc-1 10.20.0.0/16"
PIXELS_OF_A_CHARACTER = 11  # at most, in Mermaid's font of 18 pixels
FORMATS = pytest.mark.parametrize("draw", [to_mermaid, to_dot], ids=["mermaid", "dot"])
GATEWAY = Drawing(
    'The "prod" stack',
    (
        Node("service/1", "services", "qwen"),
        Node("end", "apis", "chat", ("/v1",)),
        Node("gw", "domains", "name", group=f"{VPC}{INSIDE}zone h", is_limited=True),
        Node("app", "clients", "app", group=VPC, is_open=True),
    ),
    (
        Edge("end", "service/1", ("→ qwen-max",), renames=True),
        Edge("end", "service/1", ("fallback 1",), is_fallback=True),
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
            edges.append(Edge(draw(ends), draw(ends), (draw(labels),)))
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
    assert len([line for line in lines if re.match(r" +n_?\w* [-=]", line)]) == len(drawing.edges)
    assert len([line for line in lines if re.match(r' +n_?\w*\[+"', line)]) == len(drawing.nodes)


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
    assert to_mermaid(Drawing("", ())).splitlines()[-1] == "flowchart TB"
    assert all_nodes(parsed(Drawing("Nothing yet", ()))) == {}


def test_mermaid_has_groups_nodes_and_edges_by_lane():
    header, _, body = to_mermaid(GATEWAY).partition("\nflowchart TB\n")
    assert header.splitlines()[:2] == ["---", 'title: "The \\"prod\\" stack"']
    assert body.splitlines()[:14] == [
        '    subgraph g_vpc_1_10_20_0_0_16["vpc-1 10.20.0.0/16"]',
        '        n_app["app"]:::open',
        '        subgraph g_vpc_1_10_20_0_0_16_zone_h["zone h"]',
        '            n_gw[["name"]]:::plain',
        "        end",
        "    end",
        '    n_end["chat<br/>/v1"]:::plain',
        '    n_service_1["qwen"]:::plain',
        "    n_app --> n_gw",
        "    n_gw --> n_end",
        '    n_end ==>|"→ qwen-max"| n_service_1',
        '    n_end -.->|"fallback 1"| n_service_1',
        "    classDef plain fill:#ffffff,stroke:#666666,color:#111111",
        "    classDef open fill:#fbdcd8,stroke:#c62828,stroke-width:4px,color:#111111",
    ]
    numbers = re.findall(r"linkStyle (\d+) ", body)
    assert numbers == ["2", "3"]


def test_the_header_of_mermaid_is_yaml_of_its_settings():
    header = yaml.safe_load(to_mermaid(GATEWAY).split("---\n")[1])
    assert header["title"] == 'The "prod" stack'
    assert header["config"]["flowchart"]["wrappingWidth"] > NODE_WIDTH * PIXELS_OF_A_CHARACTER


def test_dot_nests_clusters_and_marks_arrows_and_boxes():
    graph = parsed(GATEWAY)
    (vpc,) = graph.get_subgraphs()
    (zone,) = vpc.get_subgraphs()
    assert (vpc.get_label(), zone.get_label()) == (f'"{VPC}"', '"zone h"')
    assert [node.get_name() for node in zone.get_nodes()] == ["n_gw"]
    boxes = all_nodes(graph)
    assert boxes["n_end"].get_label() == "<<b>chat</b><br/>/v1>"
    assert (boxes["n_gw"].get("peripheries"), boxes["n_app"].get_penwidth()) == ("2", "3")
    styles = {
        edge.get_label(): (edge.get_style(), edge.get_penwidth()) for edge in graph.get_edges()
    }
    assert styles == {
        None: (None, None),
        '"→ qwen-max"': (None, "3"),
        '"fallback 1"': ("dashed", None),
    }


def test_dot_has_the_shape_of_a_slide():
    width, height = 16, 9
    text = to_dot(GATEWAY)
    assert f"ratio={height / width}" in text
    inches = re.findall(r'size="([\d.]+),([\d.]+)!"', text)
    assert [round(float(one) / float(other), 2) for one, other in inches] == [1.78]


@pytest.mark.parametrize(("boxes", "direction"), [(6, "TB"), (7, "LR")], ids=["few", "many"])
def test_few_boxes_stand_in_rows_and_many_in_columns(boxes, direction):
    drawing = Drawing("", tuple(Node(str(number), "apis", "") for number in range(boxes)))
    assert f"flowchart {direction}" in to_mermaid(drawing)
    assert f"rankdir={direction};" in to_dot(drawing)


@settings(deadline=None, max_examples=60)
@given(st.text(alphabet="ab-./_ ", max_size=80), st.integers(4, 30))
def test_lines_fit_and_keep_every_character(text, width):
    lines = lines_of(text, width)
    assert all(0 < len(line) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("100,000 tokens a minute per consumer", ["100,000 tokens a minute per", "consumer"]),
        ("vpc-cn-beijing.dashscope.aliyuncs.com", ["vpc-cn-beijing.dashscope", ".aliyuncs.com"]),
        ("see code-assistant, search-team", ["see code-assistant,", "search-team"]),
        ("x" * 30, ["x" * 28, "xx"]),
        (" ", []),
    ],
    ids=["words", "name", "names", "no break", "empty"],
)
def test_lines_break_between_words_else_inside_names(text, lines):
    assert lines_of(text, NODE_WIDTH) == lines


def test_a_legend_has_a_sample_of_each_mark_and_no_other():
    plain = Drawing("", (Node("a", "clients", ""),))
    assert with_legend(plain) == plain
    drawing = with_legend(GATEWAY)
    added = {node.label: (node.is_open, node.is_limited) for node in drawing.nodes[4:]}
    assert added == {
        "no credential required": (True, False),
        "limited": (False, True),
        "AI service": (False, False),
    }
    marks = [(edge.renames, edge.is_fallback) for edge in drawing.edges[4:]]
    assert marks == [(True, False), (False, True)]


def test_a_legend_of_arrows_alone_has_a_box_to_start_from():
    nodes = (Node("a", "apis", ""), Node("b", "services", ""))
    drawing = with_legend(Drawing("", nodes, (Edge("a", "b", is_fallback=True),)))
    assert [node.label for node in drawing.nodes[2:]] == ["Model API", "AI service"]
    assert drawing.edges[-1].source == "legend:api"


def test_no_text_can_end_a_mermaid_label_or_start_markup():
    text = """"]; <b>#quot;&|`%%{init}%%`\nend"""
    drawing = Drawing("", (Node("n", "clients", text),), (Edge("n", "n", (text,)),))
    mermaid = to_mermaid(drawing)
    body = mermaid.partition("flowchart TB\n")[2]
    for label in re.findall('"([^"]*)"', body):
        assert not re.search(r"[<>&|`%\n]|#(?!\d+;)", label.replace("<br/>", ""))
    assert len(body.splitlines()) == 4  # the node, the edge, and their styles


@pytest.mark.parametrize("text", ['a"]; n2 [', "back\\", '\\"', "two\nlines"], ids=ascii)
def test_no_text_can_end_a_dot_label(text):
    graph = parsed(Drawing("", (Node("n", "clients", text),), (Edge("n", "n", (text,)),)))
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
    names = re.findall(r"^ +(n\w*)\[", text, re.MULTILINE)
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
