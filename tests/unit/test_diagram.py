"""Pictures of a stack: what is in the drawing is in the picture, once, readable, and the same each time."""

from __future__ import annotations

import re
from itertools import combinations, pairwise
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashlink.diagram.mermaid import to_mermaid
from dashlink.diagram.model import INSIDE, Drawing, Edge, Lane, Node
from dashlink.diagram.svg import to_svg

SVG = "{http://www.w3.org/2000/svg}"
VPC = "vpc-1 10.20.0.0/16"
LANES = tuple(
    Lane(*words)
    for words in (
        ("clients", "Clients"),
        ("domains", "Domains"),
        ("gateway", "Gateway"),
        ("apis", "Model APIs"),
        ("services", "AI services"),
        ("ends", "Endpoint"),
    )
)


def stack(apis, services):
    nodes = [
        Node("app", "clients", "Chat app", ("10.20.1.4",), "client", VPC + INSIDE + "cn-beijing-h"),
        Node(
            "batch",
            "clients",
            "Nightly batch",
            ("10.20.2.4",),
            "client",
            VPC + INSIDE + "cn-beijing-k",
        ),
        Node("partner", "clients", "Partner"),
        Node("domain", "domains", "models.corp.internal", ("HTTPS",), "domain"),
        Node("gateway", "gateway", "ai-gateway", ("2 zones", "2 nodes", "logs"), "gateway", VPC),
        Node("endpoint", "ends", "dashscope", ("com.aliyuncs.dashscope",), "endpoint", VPC),
        Node("upstream", "ends", "api.example.com", (), "upstream"),
    ]
    edges = [Edge(client, "domain") for client in ("app", "batch", "partner")] + [
        Edge("domain", "gateway")
    ]
    nodes += [
        Node(f"service-{n}", "services", f"qwen {n}", ("key from KMS",), "service")
        for n in range(services)
    ]
    edges += [
        Edge(f"service-{n}", "upstream" if n % 3 else "endpoint", "443") for n in range(services)
    ]
    for n in range(apis):
        nodes.append(
            Node(f"api-{n}", "apis", f"chat-{n}", (f"/team-{n}/v1/chat/completions",), "api")
        )
        edges.append(Edge("gateway", f"api-{n}"))
        edges.append(Edge(f"api-{n}", f"service-{n * 3 % services}", "qwen-max"))
        edges.append(Edge(f"api-{n}", f"service-{(n * 3 + 1) % services}", "fallback 1", "dashed"))
    return Drawing("Stack prod", LANES, tuple(nodes), tuple(edges))


THREE, THIRTY = stack(3, 2), stack(30, 8)
ODD = Drawing(
    "Ways that lead back, past and round",
    LANES,
    (
        Node("a", "clients", "A"),
        Node("b", "domains", "B", group="one"),
        Node("c", "gateway", "C", group="one > two"),
        Node("d", "apis", "D"),
        Node("e", "clients", "E", group="one"),
        Node("f", "domains", "F", group="other"),
    ),
    (
        Edge("a", "d", "past two lanes"),
        Edge("d", "b", "back", "dashed"),
        Edge("a", "a", "to itself"),
        Edge("e", "a", "up"),
        Edge("b", "c"),
        Edge("f", "c"),
        Edge("b", "c", "a second one"),
    ),
)
DRAWINGS = pytest.mark.parametrize("drawing", [THREE, THIRTY, ODD], ids=["three", "thirty", "odd"])


@st.composite
def drawings(draw):
    lanes = LANES[: draw(st.integers(1, 5))]
    words = st.text(max_size=12)
    nodes = [
        Node(
            f"node {number}",
            draw(st.sampled_from(lanes)).id,
            draw(words),
            tuple(draw(st.lists(words, max_size=5))),
            group=draw(st.sampled_from(["", "", "v", "v > a", "v > b", "w"])),
        )
        for number in range(draw(st.integers(1, 12)))
    ]
    ids = st.sampled_from([node.id for node in nodes])
    styles = st.sampled_from(["solid", "dashed"])
    edges = draw(st.lists(st.builds(Edge, ids, ids, words, styles), max_size=16))
    return Drawing(draw(words), lanes, tuple(nodes), tuple(edges))


class Picture:
    """What a reader sees of an SVG."""

    def __init__(self, drawing):
        self.root = ET.fromstring(to_svg(drawing))
        self.groups = list(self.root.iter(f"{SVG}g"))
        self.boxes = {group.get("data-id"): box_of(group) for group in self.of("node")}
        self.edges = [
            (
                group.get("data-source"),
                group.get("data-target"),
                numbers(group.find(f"{SVG}path").get("d")),
                group,
            )
            for group in self.of("edge")
        ]
        self.frames = [(group.findtext(f"{SVG}title"), box_of(group)) for group in self.of("group")]
        self.labels = [(group.findtext(f"{SVG}title"), box_of(group)) for group in self.of("label")]

    def of(self, kind):
        return [group for group in self.groups if group.get("class").split()[0] == kind]


def numbers(text):
    return [float(number) for number in re.findall(r"-?[\d.]+", text)]


def box_of(group):
    """Left, top, right, bottom."""
    x, y, width, height = (
        float(group.find(f"{SVG}rect").get(name)) for name in ("x", "y", "width", "height")
    )
    return x, y, x + width, y + height


def straight_parts(way):
    """The lines across the lanes that an edge passes, of its way: a start, then three points for each curve."""
    points = list(zip(way[::2], way[1::2], strict=True))
    for end, start in zip(points[3::4], points[4::4], strict=False):
        yield min(end[0], start[0]), end[1], max(end[0], start[0]), start[1]


def apart(one, other):
    slack = 0.2  # what rounding may do
    return (
        one[2] <= other[0] + slack
        or other[2] <= one[0] + slack
        or one[3] <= other[1] + slack
        or other[3] <= one[1] + slack
    )


def within(inner, outer):
    slack = 0.2
    return all(i >= o - slack for i, o in zip(inner[:2], outer[:2], strict=True)) and all(
        i <= o + slack for i, o in zip(inner[2:], outer[2:], strict=True)
    )


def check(drawing):
    """The rules that hold for whatever is drawn."""
    picture = Picture(drawing)
    assert set(picture.boxes) == {node.id for node in drawing.nodes}
    assert sorted((source, target) for source, target, *_ in picture.edges) == sorted(
        (edge.source, edge.target) for edge in drawing.edges
    )
    for source, target, way, _ in picture.edges:
        left, top, right, bottom = picture.boxes[source]
        assert way[0] == pytest.approx(right, abs=0.2)
        assert top <= way[1] <= bottom
        left, top, right, bottom = picture.boxes[target]
        assert left - 10 <= way[-2] <= left
        assert top <= way[-1] <= bottom
        for line in straight_parts(way):
            assert all(apart(line, box) for box in picture.boxes.values())
    for one, other in combinations(picture.boxes.values(), 2):
        assert apart(one, other)
    for _, label in picture.labels:
        assert all(apart(label, box) for box in picture.boxes.values())
    for one, other in combinations([box for _, box in picture.frames], 2):
        assert apart(one, other) or within(one, other) or within(other, one)
    whole = numbers(picture.root.get("viewBox"))
    for box in (*picture.boxes.values(), *(box for _, box in picture.frames + picture.labels)):
        assert within(box, whole)
    check_members(drawing, picture)


def check_members(drawing, picture):
    """Around each node there are the boxes of its own groups, and no other group's."""
    for node in drawing.nodes:
        around = [title for title, frame in picture.frames if within(picture.boxes[node.id], frame)]
        assert sorted(around) == sorted(node.groups)
        for title, frame in picture.frames:
            assert title in around or apart(picture.boxes[node.id], frame)


@DRAWINGS
def test_all_is_drawn_once_and_nothing_stands_on_a_box(drawing):
    check(drawing)


@settings(deadline=None, max_examples=60)
@given(drawings())
def test_any_drawing_keeps_the_rules_whatever_its_texts_are(drawing):
    check(drawing)
    lines = to_mermaid(drawing).splitlines()
    assert len([line for line in lines if re.match(r" +n_\w* -", line)]) == len(drawing.edges)
    assert len([line for line in lines if re.match(r' +n_\w*\["', line)]) == len(drawing.nodes)


def test_text_with_markup_is_shown_as_it_is_written():
    words = """<b>&"quotes"' ]]> </title>"""
    drawing = Drawing(
        words,
        (Lane("a", words),),
        (Node("n", "a", words, (words,), group=words),),
        (Edge("n", "n", words),),
    )
    root = Picture(drawing).root
    assert not list(root.iter("b"))
    texts = [found.text for found in root.iter(f"{SVG}title")]
    assert texts.count(words) == 4  # the drawing's, the lane's, the group's and the label's
    assert f"{words}\n{words}" in texts


@pytest.mark.parametrize("bad", ["\x00", "\x1b", "\ud800", "\uffff"], ids=ascii)
def test_what_xml_cannot_say_is_left_out(bad):
    text = to_svg(
        Drawing(
            bad,
            LANES[:1],
            (Node(bad, "clients", f"one{bad}two", group=bad),),
            (Edge(bad, bad, bad),),
        )
    )
    text.encode()
    assert "one two" in [found.text for found in ET.fromstring(text).iter(f"{SVG}text")]


def test_a_long_label_is_cut_in_the_box_and_whole_on_hover():
    long = "a-very-long-name-of-a-model-api-that-no-box-is-wide-enough-for"
    drawing = Drawing(
        "", LANES[:1], (Node("n", "clients", long, (long,)),), (Edge("n", "n", long),)
    )
    picture = Picture(drawing)
    texts = [found.text for found in picture.root.iter(f"{SVG}text")]
    assert sum(text.endswith("…") and long.startswith(text[:-1]) for text in texts) == 3
    assert picture.of("node")[0].findtext(f"{SVG}title") == f"{long}\n{long}"
    assert picture.of("label")[0].findtext(f"{SVG}title") == long


def test_a_box_shows_three_lines_and_says_how_many_more_there_are():
    drawing = Drawing("", LANES[:1], (Node("n", "clients", "N", ("one", "two", "three", "four")),))
    shown = [found.text for found in Picture(drawing).of("node")[0].iter(f"{SVG}text")]
    assert shown == ["N", "one", "two", "… 2 more"]


def test_edges_that_meet_at_a_box_end_apart_from_each_other():
    picture = Picture(THIRTY)
    for place, index in ((0, 1), (1, -1)):
        for name in picture.boxes:
            heights = sorted(edge[2][index] for edge in picture.edges if edge[place] == name)
            assert all(lower - upper > 5 for upper, lower in pairwise(heights))


def test_boxes_are_put_so_that_edges_need_not_cross():
    count = 8
    ends = [
        Node(f"{lane}-{n}", lane, str(n))
        for lane in ("clients", "domains", "gateway")
        for n in range(count)
    ]
    edges = [Edge(f"clients-{n}", f"domains-{(n * 3) % count}") for n in range(count)]
    edges += [Edge(f"domains-{n}", f"gateway-{count - 1 - n}") for n in range(count)]
    picture = Picture(Drawing("", LANES, tuple(ends), tuple(edges)))
    for lane in ("clients", "domains"):
        ways = [way for source, _, way, _ in picture.edges if source.startswith(lane)]
        assert all(
            (one[1] - other[1]) * (one[-1] - other[-1]) > 0 for one, other in combinations(ways, 2)
        )


def test_boxes_stand_as_given_where_no_edge_says_otherwise():
    picture = Picture(
        Drawing("", LANES, tuple(Node(f"n{n}", "clients", "same") for n in (4, 2, 9, 1)))
    )
    assert sorted(picture.boxes, key=lambda name: picture.boxes[name][1]) == [
        "n4",
        "n2",
        "n9",
        "n1",
    ]


def test_lanes_stand_from_left_to_right_with_their_titles():
    picture = Picture(THREE)
    lanes = sorted(picture.of("lane"), key=lambda group: box_of(group)[0])
    assert [lane.findtext(f"{SVG}text") for lane in lanes] == [lane.title for lane in LANES]
    columns = {lane.id: box_of(group) for lane, group in zip(LANES, lanes, strict=True)}
    assert all(within(picture.boxes[node.id], columns[node.lane]) for node in THREE.nodes)


def test_a_fallback_is_dashed_and_of_another_colour():
    styles = {"solid": set(), "dashed": set()}
    for group in Picture(THIRTY).of("edge"):
        line, head = group.findall(f"{SVG}path")
        assert head.get("fill") == line.get("stroke")
        styles[group.get("class").split()[1]].add(
            (line.get("stroke"), line.get("stroke-dasharray") is not None)
        )
    ((solid, solid_dashed),), ((dashed, dashed_dashed),) = styles["solid"], styles["dashed"]
    assert (solid_dashed, dashed_dashed) == (False, True)
    assert solid != dashed


def test_hovering_over_an_edge_tells_its_ends_and_its_label():
    titles = {group.findtext(f"{SVG}title") for group in Picture(THREE).of("edge")}
    assert {"ai-gateway → chat-0", "chat-0 → qwen 1: fallback 1"} <= titles


def test_the_picture_stands_alone_on_its_own_ground():
    text = to_svg(THIRTY)
    assert not re.search(r"<script|href|url\(|@import|<image|<style| on\w+=", text)
    root = ET.fromstring(text)
    assert root.find(f"{SVG}rect").get("fill") == "#ffffff"
    assert all(found.get("fill") for found in root.iter(f"{SVG}text"))


@pytest.mark.parametrize("lanes", [(), LANES], ids=["no lanes", "no nodes"])
def test_an_empty_drawing_is_a_picture_too(lanes):
    assert ET.fromstring(to_svg(Drawing("Nothing yet", lanes, ()))).get("viewBox")
    assert to_mermaid(Drawing("", lanes, ())) == "flowchart LR\n"


@DRAWINGS
@pytest.mark.parametrize("draw", [to_svg, to_mermaid])
def test_the_same_drawing_gives_the_same_text(drawing, draw):
    again = Drawing(drawing.title, drawing.lanes, tuple(drawing.nodes), tuple(drawing.edges))
    assert draw(drawing) == draw(again)


def test_a_flowchart_has_groups_boxes_and_arrows_lane_by_lane():
    drawing = Drawing(
        'The "prod" stack',
        LANES,
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
    assert to_mermaid(drawing).splitlines() == [
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


def test_no_text_can_end_a_flowchart_s_label_or_start_markup_in_it():
    words = """"]; <b>#quot;&|`%%{init}%%`\nend"""
    text = to_mermaid(Drawing("", LANES, (Node("n", "clients", words),), (Edge("n", "n", words),)))
    for label in re.findall('"([^"]*)"', text):
        assert not re.search(r"[<>&|`%\n]|#(?!\d+;)", label)
    assert len(text.splitlines()) == 3


def test_nodes_of_like_ids_stay_apart_in_a_flowchart():
    ids = ("a-b", "a_b", "a.b", "a_b_2", "模型", "服务")
    text = to_mermaid(Drawing("", LANES, tuple(Node(name, "clients", name) for name in ids)))
    names = re.findall(r"^ +(\w+)\[", text, re.MULTILINE)
    assert len(set(names)) == len(ids)
    assert all(re.fullmatch("[A-Za-z0-9_]+", name) for name in names)


@pytest.mark.parametrize(
    ("nodes", "edges", "told"),
    [
        ((Node("n", "nowhere", ""),), (), "nowhere"),
        ((Node("n", "clients", ""), Node("n", "apis", "")), (), "n"),
        ((Node("n", "clients", ""),), (Edge("n", "missing"),), "missing"),
        ((Node("n", "clients", ""),), (Edge("missing", "n"),), "missing"),
    ],
)
def test_a_drawing_of_what_is_not_there_is_refused(nodes, edges, told):
    with pytest.raises(ValueError, match=rf"\(got {told}\)"):
        Drawing("", LANES, nodes, edges)
